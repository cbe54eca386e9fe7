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


def dtypes_to_keep(X: Any, dtype: str) -> str | list[str]:
    """The dtypes in which rows are taken for networks of a dtype, for scikit-learn's checks.

    Rows of float64 and float32 are taken as they are, whatever the networks are: they are centred
    before a cast, and their own rounding tells which of their directions are none. What float32
    holds exactly, such as the bytes of images, needs no more for networks of float32.

    Parameters
    ----------
    X : object
        Rows as a user gives them.
    dtype : {"float32", "float64"}
        Of the networks.

    Returns
    -------
    dtypes : str or list of str
        What to convert to; of a list the first, where X has none of them.

    Examples
    --------
    >>> dtypes_to_keep(np.zeros((2, 2), np.uint8), "float32")
    'float32'
    >>> dtypes_to_keep([[1_700_000_000]], "float32")
    ['float64', 'float32']
    """
    kind = getattr(X, "dtype", None)
    is_exact = isinstance(kind, np.dtype) and np.can_cast(kind, np.float32)
    return "float32" if is_exact and dtype == "float32" else ["float64", "float32"]


def sparse_bools_as_numbers(X: Any) -> Any:
    """A frame of sparse columns, some of them bools, with floating-point numbers in their place.

    scikit-learn makes bools dense before it takes what it believes to be sparse; with pandas 2 that
    is an error.

    Parameters
    ----------
    X : object
        Rows as a user gives them.

    Returns
    -------
    X : object
        All but such frames as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"a": [True, False]}, dtype=pd.SparseDtype(bool, False))
    >>> sparse_bools_as_numbers(X).dtypes.tolist()
    [Sparse[float64, 0]]
    """
    # The accessor is there where all columns are sparse.
    is_sparse_frame = hasattr(X, "sparse") and X.ndim == 2
    if not is_sparse_frame or all(kind.subtype.kind != "b" for kind in X.dtypes):
        return X
    kind = type(X.dtypes.iloc[0])
    return X.astype(kind(np.float64, 0))


def own_if_sparse(X: Any) -> Any:
    """Sparse rows whose cells are floating-point numbers, in order and each of them once.

    Parameters
    ----------
    X : ndarray or CSR array
        Where it is sparse and not in order, or holds bools, it is copied: sorting would change
        the caller's arrays.

    Returns
    -------
    X : ndarray or CSR array
        Dense rows as they are.

    Examples
    --------
    >>> X = sparse.csr_array(([1.0, 2.0, 3.0], [1, 0, 1], [0, 3]), shape=(1, 2))
    >>> own_if_sparse(X).toarray(), X.nnz
    (array([[2., 4.]]), 3)
    """
    if not sparse.issparse(X):
        return X
    if X.dtype.kind != "f":
        X = X.astype(np.float32)
    if not (X.has_sorted_indices and X.has_canonical_format):
        X = X.copy()
        X.sum_duplicates()
    return X


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
