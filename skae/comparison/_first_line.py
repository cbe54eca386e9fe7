"""Whether the first line of a text table holds names of columns, or cells as the lines below do."""

import re
from itertools import pairwise, zip_longest

from skae._tables.amounts import PATTERNS
from skae.comparison._columns import listed

WHOLE = re.compile(r"\d*")
DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?")
GAPS = {"", "na", "n/a", "nan", "null", "none", "?", "-", "."}
MIN_RISING = 5
"""Fewer numbers than these rise from cell to cell by chance."""


def has_names(header: list[str], rows: list[list[str]]) -> bool:
    """Decide what the first line holds.

    Parameters
    ----------
    header : list of str
        Its cells.
    rows : list of list of str
        Those of some lines below.

    Returns
    -------
    has_names : bool
        False where all cells are numbers that do not count the columns, or where a cell with
        decimals, a sign or a mark, or a date, is one of many alike in its column.

    Examples
    --------
    >>> rows = [["0.1", "a"], ["0.2", "b"]]
    >>> [has_names(header, rows) for header in (["x", "y"], ["0.3", "a"], ["0", "1"], ["0", "y"])]
    [True, False, True, True]
    """
    if _counts(header):
        return True
    kinds = [_kind(cell) for cell in header]
    if set(kinds) == {"number"}:
        return False
    below = _kinds_below(header, rows)
    is_shorter = bool(rows) and len(header) < len(rows[0])
    is_word_above_others = any(
        kind == "" and under and cell.lower() not in GAPS
        for cell, kind, under in zip(header, kinds, below, strict=True)
    )
    # What has no name in front counts the rows, but for a gap in front of words as those below.
    is_index = header[0] == "" and not _holds_words_from_below(header, kinds, rows)
    if is_shorter or is_word_above_others or is_index or _rises(header):
        return True
    return not any(
        kind == under and kind != "" and not WHOLE.fullmatch(cell)
        for cell, kind, under in zip(header, kinds, below, strict=True)
    )


def about_names(header: list[str], rows: list[list[str]]) -> list[str]:
    """Say how columns are named, where that is not as usual.

    Parameters
    ----------
    header : list of str
        The cells of the first line.
    rows : list of list of str
        Those of some lines below.

    Returns
    -------
    notes : list of str
        Whole sentences.

    Examples
    --------
    >>> about_names(["2019", "place"], [["1", "a"], ["2", "b"]])
    ['The first line is taken for names of columns, though it holds numbers: 2019.']
    """
    if not has_names(header, rows):
        return ["The first line holds numbers: columns are named by their position, from 0."]
    pairs = zip(header, _kinds_below(header, rows), strict=True)
    numbers = [name for name, under in pairs if _kind(name) and _kind(name) == under]
    notes = []
    if numbers and not _counts(header):
        notes.append(
            f"The first line is taken for names of columns, though it holds numbers: "
            f"{listed(numbers)}."
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    notes += [f"{header.count(n)} columns are named {n}: the second is {n}.1 here." for n in twice]
    return notes


def _counts(header: list[str]) -> bool:
    return header == [str(number) for number in range(len(header))]


def _kind(cell: str) -> str:
    if any(pattern.fullmatch(cell) for pattern in PATTERNS.values()):
        return "number"
    return "date" if DATE.fullmatch(cell.strip()) else ""


def _kinds_below(header: list[str], rows: list[list[str]]) -> list[str]:
    """What most cells of each column are that are no gaps."""
    columns = [*zip_longest(*rows, fillvalue="")][: len(header)]
    columns += [()] * (len(header) - len(columns))
    filled = [[c for c in column if c.strip().lower() not in GAPS] for column in columns]
    kinds = [[_kind(cell) for cell in column] for column in filled]
    return [max(set(column), key=column.count) if column else "" for column in kinds]


def _holds_words_from_below(header: list[str], kinds: list[str], rows: list[list[str]]) -> bool:
    columns = zip_longest(*rows, fillvalue="")
    return any(
        kind == "" and cell and cell in column
        for cell, kind, column in zip(header, kinds, columns, strict=False)
    )


def _rises(header: list[str]) -> bool:
    """Whether the numbers among names rise, as wavelengths do."""
    cells = [cell.replace(",", ".") for cell in header]
    numbers = [float(cell) for cell in cells if re.fullmatch(r"-?\d*\.?\d+", cell)]
    return len(numbers) >= MIN_RISING and all(one < other for one, other in pairwise(numbers))
