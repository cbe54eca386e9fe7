"""The linear code that knows a target: its directions, then the principal axes of what is left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from skae._linear.axes import covariance_times, pca_signs, principal_axes
from skae._linear.path import LinearPath

MORE_AXES = 64
"""Axes beyond those of the code, among which the axes of what is left are found."""

LEADING_WEIGHT = 0.3
"""From this weight on the target comes before all that the rows themselves tell,"""

ALL_ELSE = 1e3
"""with this count."""

NEGLIGIBLE = 1e-10
"""A direction with less of the variance than this share of the first is a rounding error."""


@dataclass(frozen=True)
class TargetedAxes:
    """Directions of a target and principal axes, found once for all that the target may count.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Column means.
    total_variance : float
        Sum of the variances of all columns.
    basis : ndarray of shape (n_directions, n_features)
        Orthonormal; axes and directions lie in it.
    products : ndarray of shape (n_features, n_directions)
        The covariance matrix times the basis.
    whitening : ndarray of shape (n_directions, n_coordinates)
        From the basis to uncorrelated coordinates of variance one.
    values : ndarray of shape (n_coordinates,)
        What each coordinate tells of the rows: its part of their variance.
    told_of_target : ndarray of shape (n_coordinates, n_coordinates)
        What directions between coordinates tell of the target, as a quadratic form: one where they
        tell most.
    """

    mean: np.ndarray
    total_variance: float
    basis: np.ndarray
    products: np.ndarray
    whitening: np.ndarray
    values: np.ndarray
    told_of_target: np.ndarray

    def path(self, target_weight: float, n_components: int) -> LinearPath:
        """Join both to one code.

        Parameters
        ----------
        target_weight : float
            What the target counts beside the rows.
        n_components : int
            Columns of the code.

        Returns
        -------
        path : LinearPath
            A target's direction has the variance of the first principal axis, whatever it is in the
            rows: it is to matter as much in a distance between codes. Its row of ``components`` is
            what the code tells of each column, and of no unit length.
        """
        count = ALL_ELSE if target_weight >= LEADING_WEIGHT else target_weight**2
        told = np.diag(self.values / max(self.total_variance, 1e-300)) + count * self.told_of_target
        codes_in = np.linalg.eigh(told)[1][:, ::-1][:, :n_components]
        # A direction of the target is to matter as much as any, however little the rows vary along.
        variances = np.square(codes_in).T @ self.values
        is_target = np.einsum("ij,ik,kj->j", codes_in, self.told_of_target, codes_in) > 0.5
        variances[is_target] = self.values.max(initial=0)
        deviations, whitened = np.sqrt(variances), self.whitening @ codes_in
        # What each number of the code tells of each column.
        loadings = (self.products @ whitened).T
        signs = pca_signs(loadings)
        scale = (self.total_variance / len(self.mean)) ** 0.5 or 1.0
        return LinearPath(
            self.mean,
            scale,
            self.mean,
            scale,
            signs * (self.basis.T @ whitened * deviations).T,
            signs * loadings / deviations[:, None],
            variances,
        )


def targeted_axes(
    X: Any,
    directions: np.ndarray,
    n_components: int,
    seed: int,
    weights: np.ndarray | None = None,
    dtype: str = "float64",
) -> TargetedAxes:
    """Find all that codes of a target and of the rows are made of.

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
    n_components : int
        Columns of the code, at most.
    seed : int
        Seed of the solvers for wide data.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts.
    dtype : {"float32", "float64"}, default="float64"
        What the centred rows are cast to where axes are found.

    Returns
    -------
    axes : TargetedAxes
        Their ``path`` is a code.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(500, 3)) * [5, 1, 1]
    >>> axes = targeted_axes(X, np.array([[0.0], [0.0], [2.0]]), 2, seed=0)
    >>> np.abs(axes.path(1.0, 2).projections).argmax(axis=1)
    array([2, 0])
    """
    axes = principal_axes(X, min(n_components + MORE_AXES, *X.shape), seed, weights, dtype)
    # All that is looked for is found in the few axes that tell of rows or target.
    basis = _orthonormal(axes.components, directions)
    products = covariance_times(X, axes.mean, weights, torch.from_numpy(basis.T.copy())).numpy()
    covariance = basis @ products
    # Uncorrelated coordinates of variance one, and what each tells of the rows.
    values, vectors = np.linalg.eigh(covariance)
    kept = values > NEGLIGIBLE * max(values.max(initial=0), 0)
    values, whitening = values[kept], vectors[:, kept] / np.sqrt(values[kept])
    told_of_target = _target_in(whitening.T @ covariance @ basis @ directions)
    return TargetedAxes(
        axes.mean, axes.total_variance, basis, products, whitening, values, told_of_target
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
