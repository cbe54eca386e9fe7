"""Tables as pandas has them, their words read by skrub: they may be numbers, dates or gaps."""

from typing import Any

import numpy as np
import pandas as pd

from skae._tables.kinds import needs_skrub

WITHOUT_SKRUB = (
    "The columns {columns} hold words, in which skrub finds numbers, dates and categories: "
    "pip install 'skae[tables]'. Or leave these columns out."
)


MARKED_NUMBER = r"\s*[-+]?\s*[$€£¥]?\s*[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?\s*[$€£¥%]?\s*"
MARKS = r"[\s$€£¥%,]"


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


def fit_reader(frame: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """Fit skrub's Cleaner to the columns of words, its numbers without marks of money.

    Parameters
    ----------
    frame : DataFrame
        From ``as_frame``.

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
    gaps = Cleaner(drop_null_fraction=None)
    marked = [name for name in words if _are_marked_numbers(frame[name], gaps)]
    reader = Cleaner(drop_null_fraction=None, parse_numbers=True, cast_to_str=True)
    read = reader.fit_transform(_without_marks(frame[words], marked))
    return (words, marked, reader), frame.assign(**{name: read[name] for name in words})


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
    words, marked, cleaner = reader
    read = cleaner.transform(_without_marks(frame[words], marked))
    return frame.assign(**{name: read[name] for name in words})


def _are_marked_numbers(column: pd.Series, cleaner: Any) -> bool:
    """Whether these are amounts of money, percentages or numbers with commas, such as "$1,200"."""
    seen = column.dropna()
    if not seen.map(lambda cell: isinstance(cell, str)).all():
        return False
    is_number = seen.astype("str").str.fullmatch(MARKED_NUMBER)
    # What is no number must be the name of a gap, as "N/A" is.
    others = seen[~is_number].to_frame("cell")
    return bool(is_number.any() and cleaner.fit_transform(others).isna().all(axis=None))


def _without_marks(frame: pd.DataFrame, marked: list[str]) -> pd.DataFrame:
    words = {name: frame[name].astype("str") for name in marked}
    bare = {
        name: cells.mask(
            cells.str.fullmatch(MARKED_NUMBER), cells.str.replace(MARKS, "", regex=True)
        )
        for name, cells in words.items()
    }
    return frame.assign(**{name: bare[name].where(frame[name].notna(), None) for name in marked})
