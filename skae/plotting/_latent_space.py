"""A code of two numbers as a map."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skae.plotting._axes import OURS, new_or_given_axes
from skae.plotting._images import resolve_image_shape, to_images
from skae.plotting._rows import dense_rows
from skae.plotting._tables import are_images

MAX_LEGEND = 20


class LatentSpaceDisplay:
    """Codes of two numbers as points, and beside them images decoded from a grid of codes.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, 2)
        The points.
    y : ndarray of shape (n_samples,) or None
        Labels or numbers that colour the points.
    decoded : ndarray of shape (grid, grid, height, width) or (grid, grid, height, width, 3), \
            or None
        Images decoded from a grid of codes, the lowest second coordinate first; None draws the
        points alone.
    bounds : (left, right, bottom, top)
        Outermost codes of the grid.
    limits : (float, float), default=(0, 1)
        Pixel values drawn as white and as black.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after ``plot``.
    ax_ : matplotlib Axes, or ndarray of two Axes
        Points, and images where there are any, after ``plot``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from skae.plotting import LatentSpaceDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> LatentSpaceDisplay.from_estimator(PCA(2).fit(X), X, y, grid=5).decoded.shape
    (5, 5, 8, 8)
    """

    def __init__(
        self,
        codes: np.ndarray,
        y: np.ndarray | None,
        decoded: np.ndarray | None,
        bounds: tuple[float, float, float, float],
        limits: tuple[float, float] = (0.0, 1.0),
    ):
        self.codes = codes
        self.y = y
        self.decoded = decoded
        self.bounds = bounds
        self.limits = limits

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        grid: int | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Any = None,
    ) -> Self:
        """Encode X, decode a grid over the middle 96 % of its codes, and draw both.

        Parameters
        ----------
        estimator : object
            A fitted transformer with two components and ``inverse_transform``.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows to encode.
        y : array-like of shape (n_samples,) or None, default=None
            Labels or numbers that colour the points; points without a label are grey.
        grid : int or None, default=None
            Images on each side of the grid; 0 draws the points alone. None takes 15 for images
            and 0 for rows of a table.
        image_shape : (height, width), (channels, height, width) or None, default=None
            Shape of the image in a row. None takes rows to be square images where they can be, of
            8 x 8 or more.
        ax : matplotlib Axes, two Axes or None, default=None
            Where to draw, two of them with a grid; None makes a new figure.

        Returns
        -------
        display : LatentSpaceDisplay
            What was drawn.

        Raises
        ------
        ValueError
            If the codes have another number of columns than two.
        """
        check_is_fitted(estimator)
        codes = np.asarray(estimator.transform(X))
        if codes.shape[1] != 2:
            raise ValueError(
                f"A map needs codes of 2 numbers, but these have {codes.shape[1]}: fit with "
                "n_components=2."
            )
        (left, bottom), (right, top) = np.quantile(codes, [0.02, 0.98], axis=0)
        decoded, limits = None, (0.0, 1.0)
        n_features = np.shape(X)[1]
        if grid is None:
            grid = 15 if are_images(image_shape, n_features) else 0
        if grid:
            values = dense_rows(X)
            shape = resolve_image_shape(image_shape, values.shape[1])
            across, up = np.meshgrid(np.linspace(left, right, grid), np.linspace(bottom, top, grid))
            rows = estimator.inverse_transform(np.column_stack([across.ravel(), up.ravel()]))
            images = to_images(np.asarray(rows), shape)
            decoded = images.reshape(grid, grid, *images.shape[1:])
            limits = float(values.min()), float(values.max())
        labels = None if y is None else column_or_1d(y)
        check_consistent_length(codes, labels)
        return cls(codes, labels, decoded, (left, right, bottom, top), limits).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes, two Axes or None, default=None
            Where to draw, two of them with a grid; None makes a new figure.

        Returns
        -------
        self : LatentSpaceDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        n_axes = 1 if self.decoded is None else 2
        self.ax_ = new_or_given_axes(ax, n_axes, figsize=(1 + 4.8 * n_axes, 4.6))
        points, *images = np.atleast_1d(self.ax_)
        self.figure_ = points.figure
        self._draw_points(points)
        if images:
            self._draw_images(images[0])
            # Both have the same axes; the outermost points have no image.
            images[0].set(xlim=points.get_xlim(), ylim=points.get_ylim())
        return self

    def _draw_points(self, ax: Any) -> None:
        ax.set(xlabel="component 1", ylabel="component 2")
        style = {"s": 6, "linewidths": 0}
        if self.y is None:
            ax.scatter(*self.codes.T, color=OURS, **style)
            return
        has_label = np.array([label is not None and label == label for label in self.y])
        codes, y = self.codes[has_label], self.y[has_label]
        if not has_label.all():
            ax.scatter(*self.codes[~has_label].T, color="#b5b9bd", label="no label", **style)
        if not len(y):
            return
        classes = np.unique(y)
        # Many numbers are a quantity, whole or not; many words are classes in their order.
        is_number = y.dtype.kind in "iuf" and (
            len(classes) > MAX_LEGEND or type_of_target(y).startswith("continuous")
        )
        if is_number or len(classes) > MAX_LEGEND:
            colors = y if is_number else np.searchsorted(classes, y)
            drawn = ax.scatter(*codes.T, c=colors, cmap="viridis", **style)
            self.figure_.colorbar(drawn, ax=ax, label="y" if is_number else "number of the class")
            return
        for number, label in enumerate(classes):
            ax.scatter(
                *codes[y == label].T,
                color=f"C{number}" if len(classes) <= 10 else _color_of_many(number, len(classes)),
                label=str(label),
                **style,
            )
        ax.legend(
            markerscale=2.5,
            fontsize=8,
            handletextpad=0.2,
            borderaxespad=0.3,
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(1, 1),
        )

    def _draw_images(self, ax: Any) -> None:
        assert self.decoded is not None
        # The lowest code comes first, the top of a picture too.
        rows = [np.concatenate(list(line), axis=1) for line in self.decoded[::-1]]
        mosaic = np.concatenate(rows, axis=0)
        low, high = self.limits
        if mosaic.ndim == 3:
            # Matplotlib takes no limits for colour images.
            mosaic = np.clip((mosaic - low) / ((high - low) or 1), 0, 1)
        ax.imshow(
            mosaic,
            cmap="gray_r",
            vmin=low,
            vmax=high,
            extent=self.bounds,
            aspect="auto",
            interpolation="nearest",
        )
        ax.set(xlabel="component 1", ylabel="component 2", title="decoded")


def _color_of_many(number: int, n_classes: int) -> Any:
    from matplotlib import colormaps

    return colormaps["turbo"](number / (n_classes - 1))
