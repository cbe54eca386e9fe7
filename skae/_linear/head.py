"""The best linear model of a target on codes: where a head starts."""

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

MOST_ROWS = 10_000
"""So many rows are enough for a start."""

INVERSE_PENALTY = 10.0
"""Codes are few and have variance one, so that little has to be penalised."""


def fit_head(
    codes: np.ndarray, labels: np.ndarray, weights: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression to classes, or a ridge regression to numbers.

    Parameters
    ----------
    codes : ndarray of shape (n_samples, n_components)
        Whitened codes of rows whose target is known.
    labels : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_targets)
        Numbers of classes from 0 on, each of them there; or standardised numbers.
    weights : ndarray of float64 of shape (n_samples,)
        What each row counts.
    seed : int
        Of the rows that are taken, where they are many.

    Returns
    -------
    weight : ndarray of shape (n_outputs, n_components)
        A row for each class or number.
    bias : ndarray of shape (n_outputs,)
        What is added.

    Examples
    --------
    >>> codes = np.array([[-1.0], [-1.0], [1.0], [1.0]])
    >>> weight, bias = fit_head(codes, np.array([0, 0, 1, 1]), np.ones(4), seed=0)
    >>> (codes @ weight.T + bias).argmax(axis=1)
    array([0, 0, 1, 1])
    """
    n_classes = labels.max() + 1 if labels.ndim == 1 else 0
    rows = np.random.default_rng(seed).permutation(len(labels))[:MOST_ROWS]
    if n_classes and len(np.unique(labels[rows])) < n_classes:
        rows = np.arange(len(labels))
    codes, labels, weights = codes[rows], labels[rows], weights[rows]
    if not n_classes:
        head = Ridge(alpha=1.0).fit(codes, labels, weights)
        return np.atleast_2d(head.coef_), np.atleast_1d(head.intercept_)
    head = LogisticRegression(C=INVERSE_PENALTY, max_iter=300).fit(codes, labels, weights)
    if n_classes > 2:
        return head.coef_, head.intercept_
    # One row of log-odds, shared out between two classes.
    signs = np.array([-0.5, 0.5])
    return signs[:, None] * head.coef_, signs * head.intercept_
