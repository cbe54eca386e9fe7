"""The best linear denoiser of a given rank: reduced-rank ridge regression, noisy to clean."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from scipy import linalg

from skae._linear.axes import MAX_GRAM_FEATURES, pca_signs, principal_axes
from skae._linear.moments import BLOCK_CELLS, column_means, rounding_variances
from skae._linear.path import LinearPath
from skae._rows.batches import Pairs

N_NOISY_ROWS = 20_000
"""Few rows are corrupted again and again until there are this many."""

MAX_PASSES = 200
N_WIDE_AXES = 512
PENALTIES = np.logspace(-6, 1, 15)
"""Ridge penalties tried, as multiples of the mean variance of a source column."""


def linear_denoiser(pairs: Pairs, n_components: int, seed: int) -> LinearPath:
    """Fit reduced-rank ridge regression from corrupted source rows to target rows.

    The penalty is chosen by two-fold cross-validation; the rank is reduced by a projection on
    the leading principal axes of the fitted rows (Mukherjee and Zhu, "Reduced rank ridge
    regression and its kernel extensions", 2011). Targets wider than 2,048 columns are replaced
    by their 512 leading principal axes, source rows by their projections on these.

    Parameters
    ----------
    pairs : Pairs
        The data and their corruption.
    n_components : int
        Rank that is wanted; 0 gives means and scales alone.
    seed : int
        Seed of the corruption and of the randomised solvers for wide data.

    Returns
    -------
    path : LinearPath
        At most of that rank.

    Raises
    ------
    ValueError
        If the corruption makes values that are not finite.

    Examples
    --------
    >>> clean = torch.arange(100.0).reshape(100, 1) @ torch.ones(1, 4)
    >>> noisy = clean + torch.randn(100, 4, generator=torch.Generator().manual_seed(0))
    >>> linear_denoiser(Pairs(noisy, clean), 2, seed=0).components.shape
    (1, 4)
    """
    n_features = pairs.source.shape[1]
    target = pairs.source if pairs.target is None else pairs.target
    # Wide rows are regressed on a few axes of the target in place of all columns.
    axes = _axes_for_regression(target, pairs.weights, n_components, seed)
    # Moments of clean rows about their means: near zero, they lose nothing to rounding.
    source_shift = column_means(_on_cpu(pairs.source), pairs.weights)
    target_mean = column_means(_on_cpu(target), pairs.weights)
    grams: list[Any] = [0.0, 0.0]
    n_rows, source_squares = 0.0, 0.0
    source_sum, target_squares = np.zeros(n_features), np.zeros(n_features)
    for source, clean, weights in _noisy_blocks(pairs, seed):
        z, t = source - source_shift, clean - target_mean
        # Sums over all columns give means and scales of what is encoded and reconstructed.
        n_rows += weights.sum()
        weighted = _weigh(z, weights)
        source_sum += weighted.sum(axis=0)
        source_squares += np.vdot(weighted, z)
        target_squares += (_weigh(t, weights) * t).sum(axis=0)
        # The moments of the regression, in two halves that cross-validation chooses by.
        if axes is not None:
            z, t = z @ axes.T, t @ axes.T
        one = np.ones((len(z), 1))
        left, right = _weigh(np.hstack([z, one]), weights), np.hstack([z, t, one])
        for fold in (0, 1):
            half = slice(fold, None, 2)
            grams[fold] += left[half].T @ right[half]
    # What the noise adds to the mean belongs to the mean.
    offset = source_sum / n_rows
    source_variance = max(0.0, source_squares / n_rows - offset @ offset)
    if axes is None:
        kind = str(target.dtype).removeprefix("torch.")
        rounding = rounding_variances(
            kind, kind, target_mean, target_squares / n_rows, target.shape[0]
        )
    else:
        rounding = np.zeros(len(axes))  # which are no rounding
    projections, components, variances = _reduced_rank_ridge(grams, n_components, rounding)
    if axes is not None:
        projections, components = projections @ axes, components @ axes
    signs = pca_signs(components)
    return LinearPath(
        mean=source_shift + offset,
        scale=(source_variance / n_features) ** 0.5 or 1.0,
        target_mean=target_mean,
        target_scale=(target_squares.sum() / n_rows / n_features) ** 0.5 or 1.0,
        projections=signs * projections,
        components=signs * components,
        variances=variances,
    )


def _on_cpu(X: Any) -> Any:
    return X.cpu().numpy() if isinstance(X, torch.Tensor) else X


def _weigh(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return rows if (weights == 1).all() else rows * weights[:, None]


def _axes_for_regression(
    target: Any, weights: np.ndarray | None, n_components: int, seed: int
) -> np.ndarray | None:
    """Axes to regress on in place of the columns; None where the columns are few enough."""
    n_samples, n_features = target.shape
    if n_components == 0:
        return np.empty((0, n_features))
    if n_features <= MAX_GRAM_FEATURES:
        return None
    n_axes = min(n_samples, n_features, max(N_WIDE_AXES, n_components))
    return principal_axes(_on_cpu(target), n_axes, seed, weights).components


def _noisy_blocks(pairs: Pairs, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Source, target and weights of blocks, about 16 MB each, for as long as the noise needs."""
    generator = torch.Generator(pairs.device).manual_seed(seed)
    n_samples, n_features = pairs.source.shape
    weights = np.ones(n_samples) if pairs.weights is None else pairs.weights
    # Few rows are seen with many draws of the noise.
    n_passes = 1
    if pairs.corruption is not None:
        n_passes = min(MAX_PASSES, -(-N_NOISY_ROWS // n_samples))
    size = max(2, BLOCK_CELLS // n_features)
    for _ in range(n_passes):
        for start in range(0, n_samples, size):
            rows = slice(start, start + size)
            source, target = pairs.take(rows, generator)
            if not source.isfinite().all():
                raise ValueError(
                    f"The noise {pairs.corruption!r} returned values that are not finite. Lower "
                    "its level, or divide X by a constant."
                )
            noisy, clean = (x.cpu().numpy().astype(np.float64) for x in (source, target))
            yield noisy, clean, weights[rows]


def _covariances(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of the source, and of source with target, from [z 1]' [z t 1]."""
    n_rows = max(1.0, gram[-1, -1])
    centred = gram[:-1, :-1] / n_rows - np.outer(gram[:-1, -1], gram[-1, :-1]) / n_rows**2
    return centred[:, : len(centred)], centred[:, len(centred) :]


def _reduced_rank_ridge(
    grams: list[np.ndarray], n_components: int, rounding: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Projections, components and variances of the code."""
    source_source, source_target = _covariances(grams[0] + grams[1])
    n_columns = len(source_source)
    unit = float(np.trace(source_source)) / max(1, n_columns)
    # Variance this far below the mean square is rounding: the source is constant.
    if unit <= 1e-12 * np.trace((grams[0] + grams[1])[:-1, :-1]):
        return np.empty((0, n_columns)), np.empty((0, n_columns)), np.empty(0)
    penalty = _choose_penalty(grams) * unit
    ridge = linalg.solve(source_source + penalty * np.eye(n_columns), source_target, assume_a="pos")
    # The covariance of the fitted rows, the penalty's share included.
    fitted = source_target.T @ ridge
    rank = min(n_components, n_columns)
    strengths, vectors = linalg.eigh(
        (fitted + fitted.T) / 2, subset_by_index=(n_columns - rank, n_columns - 1)
    )
    components = vectors.T[::-1]
    projections = components @ ridge.T
    variances = np.einsum("ij,jk,ik->i", projections, source_source, projections, optimize=True)
    # Below this share of the first, or of the cells' roundings, directions are rounding errors.
    least = np.maximum(np.square(components) @ rounding, 1e-12 * strengths[-1])
    kept = (strengths[::-1] > least) & (variances > 1e-14 * variances.max())
    return projections[kept], components[kept], variances[kept]


def _choose_penalty(grams: list[np.ndarray]) -> float:
    """The penalty with the least error on the half that it was not fitted on."""
    halves = [_covariances(gram) for gram in grams]
    errors = np.zeros(len(PENALTIES))
    for (source_source, source_target), (held_source, held_target) in (halves, halves[::-1]):
        variances, axes = linalg.eigh(source_source)
        variances = variances.clip(min=0)
        target = axes.T @ source_target
        held_source, held_target = axes.T @ held_source @ axes, axes.T @ held_target
        for number, penalty in enumerate(PENALTIES):
            shrunk = variances + penalty * max(variances.mean(), np.finfo(float).tiny)
            ridge = target / shrunk[:, None]
            # The squared error less that of the mean, which no penalty changes.
            errors[number] += np.vdot(ridge, held_source @ ridge - 2 * held_target)
    return float(PENALTIES[errors.argmin()])
