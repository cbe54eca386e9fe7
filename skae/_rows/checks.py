"""What rows may hold, what they may weigh, and how much memory they take: errors in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.validation import _check_sample_weight

MAX_FLOAT64 = 1e150

UNIT_ROUNDING = 1e-6
"""MinMaxScaler ends this near to 0 and 1, or nearer, in float32."""

_TORCH_SAYS = re.compile(r"can't allocate memory: you tried to allocate (\d+) bytes")


@contextmanager
def explain_out_of_memory(task: str) -> Iterator[None]:
    """Make a ``MemoryError`` of what NumPy and torch raise, with the size and the remedies.

    Parameters
    ----------
    task : str
        What was done, such as "fit".

    Raises
    ------
    MemoryError
        If memory runs out inside.

    Examples
    --------
    >>> try:
    ...     with explain_out_of_memory("fit"):
    ...         _ = torch.empty(10**15)
    ... except MemoryError as error:
    ...     print(str(error)[:60])
    fit ran out of memory: it needed 4,000,000.0 GB more at once
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        needed = _TORCH_SAYS.search(str(error))
        if not (needed or isinstance(error, MemoryError | torch.OutOfMemoryError)):
            raise
        message = f"it needed {int(needed[1]) / 1e9:,.1f} GB more at once" if needed else str(error)
        raise MemoryError(
            f"{task} ran out of memory: {message}. Lower hidden_layer_sizes or the channels of the "
            "architecture, n_components or batch_size, or train on fewer columns or, with "
            "partial_fit, on fewer rows at a time."
        ) from error


NO_GAPS = "does not accept missing values encoded as NaN natively."
FILL_THEM = "Fill them first: make_pipeline(AutoencoderImputer(), {name}(...))."


@contextmanager
def explain_misfit(X: Any, for_gaps: str = FILL_THEM) -> Iterator[None]:
    """Add the remedy to what scikit-learn says of images, words and gaps among the rows.

    Parameters
    ----------
    X : object
        Rows as a user gives them.
    for_gaps : str, default=FILL_THEM
        The remedy for missing cells, with the name of the estimator as ``{name}``.

    Raises
    ------
    ValueError or TypeError
        What was raised inside, with the remedy.

    Examples
    --------
    >>> from sklearn.utils import check_array
    >>> with explain_misfit([[1.0, "red"]]):
    ...     check_array([[1.0, "red"]], dtype=float)
    Traceback (most recent call last):
    ValueError: could not convert string to float: 'red'. Column 1 of X holds 'red', which is no ...
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        message = str(error)
        if NO_GAPS in message:
            # scikit-learn names estimators of other kinds, and pages to read.
            found, _, name = message.partition(NO_GAPS)[0].rpartition("\n")
            remedy = for_gaps.format(name=name.strip())
            raise ValueError(f"{found} {name}does not accept missing cells. {remedy}") from error
        remedy = _remedy_for_infinity(X, message) or _remedy_for_shape(X) or _remedy_for_words(X)
        if not remedy:
            raise
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{message.rstrip('.')}. {remedy}") from error


def _remedy_for_shape(X: Any) -> str:
    try:
        shape = np.shape(X)
    except ValueError:  # rows of unequal lengths
        return ""
    if len(shape) < 3:
        return ""
    call = "X.reshape(len(X), -1)" if hasattr(X, "reshape") else "numpy.reshape(X, (len(X), -1))"
    return f"X has shape {shape}: make each image one row with {call}."


def _remedy_for_infinity(X: Any, message: str) -> str:
    """Name the first infinite cell, and how it becomes one that can be filled."""
    if "contains infinity" not in message:
        return ""
    if sparse.issparse(X):
        stored = X.tocoo()
        found = np.isinf(stored.data)
        cells = np.column_stack([stored.row[found], stored.col[found]])
    else:
        cells = np.argwhere(np.isinf(np.asarray(X, dtype=np.float64)))
    if not len(cells):
        return ""
    row, column = cells[0]
    return (
        f"Column {_column_name(X, column)} of X is infinite in row {row}. Make such cells missing, "
        "with numpy.where(numpy.isinf(X), numpy.nan, X), and have AutoencoderImputer fill them."
    )


def _remedy_for_words(X: Any) -> str:
    """Name the first column with a value that is no number, and the page about such tables."""
    if sparse.issparse(X) or getattr(getattr(X, "dtype", None), "kind", "O") not in "OUSM":
        return ""
    for number, column in enumerate(np.asarray(X, dtype=object).T):
        words = [value for value in np.ravel(column) if _is_word(value)]
        if words:
            return (
                f"Column {_column_name(X, number)} of X holds {words[0]!r}, which is no "
                "number. make_table_pipeline of skae reads words and dates (pip install "
                "'skae[tables]'), OneHotEncoder words alone: see 'Mixed tables' in the "
                "user guide (docs/user_guide/mixed_tables.md)."
            )
    return ""


def _column_name(X: Any, number: int) -> Any:
    names = getattr(X, "columns", None)
    return number if names is None else repr(names[number])


def _is_word(value: Any) -> bool:
    if hasattr(value, "isoformat"):
        return True  # a date
    try:
        float(value)
    except ValueError:
        return True
    except TypeError:
        return False  # a missing value, or an object that scikit-learn has words for
    return False


def refuse_huge(name: str, X: Any) -> None:
    """Refuse float64 rows whose squares, or the sums of these, would not be finite.

    Parameters
    ----------
    name : str
        What the rows are called.
    X : ndarray or CSR array
        Finite rows, or rows with NaN. Those of float32 are squared in float64, which holds their
        squares.

    Raises
    ------
    ValueError
        If a value is beyond 1e150.

    Examples
    --------
    >>> refuse_huge("X", np.array([[1e200]]))
    Traceback (most recent call last):
    ValueError: X holds 1e+200. Values beyond 1e+150 have squares that float64 cannot sum: ...
    """
    if X.dtype != np.float64 or 0 in X.shape:
        return
    largest = max(X.max(), -X.min())
    if largest > MAX_FLOAT64:
        raise ValueError(
            f"{name} holds {largest:g}. Values beyond {MAX_FLOAT64:g} have squares that float64 "
            "cannot sum: divide the column by a constant."
        )


def clip_to_unit_range(name: str, X: Any) -> Any:
    """Refuse rows that a logistic output cannot reach; what rounding added to them is clipped.

    Parameters
    ----------
    name : str
        What the rows are called.
    X : ndarray or CSR array
        Finite rows.

    Returns
    -------
    X : ndarray or CSR array
        In [0, 1]; a copy where a value was beyond it by a rounding.

    Raises
    ------
    ValueError
        If a value is below 0 or above 1 by more than a millionth.

    Examples
    --------
    >>> clip_to_unit_range("X", np.array([[0.0, 1.0000000001]]))
    array([[0., 1.]])
    >>> clip_to_unit_range("X", np.array([[0.0, 255.0]]))
    Traceback (most recent call last):
    ValueError: output_activation='logistic' needs X in [0, 1], but it spans [0, 255]. Scale it, ...
    """
    low, high = X.min(), X.max()
    if low < -UNIT_ROUNDING or high > 1 + UNIT_ROUNDING:
        raise ValueError(
            f"output_activation='logistic' needs {name} in [0, 1], but it spans "
            f"[{low:.9g}, {high:.9g}]. Scale it, for example with MinMaxScaler(clip=True), or "
            "use output_activation='identity'."
        )
    if low >= 0 and high <= 1:
        return X
    if not sparse.issparse(X):
        return X.clip(0, 1)
    X = X.copy()
    X.data.clip(0, 1, out=X.data)
    return X


def rows_are_equal(X: Any) -> bool:
    """Whether there is one row, or the same again and again.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        At least one row.

    Returns
    -------
    equal : bool
        True where no row differs from the first.

    Examples
    --------
    >>> rows_are_equal(np.array([[0.1, 0.2]] * 3)), rows_are_equal(np.eye(2))
    (True, False)
    """
    # Most tables are settled by their second row.
    for rows in (X[:2], X):
        if sparse.issparse(rows):
            differs = (rows != rows[[0] * rows.shape[0]]).nnz > 0
        else:
            differs = bool((rows != rows[:1]).any())
        if differs:
            return False
    return True


def check_weights(sample_weight: Any, X: Any) -> np.ndarray | None:
    """Validate what each row counts.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), float or None
        At least zero each, and not all zero.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows.

    Returns
    -------
    weights : ndarray of float64 of shape (n_samples,), or None
        None where every row counts once, as without weights.

    Raises
    ------
    ValueError
        If they are negative, all zero, not finite, or not as many as the rows.

    Examples
    --------
    >>> check_weights([1, 1], np.zeros((2, 3))) is None
    True
    >>> check_weights([1, -1], np.zeros((2, 3)))
    Traceback (most recent call last):
    ValueError: Negative values in data passed to `sample_weight`.
    """
    if sample_weight is None:
        return None
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.isfinite(total):
        raise ValueError(
            f"sample_weight holds {weights.max():g}, and its sum is beyond float64: divide it by "
            "a constant."
        )
    return None if (weights == 1).all() else weights


def count_rows(weights: np.ndarray | None, n_samples: int) -> float:
    """For how many rows the rows stand: whole numbers as weights are repetitions.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,), or None
        What each row counts.
    n_samples : int
        Number of rows.

    Returns
    -------
    n : float
        Sum of the weights where all are whole numbers, else the number of rows.

    Examples
    --------
    >>> count_rows(np.array([1.0, 3.0]), 2), count_rows(np.array([0.5, 1.5]), 2)
    (4.0, 2)
    """
    if weights is None or (weights % 1).any():
        return n_samples
    return float(weights.sum())
