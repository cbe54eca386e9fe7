"""The leading principal axes of an array, dense or sparse, without a second copy of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.decomposition import PCA

from skae.training import as_tensor

MAX_GRAM_FEATURES = 2048
"""Up to this width the covariance matrix is formed and solved whole."""

BLOCK_CELLS = 2**21

CACHED_CELLS = 2**18
"""Of a block that a processor's cache holds."""

PANEL_COLUMNS = 256

N_ROUNDS = 10
N_OVERSAMPLES = 10
"""Of the subspace iteration for wide data. On noise without structure, the hardest case, it then
explains as much as scikit-learn's randomised PCA, or more."""

LARGE_PRODUCT = 2**30
"""From so many multiplications on, the covariance of float32 rows is first tried in float32."""

SMALLEST_SHARE = 1e-3
"""Of the first variance: smaller ones need a covariance in float64."""


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


def principal_axes(X: Any, n_components: int, seed: int) -> PrincipalAxes:
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
    mean = np.asarray(X.mean(axis=0, dtype=np.float64)).ravel()
    n_components = min(n_components, n_samples, n_features)
    if n_components and n_features <= MAX_GRAM_FEATURES:
        is_large = X.dtype == np.float32 and n_samples * n_features**2 > LARGE_PRODUCT
        total_variance, variances, components = _eigenvectors(
            _covariance(X, mean, torch.float32 if is_large else torch.float64), n_components
        )
        if is_large and variances[-1] < SMALLEST_SHARE * variances[0]:
            total_variance, variances, components = _eigenvectors(
                _covariance(X, mean, torch.float64), n_components
            )
    else:
        total_variance = _total_variance(X, mean)
        components, variances = np.empty((0, n_features)), np.empty(0)
        if n_components and total_variance > 0:
            is_sparse = sparse.issparse(X) and n_components < min(X.shape)
            solve = _sparse_eigenvectors if is_sparse else _wide_eigenvectors
            variances, components = solve(X, mean, n_components, seed)
    # Below this share of the first axis the directions found are rounding errors.
    kept = variances > 1e-14 * variances[:1].sum()
    return PrincipalAxes(mean, total_variance, components[kept], variances[kept])


def _blocks(
    X: Any, mean: np.ndarray, dtype: torch.dtype = torch.float64, n_cells: int | None = None
) -> Iterator[torch.Tensor]:
    """Blocks of rows less the mean, as far as ``dtype`` has it."""
    size = max(1, (n_cells or BLOCK_CELLS) // X.shape[1])
    shift = torch.from_numpy(mean).to(dtype)
    for start in range(0, X.shape[0], size):
        block = X[start : start + size]
        dense = block.toarray() if sparse.issparse(block) else block
        yield as_tensor(dense, "cpu").to(dtype, copy=True).sub_(shift)


def _covariance(X: Any, mean: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
    """The lower half of the covariance matrix, and something above it.

    In torch: a product in NumPy's threads would leave them spinning beside those of training.
    """
    n_features = X.shape[1]
    covariance = torch.zeros(n_features, n_features, dtype=torch.float64, device="cpu")
    for block in _blocks(X, mean, dtype):
        for start in range(0, n_features, PANEL_COLUMNS):
            panel = slice(start, start + PANEL_COLUMNS)
            covariance[start:, panel] += block[:, start:].T @ block[:, panel]
    # The difference of two near numbers is exact but for its own rounding, so that what float32
    # lacks is the rounding of the mean alone.
    exact = torch.from_numpy(mean)
    missed = exact - exact.to(dtype)
    return covariance.div_(X.shape[0]).addr_(missed, missed, alpha=-1)


def _eigenvectors(
    covariance: torch.Tensor, n_components: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Trace, and the leading eigenvalues and eigenvectors, the largest first."""
    variances, vectors = torch.linalg.eigh(covariance)
    leading = slice(None, -n_components - 1, -1)
    return float(covariance.trace()), variances.numpy()[leading], vectors.numpy().T[leading]


def _total_variance(X: Any, mean: np.ndarray) -> float:
    flat = (block.flatten() for block in _blocks(X, mean, n_cells=CACHED_CELLS))
    return float(sum(torch.dot(cells, cells) for cells in flat)) / X.shape[0]


def _wide_eigenvectors(
    X: Any, mean: np.ndarray, n_components: int, seed: int
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
        basis, _ = torch.linalg.qr(_covariance_times(X, mean, basis))
    _, variances, rotation = _eigenvectors(
        basis.T @ _covariance_times(X, mean, basis), n_components
    )
    return variances, (torch.from_numpy(rotation.copy()) @ basis.T).numpy()


def _covariance_times(X: Any, mean: np.ndarray, vectors: torch.Tensor) -> torch.Tensor:
    product = torch.zeros_like(vectors)
    for block in _blocks(X, mean):
        product.addmm_(block.T, block @ vectors)
    return product.div_(X.shape[0])


def _sparse_eigenvectors(
    X: Any, mean: np.ndarray, n_components: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    pca = PCA(n_components, svd_solver="arpack", random_state=seed).fit(X)
    # scikit-learn divides by n - 1.
    variances = pca.explained_variance_.astype(np.float64) * (X.shape[0] - 1) / X.shape[0]
    return variances, pca.components_.astype(np.float64)
