"""The rows of former calls in brief: a few weighted rows with the same mean and the same axes."""

from typing import Any

import numpy as np
import torch
from scipy import sparse

from skae._linear.axes import principal_axes
from skae._rows.checks import count_rows
from skae.architectures import is_far


def rows_in_brief(
    X: Any, weights: np.ndarray, n_axes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find few weighted rows that a linear method cannot tell from X.

    As in incremental PCA (Ross, Lim, Lin and Yang, "Incremental learning for robust visual
    tracking", 2008) number, mean and leading axes are kept. Given as rows, any method for whole
    tables goes on with them beside new ones.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_columns)
        The rows.
    weights : ndarray of float64 of shape (n_samples,)
        For how many rows each counts.
    n_axes : int
        Number of principal axes to keep, at most.
    seed : int
        Seed of the solvers for wide data.

    Returns
    -------
    rows : ndarray of float64 of shape (2 * n_axes + 2, n_columns)
        The corners of a simplex, each twice, so that both folds of a cross-validation have all of
        them; the mean alone where there is no axis.
    weights : ndarray of float64 of shape (2 * n_axes + 2,)
        The same for all; in sum what all rows of X count.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0], [1.0, 0.5], [1.0, 0.5]])
    >>> rows, weights = rows_in_brief(X, np.ones(6), 2, seed=0)
    >>> rows.shape, weights.tolist(), rows.mean(axis=0), rows.var(axis=0) / X.var(axis=0)
    ((6, 2), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0], array([1. , 0.5]), array([1., 1.]))
    """
    axes = principal_axes(X, n_axes, seed, weights)
    rows = axes.mean[None]
    if len(axes.variances):
        # Corners that lie alike in all directions: no axis, and no cell, has all of the variance.
        n_corners = len(axes.variances) + 1
        corners = np.random.default_rng(seed).normal(size=(n_corners, n_corners - 1))
        corners, _ = np.linalg.qr(corners - corners.mean(axis=0))
        spread = np.sqrt(axes.variances * n_corners)[:, None] * axes.components
        rows = (axes.mean + corners @ spread).repeat(2, axis=0)
    return rows, np.full(len(rows), weights.sum() / len(rows))


def stack_rows(
    seen: tuple[np.ndarray, np.ndarray], X: Any, weights: np.ndarray | None
) -> tuple[Any, np.ndarray]:
    """Put new rows below those of former calls.

    Parameters
    ----------
    seen : tuple of ndarray
        Rows and weights from ``rows_in_brief``.
    X : ndarray or CSR array of shape (n_samples, n_columns)
        The new rows.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each of them counts, beside each other.

    Returns
    -------
    X : ndarray or CSR array of shape (n_seen + n_samples, n_columns)
        All rows, in the dtype of the new ones, or in float64 where float32 would lose digits of
        the former.
    weights : ndarray of float64 of shape (n_seen + n_samples,)
        What each counts.

    Examples
    --------
    >>> stack_rows((np.ones((1, 2)), np.array([4.0])), np.zeros((1, 2)), None)
    (array([[1., 1.],
           [0., 0.]]), array([4., 1.]))
    """
    rows, counts = seen
    mean = torch.from_numpy(rows.mean(axis=0))
    if not is_far(mean, rows.std(axis=0).mean() or 1.0):
        rows = rows.astype(X.dtype)
    both: Any = [sparse.csr_array(rows), X] if sparse.issparse(X) else [rows, X]
    stack = sparse.vstack(both, "csr") if sparse.issparse(X) else np.concatenate(both)
    return stack, np.concatenate([counts, count_each(weights, X.shape[0])])


def count_each(weights: np.ndarray | None, n_samples: int) -> np.ndarray:
    """For how many rows each row counts, whatever the unit of the weights.

    Parameters
    ----------
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts beside the others.
    n_samples : int
        Number of rows.

    Returns
    -------
    counts : ndarray of float64 of shape (n_samples,)
        Whole numbers as they are; others in a unit in which they count one on average.

    Examples
    --------
    >>> count_each(np.array([1.0, 3.0]), 2), count_each(np.array([0.1, 0.3]), 2)
    (array([1., 3.]), array([0.5, 1.5]))
    """
    counts = np.ones(n_samples) if weights is None else weights
    return counts * (count_rows(weights, n_samples) / counts.sum())


def merge_equal_rows(X: Any, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Let one of several equal rows count for all of them.

    A copy of a row that is left out is no new row to be judged by.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts, as in ``count_each``.

    Returns
    -------
    rows : ndarray of shape (n_different, n_features)
        Rows that differ, dense, in the order in which they are first seen.
    counts : ndarray of shape (n_different,)
        For how many rows each of them counts.

    Examples
    --------
    >>> merge_equal_rows(np.array([[2.0], [1.0], [2.0]]), None)
    (array([[2.],
           [1.]]), array([2., 1.]))
    """
    rows = X.toarray() if sparse.issparse(X) else X
    counts = count_each(weights, len(rows))
    numbers: dict[bytes, int] = {}
    which = [numbers.setdefault(row.tobytes(), len(numbers)) for row in rows]
    if len(numbers) == len(rows):
        return rows, counts
    first = np.unique(which, return_index=True)[1]
    return rows[first], np.bincount(which, counts)
