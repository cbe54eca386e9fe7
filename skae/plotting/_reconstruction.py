"""Images, their codes and their reconstructions."""

from collections.abc import Sequence
from math import isqrt
from typing import Any, Self

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skae.plotting._axes import new_or_given_axes
from skae.plotting._images import (
    Strip,
    draw_strips,
    resolve_image_shape,
    strips_figsize,
    to_images,
)
from skae.plotting._rows import dense_rows, first_rows, has_words
from skae.plotting._tables import are_images, column_names, draw_tables, tables_figsize


class ReconstructionDisplay:
    """Rows over their reconstructions: images with their codes, or a table by its columns.

    Parameters
    ----------
    originals : ndarray of shape (n_images, n_features)
        Rows.
    codes : ndarray of shape (n_images, n_components)
        Their codes; drawn as square images where ``n_components`` is a square number above 1.
    reconstructions : ndarray of shape (n_images, n_features)
        What the codes decode to.
    image_shape : (height, width), (channels, height, width) or None
        Shape of the image in a row; None for rows of a table.
    names : sequence of str, default=()
        Names of the columns of a table.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after ``plot``.
    ax_ : matplotlib Axes
        Its axes, after ``plot``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from skae.plotting import ReconstructionDisplay
    >>> X = load_digits(return_X_y=True)[0]
    >>> display = ReconstructionDisplay.from_estimator(PCA(9).fit(X), X, n_images=6)
    >>> display.ax_.get_yticklabels()[1].get_text()
    'code'
    """

    def __init__(
        self,
        originals: np.ndarray,
        codes: np.ndarray,
        reconstructions: np.ndarray,
        image_shape: tuple[int, ...] | None,
        names: Sequence[str] = (),
    ):
        self.originals = originals
        self.codes = codes
        self.reconstructions = reconstructions
        self.image_shape = image_shape
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_images: int = 10,
        image_shape: Sequence[int] | None = None,
        ax: Any = None,
    ) -> Self:
        """Encode and decode the first rows of X, and draw them.

        Parameters
        ----------
        estimator : object
            A fitted transformer with ``inverse_transform``; PCA is as welcome as ours. A Pipeline
            that reads words is drawn in the numbers that its first step makes of them.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Images, or rows of a table.
        n_images : int, default=10
            How many of them to draw.
        image_shape : (height, width), (channels, height, width) or None, default=None
            Shape of the image in a row. None takes rows to be square images where they can be, of
            8 x 8 or more, and else rows of a table.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : ReconstructionDisplay
            What was drawn.
        """
        check_is_fitted(estimator)
        X = first_rows(X, n_images)
        if isinstance(estimator, Pipeline) and has_words(X):
            X, estimator = estimator[:1].transform(X), estimator[1:]
        originals = dense_rows(X)
        n_features = originals.shape[1]
        shape = None
        if are_images(image_shape, n_features):
            shape = resolve_image_shape(image_shape, n_features)
        codes = np.asarray(estimator.transform(X))
        reconstructions = np.asarray(estimator.inverse_transform(codes))
        names = column_names(X, n_features)
        return cls(originals, codes, reconstructions, shape, names).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : ReconstructionDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        if self.image_shape is None:
            return self._plot_table(ax)
        limits = float(self.originals.min()), float(self.originals.max())
        strips = [
            Strip("original", to_images(self.originals, self.image_shape), limits),
            Strip("reconstruction", to_images(self.reconstructions, self.image_shape), limits),
        ]
        side = isqrt(self.codes.shape[1])
        if side > 1 and side * side == self.codes.shape[1]:
            code_limits = float(self.codes.min()), float(self.codes.max())
            codes = self.codes.reshape(-1, side, side)
            strips.insert(1, Strip("code", codes, code_limits, cmap="viridis"))
        figsize = strips_figsize(len(strips), len(self.originals), self.image_shape)
        self.ax_ = new_or_given_axes(ax, figsize=figsize)
        self.figure_ = self.ax_.figure
        draw_strips(self.ax_, strips)
        return self

    def _plot_table(self, ax: Any) -> Self:
        tables = {"before": self.originals, "after": self.reconstructions}
        self.ax_ = new_or_given_axes(ax, figsize=tables_figsize(2, *self.originals.shape))
        self.figure_ = self.ax_.figure
        draw_tables(self.ax_, tables, self.names)
        return self
