"""What was made of the columns of a file, in words."""

import numpy as np
import pandas as pd

from skae import TableEncoder
from skae._tables.gaps import about_filling
from skae.comparison._columns import listed

MANY_COPIES = 0.1
"""Of held-out rows."""

KINDS = {
    "dates": "Dates as time",
    "categories": "Words as 0 or 1 for each category",
    "texts": "Texts of many kinds as up to 30 numbers",
}


def about_columns(frame: pd.DataFrame, encoder: TableEncoder) -> list[str]:
    """Say how each kind of column was written as numbers.

    Parameters
    ----------
    frame : DataFrame
        The table.
    encoder : TableEncoder
        Fitted to its training rows.

    Returns
    -------
    notes : list of str
        Whole sentences.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [30.0, None, 50.0, 40.0], "smokes": [True, False, True, True]})
    >>> print(*about_columns(frame, TableEncoder().fit(frame)), sep=" ")
    Words as 0 or 1 for each category: smokes. Missing numbers filled with what the other columns
    let one expect, and marked: age (25 %). Standardised by the training rows, 75 % of all; every
    column counts alike.
    """
    notes = []
    for kind, words in KINDS.items():
        names = [name for name, its_kind in encoder.kinds_.items() if its_kind == kind]
        if names:
            notes.append(f"{words}: {listed(names)}.")
    gaps = {name: frame[name].isna().mean() for name in frame}
    numbers = [n for n, kind in encoder.kinds_.items() if kind in ("numbers", "dates")]
    shares = [f"{name} ({_percent(gaps[name])})" for name in numbers if gaps[name] > 0]
    if shares:
        notes.append(
            f"Missing numbers filled {about_filling(encoder.imputer_)}, and marked: "
            f"{listed(shares)}."
        )
    names = [name for name in frame if gaps[name] > 0 and name not in numbers]
    if names:
        notes.append(f"Missing words are a category of their own: {listed(names)}.")
    return [*notes, "Standardised by the training rows, 75 % of all; every column counts alike."]


def about_copies(train: np.ndarray, test: np.ndarray) -> list[str]:
    """Say how many held-out rows are copies of training rows, if that is more than a tenth.

    Parameters
    ----------
    train, test : ndarray of shape (n, n_features)
        The rows.

    Returns
    -------
    notes : list of str
        One sentence, or none.

    Examples
    --------
    >>> rows = np.arange(20.0).reshape(10, 2)
    >>> about_copies(rows, rows[:4]), about_copies(rows, rows[:4] + 0.5)
    (['4 of 4 held-out rows are copies of training rows: they are no test of a model.'], [])
    """
    seen = {row.tobytes() for row in train}
    n_copies = sum(row.tobytes() in seen for row in test)
    if n_copies <= MANY_COPIES * len(test):
        return []
    return [
        f"{n_copies:,} of {len(test):,} held-out rows are copies of training rows: they are no "
        "test of a model."
    ]


def about_pixels(frame: pd.DataFrame) -> list[str]:
    """Say what was made of images.

    Parameters
    ----------
    frame : DataFrame
        A column for each pixel.

    Returns
    -------
    notes : list of str
        Whole sentences.

    Examples
    --------
    >>> about_pixels(pd.DataFrame({"0": [0, 255], "1": [3, 4]}))
    ['Pixels as they are, from 0 to 255, not standardised.']
    """
    low, high = frame.min().min(), frame.max().max()
    notes = [f"Pixels as they are, from {low:g} to {high:g}, not standardised."]
    if frame.isna().any(axis=None):
        notes.append("Missing pixels filled by what the training images show.")
    return notes


def _percent(share: float) -> str:
    return "under 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")
