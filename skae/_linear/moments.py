"""Means, variances and covariances of the rows of an array, in float64, by blocks of rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from scipy import sparse

from skae._rows.checks import rows_are_equal
from skae._rows.tensors import as_tensor
from skae.architectures import is_far

BLOCK_CELLS = 2**21

CACHED_CELLS = 2**18
"""A block of this many cells stays in a processor's cache."""

PANEL_COLUMNS = 256


def total_variance(
    X: Any, weights: np.ndarray | None = None, centre: np.ndarray | None = None
) -> float:
    """Sum the variances of all columns, with the number or the weight of the rows as divisor.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts; None counts them alike.
    centre : ndarray of shape (n_features,), default=None
        What they deviate from; None takes their own means.

    Returns
    -------
    variance : float
        In squared units of the data.

    Examples
    --------
    >>> import numpy as np
    >>> total_variance(np.array([[0.0, 0.0], [2.0, 1.0]]))
    1.25
    >>> total_variance(np.array([[0.0, 0.0], [2.0, 1.0]]), np.array([1.0, 0.0]))
    0.0
    """
    centre = column_means(X, weights) if centre is None else centre
    blocks = centred_blocks(X, centre, weights, n_cells=CACHED_CELLS)
    flat = (block.flatten() for _, block in blocks)
    return float(sum(torch.dot(cells, cells) for cells in flat)) / total_weight(X, weights)


def column_means(X: Any, weights: np.ndarray | None = None) -> np.ndarray:
    """Mean of each column, summed in float64.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts; None counts them alike.

    Returns
    -------
    mean : ndarray of shape (n_features,)
        The means.

    Examples
    --------
    >>> import numpy as np
    >>> column_means(np.array([[0.0], [4.0]]), np.array([1.0, 3.0]))
    array([3.])
    """
    if rows_are_equal(X):
        # Their mean has no rounding, so that they do not vary about it.
        row = X[[0]].toarray()[0] if sparse.issparse(X) else X[0]
        return row.astype(np.float64)
    if sparse.issparse(X):
        # SciPy's own mean of float32 is summed in float32, whatever dtype it is asked for.
        counts = np.ones(X.shape[0]) if weights is None else weights
        return X.T @ counts / counts.sum()
    if weights is None:
        return X.mean(axis=0, dtype=np.float64)
    # The roots that the blocks are multiplied by, once more: that makes whole weights.
    roots = torch.from_numpy(np.sqrt(weights))
    blocks = centred_blocks(X, np.zeros(X.shape[1]), weights)
    parts = (block.T @ roots[rows] for rows, block in blocks)
    return (sum(parts) / weights.sum()).numpy()


def column_variances(X: Any, mean: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Variance of each column about its mean, with divisor n_samples or the sum of the weights."""
    squares = np.zeros(X.shape[1])
    for _, block in centred_blocks(X, mean, weights):
        squares += block.square_().sum(0).numpy()
    return squares / total_weight(X, weights)


def rounding_variances(
    of_rows: str, dtype: str, mean: np.ndarray, variances: np.ndarray, n_samples: int
) -> np.ndarray:
    """What roundings of cells may add to the variance along each column, and a little more.

    In a table of noise the first axis has ``(1 + sqrt(n_features / n_samples))**2`` times the
    variance of a column (Marchenko and Pastur, 1967).

    Parameters
    ----------
    of_rows : {"float32", "float64"}
        What the rows are in.
    dtype : {"float32", "float64"}
        What they are cast to: rows of float64 before they are centred, unless they lie far from
        zero.
    mean, variances : ndarray of shape (n_features,)
        Of the columns.
    n_samples : int
        Number of rows.

    Returns
    -------
    rounding : ndarray of shape (n_features,)
        Variances.

    Examples
    --------
    >>> rounding_variances("float64", "float32", np.array([9.0]), np.array([0.0]), 5) < 1e-20
    array([ True])
    """
    scale = (variances.sum() / len(variances)) ** 0.5
    eps, eps_of_rows = np.finfo(dtype).eps, np.finfo(of_rows).eps
    if not is_far(torch.from_numpy(mean), scale):
        eps_of_rows = max(eps, eps_of_rows)
    edge = (1 + (len(mean) / n_samples) ** 0.5) ** 2
    rounding = eps_of_rows**2 * (mean**2 + variances) + eps**2 * variances
    return rounding * max(1.0, edge / 4)


def covariance_matrix(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, dtype: torch.dtype
) -> torch.Tensor:
    """The lower half of the covariance matrix, and something above it.

    In torch: a product in NumPy's threads would leave them spinning beside those of training.
    """
    n_features = X.shape[1]
    covariance = torch.zeros(n_features, n_features, dtype=torch.float64, device="cpu")
    sums = torch.zeros(n_features, dtype=torch.float64, device="cpu")
    for rows, block in centred_blocks(X, mean, weights, dtype):
        for start in range(0, n_features, PANEL_COLUMNS):
            panel = slice(start, start + PANEL_COLUMNS)
            covariance[start:, panel] += block[:, start:].T @ block[:, panel]
        if X.dtype == np.float64:
            roots = np.ones(len(block)) if weights is None else np.sqrt(weights[rows])
            sums += torch.from_numpy(roots) @ block.double()
    n = total_weight(X, weights)
    covariance.div_(n)
    if X.dtype == np.float64:
        # What is left of the sums is the rounding of the mean.
        missed = sums.div_(n)
    else:
        # The difference of two near numbers is exact but for its own rounding, so that what
        # float32 lacks is the rounding of the mean alone.
        exact = torch.from_numpy(mean)
        missed = exact - exact.to(dtype)
    return covariance.addr_(missed, missed, alpha=-1)


def centred_blocks(
    X: Any,
    mean: np.ndarray,
    weights: np.ndarray | None,
    dtype: torch.dtype = torch.float64,
    n_cells: int | None = None,
) -> Iterator[tuple[slice, torch.Tensor]]:
    """Blocks of rows less the mean, as far as ``dtype`` has it, times the root of their weights.

    Sums of squares and products over them are weighted sums over the rows.
    """
    size = max(1, (n_cells or BLOCK_CELLS) // X.shape[1])
    exact = torch.from_numpy(mean)
    shift = exact.to(dtype)
    for start in range(0, X.shape[0], size):
        rows = slice(start, start + size)
        dense = X[rows].toarray() if sparse.issparse(X) else X[rows]
        block = as_tensor(dense, "cpu")
        # Rows of float64 are centred before they are cast.
        if block.dtype == torch.float64:
            block = torch.sub(block, exact).to(dtype)
        else:
            block = block.to(dtype, copy=True).sub_(shift)
        if weights is not None:
            block *= torch.from_numpy(np.sqrt(weights[rows])).to(dtype).unsqueeze(1)
        yield rows, block


def total_weight(X: Any, weights: np.ndarray | None) -> float:
    """Number of rows, or what they count together."""
    return X.shape[0] if weights is None else float(weights.sum())
