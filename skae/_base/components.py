"""How many components explain a share of the variance."""

from typing import Any

import numpy as np
import torch
from sklearn.base import clone

from skae._linear.axes import principal_axes
from skae._rows.batches import split_rows

FIRST_AXES = 64
HELD_OUT = 0.1
"""The share of rows to judge by where the estimator holds out none."""


def count_for_share(
    X: Any, share: float, seed: int, weights: np.ndarray | None = None, dtype: str = "float64"
) -> int:
    """Count the principal components that explain more than a share of the variance of X.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    share : float
        Above 0 and below 1.
    seed : int
        Seed of the solvers for wide data.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts.
    dtype : {"float32", "float64"}, default="float64"
        What the rows are cast to once they are centred.

    Returns
    -------
    n_components : int
        That of ``PCA(share).fit(X).n_components_``.

    Examples
    --------
    >>> X = np.array([[-3.0, 0.0], [3.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
    >>> count_for_share(X, 0.85, seed=0), count_for_share(X, 0.95, seed=0)
    (1, 2)
    """
    n_most, n_axes = min(X.shape), FIRST_AXES
    while True:
        axes = principal_axes(X, min(n_axes, n_most), seed, weights, dtype)
        explained = axes.variances.cumsum() / (axes.total_variance or 1.0)
        if n_axes >= n_most or (len(explained) and explained[-1] > share):
            number = int(np.searchsorted(explained, share, side="right")) + 1
            return max(1, min(number, len(explained)))
        n_axes *= 2


def search_for_share(
    estimator: Any, X: Any, weights: np.ndarray | None, share: float, most: int, seed: int
) -> int:
    """Find the fewest components with which an estimator explains a share of held-out rows.

    A bisection, whose every step is a fit; what a code explains grows with its size.

    Parameters
    ----------
    estimator : object
        An autoencoder; clones of it are fitted.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts.
    share : float
        Above 0 and below 1.
    most : int
        The number to take where no smaller one explains as much.
    seed : int
        Of the held-out rows and of each fit.

    Returns
    -------
    n_components : int
        From 1 to ``most``.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    rows, held_out = split_rows(X.shape[0], estimator.validation_fraction or HELD_OUT, generator)
    kept, new = rows.numpy(), held_out.numpy()
    kept_weights, new_weights = (None if weights is None else weights[i] for i in (kept, new))
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        model = clone(estimator).set_params(
            n_components=middle, random_state=seed, warm_start=False, checkpoint=None, verbose=0
        )
        # What watches the fit is told of the last one alone.
        vars(model).pop("_skl_callbacks", None)
        score = model.fit(X[kept], sample_weight=kept_weights).score(X[new], None, new_weights)
        low, high = (low, middle) if score >= share else (middle + 1, high)
    return high
