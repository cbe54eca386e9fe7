"""The linear code that knows a target: its directions, then the principal axes of what is left."""

from typing import Any

import numpy as np
from scipy import sparse

from skae._linear.axes import principal_axes
from skae._linear.path import LinearPath
from skae._rows.tensors import rows_at_once

MORE_AXES = 64
"""Axes beyond those of the code, among which the axes of what is left are found."""

NEGLIGIBLE = 1e-10
"""A direction with less of the variance than this share of the first is a rounding error."""


def target_path(
    X: Any,
    directions: np.ndarray,
    n_components: int,
    seed: int,
    weights: np.ndarray | None = None,
    dtype: str = "float64",
) -> LinearPath:
    """Join the directions of a target and principal axes to one code.

    The code's first columns are the directions, those in which the rows differ most of what they
    say first. The others are the principal axes of the rows less what these columns tell of them.
    All are uncorrelated.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    directions : ndarray of float64 of shape (n_features, n_targets)
        Coefficients of the target's regression on the rows.
    n_components : int
        Columns of the code.
    seed : int
        Seed of the solvers for wide data.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts.
    dtype : {"float32", "float64"}, default="float64"
        What the centred rows are cast to where axes are found.

    Returns
    -------
    path : LinearPath
        A target's direction has the variance of the first principal axis, whatever it is in the
        rows: it is to matter as much in a distance between codes. Its row of ``components`` is what
        the code tells of each column, and of no unit length.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(500, 3)) * [5, 1, 1]
    >>> path = target_path(X, np.array([[0.0], [0.0], [2.0]]), 2, seed=0)
    >>> np.abs(path.projections / path.projections.max(axis=1, keepdims=True)).round(1)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    n_samples, n_features = X.shape
    axes = principal_axes(X, min(n_components + MORE_AXES, *X.shape), seed, weights, dtype)
    scale = (axes.total_variance / n_features) ** 0.5 or 1.0
    shares = np.full(n_samples, 1 / n_samples) if weights is None else weights / weights.sum()
    # All that is looked for is found in the few axes that tell of rows or target.
    basis = _orthonormal(axes.components, directions)
    rows = _project(X, axes.mean, basis)
    covariance = rows.T @ (rows * shares[:, None])
    said = _leading(covariance, basis @ directions, min(n_components, directions.shape[1]))
    left = covariance - covariance @ said @ said.T @ covariance
    values, vectors = np.linalg.eigh(left)
    n_left = n_components - said.shape[1]
    variances, others = values[::-1][:n_left], vectors[:, ::-1][:, :n_left]
    kept = variances > NEGLIGIBLE * max(np.trace(covariance), 0)
    variances, others = variances[kept], others[:, kept]
    others = others - said @ (said.T @ covariance @ others)
    first = axes.variances[0] if len(axes.variances) else 1.0
    deviations = np.sqrt(np.append(np.full(said.shape[1], first), variances))
    whitened = np.column_stack([said, others / np.sqrt(variances)])
    # What each number of the code tells of each column, by the rows themselves.
    codes = rows @ whitened
    told = _products(X, axes.mean, codes * shares[:, None])
    return LinearPath(
        axes.mean,
        scale,
        axes.mean,
        scale,
        (basis.T @ whitened * deviations).T,
        told.T / deviations[:, None],
        deviations**2,
    )


def _orthonormal(components: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """An orthonormal basis, as rows, of axes and of what directions have beyond them."""
    beyond = directions - components.T @ (components @ directions)
    lengths = np.linalg.norm(directions, axis=0)
    beyond = beyond[:, np.linalg.norm(beyond, axis=0) > 1e-6 * lengths]
    left, values, _ = np.linalg.svd(beyond, full_matrices=False)
    left = left[:, values > 1e-6 * values[:1].sum()]
    return np.vstack([components, (left - components.T @ (components @ left)).T])


def _leading(covariance: np.ndarray, directions: np.ndarray, n_most: int) -> np.ndarray:
    """Uncorrelated directions of variance one: those in which the target's differ most, first."""
    said = directions.T @ covariance @ directions
    values, vectors = np.linalg.eigh(said)
    values, vectors = values[::-1][:n_most], vectors[:, ::-1][:, :n_most]
    kept = values > NEGLIGIBLE * max(values.max(initial=0), 1e-300)
    return directions @ vectors[:, kept] / np.sqrt(values[kept])


def _project(X: Any, mean: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Centred rows in the coordinates of a basis."""
    if sparse.issparse(X):
        return np.asarray(X @ basis.T) - mean @ basis.T
    found = np.empty((X.shape[0], len(basis)))
    size = rows_at_once(X.shape[1])
    for start in range(0, len(X), size):
        found[start : start + size] = (X[start : start + size] - mean) @ basis.T
    return found


def _products(X: Any, mean: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sums over rows of each centred cell times each number of the row's code."""
    if sparse.issparse(X):
        return np.asarray(X.T @ codes) - np.outer(mean, codes.sum(axis=0))
    found = np.zeros((X.shape[1], codes.shape[1]))
    size = rows_at_once(X.shape[1])
    for start in range(0, len(X), size):
        rows = slice(start, start + size)
        found += (X[rows] - mean).T @ codes[rows]
    return found
