"""Reconstruction error against the size of the code, beside PCA's."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from skae._checks import check_value, sizes
from skae.plotting._axes import OTHERS, OURS, new_or_given_axes
from skae.plotting._rows import dense_rows, step_with

SIZES = (2, 4, 8, 16, 32)


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
        n_components: Sequence[int] | None = None,
        X_test: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw the errors of an estimator and of PCA at each size.

        An :class:`~skae.OrderedAutoencoder` is fitted once and cut, or only cut where it is fitted
        already; of any other estimator a clone is fitted for each size. PCA is fitted once.

        Parameters
        ----------
        estimator : object
            An autoencoder with a parameter ``n_components``, or a Pipeline up to one, fitted or
            not; it stays as it is. PCA takes its place, and errors are those of the rows that the
            steps before it make, so that scaled columns count alike. A fitted
            ``OrderedAutoencoder`` has to be fitted on other rows than ``X_test``.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            The training rows.
        n_components : sequence of int or None, default=None
            Sizes of the code; None takes those of 2, 4, 8, 16 and 32 that X allows.
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
        if n_components is not None:
            check_value(cls.__name__, "n_components", n_components, sizes("(2, 8)", n_least=1))
        name, autoencoder = step_with(estimator, "reconstruct", "n_components")
        if X_test is None:
            X, X_test = train_test_split(X, random_state=0)
        is_cut_alone = hasattr(autoencoder, "truncate") and hasattr(autoencoder, "n_components_")
        if name:
            # Rows as the autoencoder has them: in X one column may outweigh all others.
            before = estimator[: list(estimator.named_steps).index(name)]
            if len(before):
                before = before if is_cut_alone else clone(before).fit(X)
                X, X_test = before.transform(X), before.transform(X_test)
        train, test = dense_rows(X), dense_rows(X_test)
        largest = min(train.shape)
        if n_components is None:
            n_components = [size for size in SIZES if size <= largest] or [1]
        for size in n_components:
            if size > largest:
                raise ValueError(
                    f"n_components holds {size}, but PCA of {train.shape[0]} training rows with "
                    f"{train.shape[1]} columns has at most {largest} components. Leave it out."
                )
        # PCA takes few kinds of sparse rows.
        pca = PCA(max(n_components), random_state=0).fit(train)
        by_pca = _reconstruct_from_prefixes(pca, test, n_components, fill=True)
        if hasattr(autoencoder, "truncate"):
            ordered = autoencoder
            if getattr(ordered, "n_components_", 0) < max(n_components):
                ordered = clone(ordered).set_params(n_components=max(n_components)).fit(X)
            ours = _reconstruct_from_prefixes(ordered, X_test, n_components, fill=False)
        else:
            models = (clone(autoencoder).set_params(n_components=k).fit(X) for k in n_components)
            ours = (m.inverse_transform(np.asarray(m.transform(X_test))) for m in models)
        errors, pca_errors = (
            np.array([np.square(x - test, dtype=np.float64).sum(axis=1).mean() for x in method])
            for method in (ours, by_pca)
        )
        return cls(n_components, errors, pca_errors, type(autoencoder).__name__).plot(ax=ax)

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


def _reconstruct_from_prefixes(
    model: Any, X: Any, n_components: Sequence[int], *, fill: bool
) -> Iterator[np.ndarray]:
    """Reconstruct rows from the first numbers of their codes; ``fill`` puts zeros behind them."""
    codes = np.asarray(model.transform(X))
    for k in n_components:
        first = np.where(np.arange(codes.shape[1]) < k, codes, 0) if fill else codes[:, :k]
        yield np.asarray(model.inverse_transform(first))
