"""How the cells of a column are written, so that others may be written alike."""

import re
from collections import Counter

import pandas as pd

from skae._tables.kinds import is_number

AMOUNT = re.compile(r"([^\d.,+-]*)([-+]?[\d.,]*\d(?:[eE][-+]?\d+)?)(\D*)")
"""A number, with what stands before and behind it: "$1,200", "12 %"."""


def spell(values: pd.Series, known: pd.Series, texts: list[str], decimal: str = ".") -> list[str]:
    """Write values as the other cells of their column are written.

    Parameters
    ----------
    values : Series
        Numbers, dates, or words of the column.
    known : Series
        What the other cells hold.
    texts : list of str
        How they are written.
    decimal : str, default="."
        What stands before the decimals of a number.

    Returns
    -------
    written : list of str
        A number with as many decimals, a date in the same order, a word as it stands elsewhere.

    Examples
    --------
    >>> spell(pd.Series([7.1234, -0.001]), pd.Series([1.5, 2.0]), ["1.5 %", "2.00 %"])
    ['7.12 %', '0.00 %']
    >>> dates = pd.to_datetime(pd.Series(["2024-05-31", "2024-04-01"]))
    >>> spell(dates[:1], dates, ["31/05/2024", "01/04/2024"])
    ['31/05/2024']
    """
    if is_number(known):
        return _numbers(values, texts, decimal)
    if known.dtype.kind == "M":
        return values.dt.strftime(_date_format(known, texts)).tolist()
    words = dict(zip(known, texts, strict=True))
    return [words[value] for value in values]


def _numbers(values: pd.Series, texts: list[str], decimal: str) -> list[str]:
    found = [amount.groups() for amount in map(AMOUNT.fullmatch, texts) if amount]
    (before, behind), _ = Counter((b, e) for b, _, e in found).most_common(1)[0]
    numbers = [number for _, number, _ in found]
    if any("e" in number.lower() for number in numbers):
        n_digits = max(len(re.sub(r"[eE].*|\D", "", number)) for number in numbers)
        written = [f"{value:.{n_digits}g}" for value in values]
    else:
        n_decimals = max(len(number.partition(decimal)[2]) for number in numbers)
        # Minus zero is zero.
        written = [f"{round(value, n_decimals) + 0.0:.{n_decimals}f}" for value in values]
    return [f"{before}{number.replace('.', decimal)}{behind}" for number in written]


def _date_format(known: pd.Series, texts: list[str]) -> str:
    """The way of writing dates that reads all texts as what they are known to be."""
    naive = known.dt.tz_localize(None) if known.dt.tz is not None else known
    for text in texts[:1]:
        for day_first in (False, True):
            way = pd.tseries.api.guess_datetime_format(text, dayfirst=day_first)
            if way and "%z" not in way:
                read = pd.to_datetime(pd.Series(texts), format=way, errors="coerce")
                if (read.to_numpy() == naive.to_numpy()).all():
                    return way
    raise ValueError("no way of writing dates")
