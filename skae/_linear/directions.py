"""The linear directions that tell most of a target: of classes, or of real numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import StratifiedKFold

PENALTIES = np.logspace(-6, 2, 17)
"""Penalties of the squared error that are tried, as shares of the rows' mean square."""

MOST_ROWS, MOST_ROWS_TO_CHOOSE = 20_000, 4000
"""So many rows are enough for the coefficients, and for their penalty, by leaving each out."""

FEW_ROWS, FEW_WEIGHTS = 2000, 2**14
"""Up to these numbers of labelled rows and of coefficients, logistic regressions are tried, too."""

RIDGES = (0.001, 0.03, 0.3)
LOGISTICS = (0.03, 0.1, 0.3, 1.0)
"""What is tried for classes of few rows: penalties of the one, and inverse penalties of the other
kind of regression."""

N_FOLDS = 5


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
    order = np.random.default_rng(seed).permutation(len(Y))
    rows = order[:MOST_ROWS]
    (X, deviations), Y = _scale_columns(X[rows]), Y[rows]
    counts = weights[rows]
    n = min(len(Y), MOST_ROWS_TO_CHOOSE)
    chosen = RidgeCV(alphas=PENALTIES * n).fit(X[:n], Y[:n], counts[:n])
    ridge = Ridge(alpha=chosen.alpha_ * len(Y) / n, tol=1e-6)
    return _as_columns(ridge.fit(X, Y, counts).coef_) / deviations[:, None]


def directions_of_classes(X: Any, y: np.ndarray, weights: np.ndarray, seed: int) -> np.ndarray:
    """Coefficients of the regression that tells classes apart best.

    For indicators of classes over the roots of their shares, the coefficients of a ridge
    regression span the regularised directions of linear discriminant analysis (Hastie, Buja and
    Tibshirani, "Penalized discriminant analysis", The Annals of Statistics 23, 1995). For few rows
    those of logistic regressions are tried beside them, and the log loss of rows that are left out
    decides.

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
        For two classes one column will do, and there may be one.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> directions = directions_of_classes(X, (X[:, 1] > 0).astype(int), np.ones(100), seed=0)
    >>> bool(np.abs(directions[1, 0]) > 5 * np.abs(directions[0, 0]))
    True
    """
    shares = np.bincount(y, weights) / weights.sum()
    Y = np.eye(len(shares))[y] / np.sqrt(shares) - np.sqrt(shares)
    is_small = len(y) <= FEW_ROWS and X.shape[1] * len(shares) <= FEW_WEIGHTS
    n_folds = min(N_FOLDS, np.bincount(y).min())
    if not is_small or n_folds < 2:
        return directions_of_numbers(X, Y, weights, seed)
    X, deviations = _scale_columns(X)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    losses = np.zeros(len(RIDGES) + len(LOGISTICS))
    for kept, left_out in folds.split(X, y):
        for number, found in enumerate(_candidates(X[kept], Y[kept], y[kept], weights[kept])):
            codes = np.asarray(X @ found)
            unit = codes[kept].std(axis=0).max() or 1.0
            judge = LogisticRegression(C=1.0, max_iter=300).fit(
                codes[kept] / unit, y[kept], weights[kept]
            )
            said = judge.predict_log_proba(codes[left_out] / unit)
            losses[number] -= weights[left_out] @ said[np.arange(len(left_out)), y[left_out]]
    best = list(_candidates(X, Y, y, weights))[int(losses.argmin())]
    return best / deviations[:, None]


def _candidates(X: Any, Y: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Iterator[np.ndarray]:
    for penalty in RIDGES:
        yield _as_columns(Ridge(penalty * len(y)).fit(X, Y, weights).coef_)
    for inverse in LOGISTICS:
        yield _as_columns(LogisticRegression(C=inverse, max_iter=300).fit(X, y, weights).coef_)


def _scale_columns(X: Any) -> tuple[Any, np.ndarray]:
    """Rows of float64 whose columns have mean zero and variance one, and their deviations.

    Sparse rows are not centred. A constant column is left as it is.
    """
    if sparse.issparse(X):
        mean = np.asarray(X.mean(axis=0)).ravel()
        deviations = np.sqrt(np.maximum(np.asarray(X.power(2).mean(axis=0)).ravel() - mean**2, 0))
        deviations[deviations == 0] = 1.0
        return (X / deviations).tocsr(), deviations
    X = X.astype(np.float64) - X.mean(axis=0, dtype=np.float64)
    deviations = X.std(axis=0)
    deviations[deviations == 0] = 1.0
    return X / deviations, deviations


def _as_columns(coefficients: np.ndarray) -> np.ndarray:
    return np.atleast_2d(coefficients).T.astype(np.float64)
