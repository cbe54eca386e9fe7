"""Where a display draws, and in which colours."""

from typing import Any

import numpy as np

OURS = "#0b6e99"
OTHERS = "#7f7f7f"


def new_or_given_axes(ax: Any, n_axes: int = 1, figsize: tuple[float, float] | None = None) -> Any:
    """Return the axes that the user gave, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib Axes, sequence of Axes or None
        What the user gave.
    n_axes : int, default=1
        How many axes the display needs, side by side.
    figsize : (float, float) or None
        Width and height of a new figure in inches.

    Returns
    -------
    ax : matplotlib Axes, or ndarray of Axes where ``n_axes`` is above 1
        Where to draw.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the user gave another number of axes.
    """
    if ax is not None:
        given = np.atleast_1d(np.asarray(ax, dtype=object))
        if given.size != n_axes:
            raise ValueError(
                f"The 'ax' parameter holds {given.size} axes, but this display draws on {n_axes}. "
                f"Pass {n_axes}, or None for a new figure."
            )
        return given.ravel() if n_axes > 1 else given.ravel()[0]
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("Displays need matplotlib: pip install 'skae[plot]'") from error
    return pyplot.subplots(1, n_axes, figsize=figsize, layout="constrained")[1]
