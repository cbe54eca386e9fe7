"""Digits that float32 cannot hold: warnings that name the column and the remedy."""

import warnings
from typing import Any

import numpy as np
from scipy import sparse

from skae._linear.moments import column_variances
from skae._linear.path import LinearPath

FEW_DIGITS = "float32", "float16"

SPARE_DIGITS = 13
FEWEST_STEPS = 16
"""A column that spans fewer neighbouring numbers than a thousand in float32, or than 16 in float16,
has lost digits, in all likelihood."""

SMALL_RESIDUAL = 1e-11
"""A share of the variance so small may be rounding of float32, squared."""

SEEN_SHARE = 1e-3
"""A column of which PCA leaves out less than this share is as good as reconstructed."""


def kinds_of_columns(X: Any) -> list[str]:
    """Name the dtype of each column as a user gave it, or the one of all.

    Parameters
    ----------
    X : object
        Rows as a user gives them.

    Returns
    -------
    kinds : list of str
        As many as there are columns, or one; of lists an empty name.

    Examples
    --------
    >>> kinds_of_columns(np.zeros((2, 3), np.float32)), kinds_of_columns([[0.0]])
    (['float32'], [''])
    """
    of_frame = getattr(X, "dtypes", None)
    kinds = [getattr(X, "dtype", "")] if of_frame is None or not len(of_frame) else of_frame
    return [str(kind).lower() for kind in kinds]


def warn_of_lost_digits(X: Any, kinds: list[str], names: Any) -> None:
    """Warn where rows of few digits lie so far from zero that these are used up.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        Validated rows.
    kinds : list of str
        What ``kinds_of_columns`` tells of the rows that the user gave.
    names : ndarray of str of shape (n_features,), or None
        Names of the columns.

    Examples
    --------
    >>> X = np.float32([[1.7e9, 0.0], [1.7e9 + 3600, 1.0]])
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     warn_of_lost_digits(X, ["float32"], None)
    >>> print(str(caught[0].message)[:78])
    Column 0 of X is given in float32, whose neighbouring numbers are 128 apart at
    """
    given = np.array([next((few for few in FEW_DIGITS if few in kind), "") for kind in kinds])
    given = np.broadcast_to(given, X.shape[1])
    if not given.any():
        return
    digits = np.array([np.finfo(few).nmant if few else 52 for few in given])
    low, high = (_dense(extreme) for extreme in (X.min(axis=0), X.max(axis=0)))
    largest, span = np.maximum(np.abs(low), np.abs(high)), high - low
    steps = np.exp2(np.floor(np.log2(np.maximum(largest, np.finfo(float).tiny))) - digits)
    # A constant column may be one whose digits were all that it had.
    others = span[span > 0].min(initial=np.inf)
    n_least = np.maximum(FEWEST_STEPS, np.exp2(digits - SPARE_DIGITS))
    is_lost = np.where(span > 0, span < n_least * steps, (steps > others) & (largest > 0))
    # Whole numbers have lost nothing as long as all of them can be told apart.
    lost = [
        column
        for column in np.flatnonzero(is_lost & (given != ""))
        if largest[column] > np.exp2(digits[column] + 1) or (_dense(X[:, [column]]) % 1).any()
    ]
    if not lost:
        return
    first = int(lost[0])
    warnings.warn(
        f"{_name(first, names)} of X is given in {given[first]}, whose neighbouring numbers are "
        f"{steps[first]:.3g} apart at {largest[first]:.3g}, and it spans {span[first]:.3g}: what "
        f"lies between them was lost in the cast{_and_others(len(lost) - 1)}. Give X in float64, "
        "or subtract an offset from the column before it is cast.",
        UserWarning,
        stacklevel=2,
    )


def warn_of_hidden_columns(
    X: Any, path: LinearPath, weights: np.ndarray | None, names: Any
) -> None:
    """Warn where what PCA leaves out of some columns is less than float32's rounding of others.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    path : LinearPath
        Their PCA.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts.
    names : ndarray of str of shape (n_features,), or None
        Names of the columns.
    """
    total = path.scale**2 * X.shape[1]
    if total - path.variances.sum() > SMALL_RESIDUAL * total:
        return
    variances = column_variances(X, path.mean, weights)
    left_out = variances - path.variances @ np.square(path.components)
    rounding = (np.finfo(X.dtype).eps * path.mean) ** 2
    is_hidden = (left_out > SEEN_SHARE * variances) & (variances > rounding)
    if not is_hidden.any():
        return
    hidden, largest = np.flatnonzero(is_hidden)[0], int(variances.argmax())
    deviations = np.sqrt(variances)
    warnings.warn(
        f"{_name(int(hidden), names)} of X varies by {deviations[hidden]:.3g}, and "
        f"{_name(largest, names)[0].lower()}{_name(largest, names)[1:]} by "
        f"{deviations[largest]:.3g}: the seven digits of dtype='float32' do not hold both in one "
        f"error{_and_others(int(is_hidden.sum()) - 1)}. Scale the columns, for example with "
        "StandardScaler, or use dtype='float64'.",
        UserWarning,
        stacklevel=2,
    )


def _dense(values: Any) -> np.ndarray:
    dense = values.toarray() if sparse.issparse(values) else values
    return dense.astype(np.float64).ravel()


def _name(column: int, names: Any) -> str:
    return f"Column {column}" if names is None else f"Column {names[column]!r}"


def _and_others(n: int) -> str:
    return f" (as in {n} other column{'s' if n > 1 else ''})" if n else ""
