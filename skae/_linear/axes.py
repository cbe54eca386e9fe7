"""The leading principal axes of an array, dense or sparse, without a second copy of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.decomposition import PCA

from skae._rows.tensors import as_tensor

MAX_GRAM_FEATURES = 2048
"""Up to this width the covariance matrix is formed and solved whole."""

BLOCK_CELLS = 2**21

CACHED_CELLS = 2**18
"""A block of this many cells stays in a processor's cache."""

PANEL_COLUMNS = 256

N_ROUNDS = 10
N_OVERSAMPLES = 10
"""How far the subspace iteration for wide data goes. On noise without structure, the hardest case,
it then explains as much as scikit-learn's randomised PCA, or more."""

LARGE_PRODUCT = 2**30
"""The covariance of float32 rows is first tried in float32 from this many multiplications on."""

SMALLEST_SHARE = 1e-3
"""Variances below this share of the first need a covariance in float64."""


@dataclass(frozen=True)
class PrincipalAxes:
    """Mean, axes and variances of the training rows, in float64.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Column means.
    total_variance : float
        Sum of the variances of all columns, with divisor n_samples.
    components : ndarray of shape (rank, n_features)
        Orthonormal axes, the one with most variance first. ``rank`` is at most the number
        that was asked for, less where the data have fewer directions.
    variances : ndarray of shape (rank,)
        Variance along each axis, all above zero.
    """

    mean: np.ndarray
    total_variance: float
    components: np.ndarray
    variances: np.ndarray


def principal_axes(
    X: Any, n_components: int, seed: int, weights: np.ndarray | None = None
) -> PrincipalAxes:
    """Find the leading principal axes of X.

    Narrow data go through the covariance matrix, accumulated in float64 over blocks of centred
    rows: exact where columns differ in scale by orders of magnitude, and never a copy of X. The
    product of each block is in float32 first where that saves time, and once more in float64
    where the axes that are wanted lie too close to its rounding.
    Wide dense data go through blocks as well, a few times, in a randomised subspace iteration; wide
    sparse data to scikit-learn's PCA with its Lanczos solver.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    n_components : int
        Number of axes wanted; 0 gives mean and total variance alone.
    seed : int
        Seed of the solvers for wide data.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts, above zero; None counts them alike.

    Returns
    -------
    axes : PrincipalAxes
        At most ``n_components`` of them.

    Examples
    --------
    >>> import numpy as np
    >>> principal_axes(np.array([[0., 0.], [2., 0.], [0., 1.], [2., 1.]]), 1, seed=0).variances
    array([1.])
    """
    n_samples, n_features = X.shape
    mean = column_means(X, weights)
    n_components = min(n_components, n_samples, n_features)
    if n_components and n_features <= MAX_GRAM_FEATURES:
        # In float32 first where many rows make that worth it, in float64 where it is not enough.
        is_large = X.dtype == np.float32 and n_samples * n_features**2 > LARGE_PRODUCT
        total, variances, components = _eigenvectors(
            _covariance(X, mean, weights, torch.float32 if is_large else torch.float64),
            n_components,
        )
        if is_large and variances[-1] < SMALLEST_SHARE * variances[0]:
            total, variances, components = _eigenvectors(
                _covariance(X, mean, weights, torch.float64), n_components
            )
    else:
        total = _total_variance(X, mean, weights)
        components, variances = np.empty((0, n_features)), np.empty(0)
        if n_components and total > 0:
            # scikit-learn's Lanczos solver knows no weights and needs fewer axes than the rank.
            if sparse.issparse(X) and weights is None and n_components < min(X.shape):
                variances, components = _sparse_eigenvectors(X, n_components, seed)
            else:
                variances, components = _wide_eigenvectors(X, mean, weights, n_components, seed)
    # Below this share of the first axis the directions found are rounding errors.
    kept = variances > 1e-14 * variances[:1].sum()
    return PrincipalAxes(mean, total, components[kept], variances[kept])


def total_variance(X: Any, weights: np.ndarray | None = None) -> float:
    """Sum the variances of all columns, with the number or the weight of the rows as divisor.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts; None counts them alike.

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
    return _total_variance(X, column_means(X, weights), weights)


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
    if weights is None:
        return np.asarray(X.mean(axis=0, dtype=np.float64)).ravel()
    # The roots that the blocks are multiplied by, once more: that makes whole weights.
    roots = torch.from_numpy(np.sqrt(weights))
    blocks = _blocks(X, np.zeros(X.shape[1]), weights)
    parts = (block.T @ roots[rows] for rows, block in blocks)
    return (sum(parts) / weights.sum()).numpy()


def _blocks(
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
    shift = torch.from_numpy(mean).to(dtype)
    for start in range(0, X.shape[0], size):
        rows = slice(start, start + size)
        dense = X[rows].toarray() if sparse.issparse(X) else X[rows]
        block = as_tensor(dense, "cpu").to(dtype, copy=True).sub_(shift)
        if weights is not None:
            block *= torch.from_numpy(np.sqrt(weights[rows])).to(dtype).unsqueeze(1)
        yield rows, block


def _total_weight(X: Any, weights: np.ndarray | None) -> float:
    return X.shape[0] if weights is None else float(weights.sum())


def _covariance(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, dtype: torch.dtype
) -> torch.Tensor:
    """The lower half of the covariance matrix, and something above it.

    In torch: a product in NumPy's threads would leave them spinning beside those of training.
    """
    n_features = X.shape[1]
    covariance = torch.zeros(n_features, n_features, dtype=torch.float64, device="cpu")
    for _, block in _blocks(X, mean, weights, dtype):
        for start in range(0, n_features, PANEL_COLUMNS):
            panel = slice(start, start + PANEL_COLUMNS)
            covariance[start:, panel] += block[:, start:].T @ block[:, panel]
    # The difference of two near numbers is exact but for its own rounding, so that what float32
    # lacks is the rounding of the mean alone.
    exact = torch.from_numpy(mean)
    missed = exact - exact.to(dtype)
    return covariance.div_(_total_weight(X, weights)).addr_(missed, missed, alpha=-1)


def _eigenvectors(
    covariance: torch.Tensor, n_components: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Trace, and the leading eigenvalues and eigenvectors, the largest first."""
    variances, vectors = torch.linalg.eigh(covariance)
    leading = slice(None, -n_components - 1, -1)
    return float(covariance.trace()), variances.numpy()[leading], vectors.numpy().T[leading]


def _total_variance(X: Any, mean: np.ndarray, weights: np.ndarray | None) -> float:
    blocks = _blocks(X, mean, weights, n_cells=CACHED_CELLS)
    flat = (block.flatten() for _, block in blocks)
    squares = float(sum(torch.dot(cells, cells) for cells in flat))
    return squares / _total_weight(X, weights)


def _wide_eigenvectors(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, n_components: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Leading eigenvalues and eigenvectors of a covariance matrix too large to form.

    Subspace iteration from random vectors (Halko, Martinsson and Tropp, "Finding structure with
    randomness", 2011): each round multiplies an orthonormal basis by the covariance matrix.
    """
    n_samples, n_features = X.shape
    n_vectors = min(n_components + N_OVERSAMPLES, n_samples, n_features)
    generator = torch.Generator("cpu").manual_seed(seed)
    basis = torch.randn(
        n_features, n_vectors, generator=generator, dtype=torch.float64, device="cpu"
    )
    for _ in range(N_ROUNDS):
        basis, _ = torch.linalg.qr(_covariance_times(X, mean, weights, basis))
    # Within the basis the problem is small enough to be solved whole.
    within = basis.T @ _covariance_times(X, mean, weights, basis)
    _, variances, rotation = _eigenvectors(within, n_components)
    return variances, (torch.from_numpy(rotation.copy()) @ basis.T).numpy()


def _covariance_times(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, vectors: torch.Tensor
) -> torch.Tensor:
    product = torch.zeros_like(vectors)
    for _, block in _blocks(X, mean, weights):
        product.addmm_(block.T, block @ vectors)
    return product.div_(_total_weight(X, weights))


def _sparse_eigenvectors(X: Any, n_components: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    pca = PCA(n_components, svd_solver="arpack", random_state=seed).fit(X)
    # scikit-learn divides by n - 1.
    variances = pca.explained_variance_.astype(np.float64) * (X.shape[0] - 1) / X.shape[0]
    return variances, pca.components_.astype(np.float64)
