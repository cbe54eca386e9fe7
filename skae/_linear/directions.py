"""The linear directions that tell most of a target: of classes, or of real numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

PENALTIES = np.logspace(-6, 2, 17)
"""Penalties of the squared error that are tried, as shares of the rows' mean square."""

MOST_ROWS_TO_CHOOSE = 4000
"""The penalty is chosen by so many rows, each left out in turn."""

FEW_ROWS, FEW_WEIGHTS = 2000, 2**14
"""Up to these numbers of labelled rows and of coefficients, logistic regressions are tried, too."""

RIDGES = (0.001, 0.01, 0.03, 0.1, 0.3)
LOGISTICS = (0.03, 0.1, 0.3, 1.0)
"""What is tried for classes of few rows: penalties of the one, and inverse penalties of the other
kind of regression."""

N_FOLDS = 5


def directions_of_numbers(
    X: Any, Y: np.ndarray, weights: np.ndarray | None, scale: float, seed: int
) -> np.ndarray:
    """Coefficients of a ridge regression, its penalty chosen by rows that are left out in turn.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows whose target is known.
    Y : ndarray of float64 of shape (n_samples, n_targets)
        The target.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts.
    scale : float
        Root mean square deviation of the rows' cells, the unit of the penalties.
    seed : int
        Of the rows that choose the penalty, where they are many.

    Returns
    -------
    directions : ndarray of float64 of shape (n_features, n_targets)
        Not orthonormal, and of no particular length.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> directions_of_numbers(X, X[:, [1]], None, 1.0, seed=0).round(2)
    array([[0.],
           [1.]])
    """
    some = np.arange(len(Y))
    if len(some) > MOST_ROWS_TO_CHOOSE:
        some = np.random.default_rng(seed).choice(some, MOST_ROWS_TO_CHOOSE, replace=False)
    counts = None if weights is None else weights[some]
    unit = scale**2 * len(some)
    chosen = RidgeCV(alphas=PENALTIES * unit).fit(X[some], Y[some], counts)
    ridge = Ridge(alpha=chosen.alpha_ * len(Y) / len(some), tol=1e-6)
    return _as_columns(ridge.fit(X, Y, weights).coef_)


def directions_of_classes(
    X: Any, y: np.ndarray, weights: np.ndarray | None, scale: float, seed: int
) -> np.ndarray:
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
    weights, scale, seed : object
        As in ``directions_of_numbers``.

    Returns
    -------
    directions : ndarray of float64 of shape (n_features, n_classes)
        For two classes one column will do, and there may be one.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> directions = directions_of_classes(X, (X[:, 1] > 0).astype(int), None, 1.0, seed=0)
    >>> bool(np.abs(directions[1, 0]) > 5 * np.abs(directions[0, 0]))
    True
    """
    counts = np.ones(len(y)) if weights is None else weights
    shares = np.bincount(y, counts) / counts.sum()
    Y = np.eye(len(shares))[y] / np.sqrt(shares) - np.sqrt(shares)
    is_small = len(y) <= FEW_ROWS and X.shape[1] * len(shares) <= FEW_WEIGHTS
    n_folds = min(N_FOLDS, np.bincount(y).min())
    if not is_small or n_folds < 2:
        return directions_of_numbers(X, Y, weights, scale, seed)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    losses = np.zeros(len(RIDGES) + len(LOGISTICS))
    for kept, left_out in folds.split(X, y):
        for number, found in enumerate(_candidates(X[kept], Y[kept], y[kept], counts[kept], scale)):
            codes = np.asarray(X @ found)
            unit = codes[kept].std(axis=0).max() or 1.0
            judge = LogisticRegression(C=1.0, max_iter=300).fit(
                codes[kept] / unit, y[kept], counts[kept]
            )
            said = judge.predict_proba(codes[left_out] / unit)
            losses[number] += log_loss(
                y[left_out], said, sample_weight=counts[left_out], labels=range(len(shares))
            )
    return list(_candidates(X, Y, y, counts, scale))[int(losses.argmin())]


def _candidates(
    X: Any, Y: np.ndarray, y: np.ndarray, weights: np.ndarray, scale: float
) -> Iterator[np.ndarray]:
    for penalty in RIDGES:
        yield _as_columns(Ridge(penalty * scale**2 * len(y)).fit(X, Y, weights).coef_)
    for inverse in LOGISTICS:
        model = LogisticRegression(C=inverse, max_iter=300).fit(X / scale, y, weights)
        coefficients = _as_columns(model.coef_)
        yield coefficients - coefficients.mean(axis=1, keepdims=coefficients.shape[1] > 1) * (
            coefficients.shape[1] > 1
        )


def _as_columns(coefficients: np.ndarray) -> np.ndarray:
    return np.atleast_2d(coefficients).T.astype(np.float64)
