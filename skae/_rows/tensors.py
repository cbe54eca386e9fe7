"""Rows as torch tensors, without a copy where there can be one less."""

from typing import Any

import numpy as np
import torch
from scipy import sparse

MAX_CELLS_AT_ONCE = 2**21
MAX_ROWS_AT_ONCE = 8192
"""The second bound is for narrow rows, where the hidden layers take the memory."""


def rows_at_once(n_columns: int) -> int:
    """How many rows of that width to encode or decode at once where nothing is trained."""
    return max(1, min(MAX_ROWS_AT_ONCE, MAX_CELLS_AT_ONCE // n_columns))


def as_tensor(X: Any, device: str) -> Any:
    """X as a tensor on the device without a copy where it can be; sparse X stays as it is."""
    if sparse.issparse(X):
        return X
    if not X.flags.writeable:
        X = np.asarray(_Writable(X))
    return torch.from_numpy(X).to(device)


def gather(X: Any, rows: torch.Tensor | slice, device: str) -> torch.Tensor:
    """Take rows of X as one dense tensor on the device; only these rows of a sparse X are dense."""
    if isinstance(X, torch.Tensor):
        taken = X[rows] if isinstance(rows, slice) else X.index_select(0, rows)
        return taken if taken.device.type == device else taken.to(device)
    index = rows if isinstance(rows, slice) else rows.cpu().numpy()
    return torch.from_numpy(X[index].toarray()).to(device)


class _Writable:
    """A view of a read-only array that torch takes without a warning; nobody writes to it."""

    def __init__(self, array: np.ndarray):
        pointer, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (pointer, False)}
        self.array = array
