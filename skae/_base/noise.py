"""A noise by its name, with what it has to know of the rows."""

from typing import Any

from skae._linear.moments import total_variance
from skae._rows.one_hot import one_hot_groups
from skae.corruption import Corruption, Level, make_corruption


def noise_for(noise: str, level: Level | str, X: Any, sample_weight: Any = None) -> Corruption:
    """Build a noise for the rows that it is added to.

    Parameters
    ----------
    noise : str
        A key of ``skae.corruption.CORRUPTIONS``.
    level : float, (float, float) or "auto"
        Its level.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows: their range, their deviation, and for "swap" the columns that are the categories
        of one.
    sample_weight : ndarray of shape (n_samples,), default=None
        What each row counts in the deviation.

    Returns
    -------
    corruption : Corruption
        Ready to be called.

    Examples
    --------
    >>> import numpy as np
    >>> noise_for("swap", 0.1, np.array([[5.0, 1, 0], [6.0, 0, 1], [7.0, 0, 1]]))
    Swap(groups=(0, 1, 1), level=0.1)
    """
    return make_corruption(
        noise,
        level,
        low=float(X.min()),
        high=float(X.max()),
        deviation=(total_variance(X, sample_weight) / X.shape[1]) ** 0.5,
        groups=one_hot_groups(X) if noise == "swap" else None,
    )
