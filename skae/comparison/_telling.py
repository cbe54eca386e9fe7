"""Whether held-out rows can tell two methods apart, or a difference may be chance."""

from typing import Any

import numpy as np

N_ERRORS = 2
"""Standard errors beyond which a difference is one: chance alone goes there once in twenty."""

LOSSES = {
    "explained": "reconstruction", "squared_error": "reconstruction",
    "accuracy": "target", "r2": "target",
}  # fmt: skip
"""Which losses of rows decide on a quantity."""

ROUNDING = 1e-10
"""Errors below this share of the variance are those of seven digits."""

TIMES = ("fit_seconds", "transform_seconds")


def is_lower(losses: np.ndarray, others: np.ndarray) -> bool:
    """Decide on two methods by what each of the same rows loses with one and with the other.

    The comparison is paired: it is the differences, row by row, that have the standard error. Rows
    that are hard for both methods do not blur it.

    Parameters
    ----------
    losses, others : ndarray of shape (n_rows,)
        Of the one and of the other method; NaN where a row says nothing.

    Returns
    -------
    is_lower : bool
        Whether the mean loss is lower by more than two standard errors of the mean difference.

    Examples
    --------
    >>> others = np.arange(20.0)
    >>> is_lower(others - np.tile([0.1, 0.2], 10), others)
    True
    >>> is_lower(others - np.tile([-1.1, 1.2], 10), others)
    False
    >>> is_lower(np.array([1.0]), np.array([2.0]))  # one row has no standard error
    False
    """
    differences = np.asarray(others, np.float64) - np.asarray(losses, np.float64)
    differences = differences[~np.isnan(differences)]
    if len(differences) < 2:
        return False
    error = differences.std(ddof=1) / len(differences) ** 0.5
    return bool(differences.mean() > N_ERRORS * error)


def are_exact(one: Any, other: Any) -> bool:
    """Say whether all that two results miss of the rows is rounding of float32.

    Parameters
    ----------
    one, other : Result
        Of the same held-out rows.

    Returns
    -------
    are_exact : bool
        Whether both explain the whole variance but for a share of 1e-10.

    Examples
    --------
    >>> from skae.comparison import Result
    >>> pair = [Result("PCA", 2, share, 0.1, None, 1, 1.0, np.zeros((1, 2)), np.zeros((1, 3)))
    ...         for share in (1 - 1e-12, 0.999)]
    >>> are_exact(*pair), are_exact(pair[0], pair[0])
    (False, True)
    """
    return min(one.explained, other.explained) > 1 - ROUNDING


def is_better(one: Any, other: Any, name: str) -> bool:
    """Decide on two results in one quantity.

    Parameters
    ----------
    one, other : Result
        Of the same held-out rows.
    name : str
        The quantity: a field of ``Result``.

    Returns
    -------
    is_better : bool
        By ``is_lower``; a time, which is measured once, if it is less than half of the other.

    Examples
    --------
    >>> from skae.comparison import Result
    >>> one, other = (Result(name, 2, 0.5, 1.0, None, time, 1.0, np.zeros((1, 2)), np.zeros((1, 3)))
    ...               for name, time in (("PCA", 0.1), ("autoencoder", 3.0)))
    >>> is_better(one, other, "fit_seconds"), is_better(one, other, "squared_error")
    (True, False)
    """
    if name in ("explained", "squared_error") and are_exact(one, other):
        return False
    if name in TIMES:
        return getattr(one, name) < getattr(other, name) / 2
    losses, others = (result.row_losses.get(LOSSES[name]) for result in (one, other))
    if losses is None or others is None:
        return False
    # A regression that is worse than the mean of the target is no winner.
    return is_lower(losses, others) and (name != "r2" or one.r2 > 0)
