"""How the cells of a column are written, so that others may be written alike."""

import math
import re
import warnings
from collections import Counter

import numpy as np
import pandas as pd

from skae._tables.amounts import APOSTROPHES, OTHER, SIGN, SPACES, read_amounts
from skae._tables.kinds import is_number

MOST_DIGITS = 15
"""A number of floating point has no more that mean anything."""

NUMBER = rf"(?:[\d.,]|(?<=\d)[{SPACES}{APOSTROPHES}](?=\d))*\d(?:[eE][-+]?\d+)?"
AMOUNT = re.compile(rf"({SIGN}?)\s*([^\d.,+\u2212-]*)({SIGN}?)({NUMBER})(\D*)")
"""A number, with what stands before and behind it, and two places for a sign: "-$1,200", "12 %"."""


def spell(values: pd.Series, known: pd.Series, texts: list[str]) -> list[str]:
    """Write values as the other cells of their column are written.

    Parameters
    ----------
    values : Series
        Numbers, dates, or words of the column.
    known : Series
        What the other cells hold.
    texts : list of str
        How they are written.

    Returns
    -------
    written : list of str
        A number with as many decimals, a date in the same order, a word as it stands elsewhere.

    Examples
    --------
    >>> spell(pd.Series([7.1234, -0.001]), pd.Series([1.5, 2.0]), ["1.5 %", "2.00 %"])
    ['7.12 %', '0.00 %']
    >>> spell(pd.Series([-1779.09]), pd.Series([2080.6, -3]), ["2.080,6 €", "-3 €"])
    ['-1.779,1 €']
    >>> dates = pd.to_datetime(pd.Series(["2024-05-31", "2024-04-01"]))
    >>> spell(dates[:1], dates, ["31/05/2024", "01/04/2024"])
    ['31/05/2024']
    """
    if is_number(known):
        return _numbers(values, texts, _decimal_mark(known, texts))
    if known.dtype.kind == "M":
        return _dates(values, texts, _date_format(known, texts))
    words = dict(zip(known, texts, strict=True))
    return [words[value] for value in values]


def _decimal_mark(known: pd.Series, texts: list[str]) -> str:
    """The mark by which most texts are read as what they are known to be."""
    numbers = known.to_numpy(np.float64)

    def n_read(decimal: str) -> int:
        read = read_amounts(pd.Series(texts), decimal).to_numpy()
        return int(np.isclose(read, numbers, rtol=1e-6).sum())

    return max(OTHER, key=n_read)


def _numbers(values: pd.Series, texts: list[str], decimal: str) -> list[str]:
    # Brackets are the minus of accounts.
    has_brackets = any("(" in text for text in texts)
    bare = [re.sub(r"[()]", "", text) for text in texts]
    found = [amount.groups() for amount in map(AMOUNT.fullmatch, bare) if amount]
    (before, behind), _ = Counter((b, e) for _, b, _, _, e in found).most_common(1)[0]
    numbers = [number for *_, number, _ in found]
    written = _digits(values.abs(), numbers, decimal)
    is_sign_inside = any(sign and before for _, before, sign, _, _ in found)
    places = "{before}{sign}" if is_sign_inside else "{sign}{before}"
    seen = {one or other for one, _, other, _, _ in found}
    minus, plus = "\u2212" if "\u2212" in seen else "-", "+" if "+" in seen else ""
    # Minus zero is zero.
    is_below = [
        value < 0 and bool(re.search("[1-9]", digits))
        for value, digits in zip(values, written, strict=True)
    ]
    # $(5) or ($5).
    in_brackets = "{0}({1}{2})" if any(re.match(r"[^\d(]+\(", t) for t in texts) else "({0}{1}{2})"
    return [
        in_brackets.format(before, digits, behind)
        if below and has_brackets
        else f"{places.format(before=before, sign=minus if below else plus)}{digits}{behind}"
        for below, digits in zip(is_below, written, strict=True)
    ]


def _digits(values: pd.Series, numbers: list[str], decimal: str) -> list[str]:
    """Numbers without a sign, with the decimals and the groups of thousands of the others."""
    if any("e" in number.lower() for number in numbers):
        n_digits = max(len(re.sub(r"[eE].*|\D", "", number)) for number in numbers)
        n_digits = min(n_digits, MOST_DIGITS)
        return [f"{value:.{n_digits}g}".replace(".", decimal) for value in values]
    most = max(len(number.partition(decimal)[2]) for number in numbers)
    # What stands between thousands, in most of those that have it.
    between = Counter("".join(re.sub(rf"[\d{decimal}]", "", number) for number in numbers))
    groups = "," if between else ""
    marks = str.maketrans(
        {".": decimal, ",": max(between, key=lambda mark: between[mark], default="")}
    )
    written = []
    for value in values:
        n_before = math.floor(math.log10(value)) + 1 if value > 0 else 1
        n_decimals = max(0, min(most, MOST_DIGITS - n_before))
        written.append(f"{value:{groups}.{n_decimals}f}".translate(marks))
    if any(number.startswith(decimal) for number in numbers):
        # No zero stands before the decimals.
        written = [re.sub(rf"^0(?=\{decimal})", "", digits) for digits in written]
    return written


def _dates(values: pd.Series, texts: list[str], way: str) -> list[str]:
    """Dates as the others, with as many digits behind the second and zeros before days."""
    written = values.dt.strftime(way).tolist()
    fractions = [re.search(r":\d\d\.(\d+)", text) for text in texts]
    n_digits = max((len(fraction[1]) for fraction in fractions if fraction), default=0)
    if n_digits:
        pattern = rf"(:\d\d\.\d{{{n_digits}}})\d*"
        written = [re.sub(pattern, r"\1", text) for text in written]
    if any(re.search(r"(?<!\d)[1-9][-/.]|[-/.][1-9](?!\d)", text.split(":")[0]) for text in texts):
        written = [re.sub(r"(?<![\d:])0(?=\d\b)(?!\d*:)", "", text) for text in written]
    return written


def _date_format(known: pd.Series, texts: list[str]) -> str:
    """The way of writing dates that reads all texts as what they are known to be."""
    naive = known.dt.tz_localize(None) if known.dt.tz is not None else known
    for text in texts[:1]:
        for day_first in (False, True):
            with warnings.catch_warnings():
                # That the text itself shows which of both it is.
                warnings.simplefilter("ignore")
                way = pd.tseries.api.guess_datetime_format(text, dayfirst=day_first)
            if way and "%z" not in way:
                read = pd.to_datetime(pd.Series(texts), format=way, errors="coerce")
                if (read.to_numpy() == naive.to_numpy()).all():
                    return way
    raise ValueError("no way of writing dates")
