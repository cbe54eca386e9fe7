"""Reconstruction error against the size of the code, beside PCA's."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from skae._checks import check_value, sizes
from skae.plotting._axes import OTHERS, OURS, new_or_given_axes
from skae.plotting._rows import dense_rows


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
        """Draw the errors of an estimator and of PCA at each size.

        An :class:`~skae.OrderedAutoencoder` is fitted once and cut, or only cut where it is fitted
        already; of any other estimator a clone is fitted for each size. So is PCA, once.

        Parameters
        ----------
        estimator : object
            An autoencoder with a parameter ``n_components``, fitted or not; it stays as it is. A
            fitted ``OrderedAutoencoder`` has to be fitted on other rows than ``X_test``.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The training rows.
        n_components : sequence of int, default=(2, 4, 8, 16, 32)
            Sizes of the code.
        X_test : array-like or sparse matrix of shape (n_test, n_features) or None, default=None
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
        check_value(cls.__name__, "n_components", n_components, sizes("(2, 8)", n_least=1))
        if X_test is None:
            X, X_test = train_test_split(X, random_state=0)
        train, test = dense_rows(X), dense_rows(X_test)
        largest, largest_wanted = min(train.shape), max(n_components)
        for size in n_components:
            if size > largest:
                raise ValueError(
                    f"n_components holds {size}, but PCA of {train.shape[0]} training rows with "
                    f"{train.shape[1]} columns has at most {largest} components. Leave it out."
                )
        # PCA takes few kinds of sparse rows.
        pca = PCA(largest_wanted, random_state=0).fit(train)
        codes = pca.transform(test)
        pca_errors = [_mean_error(_cut_pca(pca, codes, k), test) for k in n_components]
        if hasattr(estimator, "truncate"):
            ordered = _fitted_for(estimator, largest_wanted, X)
            codes = np.asarray(ordered.transform(X_test))
            rows = [ordered.inverse_transform(codes[:, :k]) for k in n_components]
        else:
            models = [clone(estimator).set_params(n_components=k).fit(X) for k in n_components]
            rows = [m.inverse_transform(np.asarray(m.transform(X_test))) for m in models]
        errors = [_mean_error(reconstruction, test) for reconstruction in rows]
        name = type(estimator).__name__
        return cls(n_components, np.array(errors), np.array(pca_errors), name).plot(ax=ax)

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
        order = np.argsort(self.n_components)
        for errors, color, label in (
            (self.pca_errors, OTHERS, "PCA"),
            (self.errors, OURS, self.estimator_name),
        ):
            drawn = np.column_stack([self.n_components, errors])[order]
            ax.plot(*drawn.T, "o-", color=color, label=label)
        ax.set_xscale("log", base=2)
        ax.set_xticks(self.n_components, [str(size) for size in self.n_components])
        ax.minorticks_off()
        ax.set(xlabel="n_components", ylabel="squared error per held-out row", ylim=(0, None))
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
        return self


def _fitted_for(estimator: Any, n_components: int, X: Any) -> Any:
    """The ordered model, fitted with as many components at least."""
    if getattr(estimator, "n_components_", 0) >= n_components:
        return estimator
    return clone(estimator).set_params(n_components=n_components).fit(X)


def _cut_pca(pca: PCA, codes: np.ndarray, n_components: int) -> np.ndarray:
    return codes[:, :n_components] @ pca.components_[:n_components] + pca.mean_


def _mean_error(reconstruction: np.ndarray, test: np.ndarray) -> float:
    return float(np.square(reconstruction - test, dtype=np.float64).sum(axis=1).mean())
