"""Rows as images, and strips of them under one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

GAP = 0.08
"""Space between images, as a share of their width."""


@dataclass(frozen=True)
class Strip:
    """One line of images.

    Attributes
    ----------
    label : str
        What they are.
    images : ndarray of shape (n, height, width) or (n, height, width, 3)
        The pictures.
    limits : (float, float)
        Values drawn as the two ends of the colour map.
    cmap : str
        Matplotlib's name of the colour map.
    titles : sequence of str
        A text over each image; may be empty.
    """

    label: str
    images: np.ndarray
    limits: tuple[float, float]
    cmap: str = "gray_r"
    titles: Sequence[str] = ()


def resolve_image_shape(image_shape: Sequence[int] | None, n_features: int) -> tuple[int, ...]:
    """Shape of the images that rows of ``n_features`` hold; a square one by default.

    Examples
    --------
    >>> resolve_image_shape(None, 64)
    (8, 8)
    """
    side = isqrt(n_features)
    if image_shape is None:
        if side * side == n_features:
            return side, side
        raise ValueError(
            f"Rows of {n_features} values are not square images: pass image_shape=(height, width) "
            "or (channels, height, width)."
        )
    shape = tuple(image_shape)
    fits = len(shape) in (2, 3) and int(np.prod(shape)) == n_features
    if not fits or (len(shape) == 3 and shape[0] not in (1, 3)):
        raise ValueError(
            f"image_shape={image_shape!r} does not fit rows of {n_features} values: pass (height, "
            "width) or (channels, height, width) with 1 or 3 channels and that product."
        )
    return shape


def to_images(rows: np.ndarray, image_shape: tuple[int, ...]) -> np.ndarray:
    """Reshape flat rows to (n, height, width), or (n, height, width, 3) for colour."""
    images = rows.reshape(-1, *image_shape)
    if len(image_shape) == 2:
        return images
    return images[:, 0] if image_shape[0] == 1 else np.moveaxis(images, 1, -1)


def draw_strips(ax: Any, strips: Sequence[Strip]) -> None:
    """Draw the strips under one another on one matplotlib Axes."""
    height, width = strips[0].images.shape[1:3]
    aspect = height / width
    title = 0.2 if any(strip.titles for strip in strips) else 0.0
    step = aspect + GAP + title
    for number, strip in enumerate(strips):
        bottom = -number * step
        low, high = strip.limits
        for column, image in enumerate(strip.images):
            if image.ndim == 3:
                # Matplotlib takes no limits for colour images.
                image = np.clip((image - low) / ((high - low) or 1), 0, 1)
            left = column * (1 + GAP)
            ax.imshow(
                image,
                cmap=strip.cmap,
                vmin=low,
                vmax=high,
                interpolation="nearest",
                extent=(left, left + 1, bottom - aspect, bottom),
            )
            if strip.titles:
                ax.text(
                    left + 0.5,
                    bottom + 0.03,
                    strip.titles[column],
                    ha="center",
                    va="bottom",
                    fontsize=8,
                )
    n_columns = len(strips[0].images)
    ax.set_xlim(0, n_columns * (1 + GAP) - GAP)
    ax.set_ylim(-len(strips) * step + GAP + title, title if strips[0].titles else 0)
    ax.set_xticks([])
    ax.set_yticks(
        [-number * step - aspect / 2 for number in range(len(strips))],
        [strip.label for strip in strips],
    )
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_aspect("equal")


def strips_figsize(n_strips: int, n_columns: int, image_shape: tuple[int, ...]) -> tuple:
    """Width and height in inches of a figure for strips."""
    aspect = image_shape[-2] / image_shape[-1]
    return 1.2 + 0.85 * n_columns, 0.2 + (0.85 * aspect + 0.2) * n_strips
