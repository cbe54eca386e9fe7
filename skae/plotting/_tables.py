"""Rows of a table as maps of colour under one another: one column for each of the table's."""

from collections.abc import Sequence
from math import isqrt
from typing import Any

import numpy as np

SMALLEST_IMAGE = 8
"""Rows are taken for square images from this side on; a table may have 9 columns, too."""

MAX_NAMES = 40


def are_images(image_shape: Sequence[int] | None, n_features: int) -> bool:
    """Whether rows are drawn as images: where a shape is given, or they are large squares.

    Examples
    --------
    >>> are_images(None, 64), are_images(None, 13), are_images((1, 13), 13)
    (True, False, True)
    """
    side = isqrt(n_features)
    return image_shape is not None or (side * side == n_features and side >= SMALLEST_IMAGE)


def column_names(X: Any, n_features: int) -> list[str]:
    """Names of the columns of a frame, else their numbers."""
    names = getattr(X, "columns", None)
    return list(map(str, range(n_features) if names is None else names))


def tables_figsize(n_tables: int, n_rows: int, n_features: int) -> tuple[float, float]:
    """Width and height in inches of a figure for tables."""
    return min(14.0, 2.5 + 0.4 * n_features), 1.4 + 0.22 * n_tables * (n_rows + 1)


def draw_tables(ax: Any, tables: dict[str, np.ndarray], names: Sequence[str]) -> None:
    """Draw tables of the same rows; each column has colours of its own, from the first table."""
    first = next(iter(tables.values()))
    mean, deviation = first.mean(axis=0), first.std(axis=0)
    n_rows, n_columns = first.shape
    for number, rows in enumerate(tables.values()):
        bottom = -number * (n_rows + 1)
        drawn = ax.imshow(
            (rows - mean) / np.where(deviation > 0, deviation, 1),
            cmap="RdBu_r", vmin=-2.5, vmax=2.5, interpolation="nearest", aspect="auto",
            extent=(0, n_columns, bottom - n_rows, bottom),
        )  # fmt: skip
    ax.set(xlim=(0, n_columns), ylim=(-len(tables) * (n_rows + 1) + 1, 0))
    middles = [-number * (n_rows + 1) - n_rows / 2 for number in range(len(tables))]
    ax.set_yticks(middles, list(tables))
    shown = np.arange(0, n_columns, -(-n_columns // MAX_NAMES))
    ax.set_xticks(shown + 0.5, [names[column] for column in shown], rotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.figure.colorbar(drawn, ax=ax, label="deviations from the column's mean")
