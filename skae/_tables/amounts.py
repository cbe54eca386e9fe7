"""Numbers in words: money, percentages, decimal commas, and words among them that mean a gap."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

CODES = (
    "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|SEK|SGD|TRY|USD|ZAR"
)
CURRENCY = rf"(?:[$€£¥₹₩₺₽]|\b(?:{CODES})\b)"
SIGN = "[-+\u2212]"
"""Plus, the hyphen, and the minus that type has."""

OTHER = {".": ",", ",": "."}
SPACES = " \u00a0\u2009\u202f"
"""Between groups of thousands, as in 1 234,5: the common one, and those that break no line."""

APOSTROPHES = "'\u2019"
"""The same in Switzerland, as in 1'234.5."""

YEARS = (1500, 2200)
"""Whole numbers of four digits between these are years, which are left to be read as dates."""

MAX_STRAYS = 3
"""Different words among the numbers of one column that may stand for gaps."""

MAX_LETTERS = 14
"""Of such a word: "not applicable" is one."""

MIN_NUMBERS = 5
"""Different numbers that a column with such words has at least."""


def _pattern(decimal: str) -> re.Pattern[str]:
    group, point = re.escape(OTHER[decimal]), re.escape(decimal)
    # No group of thousands begins with a zero, 0,346 has decimals; nor has one an exponent.
    thousands = "|".join(rf"(?:{mark}\d{{3}})+" for mark in (group, *BETWEEN_THOUSANDS))
    grouped = rf"[1-9]\d{{0,2}}(?:{thousands})(?:{point}\d*)?"
    plain = rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
    number = rf"(?:{grouped}|{plain})\s*(?:{CURRENCY}|%)?"
    before = rf"(?:{SIGN}?\s*{CURRENCY}?\s*|{CURRENCY}\s*{SIGN})"
    # Brackets are the minus of accounts.
    in_brackets = rf"{CURRENCY}?\s*\(\s*{CURRENCY}?\s*{number}\s*\)"
    return re.compile(rf"\s*(?:{before}{number}|{in_brackets})\s*")


BETWEEN_THOUSANDS = (f"[{SPACES}]", f"[{APOSTROPHES}]")
PATTERNS = {decimal: _pattern(decimal) for decimal in OTHER}
MARKS = {
    decimal: rf"{CURRENCY}|[\s%(){APOSTROPHES}{re.escape(OTHER[decimal])}]" for decimal in OTHER
}
CODE = re.compile(r"\d{3}(?:\s\d{3})+")
"""A number of a telephone or of a place, where a whole column is written so."""

PADDED = r"0\d+"
"""What is written with zeros before it is a name, not an amount."""


def decimal_mark(
    column: pd.Series, decimal: str, is_gap: Callable[[pd.Series], pd.Series]
) -> str | None:
    """Find out whether words are numbers that need more than a cast, and their decimal mark.

    Parameters
    ----------
    column : Series
        Words.
    decimal : {".", ","}
        The mark to be tried first, as numbers such as "1,200" can be read in two ways.
    is_gap : callable
        Says which words of a Series are names of gaps.

    Returns
    -------
    decimal : {".", ","} or None
        None for words, for dates, for amounts in several currencies, and for numbers without a mark
        that any reader takes.

    Examples
    --------
    >>> def is_gap(words):
    ...     return words == "N/A"
    >>> columns = ["$1,200", "N/A"], ["54,6 %", "7 %"], ["1", "2"], ["2019", "2020"], ["a", "$2"]
    >>> [decimal_mark(pd.Series(words), ".", is_gap) for words in columns]
    ['.', ',', None, None, None]
    """
    seen = column.dropna()
    if not seen.map(_is_text_or_number).all():
        return None
    counts = seen.astype(object).map(lambda cell: str(cell).strip()).value_counts()
    counts.index = counts.index.astype(object)
    counts = counts[~is_gap(counts.index.to_series())]
    may_have_strays = not isinstance(column.dtype, pd.CategoricalDtype)
    texts = counts.index.to_series()
    for mark in _in_order(texts, decimal):
        numbers = texts[texts.str.fullmatch(PATTERNS[mark]).astype(bool)]
        strays = counts.drop(numbers.index)
        if numbers.empty or _are_codes(numbers) or _currencies(numbers) > 1:
            continue
        if strays.empty:
            return mark if _need_more_than_a_cast(numbers, mark) else None
        if may_have_strays and _are_gaps_of_numbers(strays, counts[numbers.index]):
            return mark
    return None


def read_amounts(column: pd.Series, decimal: str) -> pd.Series:
    """Read numbers with marks.

    Parameters
    ----------
    column : Series
        Words.
    decimal : {".", ","}
        From ``decimal_mark``.

    Returns
    -------
    numbers : Series of float64
        NaN for everything else.

    Examples
    --------
    >>> read_amounts(pd.Series(["1.200,5 €", "(3 500)", "none", None]), ",").tolist()
    [1200.5, -3500.0, nan, nan]
    """
    cells = column.astype(object).where(column.notna(), "").map(str)
    bare = cells.str.replace(MARKS[decimal], "", regex=True).str.replace(decimal, ".", regex=False)
    bare = bare.str.replace("\u2212", "-", regex=False)
    is_number = cells.str.fullmatch(PATTERNS[decimal]).astype(bool)
    numbers = pd.to_numeric(bare.where(is_number), errors="coerce").astype(np.float64)
    return numbers.where(~cells.str.contains("(", regex=False), -numbers)


def _is_text_or_number(cell: object) -> bool:
    is_number = isinstance(cell, int | float | np.number) and not isinstance(cell, bool)
    return isinstance(cell, str) or is_number


def _in_order(texts: pd.Series, decimal: str) -> tuple[str, str]:
    """Decimal marks, the likelier one first."""
    # Nobody writes dollars, pounds or yen with three decimals: $1,200 is a thousand and more.
    before = texts[texts.str.contains(r"^[-+]?\s*[$£¥]") & texts.str.contains(",")]
    if len(before) and before.str.fullmatch(PATTERNS["."]).all():
        return ".", ","
    return decimal, OTHER[decimal]


def are_padded(texts: pd.Series) -> bool:
    """Say whether texts are whole numbers, some with zeros before them: names, as of places.

    Parameters
    ----------
    texts : Series of str
        Without gaps.

    Returns
    -------
    are_padded : bool
        Such columns stay words.

    Examples
    --------
    >>> are_padded(pd.Series(["007", "110"])), are_padded(pd.Series(["0.5", "7"]))
    (True, False)
    """
    is_whole = texts.str.fullmatch(r"\d+").all()
    return bool(is_whole and texts.str.fullmatch(PADDED).any())


def _currencies(numbers: pd.Series) -> int:
    return numbers.str.extract(f"({CURRENCY})")[0].nunique()


def _are_codes(numbers: pd.Series) -> bool:
    """Whether these are numbers to dial, or to find places or footnotes by."""
    one_length = numbers.str.len().nunique() == 1
    is_dialled = one_length and numbers.str.fullmatch(CODE).all()
    return bool(is_dialled or numbers.str.startswith("(").all())


def _need_more_than_a_cast(numbers: pd.Series, decimal: str) -> bool:
    if numbers.str.contains(MARKS[decimal]).any():
        return True
    if decimal == "," and numbers.str.contains(",").any():
        return True
    # Without a mark, four digits would be read as a year whatever they are.
    are_four_digits = numbers.str.fullmatch(r"\d{4}").all()
    return bool(are_four_digits and not numbers.astype(int).between(*YEARS).all())


def _are_gaps_of_numbers(strays: pd.Series, numbers: pd.Series) -> bool:
    """Whether a few words stand among many numbers, by how often each of them does."""
    return (
        len(strays) <= MAX_STRAYS
        and all(map(_may_be_a_gap, strays.index))
        and len(numbers) >= MIN_NUMBERS
        and numbers.sum() >= strays.sum()
        # Numbers with zeros before them are names.
        and not numbers.index.str.fullmatch(PADDED).any()
    )


def _may_be_a_gap(word: str) -> bool:
    """A letter alone is a value, as X is among chromosomes; and so are "10+" and "inf"."""
    if word.startswith("#"):
        return True
    is_value = re.search(r"\d", word) or re.fullmatch(r"\w|[-+]?inf(inity)?", word, re.IGNORECASE)
    return len(word) <= MAX_LETTERS and not is_value
