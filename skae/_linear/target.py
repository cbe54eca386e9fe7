"""The linear code that knows a target: its directions, then the principal axes of what is left."""

from typing import Any

import numpy as np
import torch

from skae._linear.axes import covariance_times, principal_axes
from skae._linear.path import LinearPath

MORE_AXES = 64
"""Axes beyond those of the code, among which the axes of what is left are found."""

LEADING_WEIGHT = 0.3
"""From this weight on the target comes before all that the rows themselves tell,"""

ALL_ELSE = 1e3
"""with this count."""

NEGLIGIBLE = 1e-10
"""A direction with less of the variance than this share of the first is a rounding error."""


def target_path(
    X: Any,
    directions: np.ndarray,
    target_weight: float,
    n_components: int,
    seed: int,
    weights: np.ndarray | None = None,
    dtype: str = "float64",
) -> LinearPath:
    """Join the directions of a target and principal axes to one code.

    This is principal covariates regression (de Jong and Kiers, Chemometrics and Intelligent
    Laboratory Systems 14, 1992): each column, uncorrelated with those before, is the one that tells
    most of the rows and, times a weight, of the target. From a weight of 0.3 on the directions of
    the target come first, and the others are the principal axes of what they leave over; with a
    small weight principal axes come first.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    directions : ndarray of float64 of shape (n_features, n_targets)
        Coefficients of the target's regression on the rows.
    target_weight : float
        What the target counts.
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
    >>> path = target_path(X, np.array([[0.0], [0.0], [2.0]]), 1.0, 2, seed=0)
    >>> np.abs(path.projections).argmax(axis=1)
    array([2, 0])
    """
    axes = principal_axes(X, min(n_components + MORE_AXES, *X.shape), seed, weights, dtype)
    scale = (axes.total_variance / X.shape[1]) ** 0.5 or 1.0
    # All that is looked for is found in the few axes that tell of rows or target.
    basis = _orthonormal(axes.components, directions)
    products = covariance_times(X, axes.mean, weights, torch.from_numpy(basis.T.copy())).numpy()
    covariance = basis @ products
    # Uncorrelated coordinates of variance one, and what each tells of the rows.
    values, vectors = np.linalg.eigh(covariance)
    kept = values > NEGLIGIBLE * max(values.max(initial=0), 0)
    values, whitening = values[kept], vectors[:, kept] / np.sqrt(values[kept])
    told_of_target = _target_in(whitening.T @ covariance @ basis @ directions)
    count = ALL_ELSE if target_weight >= LEADING_WEIGHT else target_weight**2
    told = np.diag(values / max(axes.total_variance, 1e-300)) + count * told_of_target
    codes_in = np.linalg.eigh(told)[1][:, ::-1][:, :n_components]
    # A direction of the target is to matter as much as any, however little the rows vary along it.
    variances = np.square(codes_in).T @ values
    is_target = np.einsum("ij,ik,kj->j", codes_in, told_of_target, codes_in) > 0.5
    variances[is_target] = values.max(initial=0)
    deviations, whitened = np.sqrt(variances), whitening @ codes_in
    # What each number of the code tells of each column.
    loadings = products @ whitened
    return LinearPath(
        axes.mean,
        scale,
        axes.mean,
        scale,
        (basis.T @ whitened * deviations).T,
        loadings.T / deviations[:, None],
        variances,
    )


def _orthonormal(components: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """An orthonormal basis, as rows, of axes and of what directions have beyond them."""
    beyond = directions - components.T @ (components @ directions)
    lengths = np.linalg.norm(directions, axis=0)
    beyond = beyond[:, np.linalg.norm(beyond, axis=0) > 1e-6 * lengths]
    left, values, _ = np.linalg.svd(beyond, full_matrices=False)
    left = left[:, values > 1e-6 * values[:1].sum()]
    return np.vstack([components, (left - components.T @ (components @ left)).T])


def _target_in(directions: np.ndarray) -> np.ndarray:
    """What each direction tells of the target, as a quadratic form: one where it tells most."""
    left, lengths, _ = np.linalg.svd(directions, full_matrices=False)
    kept = lengths > NEGLIGIBLE**0.5 * max(lengths.max(initial=0), 1e-150)
    left, lengths = left[:, kept], lengths[kept]
    return (left * np.square(lengths / lengths.max(initial=1e-150))) @ left.T
