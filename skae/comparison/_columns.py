"""Columns that say nothing of a row, or nothing but its name: they are left out, with a note."""

import re

import numpy as np
import pandas as pd

from skae._tables.amounts import OTHER, read_amounts
from skae._tables.kinds import is_number

NAME_OF_AN_IDENTIFIER = re.compile(
    r"(?i:^(unnamed: \d+|index|id|nr|no|rownames|row)$|[_\W](id|nr|no|index|uuid)$)|[a-z]I[dD]$"
)
EXACT = 2**53
"""Beyond, not every whole number is a number of floating point."""

MIN_TEXTS = 20
"""Fewer texts than these may differ by chance."""

SHARE_OF_NAMES = 0.95
"""Of texts that differ: two people may have one name."""

MIXED = "numbers with words among them"
"""Why a column is left out that is neither numbers with gaps nor words."""

OWN_TEXTS = "other words in nearly every row"
TOO_LONG = "whole numbers of over 15 digits"
"""The same of names, or of amounts that nobody can read."""

N_NAMES = 8
"""Names in a note before it says how many more there are."""


def informative_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out what is empty, constant, or a name of the row.

    Parameters
    ----------
    frame : DataFrame
        Its words read, see ``skae._tables.words``.

    Returns
    -------
    frame : DataFrame
        The other columns.
    notes : list of str
        What was left out, and why.

    Examples
    --------
    >>> frame = pd.DataFrame({"Id": [7, 3, 9], "x": [1.0, 2.0, 4.0], "unit": ["m"] * 3})
    >>> frame, notes = informative_columns(frame)
    >>> list(frame), notes
    (['x'], ['Left out, constant: unit.', 'Left out, the name of a row: Id.'])
    """
    reasons = {name: _reason(frame[name], name) for name in frame}
    notes = []
    every = ("empty", "constant", "the name of a row", OWN_TEXTS, MIXED, TOO_LONG)
    for reason in every:
        names = [name for name, why in reasons.items() if why == reason]
        if names:
            notes.append(f"Left out, {reason}: {listed(names)}.")
    return frame[[name for name, why in reasons.items() if why is None]], notes


def listed(names: list[str]) -> str:
    """Write names one after the other, the first of many.

    Parameters
    ----------
    names : list of str
        Of columns.

    Returns
    -------
    text : str
        With commas.

    Examples
    --------
    >>> listed(["a", "b"]), listed([str(number) for number in range(12)])
    ('a, b', '0, 1, 2, 3, 4, 5, 6, 7 and 4 more')
    """
    more = f" and {len(names) - N_NAMES} more" if len(names) > N_NAMES else ""
    return ", ".join(names[:N_NAMES]) + more


def refuse_infinite(frame: pd.DataFrame, path: object) -> None:
    """Name the first cell that is infinite.

    Parameters
    ----------
    frame : DataFrame
        As the file holds it.
    path : path-like
        The file.

    Raises
    ------
    ValueError
        If a cell is infinite, with its column, its row and a remedy.

    Examples
    --------
    >>> refuse_infinite(pd.DataFrame({"x": [1.0, float("inf")]}), "data.csv")
    Traceback (most recent call last):
    ValueError: data.csv holds inf in column x, row 2. Replace it by a number, or leave the cell
    empty.
    """
    for name in frame:
        if is_number(frame[name]):
            values = frame[name].to_numpy(np.float64, na_value=np.nan)
            infinite = np.isinf(values)
            if infinite.any():
                row = int(infinite.argmax())
                raise ValueError(
                    f"{path} holds {values[row]} in column {name}, row {row + 1}. Replace it by a "
                    "number, or leave the cell empty."
                )


def is_too_long(column: pd.Series) -> bool:
    """Say whether a column holds whole numbers of more digits than floating point has.

    Parameters
    ----------
    column : Series
        Numbers.

    Returns
    -------
    is_too_long : bool
        An account or a card has such a number, and the mean of several is nobody's.

    Examples
    --------
    >>> [is_too_long(pd.Series(numbers)) for numbers in ([10**18, 1], [1e18, 1.0], [10**9, 1])]
    [True, False, False]
    """
    return pd.api.types.is_integer_dtype(column.dtype) and bool(column.abs().max() > EXACT)


def _reason(column: pd.Series, name: str) -> str | None:
    seen = column.dropna()
    n_values = seen.nunique()
    if n_values == 0:
        return "empty"
    if n_values == 1 and len(seen) == len(column):
        return "constant"
    is_own = n_values == len(column)
    if column.dtype.kind in "mMb":
        return None
    if not is_number(column):
        differs = len(seen) >= MIN_TEXTS and n_values > SHARE_OF_NAMES * len(seen)
        return (MIXED if _are_mostly_numbers(seen) else OWN_TEXTS) if differs else None
    if not (seen == seen.round()).all():
        return None
    if is_own and (NAME_OF_AN_IDENTIFIER.search(name) or _counts_rows(seen)):
        return "the name of a row"
    return TOO_LONG if is_too_long(column) else None


def _are_mostly_numbers(words: pd.Series) -> bool:
    shares = [read_amounts(words, decimal).notna().mean() for decimal in OTHER]
    return 0.5 < max(shares) < 1


def _counts_rows(values: pd.Series) -> bool:
    """Whether these are 0, 1, 2... or 1, 2, 3... in any order."""
    return values.min() in (0, 1) and values.max() - values.min() == len(values) - 1
