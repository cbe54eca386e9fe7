"""Which kind of column each one is, with skrub's eye for dates and numbers in words."""

import pandas as pd

from skae._tables.columns import Categories, Column, Dates, Numbers, Texts

MAX_CATEGORIES = 40
"""A column of more words than that is text; the bound is that of skrub's TableVectorizer."""


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers, bools not counted.

    Parameters
    ----------
    column : Series
        Of any dtype.

    Returns
    -------
    is_number : bool
        By its dtype alone.

    Examples
    --------
    >>> [is_number(pd.Series(values)) for values in ([1, 2], [0.5, None], [True], ["1"])]
    [True, True, False, False]
    """
    kinds = pd.api.types
    is_real = kinds.is_numeric_dtype(column.dtype) and not kinds.is_complex_dtype(column.dtype)
    return is_real and not kinds.is_bool_dtype(column.dtype)


def needs_skrub(column: pd.Series) -> bool:
    """Whether the words of a column have to be read: they may be numbers or dates.

    Parameters
    ----------
    column : Series
        Of any dtype.

    Returns
    -------
    needs_skrub : bool
        True where it holds neither numbers, nor bools, nor dates by its dtype.

    Examples
    --------
    >>> needs_skrub(pd.Series(["1.5", "N/A"])), needs_skrub(pd.Series([True]))
    (True, False)
    """
    is_bool = pd.api.types.is_bool_dtype(column.dtype)
    return not (is_number(column) or is_bool or _is_time(column))


def kind_of(column: pd.Series, name: str) -> Column:
    """Choose the kind of a column that was read.

    Parameters
    ----------
    column : Series
        Its words are words: what were numbers or dates in words has been converted.
    name : str
        Its name.

    Returns
    -------
    kind : Column
        Not fitted.

    Examples
    --------
    >>> type(kind_of(pd.Series(["a", "b", "a"]), "letter")).__name__
    'Categories'
    """
    if is_number(column):
        return Numbers(name)
    if _is_time(column):
        return Dates(name)
    return Categories(name) if column.nunique() <= MAX_CATEGORIES else Texts(name)


def _is_time(column: pd.Series) -> bool:
    return column.dtype.kind in "mM"
