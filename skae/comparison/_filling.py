"""The gaps of a table filled by what its columns know of each other, and how well that goes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from skae import AutoencoderImputer
from skae._tables.columns import Column, Numbers, Texts
from skae._tables.kinds import is_number, kind_of
from skae.comparison._columns import (
    MIXED,
    OWN_TEXTS,
    TOO_LONG,
    informative_columns,
    is_too_long,
    listed,
)

TIME_UNITS = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}

HIDDEN_SHARE = 0.1
"""Of the known cells of a column with gaps, to see how well they are filled."""


@dataclass(frozen=True)
class ColumnFilled:
    """One column that had gaps.

    Parameters
    ----------
    name : str
        Its name.
    n_gaps : int
        Cells that were filled.
    n_hidden : int
        Known cells that were hidden, to be filled in a fit of its own.
    is_number : bool
        Whether it holds numbers; else words.
    error, usual : float
        What these cells got wrong, and what the mean or the most frequent word of the others gets
        wrong: a root mean squared error, or a share of words. NaN where no cell could be hidden.
    unit : str
        What a number is counted in, where the column does not say it: days, or a part of them.

    See Also
    --------
    Filling : All columns of a file.

    Examples
    --------
    >>> ColumnFilled("age", 263, 105, True, 11.3, 13.0).error
    11.3
    """

    name: str
    n_gaps: int
    n_hidden: int
    is_number: bool
    error: float
    usual: float
    unit: str = ""


@dataclass(frozen=True)
class Filling:
    """What was filled.

    Parameters
    ----------
    values : dict of str to Series
        For each column that was filled what stands in its gaps, by the numbers of the rows.
    columns : list of ColumnFilled
        How well.
    notes : list of str
        What was left as it was, and why.

    See Also
    --------
    fill_file : Makes it.

    Examples
    --------
    >>> Filling({}, [], ["Gaps left, one value: seen (20)."]).notes
    ['Gaps left, one value: seen (20).']
    """

    values: dict[str, pd.Series]
    columns: list[ColumnFilled]
    notes: list[str]

    def leave(self, name: str, reason: str) -> None:
        """Leave the gaps of a column that cannot be written.

        Parameters
        ----------
        name : str
            The column.
        reason : str
            Why.
        """
        self.notes.append(f"Gaps left, {reason}: {name} ({len(self.values.pop(name)):,}).")
        self.columns[:] = [column for column in self.columns if column.name != name]


def fill_gaps(frame: pd.DataFrame, random_state: int, are_pixels: bool = False) -> Filling:
    """Fill numbers, dates and words.

    Parameters
    ----------
    frame : DataFrame
        Its words read, see ``skae._tables.words``, its rows numbered.
    random_state : int
        Seed of the models, and of the cells that are hidden to judge them.
    are_pixels : bool, default=False
        Whether the columns are pixels, which no image may mark by leaving them out.

    Returns
    -------
    filling : Filling
        Texts of many kinds, names of rows, and columns of one value are left as they are.

    Examples
    --------
    >>> x = np.arange(60.0)
    >>> frame = pd.DataFrame({"x": x, "y": np.where(x % 9, 2 * x, np.nan), "note": ["-"] * 60})
    >>> filling = fill_gaps(frame, 0)
    >>> bool(np.abs(filling.values["y"] - 2 * x[::9]).max() < 4)
    True
    >>> filling.columns[0].error < 2 < filling.columns[0].usual
    True
    """
    useful, left_out = informative_columns(frame)
    # Numbers that count rows may be days or places: they say something of other columns.
    numbers = [n for n in frame if is_number(frame[n]) and frame[n].notna().any()]
    used = [n for n in frame if n in useful or (n in numbers and not is_too_long(frame[n]))]
    kinds = {name: kind_of(frame[name], name) for name in used}
    # A mark that is set or not, be it "x" or 1: its gaps may stand for the other value.
    one_valued = [name for name in kinds if not are_pixels and frame[name].nunique() == 1]
    texts = [name for name, kind in kinds.items() if isinstance(kind, Texts)]
    known = [kind for name, kind in kinds.items() if name not in (*one_valued, *texts)]
    gappy = [kind.name for kind in known if frame[kind.name].isna().any()]
    left = _left_as_they_are(frame, {
        "one value": one_valued, "texts of over 40 kinds": texts,
        "nothing to fill from": [name for name in frame if name not in used],
    })  # fmt: skip
    left += [note for note in left_out if any(why in note for why in (MIXED, OWN_TEXTS, TOO_LONG))]
    if not gappy:
        return Filling({}, [], left)
    filled = _fill(frame, known, gappy, random_state)
    values = {name: filled[name][frame[name].isna()] for name in gappy}
    return Filling(values, _judge(frame, known, gappy, random_state), left)


def _left_as_they_are(frame: pd.DataFrame, reasons: dict[str, list[str]]) -> list[str]:
    gaps = {
        reason: [f"{n} ({frame[n].isna().sum():,})" for n in names if frame[n].isna().any()]
        for reason, names in reasons.items()
    }
    return [f"Gaps left, {reason}: {listed(names)}." for reason, names in gaps.items() if names]


def _fill(
    frame: pd.DataFrame, known: list[Column], gappy: list[str], random_state: int
) -> dict[str, pd.Series]:
    """All cells of columns with gaps, as a fit to the known ones expects them."""
    blocks = []
    for column in known:
        cells = frame[column.name]
        # Kinds learn from known cells, so that a gap is no category and no column of its own.
        block = column.fit(cells.dropna()).encode(cells)
        block[cells.isna()] = np.nan
        blocks.append(block)
    imputer = AutoencoderImputer(keep_empty_features=True, random_state=random_state)
    filled = imputer.fit_transform(np.hstack(blocks))
    ends = np.cumsum([block.shape[1] for block in blocks])
    parts = zip(known, np.split(filled, ends[:-1], axis=1), strict=True)
    return {
        column.name: _decoded(column, block, frame[column.name])
        for column, block in parts
        if column.name in gappy
    }


def _decoded(column: Column, block: np.ndarray, cells: pd.Series) -> pd.Series:
    values = column.decode(block)
    if type(column) is Numbers:
        # Whole numbers with gaps are often read as others.
        seen = cells.dropna()
        if (seen == seen.round()).all():
            values = values.round()
    return values.set_axis(cells.index)


def _judge(
    frame: pd.DataFrame, known: list[Column], gappy: list[str], random_state: int
) -> list[ColumnFilled]:
    """Hide known cells, fill them, and compare."""
    rng = np.random.default_rng(random_state)
    hidden = {}
    for name in gappy:
        rows = np.flatnonzero(frame[name].notna())
        # What is left must hold two values.
        n_hidden = min(max(1, round(HIDDEN_SHARE * len(rows))), len(rows) - 2)
        hidden[name] = rng.permutation(rows)[: max(0, n_hidden)]
    kept = frame[[column.name for column in known]].copy()
    for name, rows in hidden.items():
        kept.loc[kept.index[rows], name] = None
    filled = _fill(kept, known, gappy, random_state)
    kinds = {column.name: column for column in known}
    return [
        _compare(frame[name], kept[name], filled[name], hidden[name], kinds[name]) for name in gappy
    ]


def _compare(
    true: pd.Series, kept: pd.Series, filled: pd.Series, rows: np.ndarray, column: Column
) -> ColumnFilled:
    n_gaps, true, filled = int(true.isna().sum()), true.iloc[rows], filled.iloc[rows]
    if not isinstance(column, Numbers):
        usual = kept.astype(object).mode().iloc[0]
        wrong, usually = (float((true.astype(object) != other).mean()) for other in (filled, usual))
        return ColumnFilled(column.name, n_gaps, len(rows), False, wrong, usually)
    unit = ""
    if column.dtype.kind in "mM":
        seconds = pd.Timedelta(seconds=1)
        true, filled, kept = ((c - kept.min()) / seconds for c in (true, filled, kept))
        unit, scale = _time_unit(kept.std())
        true, filled, kept = (c / scale for c in (true, filled, kept))
    true, filled, kept = (c.astype(float) for c in (true, filled, kept))
    error, usual = (
        float(np.sqrt(np.square(true - other).mean())) for other in (filled, kept.mean())
    )
    return ColumnFilled(column.name, n_gaps, len(rows), True, error, usual, unit)


def _time_unit(seconds: float) -> tuple[str, float]:
    """What such durations are told in, and its seconds."""
    fitting = [(unit, scale) for unit, scale in TIME_UNITS.items() if seconds >= scale]
    return fitting[0] if fitting else ("ms", 1e-3)


def print_filling(filling: Filling, console: Console) -> None:
    """Print one line for each column that was filled, and what was left.

    Parameters
    ----------
    filling : Filling
        From ``fill_file`` or ``fill_gaps``.
    console : rich.console.Console
        Where to print.

    Examples
    --------
    >>> console = Console(width=80)
    >>> age = ColumnFilled("age", 263, 105, True, 11.26, 13.04)
    >>> with console.capture() as printed:
    ...     print_filling(Filling({}, [age], []), console)
    >>> [line.split() for line in printed.get().splitlines() if "age" in line]
    [['age', '263', '105', '±', '11.3', '±', '13']]
    """
    if filling.columns:
        table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        table.add_column("column")
        for heading in ("gaps filled", "cells hidden to judge", "these, filled", "by the usual"):
            table.add_column(heading, justify="right")
        for column in filling.columns:
            wrong = [_in_words(column, error) for error in (column.error, column.usual)]
            table.add_row(Text(column.name), f"{column.n_gaps:,}", f"{column.n_hidden:,}", *wrong)
        console.print(table)
        console.print(
            "± is the root of the mean squared error; the usual is the mean of a column, or its "
            "most frequent word.",
            highlight=False,
        )
    for note in filling.notes:
        console.print(note, markup=False, highlight=False)


def _in_words(column: ColumnFilled, error: float) -> str:
    if np.isnan(error):
        return ""
    return f"± {error:.3g} {column.unit}".rstrip() if column.is_number else f"{error:.1%} wrong"
