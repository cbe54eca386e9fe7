"""Classes of rows that have none, from the rows beside them that have one."""

import warnings
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.neighbors import kneighbors_graph
from sklearn.semi_supervised import LabelSpreading

from skae._linear.axes import principal_axes

MOST_KNOWN, MOST_UNKNOWN = 10_000, 30_000
"""So many rows with a class, and without one, are looked at: time grows with their square."""

FEWEST_LABELS = 20
"""Fewer tell nothing of whether neighbours are alike."""

N_NEIGHBORS, N_AXES, N_FOLDS = 10, 64, 5

ALPHA = 0.9
"""What a row takes from its neighbours, beside what it was given."""

LEAST_SHARE = 0.6
"""A class that has less of what reaches a row is not taken: a wrong class costs more than none."""


def spread_classes(X: Any, y: np.ndarray) -> np.ndarray:
    """Pass classes on to rows without one, where neighbours tell them better than a linear model.

    This is label spreading (Zhou, Bousquet, Lal, Weston and Schoelkopf, "Learning with local and
    global consistency", NeurIPS 2003) over the nearest neighbours along the principal axes. Whether
    it is worth anything depends on the rows, so classes that are known are hidden in turn, and it
    has to find more of them than a logistic regression does, by more than a standard error.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        All rows.
    y : ndarray of int of shape (n_samples,)
        Numbers of classes, each of them there, and -1 where a row has none.

    Returns
    -------
    y : ndarray of int of shape (n_samples,)
        With the classes that most of what reaches a row speaks for; -1 where nothing does. As it
        was where fewer than half of the rows are without a class, fewer than 20 have one, or
        neighbours tell too little.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(400, noise=0.05, random_state=0)
    >>> given = np.where(np.arange(400) < 40, y, -1)
    >>> spread = spread_classes(X, given)
    >>> bool((spread >= 0).sum() > 300), bool((spread == y)[spread >= 0].all())
    (True, True)
    """
    known, unknown = np.flatnonzero(y >= 0), np.flatnonzero(y < 0)
    if len(known) < FEWEST_LABELS or len(unknown) < len(known):
        return y
    rng = np.random.default_rng(0)
    some = rng.permutation(known)[:MOST_KNOWN]
    rows = np.concatenate([some, rng.permutation(unknown)[:MOST_UNKNOWN]])
    axes = principal_axes(X, N_AXES, 0)
    if not len(axes.components):
        return y
    codes = np.asarray(X[rows] @ axes.components.T) - axes.mean @ axes.components.T
    # The graph is the same whichever classes are known; neighbours are so in both directions.
    graph = kneighbors_graph(codes, min(N_NEIGHBORS, len(rows) - 1))
    graph = graph.maximum(graph.T)
    if not _are_neighbours_alike(codes, graph, y[rows], len(some)):
        return y
    shares = _spread(codes, graph, y[rows])
    spread = y.copy()
    spread[rows] = np.where(shares.max(axis=1) > LEAST_SHARE, shares.argmax(axis=1), -1)
    spread[known] = y[known]
    return spread


def _spread(codes: np.ndarray, graph: Any, y: np.ndarray) -> np.ndarray:
    """What speaks for each class in each row; zeros where no row with a class is to be reached."""
    model = LabelSpreading(kernel=lambda *_: graph, alpha=ALPHA, max_iter=100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rounds that were not enough, and of rows out of reach
        model.fit(codes, y)
    shares = np.zeros((len(y), y.max() + 1))
    shares[:, model.classes_] = model.label_distributions_
    return shares


def _are_neighbours_alike(codes: np.ndarray, graph: Any, y: np.ndarray, n_known: int) -> bool:
    """Whether spreading finds clearly more of the known classes than a logistic regression."""
    gains = np.zeros(n_known)
    # A penalty is for columns of about one variance.
    scaled = codes[:n_known] / codes[:n_known].std(axis=0).clip(min=np.finfo(codes.dtype).tiny)
    for kept, hidden in KFold(N_FOLDS, shuffle=True, random_state=0).split(np.arange(n_known)):
        if len(np.unique(y[kept])) < 2:
            return False
        given = y.copy()
        given[hidden] = -1
        shares = _spread(codes, graph, given)[hidden]
        model = LogisticRegression(max_iter=300).fit(scaled[kept], y[kept])
        found = (shares.argmax(axis=1) == y[hidden]) & shares.any(axis=1)
        gains[hidden] = found.astype(float) - (model.predict(scaled[hidden]) == y[hidden])
    return bool(gains.mean() > gains.std() / n_known**0.5)
