"""Words that were taken for gaps, so that nobody has to guess which ones."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from skae.comparison._columns import listed


def about_gap_words(cells: Mapping[str, Iterable[object]]) -> list[str]:
    """Say which words were taken for gaps.

    Parameters
    ----------
    cells : dict of str to iterable
        For each column what its gaps hold. Cells without letters are gaps for everybody.

    Returns
    -------
    notes : list of str
        One sentence, or none.

    Examples
    --------
    >>> about_gap_words({"drug": ["None", "", "None"], "price": ["na", "?"], "age": [""]})
    ["Taken for gaps: drug 'None' (2), price 'na' (1), price '?' (1)."]
    """
    counts = {name: Counter(str(cell).strip() for cell in held) for name, held in cells.items()}
    found = [
        f"{name} {word!r} ({number:,})"
        for name, words in counts.items()
        for word, number in words.most_common()
        if word
    ]
    return [f"Taken for gaps: {listed(found)}."] if found else []


def words_in_gaps(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, pd.Series]:
    """Find words that were read as gaps.

    Parameters
    ----------
    before : DataFrame
        As the file holds it.
    after : DataFrame
        Some of its columns, their words read, see ``skae._tables.words``.

    Returns
    -------
    words : dict of str to Series
        For each of these columns.

    Examples
    --------
    >>> before = pd.DataFrame({"x": ["1", "?", None], "y": [1.0, None, 2.0]})
    >>> after = before.assign(x=[1.0, None, None])
    >>> {name: words.tolist() for name, words in words_in_gaps(before, after).items()}
    {'x': ['?'], 'y': []}
    """
    gaps = {name: after[name].isna().to_numpy() for name in after}
    return {name: before[name][is_gap].dropna() for name, is_gap in gaps.items()}
