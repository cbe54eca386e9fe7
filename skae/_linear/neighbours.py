"""How much the neighbours of rows know of them that an ellipsoid does not."""

from collections.abc import Callable

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from skae.architectures import Ellipsoid

MAX_STRANGERS = 1_000
"""Enough of them to know a share by."""

MOST = 0.99
"""An ellipsoid counts a little in any case: it alone knows of directions in which no row varies."""


def strangers(
    ellipsoid: Ellipsoid, rows: np.ndarray, generator: torch.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows that an ellipsoid cannot tell from those that it is an ellipsoid of.

    Each is as far out as one of the rows, in a direction that is a random sum of those of all of
    them. So there are no crowds, holes or curves among them: where the rows have none either,
    nothing else tells them apart.

    Parameters
    ----------
    ellipsoid : Ellipsoid
        Of the rows.
    rows : ndarray of float64 of shape (n, n_features)
        Rows of whatever distribution.
    generator : torch.Generator
        Draws them.

    Returns
    -------
    strangers : ndarray of float64 of shape (m, n_features)
        At most 1,000 of them.
    index : ndarray of shape (m,)
        The rows that they are as far out as.

    Examples
    --------
    >>> from skae._linear.ellipsoids import fit_ellipsoid
    >>> rows = np.random.default_rng(0).normal(size=(50, 3))
    >>> ellipsoid = fit_ellipsoid(rows, np.ones(50), 0)
    >>> found, index = strangers(ellipsoid, rows, torch.Generator().manual_seed(0))
    >>> pair = (ellipsoid.whiten(torch.from_numpy(x)).norm(dim=1) for x in (found, rows[index]))
    >>> torch.allclose(*pair)
    True
    """
    index = torch.randperm(len(rows), generator=generator, device="cpu")[:MAX_STRANGERS]
    chosen, centre = torch.from_numpy(rows)[index], ellipsoid.centre
    tiny = torch.finfo(chosen.dtype).tiny
    lengths = ellipsoid.whiten(chosen).norm(dim=1, keepdim=True)
    shape = len(index), len(index)
    mixture = torch.randn(shape, generator=generator, dtype=chosen.dtype, device="cpu")
    towards = mixture @ ((chosen - centre) / lengths.clamp(min=tiny))
    towards /= ellipsoid.whiten(centre + towards).norm(dim=1, keepdim=True).clamp(min=tiny)
    return (centre + towards * lengths).numpy(), index.numpy()


def advantage(
    measure: Callable[[np.ndarray], np.ndarray],
    distances: np.ndarray,
    ellipsoid: Ellipsoid,
    rows: np.ndarray,
    weights: np.ndarray,
    generator: torch.Generator,
) -> float:
    """Say how well a distance tells rows from strangers.

    Parameters
    ----------
    measure : callable
        Gives the distance of each of some rows.
    distances : ndarray of shape (n,)
        Those of the rows.
    ellipsoid, rows, generator : object
        As in ``strangers``.
    weights : ndarray of shape (n,)
        What each row counts.

    Returns
    -------
    advantage : float
        Gini's coefficient: 0 for no better than by chance, at most 0.99.

    Examples
    --------
    >>> from skae._linear.ellipsoids import fit_ellipsoid
    >>> rows = np.random.default_rng(0).choice([-1.0, 1.0], size=(100, 2))
    >>> ellipsoid = fit_ellipsoid(rows, np.ones(100), 0)
    >>> def from_corners(x):
    ...     return np.square(np.abs(x) - 1).sum(axis=1)
    >>> generator = torch.Generator().manual_seed(0)
    >>> advantage(from_corners, np.zeros(100), ellipsoid, rows, np.ones(100), generator)
    0.99
    """
    found, index = strangers(ellipsoid, rows, generator)
    truth = np.repeat([0, 1], len(index))
    values, counts = np.append(distances[index], measure(found)), np.tile(weights[index], 2)
    gini = 2 * float(roc_auc_score(truth, values, sample_weight=counts)) - 1
    return float(np.clip(gini, 0, MOST))
