"""Tables as pandas has them, their words read by skrub: they may be numbers, dates or gaps."""

from typing import Any

import numpy as np
import pandas as pd

from skae._tables.amounts import are_padded, decimal_mark, read_amounts
from skae._tables.kinds import needs_skrub

WITHOUT_SKRUB = (
    "The columns {columns} hold words, in which skrub finds numbers, dates and categories: "
    "pip install 'skae[tables]'. Or leave these columns out."
)


def as_frame(X: Any) -> pd.DataFrame:
    """Convert a table to one of pandas, its columns named by strings and its rows numbered.

    Parameters
    ----------
    X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_columns)
        The table.

    Returns
    -------
    frame : DataFrame
        What it holds as objects is of a dtype of its own where it can be.

    Raises
    ------
    ValueError
        If two columns have one name, or a cell holds several values.

    Examples
    --------
    >>> as_frame(pd.DataFrame({0: pd.Series([True, None], dtype=object)})).dtypes.to_dict()
    {'0': BooleanDtype}
    """
    frame = X.to_pandas() if hasattr(X, "to_pandas") else pd.DataFrame(X)
    frame = frame.set_axis(frame.columns.astype(str), axis=1)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise ValueError(f"Two columns of X are named {twice[0]!r}. Rename one of them.")
    nested = nested_columns(frame)
    if nested:
        raise ValueError(
            f"The cells of {nested[0]!r} hold several values each. Give these columns of their "
            "own, or leave the column out."
        )
    frame = frame.reset_index(drop=True).infer_objects()
    objects = {name: frame[name] for name in frame if frame[name].dtype == object}
    held = {name: pd.api.types.infer_dtype(column) for name, column in objects.items()}
    better = {"boolean": "boolean", "decimal": "float64"}
    return frame.astype({name: better[kind] for name, kind in held.items() if kind in better})


def nested_columns(frame: pd.DataFrame) -> list[str]:
    """Find columns whose cells are lists, dicts or arrays.

    Parameters
    ----------
    frame : DataFrame
        Any table.

    Returns
    -------
    names : list of str
        Of these columns.

    Examples
    --------
    >>> nested_columns(pd.DataFrame({"a": [[1, 2], None], "b": [1, 2]}))
    ['a']
    """

    def is_nested(cell: Any) -> bool:
        return isinstance(cell, list | tuple | dict | set | np.ndarray)

    objects = [name for name in frame if frame[name].dtype == object]
    return [name for name in objects if frame[name].map(is_nested).any()]


def fit_reader(frame: pd.DataFrame, decimal: str = ".") -> tuple[Any, pd.DataFrame]:
    """Find out which columns of words are numbers, and fit skrub's Cleaner to the others.

    Parameters
    ----------
    frame : DataFrame
        From ``as_frame``.
    decimal : {".", ","}, default="."
        What stands before the decimals of a number where a column does not show it.

    Returns
    -------
    reader : object
        What ``read_words`` takes.
    frame : DataFrame
        Its words read.

    Raises
    ------
    ImportError
        If there are words, and skrub is not installed.

    Examples
    --------
    >>> words = {"price": ["1.5", "N/A"], "day": ["2024-05-01"] * 2, "cost": ["$1,200", "$80"]}
    >>> [dtype.kind for dtype in fit_reader(pd.DataFrame(words))[1].dtypes]
    ['f', 'M', 'f']
    """
    words = [name for name in frame if needs_skrub(frame[name])]
    if not words:
        return None, frame
    try:
        from skrub import Cleaner
    except ModuleNotFoundError as error:
        raise ImportError(WITHOUT_SKRUB.format(columns=", ".join(words))) from error
    padded = [name for name in words if _holds_padded(frame[name])]
    marks = {n: decimal_mark(frame[n], decimal, _is_gap) for n in words if n not in padded}
    amounts = {name: mark for name, mark in marks.items() if mark is not None}
    others = [name for name in marks if name not in amounts]
    cleaner = Cleaner(drop_null_fraction=None, parse_numbers=True, cast_to_str=True)
    read = cleaner.fit_transform(frame[others]) if others else frame[others]
    return (amounts, padded, others, cleaner), _with_read(frame, amounts, padded, read)


def read_words(reader: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Read the words of other rows.

    Parameters
    ----------
    reader : object
        From ``fit_reader``.
    frame : DataFrame
        With the columns of the table that the reader was fitted to.

    Returns
    -------
    frame : DataFrame
        Its words read.

    Examples
    --------
    >>> table = pd.DataFrame({"price": ["1.5", "2"]})
    >>> read_words(fit_reader(table)[0], table)["price"].tolist()
    [1.5, 2.0]
    """
    if reader is None:
        return frame
    amounts, padded, others, cleaner = reader
    read = cleaner.transform(frame[others]) if others else frame[others]
    return _with_read(frame, amounts, padded, read)


def _with_read(
    frame: pd.DataFrame, amounts: dict[str, str], padded: list[str], read: pd.DataFrame
) -> pd.DataFrame:
    numbers = {name: read_amounts(frame[name], mark) for name, mark in amounts.items()}
    names = {name: frame[name].mask(_is_gap(frame[name])) for name in padded}
    return frame.assign(**numbers, **names, **{name: read[name] for name in read})


def _is_gap(cells: pd.Series) -> pd.Series:
    """Which words are names of gaps, to skrub."""
    from skrub import Cleaner

    gaps = Cleaner(drop_null_fraction=None)
    read = gaps.fit_transform(cells.to_frame("cell"))["cell"] if len(cells) else cells
    return read.isna()


def _holds_padded(words: pd.Series) -> bool:
    different = words.drop_duplicates()
    seen = different[~_is_gap(different)].astype(object)
    return bool(seen.map(lambda cell: isinstance(cell, str)).all()) and are_padded(seen.astype(str))
