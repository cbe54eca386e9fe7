"""Robust scales and Gaussian distributions of rows among which there may be outliers."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy import sparse

from skae._linear.axes import PrincipalAxes, principal_axes
from skae.architectures import Ellipsoid

TAIL = 0.01
"""The share of a column's values at each end that do not stretch its scale: a few wild cells do
not, and a value that some rows in a hundred have is not made a wild one."""

TRIMMED = 0.25
"""The share of rows, the farthest out, without which an ellipsoid is fitted again."""

N_ROUNDS = 4
"""It is then nearly the same from round to round."""

MAX_ROWS = 20_000
MAX_CELLS = 2**24
"""Bounds of the rows that robust estimates are made from: more make them no better."""

MAX_AXES = 512
"""The others have one variance together, so that an ellipsoid of wide rows is not their square."""

FENCE = 1.5
"""A row is an outlier from so many quartile ranges beyond the upper quartile on, of logarithms."""

FLOOR = 1e-6
"""The least variance of a direction, as a share of the mean one. Where all rows vary by less, a
direction has none."""

LEAST_OF_OTHERS = 1e-3
"""The same for directions in which some rows vary, and perhaps none of those that are not far."""


def dense_sample(
    X: Any, weights: np.ndarray | None, generator: torch.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take rows to estimate from: all of a table that is small, else as many as are enough.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    weights : ndarray of shape (n_samples,), or None
        What each row counts.
    generator : torch.Generator
        Draws the rows.

    Returns
    -------
    rows : ndarray of float64 of shape (n, n_features)
        Dense.
    weights : ndarray of shape (n,)
        What each of them counts.
    index : ndarray of shape (n,)
        Where they stand in X, in ascending order.
    """
    n_samples, n_features = X.shape
    n = min(n_samples, MAX_ROWS, max(2, MAX_CELLS // n_features))
    index = np.arange(n_samples)
    if n < n_samples:
        index = torch.randperm(n_samples, generator=generator)[:n].sort().values.numpy()
    rows = X[index]
    rows = (rows.toarray() if sparse.issparse(rows) else rows).astype(np.float64)
    return rows, np.ones(n) if weights is None else weights[index], index


def quantile(values: np.ndarray, share: float, weights: np.ndarray) -> np.ndarray:
    """The least value that has a share of all weight up to it, for each column.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, n_columns)
        Numbers.
    share : float
        Between 0 and 1.
    weights : ndarray of shape (n,)
        What each row counts.

    Returns
    -------
    quantile : ndarray of shape () or (n_columns,)
        A value of each column.

    Examples
    --------
    >>> float(quantile(np.array([3.0, 1.0, 2.0]), 0.5, np.ones(3)))
    2.0
    """
    order = values.argsort(axis=0)
    reached = weights[order].cumsum(axis=0)
    # Sums of shares may fall short of them by a rounding.
    index = (reached < share * reached[-1] * (1 - 1e-12)).sum(axis=0, keepdims=True)
    return np.take_along_axis(values, np.take_along_axis(order, index, axis=0), axis=0)[0]


def column_scales(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Find a scale for each column that outliers do not stretch.

    It is the standard deviation of the values with both tails drawn in; where that is zero, as in
    columns that are nearly always the same, that of all values.

    Parameters
    ----------
    rows : ndarray of float64 of shape (n, n_features)
        Among which there may be outliers.
    weights : ndarray of shape (n,)
        What each row counts.

    Returns
    -------
    scales : ndarray of shape (n_features,)
        Above zero; that of a constant column is the size of its value, or one.

    Examples
    --------
    >>> rows = np.array([[-1.0, 5.0], [1.0, 5.0]] * 50 + [[1e6, 5.0]])
    >>> column_scales(rows, np.ones(101)).round(2)
    array([1., 5.])
    """
    low, high = (quantile(rows, share, weights) for share in (TAIL, 1 - TAIL))
    drawn_in, whole = (_deviations(part, weights) for part in (np.clip(rows, low, high), rows))
    rounding, size = np.finfo(np.float32).eps, np.abs(rows).max(axis=0)
    # Values that are equal differ by their roundings.
    varies = drawn_in > rounding * np.maximum(np.abs(low), np.abs(high))
    scales = np.where(varies, drawn_in, whole)
    is_constant = ~varies & (whole <= rounding * size)
    return np.where(is_constant, np.where(size > 0, size, 1.0), scales)


def _deviations(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    centred = rows - np.average(rows, axis=0, weights=weights)
    return np.sqrt(np.average(np.square(centred), axis=0, weights=weights))


def fit_ellipsoid(
    rows: np.ndarray, weights: np.ndarray, seed: int, least: float = 0.0
) -> Ellipsoid:
    """Fit a Gaussian distribution to rows.

    Each axis has a variance of its own, drawn towards the mean of all by as much as so few rows ask
    for (Chen, Wiesel, Eldar and Hero, "Shrinkage algorithms for MMSE covariance estimation", 2010).

    Parameters
    ----------
    rows : ndarray of float64 of shape (n, n_features)
        What it is fitted to.
    weights : ndarray of shape (n,)
        What each row counts.
    seed : int
        Of the solver for wide rows.
    least : float, default=0
        The least variance of a direction, beside a millionth of the mean one.

    Returns
    -------
    ellipsoid : Ellipsoid
        In float64.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(1000, 2))
    >>> fit_ellipsoid(rows, np.ones(1000), 0).deviations.round(decimals=1)
    tensor([1., 1.], dtype=torch.float64)
    """
    n, n_features = rows.shape
    axes = principal_axes(rows, min(n_features, MAX_AXES), seed, weights)
    mean = axes.total_variance / n_features
    n_others = n_features - len(axes.variances)
    rest = max(0.0, axes.total_variance - axes.variances.sum()) / max(1, n_others)
    shrinkage = _oracle_shrinkage(axes.variances, mean, n, n_features)
    floor = max(FLOOR * mean, least) or 1.0
    variances, rest = (
        np.maximum((1 - shrinkage) * part + shrinkage * mean, floor)
        for part in (axes.variances, np.float64(rest))
    )
    return _ellipsoid(axes.mean, axes.components, variances, rest)


def _ellipsoid(
    mean: np.ndarray, components: np.ndarray, variances: np.ndarray, rest: float
) -> Ellipsoid:
    parts = mean, components, np.sqrt(variances), np.sqrt(rest)
    return Ellipsoid(*(torch.from_numpy(np.array(part, np.float64)) for part in parts))


def _count(variances: np.ndarray, total: float, share: float) -> int:
    """How many axes explain a share of the variance."""
    explained = variances.cumsum() / (total or 1.0)
    return max(1, min(int(np.searchsorted(explained, share)) + 1, len(variances)))


def _oracle_shrinkage(variances: np.ndarray, mean: float, n: int, n_features: int) -> float:
    """How far to draw variances towards their mean, as ``sklearn.covariance.OAS`` does."""
    square = np.square(variances).sum() / n_features**2
    spread = (n + 1) * (square - mean**2 / n_features)
    return 1.0 if spread <= 0 else float(min(1.0, (square + mean**2) / spread))


def fit_trimmed_ellipsoid(
    rows: np.ndarray, weights: np.ndarray, seed: int, axes: float | int, trimmed: float = TRIMMED
) -> tuple[Ellipsoid, np.ndarray, int]:
    """Fit probabilistic PCA to the rows that are not far out by its own measure.

    The first of these are those nearest to the medians of the columns, which a crowd of outliers
    does not draw towards itself.

    Some axes have a variance of their own, all other directions the mean of theirs (Tipping and
    Bishop, "Probabilistic principal component analysis", 1999), but for those in which no row
    varies at all.

    Parameters
    ----------
    rows, weights, seed : object
        As in ``fit_ellipsoid``; columns have been scaled.
    axes : float or int
        The share of the variance that those axes explain, or how many they are.
    trimmed : float, default=0.25
        The share of rows that it is fitted without, in each round.

    Returns
    -------
    ellipsoid : Ellipsoid
        In float64.
    kept : ndarray of bool of shape (n,)
        The rows that it was fitted to.
    n_axes : int
        Axes that have a variance of their own.

    Examples
    --------
    >>> rows = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> ellipsoid, kept, n_axes = fit_trimmed_ellipsoid(rows, np.ones(4), 0, 1, trimmed=0)
    >>> round(float(ellipsoid.rest**2), 9), n_axes
    (0.5, 1)
    """
    n_features = rows.shape[1]
    squares = np.square(rows - quantile(rows, 0.5, weights)).sum(axis=1)
    found = principal_axes(rows, min(n_features, MAX_AXES), seed, weights)
    span = _span(found, len(rows))
    whole, left = None, np.zeros(len(rows))
    if n_features > MAX_AXES:
        # Wide rows are known by their places along these axes, and by how much is left of each,
        # which makes a small problem of each round.
        whole, centred = found, rows - found.mean
        rows = centred @ whole.components.T
        left = np.maximum(np.square(centred).sum(axis=1) - np.square(rows).sum(axis=1), 0)
        span = None if span is None else span @ whole.components.T
    for _ in range(N_ROUNDS):
        kept = squares <= quantile(squares, 1 - trimmed, weights)
        found = principal_axes(rows[kept], rows.shape[1], seed, weights[kept])
        total = found.total_variance + np.average(left[kept], weights=weights[kept])
        found = replace(found, total_variance=total)
        ellipsoid, n_axes = _probabilistic_pca(found, axes, span, n_features)
        squares = ellipsoid.whiten(torch.from_numpy(rows)).square().sum(dim=1).numpy()
        squares = squares + left / float(ellipsoid.rest) ** 2
    if whole is not None:
        turn = torch.from_numpy(np.ascontiguousarray(whole.components))
        centre = ellipsoid.centre @ turn + torch.from_numpy(whole.mean)
        ellipsoid = Ellipsoid(centre, ellipsoid.axes @ turn, ellipsoid.deviations, ellipsoid.rest)
    return ellipsoid, kept, n_axes


def _span(axes: PrincipalAxes, n: int) -> np.ndarray | None:
    """The axes along which rows vary; None where there are others that nothing is known of."""
    n_features = axes.components.shape[1]
    varies = axes.variances > FLOOR * axes.total_variance / n_features
    rank = int(varies.sum())
    # Rows of which there are not enough to fill a space leave most of it empty by that alone.
    is_known = rank < min(n_features, MAX_AXES, n - 1)
    return axes.components[varies] if is_known else None


def _probabilistic_pca(
    axes: PrincipalAxes, wanted: float | int, span: np.ndarray | None, n_features: int
) -> tuple[Ellipsoid, int]:
    total, variances = axes.total_variance, axes.variances
    n_axes = wanted if isinstance(wanted, int) else _count(variances, total, wanted)
    n_axes = min(n_axes, len(variances))
    variances, components = variances[:n_axes], axes.components[:n_axes]
    mean = total / n_features or 1.0
    rank = n_features if span is None else len(span)
    others = max(0.0, total - variances.sum()) / max(1, rank - n_axes)
    others = max(others, LEAST_OF_OTHERS * mean)
    variances = np.maximum(variances, others)
    if span is None or rank < n_axes:
        return _ellipsoid(axes.mean, components, variances, others), n_axes
    # All axes of the span, so that the rest are those directions in which no row varies.
    left = span - (span @ components.T) @ components
    _, _, further = np.linalg.svd(left, full_matrices=False)
    components = np.vstack([components, further[: rank - n_axes]])
    variances = np.append(variances, np.full(rank - n_axes, others))
    return _ellipsoid(axes.mean, components, variances, FLOOR * mean), n_axes


def typical(squares: np.ndarray, weights: np.ndarray) -> float:
    """The mean without the quarter that is farthest out.

    Parameters
    ----------
    squares : ndarray of shape (n,)
        Squared distances.
    weights : ndarray of shape (n,)
        What each row counts.

    Returns
    -------
    typical : float
        Above zero: where the mean is not, that of all, and at last one.

    Examples
    --------
    >>> typical(np.array([1.0, 2.0, 3.0, 1e9]), np.ones(4))
    2.0
    """
    near = squares <= quantile(squares, 1 - TRIMMED, weights)
    means = (np.average(squares[some], weights=weights[some]) for some in (near, near | True))
    return next((float(mean) for mean in means if mean > 0), 1.0)


def outer_fence(outlyingness: np.ndarray, weights: np.ndarray) -> float:
    """Where outliers begin: Tukey's fence of the logarithms, which are nearly symmetric.

    Parameters
    ----------
    outlyingness : ndarray of shape (n,)
        At least zero.
    weights : ndarray of shape (n,)
        What each row counts.

    Returns
    -------
    fence : float
        Rows above it are outliers.

    Examples
    --------
    >>> round(outer_fence(np.array([1.0, 1.0, 2.0, 2.0]), np.ones(4)), 3)  # 2 * 2**1.5
    5.657
    """
    tiny = np.finfo(np.float64).tiny
    low, high = (np.log(quantile(outlyingness, q, weights) + tiny) for q in (0.25, 0.75))
    return float(np.exp(high + FENCE * (high - low)))


def scaled_rows(X: Any, scales: np.ndarray) -> Any:
    """Divide the columns of rows.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows; left as they are.
    scales : ndarray of shape (n_features,)
        What each column is divided by.

    Returns
    -------
    scaled : ndarray or CSR array
        In the dtype of X.

    Examples
    --------
    >>> scaled_rows(np.array([[2.0, 3.0]]), np.array([2.0, 1.0]))
    array([[1., 3.]])
    """
    if not sparse.issparse(X):
        return np.divide(X, scales, dtype=X.dtype)
    X = X.copy()
    X.data = np.divide(X.data, scales[X.indices], dtype=X.dtype)
    return X
