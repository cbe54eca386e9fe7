"""The rows that are farthest out, and the columns that make them so."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from skae.plotting._axes import new_or_given_axes
from skae.plotting._images import (
    Strip,
    draw_strips,
    resolve_image_shape,
    strips_figsize,
    to_images,
)
from skae.plotting._rows import dense_rows, step_with
from skae.plotting._tables import MAX_NAMES, are_images, column_names


class OutlierDisplay:
    """The rows that are farthest out, with each column's part in that.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        The rows, the farthest out first.
    parts : ndarray of shape (n_rows, n_features)
        What ``explain`` says of them; the sum over a row is its outlyingness.
    index : ndarray of int of shape (n_rows,)
        Where they stood in X.
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
    >>> from sklearn.datasets import load_wine
    >>> from skae import AutoencoderOutlierDetector
    >>> from skae.plotting import OutlierDisplay
    >>> X = load_wine(as_frame=True).data
    >>> detector = AutoencoderOutlierDetector(random_state=0).fit(X)
    >>> display = OutlierDisplay.from_estimator(detector, X, n_rows=3)
    >>> display.parts.shape
    (3, 13)
    """

    def __init__(
        self,
        rows: np.ndarray,
        parts: np.ndarray,
        index: np.ndarray,
        image_shape: tuple[int, ...] | None = None,
        names: Sequence[str] = (),
    ):
        self.rows = rows
        self.parts = parts
        self.index = index
        self.image_shape = image_shape
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_rows: int = 10,
        image_shape: Sequence[int] | None = None,
        ax: Any = None,
    ) -> Self:
        """Find the rows of X that are farthest out, and draw them.

        Parameters
        ----------
        estimator : object
            A fitted :class:`~skae.AutoencoderOutlierDetector`, or a Pipeline that ends in one.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.
        n_rows : int, default=10
            How many of them to draw.
        image_shape : (height, width), (channels, height, width) or None, default=None
            Shape of the image in a row. None takes rows to be square images where they can be, of
            8 x 8 or more, and else rows of a table.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : OutlierDisplay
            What was drawn.
        """
        step, detector = step_with(estimator, "explain")
        if step and len(estimator) > 1:
            X = estimator[:-1].transform(X)
        scores = detector.score_samples(X)
        index = np.argsort(scores, kind="stable")[:n_rows]
        names = column_names(X, detector.n_features_in_)
        rows = dense_rows(X)[index]
        shape = None
        if are_images(image_shape, rows.shape[1]):
            shape = resolve_image_shape(image_shape, rows.shape[1])
        # In the columns' order and under their names, as the detector knows them.
        known = type(X)(rows, columns=X.columns) if hasattr(X, "columns") else rows
        return cls(rows, detector.explain(known), index, shape, names).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : OutlierDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        draw = self._draw_table if self.image_shape is None else self._draw_images
        draw(ax)
        self.figure_ = self.ax_.figure
        return self

    def _draw_images(self, ax: Any) -> None:
        """Images over maps of the pixels that make them outliers."""
        assert self.image_shape is not None
        n_channels = self.image_shape[0] if len(self.image_shape) == 3 else 1
        by_pixel = self.parts.reshape(len(self.parts), n_channels, -1).sum(axis=1)
        images = to_images(self.rows, self.image_shape)
        limits = float(self.rows.min()), float(self.rows.max())
        titles = [f"{value:.3g}" for value in self.parts.sum(axis=1)]
        maps = by_pixel.reshape(-1, *self.image_shape[-2:])
        # Each has limits of its own: the farthest row would leave the others blank.
        maps = maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), np.finfo(float).tiny)
        size = strips_figsize(2, len(images), self.image_shape)
        self.ax_ = new_or_given_axes(ax, figsize=size)
        strips = [
            Strip("outlier", images, limits, titles=titles),
            Strip("explained", maps, (0.0, 1.0), "Reds"),
        ]
        draw_strips(self.ax_, strips)

    def _draw_table(self, ax: Any) -> None:
        """One line for each row, with the share of its outlyingness in each column."""
        sums = self.parts.sum(axis=1)
        shares = self.parts / np.maximum(sums, np.finfo(float).tiny)[:, None]
        # Of many columns those that explain most.
        shown = np.sort(np.argsort(-shares.sum(axis=0), kind="stable")[:MAX_NAMES])
        size = min(14.0, 3 + 0.4 * len(shown)), 1.8 + 0.3 * len(sums)
        self.ax_ = ax = new_or_given_axes(ax, figsize=size)
        drawn = ax.imshow(shares[:, shown], cmap="Reds", vmin=0, aspect="auto")
        ax.set_xticks(range(len(shown)), [self.names[column] for column in shown], rotation=90)
        labels = [f"row {i}: {value:.3g}" for i, value in zip(self.index, sums, strict=True)]
        ax.set_yticks(range(len(sums)), labels)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.figure.colorbar(drawn, ax=ax, label="share of the outlyingness")
