"""What y means to a denoiser: the clean side of pairs, labels for somebody else, or neither."""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import sparse
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.validation import _get_feature_names, check_consistent_length

from skae._rows.batches import Pairs
from skae._rows.tensors import dtypes_to_keep, gather, own_if_sparse, rows_at_once
from skae.architectures import is_far


class CleanRows(NamedTuple):
    """What was found in y.

    Attributes
    ----------
    values : ndarray or CSR matrix of shape (n_samples, n_features), or None
        The clean side of pairs, in the dtype and the order of columns of X.
    unused : str or None
        Why y is not used, and the remedy; None where it is used, and where it holds labels.
    """

    values: Any = None
    unused: str | None = None


def clean_rows(X: Any, y: Any, names: Any = None) -> CleanRows:
    """Find the clean side of pairs in y.

    It is y if y holds numbers, as many for each row as X has columns. One value a row is a label.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
        The rows that y stands beside.
    y : object
        Whatever was given as y.
    names : sequence of str of length n_features, or None
        Names of the columns of X.

    Returns
    -------
    found : CleanRows
        Nothing at all where y holds labels.

    Raises
    ------
    ValueError
        If y is the clean side of pairs by its shape, but has other columns than X by their names,
        another number of rows, or values that are not finite.
    TypeError
        If a cell of it is neither a number nor a word.

    Examples
    --------
    >>> X = np.zeros((2, 4))
    >>> clean_rows(X, np.ones((2, 2, 2), dtype=int)).values
    array([[1., 1., 1., 1.],
           [1., 1., 1., 1.]])
    >>> clean_rows(X, ["cat", "dog"])
    CleanRows(values=None, unused=None)
    >>> clean_rows(X, np.ones((2, 3))).unused
    'y of shape (2, 3) is not used: clean rows are as wide as X, of shape (2, 4). ...'
    """
    if y is None:
        return CleanRows()
    # A frame keeps its names and a sparse matrix its zeros; all else is an array, or none.
    is_frame = hasattr(y, "shape") and hasattr(y, "columns")
    try:
        y = y if is_frame or sparse.issparse(y) else np.asarray(y)
    except ValueError:
        return _unused("y", "its rows are not of one length")
    n_columns, what = X.shape[1], f"y of shape {tuple(y.shape)}"
    if _holds_rows(y):
        return _unused(what, "its cells are sequences")
    if len(y.shape) == 1 or (tuple(y.shape[1:]) == (1,) and n_columns > 1):
        return CleanRows()
    if not y.shape or math.prod(y.shape[1:]) != n_columns:
        return _unused(what, f"clean rows are as wide as X, of shape {X.shape}")
    check_consistent_length(X, y)
    # Whatever could be X can be its clean side, and images are rows.
    if len(y.shape) > 2:
        y = y.reshape((y.shape[0], n_columns))
    try:
        values = _as_numbers(y, X.dtype)
    except ValueError as error:
        return _unused(what, f"it cannot be read as numbers ({error})")
    _refuse_missing(values)
    return CleanRows(values if names is None else _align(values, _get_feature_names(y), names))


def is_without_noise(pairs: Pairs) -> bool:
    """Whether both sides of pairs are equal; it is known after a few rows where they are not."""
    size = rows_at_once(pairs.source.shape[1])
    return all(
        torch.equal(
            *(gather(side, rows, pairs.device).double() for side in (pairs.source, pairs.target))
        )
        for rows in (slice(k, k + size) for k in range(0, pairs.source.shape[0], size))
    )


def _holds_rows(y: Any) -> bool:
    """Whether y is a column whose cells are sequences, such as a series of images."""
    is_column = isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype == object and len(y) > 0
    return is_column and isinstance(y[0], list | tuple | np.ndarray)


def _unused(what: str, why: str) -> CleanRows:
    return CleanRows(
        unused=f"{what} is not used: {why}. If it holds the clean rows, give it the columns of X: "
        "stack arrays by np.stack(y), reshape images by y.reshape(len(y), -1), and apply to y the "
        "selection of columns that was applied to X. Targets of another step of a Pipeline may "
        "stay as they are."
    )


def _as_numbers(y: Any, dtype: Any) -> Any:
    """Numbers in the dtype of X, or in float64 where that would lose digits of them."""
    kinds = dtypes_to_keep(y, "float32")
    try:
        y = check_array(y, dtype=kinds, order="C", accept_sparse="csr", ensure_all_finite=False)
    except TypeError as error:
        # Neither a number nor a word, as pandas.NA is among objects.
        raise TypeError(
            f"y, as wide as X, has a cell that is no number: {error}. Fill the gaps, or leave "
            "these rows out of X and y."
        ) from error
    y = own_if_sparse(y)
    if isinstance(y, np.ndarray) and y.dtype == np.float64 and dtype == np.float32:
        with np.errstate(all="ignore"):  # what is not finite is refused below
            mean, scale = torch.from_numpy(y.mean(axis=0)), float(y.std(axis=0).mean())
        return y if is_far(mean, scale or 1.0) else y.astype(dtype)
    return y.astype(dtype, copy=False)


def _refuse_missing(values: Any) -> None:
    try:
        assert_all_finite(values, input_name="y")
    except ValueError as error:
        raise ValueError(
            f"{error} As wide as X, y is the clean side of pairs, and all its values must be "
            "finite: leave these rows out of X and y, or fill the gaps."
        ) from None


def _align(values: Any, names_of_y: Any, names: Any) -> Any:
    """Bring the columns into the order that X has them in."""
    if names_of_y is None or list(names_of_y) == list(names):
        return values
    position = {name: k for k, name in enumerate(names_of_y)}
    if position.keys() != set(names):
        others = [name for name in names_of_y if name not in set(names)]
        raise ValueError(
            f"y is as wide as X, but has other columns: {_few(others)} in y, {_few(names)} in X. "
            "If it holds the clean rows, name its columns as in X, or use y.to_numpy() to pair "
            "them by position. If it is for a later step of a Pipeline, fit the denoiser by "
            "itself, without y, and put FrozenEstimator(denoiser) into the Pipeline."
        )
    values = values[:, [position[name] for name in names]]
    return values if sparse.issparse(values) else np.ascontiguousarray(values)


def _few(names: Any) -> str:
    return ", ".join(map(repr, map(str, names[:3]))) + (", ..." if len(names) > 3 else "")
