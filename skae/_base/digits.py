"""Digits that float32 cannot hold: warnings that name the column and the remedy."""

import warnings
from typing import Any

import numpy as np
from scipy import sparse

from skae._linear.moments import column_variances
from skae._linear.path import LinearPath

FEW_STEPS = 1024
"""A column that spans fewer neighbouring numbers than these has lost digits, in all likelihood."""

SMALL_RESIDUAL = 1e-11
"""A share of the variance so small may be rounding of float32, squared."""

SEEN_SHARE = 1e-3
"""A column of which PCA leaves out less than this share is as good as reconstructed."""


def warn_of_lost_digits(X: Any, kind: Any, names: Any) -> None:
    """Warn where rows of few digits lie so far from zero that these are used up.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        Validated rows.
    kind : object
        The dtype of the rows that the user gave, if they had one.
    names : ndarray of str of shape (n_features,), or None
        Names of the columns.

    Examples
    --------
    >>> X = np.float32([[1.7e9, 0.0], [1.7e9 + 3600, 1.0]])
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     warn_of_lost_digits(X, X.dtype, None)
    >>> print(str(caught[0].message)[:78])
    Column 0 of X is given in float32, whose neighbouring numbers are 128 apart at
    """
    kind = kind if isinstance(kind, np.dtype) else X.dtype
    if kind.kind != "f" or kind.itemsize >= 8:
        return
    low, high = (_dense(extreme) for extreme in (X.min(axis=0), X.max(axis=0)))
    largest, span = np.maximum(np.abs(low), np.abs(high)), high - low
    steps = largest - np.nextafter(largest.astype(kind), kind.type(0)).astype(np.float64)
    # A constant column may be one whose digits were all that it had.
    others = span[span > 0].min(initial=np.inf)
    is_lost = np.where(span > 0, span < FEW_STEPS * steps, (steps > others) & (largest > 0))
    lost = np.flatnonzero(is_lost)
    if not len(lost):
        return
    first = lost[0]
    warnings.warn(
        f"{_name(first, names)} of X is given in {kind.name}, whose neighbouring numbers are "
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
        f"{_name(hidden, names)} of X varies by {deviations[hidden]:.3g}, and "
        f"{_name(largest, names)[0].lower()}{_name(largest, names)[1:]} by "
        f"{deviations[largest]:.3g}: the seven digits of dtype='float32' do not hold both in one "
        f"error{_and_others(int(is_hidden.sum()) - 1)}. Scale the columns, for example with "
        "StandardScaler, or use dtype='float64'.",
        UserWarning,
        stacklevel=2,
    )


def _dense(extreme: Any) -> np.ndarray:
    row = extreme.toarray().ravel() if sparse.issparse(extreme) else extreme
    return row.astype(np.float64)


def _name(column: int, names: Any) -> str:
    return f"Column {column}" if names is None else f"Column {names[column]!r}"


def _and_others(n: int) -> str:
    return f" (as in {n} other column{'s' if n > 1 else ''})" if n else ""
