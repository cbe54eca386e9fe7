"""The leading principal axes of an array, dense or sparse, without a second copy of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.decomposition import PCA

from skae._linear.moments import (
    centred_blocks,
    column_means,
    column_variances,
    covariance_matrix,
    rounding_variances,
    total_variance,
    total_weight,
)

MAX_GRAM_FEATURES = 2048
"""Up to this width the covariance matrix is formed and solved whole."""

LANCZOS_DIMENSIONS = 20
"""ARPACK works in so many dimensions at least, and in twice as many as axes are wanted."""

N_ROUNDS = 10
N_OVERSAMPLES = 10
"""How far the subspace iteration for wide data goes. On noise without structure, the hardest case,
it then explains as much as scikit-learn's randomised PCA, or more."""

LARGE_PRODUCT = 2**30
"""The covariance of float32 rows is first tried in float32 from this many multiplications on."""

SMALLEST_SHARE = 1e-3
"""Variances below this share of the first need a covariance in float64."""

SQUARES_OF_FLOAT32 = 1e-20, 1e20
"""Products of float32 are tried for a total variance in between."""

GRAM_ROUNDING = 1e-13
"""Variances below this share of the first are rounding errors of the covariance."""


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
    X: Any,
    n_components: int,
    seed: int,
    weights: np.ndarray | None = None,
    dtype: str = "float64",
) -> PrincipalAxes:
    """Find the leading principal axes of X.

    Narrow data go through the covariance matrix, accumulated in float64 over blocks of centred
    rows: exact where columns differ in scale by orders of magnitude, and never a copy of X. The
    product of each block is in float32 first where that saves time, and once more in float64
    where the axes that are wanted lie too close to its rounding.
    Wide dense data go through blocks as well, a few times, in a randomised subspace iteration; wide
    sparse data to scikit-learn's PCA with its Lanczos solver, unless their rank is low.

    Axes along which the rows vary by less than their cells' rounding are left out.

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
    dtype : {"float32", "float64"}, default="float64"
        What the rows are cast to once they are centred; its rounding counts as theirs does.

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
    # Means and scales alone need no axes.
    if not n_components:
        total = total_variance(X, weights, mean)
        return PrincipalAxes(mean, total, np.empty((0, n_features)), np.empty(0))
    if n_features <= MAX_GRAM_FEATURES:
        total, of_columns, variances, components = _narrow_eigenvectors(
            X, mean, weights, n_components, dtype
        )
        rounding = rounding_variances(X.dtype.name, dtype, mean, of_columns, n_samples)
    else:
        of_columns = column_variances(X, mean, weights)
        rounding = rounding_variances(X.dtype.name, dtype, mean, of_columns, n_samples)
        total = float(of_columns.sum())
        if sparse.issparse(X):
            variances, components = _sparse_eigenvectors(
                X, mean, weights, n_components, seed, rounding
            )
        else:
            variances, components = _wide_eigenvectors(X, mean, weights, n_components, seed)
    kept = _is_more_than_rounding(variances, components, rounding)
    components = components[kept]
    return PrincipalAxes(mean, total, pca_signs(components) * components, variances[kept])


def pca_signs(components: np.ndarray) -> np.ndarray:
    """Find the signs that make the largest number of each axis positive, as in scikit-learn's PCA.

    Parameters
    ----------
    components : ndarray of shape (rank, n_features)
        Axes of either sign.

    Returns
    -------
    signs : ndarray of shape (rank, 1)
        1 or -1 for each. Of numbers that are equal but for rounding the first one decides.

    Examples
    --------
    >>> pca_signs(np.array([[0.8, 0.6], [0.6, -0.8]]))
    array([[ 1.],
           [-1.]])
    """
    sizes = np.abs(components)
    largest = sizes.max(axis=1, initial=0, keepdims=True)
    first = (sizes >= (1 - 1e-6) * largest).argmax(axis=1)
    return np.sign(components[np.arange(len(components)), first])[:, None]


def _is_more_than_rounding(
    variances: np.ndarray, components: np.ndarray, rounding: np.ndarray
) -> np.ndarray:
    """Whether rows vary along an axis by more than their cells' roundings, and the solver's."""
    return variances > np.maximum(np.square(components) @ rounding, GRAM_ROUNDING * variances[0])


def _narrow_eigenvectors(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, n_components: int, dtype: str
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Total variance, that of each column, eigenvalues and eigenvectors of the covariance."""
    n_samples, n_features = X.shape
    # In float32 first where many rows make that worth it, in float64 where it is not enough.
    if dtype == "float32" and n_samples * n_features**2 > LARGE_PRODUCT:
        covariance = covariance_matrix(X, mean, weights, torch.float32)
        low, high = SQUARES_OF_FLOAT32
        if low < covariance.trace() < high:
            total, variances, components = _eigenvectors(covariance, n_components)
            if variances[-1] >= SMALLEST_SHARE * variances[0]:
                return total, covariance.diagonal().numpy(), variances, components
    covariance = covariance_matrix(X, mean, weights, torch.float64)
    total, variances, components = _eigenvectors(covariance, n_components)
    return total, covariance.diagonal().numpy(), variances, components


def _eigenvectors(
    covariance: torch.Tensor, n_components: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Trace, and the leading eigenvalues and eigenvectors, the largest first."""
    variances, vectors = torch.linalg.eigh(covariance)
    leading = slice(None, -n_components - 1, -1)
    return float(covariance.trace()), variances.numpy()[leading], vectors.numpy().T[leading]


def _wide_eigenvectors(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, n_components: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Leading eigenvalues and eigenvectors of a covariance matrix too large to form."""
    basis = _subspace(X, mean, weights, n_components + N_OVERSAMPLES, seed, N_ROUNDS)
    return _eigenvectors_within(basis, X, mean, weights, n_components)


def _sparse_eigenvectors(
    X: Any,
    mean: np.ndarray,
    weights: np.ndarray | None,
    n_components: int,
    seed: int,
    rounding: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The same of sparse rows, by the Lanczos method where that is sound.

    It knows no weights, and where the rank is exhausted it goes on from random numbers that no
    seed decides. Then a subspace of as many dimensions as it needs holds all of the data.
    """
    n_dimensions = max(2 * n_components + 1, LANCZOS_DIMENSIONS)
    basis = _subspace(X, mean, weights, n_dimensions + 1, seed, n_rounds=2)
    variances, components = _eigenvectors_within(basis, X, mean, weights, basis.shape[1])
    is_whole = len(variances) <= n_dimensions
    if is_whole or not _is_more_than_rounding(variances, components, rounding)[-1]:
        return variances[:n_components], components[:n_components]
    if weights is not None:
        return _wide_eigenvectors(X, mean, weights, n_components, seed)
    pca = PCA(n_components, svd_solver="arpack", random_state=seed).fit(X.astype(np.float64))
    # scikit-learn divides by n - 1.
    return pca.explained_variance_ * (X.shape[0] - 1) / X.shape[0], pca.components_


def _subspace(
    X: Any,
    mean: np.ndarray,
    weights: np.ndarray | None,
    n_vectors: int,
    seed: int,
    n_rounds: int,
) -> torch.Tensor:
    """An orthonormal basis near the leading axes, of shape (n_features, n_vectors) at most.

    Subspace iteration from random vectors (Halko, Martinsson and Tropp, "Finding structure with
    randomness", 2011): each round multiplies an orthonormal basis by the covariance matrix.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    shape = X.shape[1], min(n_vectors, *X.shape)
    basis = torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
    for _ in range(n_rounds):
        basis, _ = torch.linalg.qr(covariance_times(X, mean, weights, basis))
    return basis


def _eigenvectors_within(
    basis: torch.Tensor, X: Any, mean: np.ndarray, weights: np.ndarray | None, n_components: int
) -> tuple[np.ndarray, np.ndarray]:
    """Within a basis the problem is small enough to be solved whole."""
    within = basis.T @ covariance_times(X, mean, weights, basis)
    _, variances, rotation = _eigenvectors(within, n_components)
    return variances, (torch.from_numpy(rotation.copy()) @ basis.T).numpy()


def covariance_times(
    X: Any, mean: np.ndarray, weights: np.ndarray | None, vectors: torch.Tensor
) -> torch.Tensor:
    """Multiply the covariance of rows by vectors, without making it.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    mean : ndarray of shape (n_features,)
        Their mean.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts; None counts them alike.
    vectors : torch.Tensor of float64 of shape (n_features, n_vectors)
        Columns that are multiplied.

    Returns
    -------
    products : torch.Tensor of float64 of shape (n_features, n_vectors)
        With divisor n_samples, or the sum of the weights.

    Examples
    --------
    >>> X = np.array([[-3.0, 0.0], [3.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
    >>> covariance_times(X, np.zeros(2), None, torch.eye(2, dtype=torch.float64))
    tensor([[4.5000, 0.0000],
            [0.0000, 0.5000]], dtype=torch.float64)
    """
    if sparse.issparse(X):
        # Rows less their mean are not sparse: their products are those of the rows, less its own.
        codes = X @ vectors.numpy() - mean @ vectors.numpy()
        if weights is not None:
            codes *= weights[:, None]
        products = X.T @ codes - np.outer(mean, codes.sum(axis=0))
        return torch.from_numpy(products).div_(total_weight(X, weights))
    product = torch.zeros_like(vectors)
    for _, block in centred_blocks(X, mean, weights):
        product.addmm_(block.T, block @ vectors)
    return product.div_(total_weight(X, weights))
