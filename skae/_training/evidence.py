"""Whether rows that are held out prove a gain, also where a few of them are far out."""

import math

import torch

EXTREME_SHARE = 0.02
"""Of all rows, those that gain most, and again those that lose most."""


def is_clear_in_most(gains: torch.Tensor, of_all: float, of_most: float) -> bool:
    """Say whether rows gain on average, and most of them clearly.

    A row far out may lose or gain more than all others together. Asking as much of all rows as of
    most would let a single one decide.

    Parameters
    ----------
    gains : torch.Tensor of shape (n,)
        What each row gains.
    of_all : float
        More than so many of its standard errors the mean gain must be,
    of_most : float
        and more than so many without the rows that gain and lose most.

    Returns
    -------
    is_clear : bool
        Less than two rows are no evidence.

    Examples
    --------
    >>> gains = torch.linspace(0.5, 1.5, 100)
    >>> gains[7] = -30.0
    >>> is_clear_in_most(gains, 3, 3), is_clear_in_most(gains, 1, 3)
    (False, True)
    >>> is_clear_in_most(-gains, 1, 3)
    False
    """
    n_extreme = math.ceil(EXTREME_SHARE * len(gains))
    most = gains.sort().values[n_extreme : len(gains) - n_extreme]
    return _in_errors(gains) > of_all and _in_errors(most) > of_most


def _in_errors(gains: torch.Tensor) -> float:
    """Their mean in its standard errors; none of less than two rows."""
    return float(gains.mean() / (gains.std() / len(gains) ** 0.5)) if len(gains) > 1 else 0.0
