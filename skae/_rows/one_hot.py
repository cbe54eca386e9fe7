"""Columns that are the categories of one: exactly one of them is on in each row."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from skae._rows.tensors import rows_at_once


def one_hot_groups(X: Any) -> tuple[int, ...] | None:
    """Find neighbouring columns of which exactly one is on in every row.

    A column can be on or off if it has two values, whatever these are: the greater one is on. So
    categories are found after standardising, and after any other scaling.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    groups : tuple of int of length n_features, or None
        A number for each column, the same for all categories of one; None where there are none.

    Examples
    --------
    >>> one_hot_groups(np.array([[0.2, 1.0, 0.0], [0.3, 0.0, 1.0], [0.7, 1.0, 0.0]]))
    (0, 1, 1)
    """
    is_switch, high, counts = _switches(X)
    if not is_switch.any():
        return None
    # Only a run of switches that are on as often as there are rows can be the categories of one.
    starts, first = [], 0
    before = np.concatenate([[0], np.cumsum(np.where(is_switch, counts, X.shape[0] + 1))])
    while first < X.shape[1]:
        end = int(np.searchsorted(before, before[first] + X.shape[0]))
        whole = end <= X.shape[1] and before[end] == before[first] + X.shape[0]
        starts.append(first)
        first = end if whole and _are_exclusive(X, high, slice(first, end)) else first + 1
    if len(starts) == X.shape[1]:
        return None
    widths = np.diff([*starts, X.shape[1]])
    return tuple(np.repeat(np.arange(len(starts)), widths).tolist())


def _blocks(X: Any, columns: slice = slice(None)) -> Iterator[np.ndarray]:
    for start in range(0, X.shape[0], step := rows_at_once(X.shape[1])):
        block = X[start : start + step]
        yield (block.toarray() if sparse.issparse(block) else block)[:, columns]


def _switches(X: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which columns have two values, the greater of each, and how often it occurs."""
    low = np.min([block.min(axis=0) for block in _blocks(X)], axis=0)
    high = np.max([block.max(axis=0) for block in _blocks(X)], axis=0)
    is_switch, counts = low < high, np.zeros(X.shape[1], np.int64)
    for block in _blocks(X):
        is_on = block == high
        counts += is_on.sum(axis=0)
        is_switch &= (is_on | (block == low)).all(axis=0)
        if not is_switch.any():
            break
    return is_switch, high, counts


def _are_exclusive(X: Any, high: np.ndarray, columns: slice) -> bool:
    on = (block == high[columns] for block in _blocks(X, columns))
    return all((block.sum(axis=1) == 1).all() for block in on)
