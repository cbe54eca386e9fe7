"""Rows enough for the same arithmetic, however few there are."""

import torch

FEWEST_ROWS = 16
"""Products of fewer rows have other roundings, on some processors already below 16: the score of a
row alone would be another one."""


def rows_enough(x: torch.Tensor) -> torch.Tensor:
    """Repeat rows until they are 16 at least; the first ones stay where they are.

    Parameters
    ----------
    x : torch.Tensor of shape (n, n_features)
        At least one row.

    Returns
    -------
    x : torch.Tensor of shape (max(n, 16), n_features)
        What is made of the rows beyond the first n is to be cut off.

    Examples
    --------
    >>> rows_enough(torch.tensor([[1.0], [2.0]])).shape
    torch.Size([16, 1])
    """
    if len(x) >= FEWEST_ROWS:
        return x
    return x[torch.arange(FEWEST_ROWS, device="cpu") % len(x)]
