"""The linear directions that tell most of a target: of classes, or of real numbers."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV

from skae._linear.axes import MAX_GRAM_FEATURES
from skae._linear.moments import column_means, column_variances

PENALTIES = np.logspace(-6, 2, 17)
"""Penalties of the squared error that are tried, as shares of the rows' mean square."""

MOST_ROWS, MOST_ROWS_TO_CHOOSE = 20_000, 4000
"""So many rows are enough for the coefficients, and for their penalty where columns are many."""

NEGLIGIBLE = 1e-12
"""A direction with less of the rows than this share of the first is a rounding error."""

FEW_ROWS, FEW_WEIGHTS = 2000, 2**14
"""Up to these numbers of rows and of coefficients, a logistic regression is worth its time."""

INVERSE_PENALTY = 0.1
"""Of the logistic regression, on columns of variance one."""

COUNT_OF_DISCRIMINANTS = 2.0
"""What the discriminant analysis counts beside it."""


def directions_of_numbers(X: Any, Y: np.ndarray, weights: np.ndarray, seed: int) -> np.ndarray:
    """Coefficients of a ridge regression, its penalty chosen by rows that are left out in turn.

    Columns are scaled first, so that their units make no difference.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows whose target is known.
    Y : ndarray of float64 of shape (n_samples, n_targets)
        The target.
    weights : ndarray of float64 of shape (n_samples,)
        What each row counts.
    seed : int
        Of the rows that are taken, where they are many.

    Returns
    -------
    directions : ndarray of float64 of shape (n_features, n_targets)
        Not orthonormal, and of no particular length.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> directions_of_numbers(X, X[:, [1]], np.ones(100), seed=0).round(2)
    array([[0.],
           [1.]])
    """
    some = np.random.default_rng(seed).permutation(len(Y))[:MOST_ROWS]
    rows, deviations = _scale_columns(X[some], weights[some])
    return _ridge(rows, Y[some], weights[some]) / deviations[:, None]


def directions_of_classes(X: Any, y: np.ndarray, weights: np.ndarray, seed: int) -> np.ndarray:
    """Coefficients of the regression that tells classes apart best.

    For indicators of classes over the roots of their shares, the coefficients of a ridge
    regression span the regularised directions of linear discriminant analysis (Hastie, Buja and
    Tibshirani, "Penalized discriminant analysis", The Annals of Statistics 23, 1995). For few rows
    they are averaged with those of a logistic regression, which needs no normal classes: neither is
    better on all tables, and to choose by left-out rows is to choose by luck.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows whose class is known.
    y : ndarray of int of shape (n_samples,)
        Numbers of their classes, from 0 on, each of them there.
    weights, seed : object
        As in ``directions_of_numbers``.

    Returns
    -------
    directions : ndarray of float64 of shape (n_features, n_classes)
        Of no particular length.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> directions = directions_of_classes(X, (X[:, 1] > 0).astype(int), np.ones(100), seed=0)
    >>> bool(np.abs(directions[1, 0]) > 5 * np.abs(directions[0, 0]))
    True
    """
    shares = np.bincount(y, weights) / weights.sum()
    Y = np.eye(len(shares))[y] / np.sqrt(shares) - np.sqrt(shares)
    if len(y) > FEW_ROWS or X.shape[1] * len(shares) > FEW_WEIGHTS:
        return directions_of_numbers(X, Y, weights, seed)
    rows, deviations = _scale_columns(X, weights)
    logistic = LogisticRegression(C=INVERSE_PENALTY, max_iter=300).fit(rows, y, weights)
    more = _as_columns(logistic.coef_)
    if len(shares) == 2:
        more = np.hstack([-more, more])
    # Each over the root of the variance of all that it says.
    parts = (COUNT_OF_DISCRIMINANTS, _ridge(rows, Y, weights)), (1.0, more)
    said = [np.asarray(rows @ part) for _, part in parts]
    variances = [column_variances(of, column_means(of, weights), weights).sum() for of in said]
    total = sum(
        count * part / (float(variance) ** 0.5 or 1.0)
        for (count, part), variance in zip(parts, variances, strict=True)
    )
    return total / deviations[:, None]


def _ridge(rows: Any, Y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coefficients for scaled rows, the penalty chosen by leaving out rows in turn."""
    is_sparse = sparse.issparse(rows)
    is_wide = is_sparse or rows.shape[1] > MAX_GRAM_FEATURES
    n = min(len(Y), MOST_ROWS_TO_CHOOSE) if is_wide else len(Y)
    if is_sparse:
        total = weights[:n].sum()
        chosen = RidgeCV(alphas=PENALTIES * total).fit(rows[:n], Y[:n], weights[:n])
        coefficients, penalty = _as_columns(chosen.coef_), chosen.alpha_ / total
    else:
        coefficients, penalty = _ridge_path(rows[:n], Y[:n], weights[:n])
    if n == len(Y):
        return coefficients
    ridge = Ridge(alpha=penalty * weights.sum(), tol=1e-6)
    return _as_columns(ridge.fit(rows, Y, weights).coef_)


def _ridge_path(rows: np.ndarray, Y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients and penalty of the least error of rows that are left out, each in turn.

    It is scikit-learn's ``RidgeCV`` by the eigenvectors of the smaller Gram matrix, in a tenth of
    the time.
    """
    counts = np.sqrt(weights)[:, None]
    Z, T = (counts * (part - np.average(part, axis=0, weights=weights)) for part in (rows, Y))
    # Rows in uncorrelated coordinates, and the way back from these.
    if len(Z) >= Z.shape[1]:
        strengths, axes = _directions_there(Z.T @ Z)
        places = Z @ axes
    else:
        strengths, left = _directions_there(Z @ Z.T)
        places, axes = left * np.sqrt(strengths), Z.T @ (left / np.sqrt(strengths))
    told = places.T @ T
    shrunk = 1 / (strengths[:, None] + PENALTIES * weights.sum())
    # What a row says of itself, its part of the means included.
    leverages = np.square(places) @ shrunk + weights[:, None] / weights.sum()
    errors = [
        np.square((T - places @ (of_one[:, None] * told)) / (1 - leverage)[:, None]).sum()
        for of_one, leverage in zip(shrunk.T, leverages.T, strict=True)
    ]
    best = int(np.argmin(errors))
    return axes @ (shrunk[:, best, None] * told), float(PENALTIES[best])


def _directions_there(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a Gram matrix, without those of rounding errors."""
    strengths, vectors = np.linalg.eigh(gram)
    kept = strengths > NEGLIGIBLE * strengths[-1]
    return strengths[kept], vectors[:, kept]


def _scale_columns(X: Any, weights: np.ndarray) -> tuple[Any, np.ndarray]:
    """Rows of float64 whose columns have mean zero and variance one, and their deviations.

    Sparse rows are not centred. A constant column is left as it is.
    """
    mean = column_means(X, weights)
    deviations = np.sqrt(column_variances(X, mean, weights))
    deviations[deviations == 0] = 1.0
    if sparse.issparse(X):
        return (X / deviations).tocsr(), deviations
    return (X - mean) / deviations, deviations


def _as_columns(coefficients: np.ndarray) -> np.ndarray:
    return np.atleast_2d(coefficients).T.astype(np.float64)
