"""Reconstruction error against the size of the code, beside PCA's."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array

from skae.plotting._axes import OTHERS, OURS, new_or_given_axes


class ComponentsCurveDisplay:
    """Squared error of held-out rows against ``n_components``, beside PCA's.

    Parameters
    ----------
    n_components : sequence of int
        Sizes of the code.
    errors, pca_errors : ndarray of shape (n_sizes,)
        Mean squared error of a row, of the estimator and of PCA.
    estimator_name : str
        Name in the legend.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after ``plot``.
    ax_ : matplotlib Axes
        Its axes, after ``plot``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skae import AutoencoderTransformer
    >>> from skae.plotting import ComponentsCurveDisplay
    >>> X = load_digits(return_X_y=True)[0]
    >>> model = AutoencoderTransformer(max_iter=3, random_state=0)
    >>> display = ComponentsCurveDisplay.from_estimator(model, X, n_components=(2, 8))
    >>> display.errors.shape
    (2,)
    """

    def __init__(
        self,
        n_components: Sequence[int],
        errors: np.ndarray,
        pca_errors: np.ndarray,
        estimator_name: str,
    ):
        self.n_components = n_components
        self.errors = errors
        self.pca_errors = pca_errors
        self.estimator_name = estimator_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_components: Sequence[int] = (2, 4, 8, 16, 32),
        X_test: Any = None,
        ax: Any = None,
    ) -> Self:
        """Fit clones of an estimator and PCA at each size, and draw their errors.

        Parameters
        ----------
        estimator : object
            An autoencoder with a parameter ``n_components``, fitted or not; it stays as it is.
        X : array-like of shape (n_samples, n_features)
            The training rows.
        n_components : sequence of int, default=(2, 4, 8, 16, 32)
            Sizes of the code.
        X_test : array-like of shape (n_test, n_features) or None, default=None
            Rows to measure on; None holds out a random quarter of X.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : ComponentsCurveDisplay
            What was drawn.

        Raises
        ------
        ValueError
            If a size is above the number of training rows or columns.
        """
        if X_test is None:
            X, X_test = train_test_split(X, random_state=0)
        test = check_array(X_test)
        largest = min(X.shape)
        for size in n_components:
            if size > largest:
                raise ValueError(
                    f"n_components holds {size}, but PCA of {X.shape[0]} training rows with "
                    f"{X.shape[1]} columns has at most {largest} components. Leave it out."
                )
        errors, pca_errors = (
            np.array(
                [
                    _error(clone(method).set_params(n_components=k), X, X_test, test)
                    for k in n_components
                ]
            )
            for method in (estimator, PCA(random_state=0))
        )
        name = type(estimator).__name__
        return cls(n_components, errors, pca_errors, name).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : ComponentsCurveDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        self.ax_ = ax = new_or_given_axes(ax, figsize=(6, 3.8))
        self.figure_ = ax.figure
        ax.plot(self.n_components, self.pca_errors, "o-", color=OTHERS, label="PCA")
        ax.plot(self.n_components, self.errors, "o-", color=OURS, label=self.estimator_name)
        ax.set_xscale("log", base=2)
        ax.set_xticks(self.n_components, [str(size) for size in self.n_components])
        ax.minorticks_off()
        ax.set(xlabel="n_components", ylabel="squared error per held-out row", ylim=(0, None))
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
        return self


def _error(model: Any, X: Any, X_test: Any, test: np.ndarray) -> float:
    reconstruction = model.fit(X).inverse_transform(model.transform(X_test))
    return float(np.square(reconstruction - test, dtype=np.float64).sum(axis=1).mean())
