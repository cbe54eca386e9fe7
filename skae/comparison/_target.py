"""The target of a table: classes, numbers, or neither; and a split that suits it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from skae._tables.kinds import is_number
from skae.comparison._columns import listed

MAX_CLASSES = 100
MAX_NUMBERED_CLASSES = 30
"""Whole numbers of more values than that are numbers."""


@dataclass
class Target:
    """What is to be predicted.

    Parameters
    ----------
    values : ndarray of shape (n,), or None
        Classes or numbers; None where the column can be neither.
    are_classes : bool
        Whether they are classes.
    rows : ndarray of int
        Rows of the table that have a target.
    notes : list of str
        What was made of it.
    """

    values: np.ndarray | None
    are_classes: bool
    rows: np.ndarray
    notes: list[str] = field(default_factory=list)


def read_target(column: pd.Series, name: str) -> Target:
    """Decide what a column can be a target of.

    Parameters
    ----------
    column : Series
        Its words read, see ``skae._tables.words``.
    name : str
        Its name.

    Returns
    -------
    target : Target
        Words and bools are classes, and so are whole numbers of few values.

    Examples
    --------
    >>> target = read_target(pd.Series(["a", None, "b", "a"] * 5), "kind")
    >>> target.are_classes, target.notes
    (True, ['5 rows without kind left out.'])
    >>> read_target(pd.Series([0.5, 1.5, 2.5]), "price").are_classes
    False
    """
    rows = np.flatnonzero(column.notna())
    n_missing = len(column) - len(rows)
    rows_in_words = "1 row" if n_missing == 1 else f"{n_missing:,} rows"
    notes = [f"{rows_in_words} without {name} left out."] if n_missing else []
    column = column.iloc[rows]
    if column.dtype.kind in "mM":
        column = column.astype("int64")
    n_values, n_rows = column.nunique(), len(rows)
    if n_values < 2:
        notes.append(f"{name} has one value alone: there is nothing to predict.")
        return Target(None, False, rows, notes)
    if is_number(column):
        whole = bool((column == column.round()).all())
        if not whole or n_values > min(MAX_NUMBERED_CLASSES, n_rows // 4):
            return Target(column.to_numpy(np.float64), False, rows, notes)
    elif n_values > min(MAX_CLASSES, n_rows // 4):
        notes.append(
            f"{name} has {n_values} different values, too many for classes: no accuracy is shown."
        )
        return Target(None, False, rows, notes)
    return Target(column.to_numpy(), True, rows, notes)


def split(target: Target, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    """Split rows 75/25, with the same share of each class on both sides.

    Parameters
    ----------
    target : Target
        Its notes name classes of a single row, which is trained on.
    random_state : int
        Seed of the split.

    Returns
    -------
    train, test : ndarray of int
        Numbers among the rows that have a target.

    Examples
    --------
    >>> target = read_target(pd.Series(["a"] * 30 + ["b"] * 10 + ["c"]), "kind")
    >>> train, test = split(target, 0)
    >>> sorted(target.values[test]).count("b"), target.notes
    (2, ['Classes of one row alone, which is trained on and cannot be held out: c.'])
    """
    numbers = np.arange(len(target.rows))
    if target.values is None or not target.are_classes:
        return tuple(train_test_split(numbers, test_size=0.25, random_state=random_state))
    names, counts = np.unique(target.values.astype(str), return_counts=True)
    of_one = names[counts == 1]
    is_alone = np.isin(target.values.astype(str), of_one)
    if len(of_one):
        target.notes.append(
            f"Classes of one row alone, which is trained on and cannot be held out: "
            f"{listed(of_one.tolist())}."
        )
    others = numbers[~is_alone]
    # Each class needs a row on both sides.
    is_possible = len(names) - len(of_one) <= len(others) // 4
    train, test = train_test_split(
        others,
        test_size=0.25,
        random_state=random_state,
        stratify=target.values[others].astype(str) if is_possible else None,
    )
    return np.concatenate([train, numbers[is_alone]]), test
