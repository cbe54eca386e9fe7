"""What is compared on: training and held-out rows, from the bundled digits or a user's file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from skae import TableEncoder
from skae._tables.gaps import fit_gap_filler
from skae._tables.kinds import is_number, needs_skrub
from skae._tables.words import as_frame, fit_reader, nested_columns
from skae.comparison._cells import Cells
from skae.comparison._columns import informative_columns, listed, refuse_infinite
from skae.comparison._files import Sheet, read_file
from skae.comparison._gap_words import about_gap_words, words_in_gaps
from skae.comparison._notes import about_columns, about_copies, about_pixels
from skae.comparison._target import Target, read_target, split
from skae.datasets import load_mnist_sample

MIN_ROWS = 8


@dataclass
class Table:
    """Rows to fit on, rows to judge by, and what is known of them.

    Parameters
    ----------
    name : str
        A title.
    train, test : ndarray of float32, shape (n, n_features)
        The rows.
    train_target, test_target : ndarray of shape (n,), or None
        Classes, or numbers to predict.
    image_shape : tuple of int, or None
        Height and width, and the number of colours, where a row is an image.
    notes : list of str
        What was done to the data, or left out.
    are_classes : bool
        Whether the target holds classes.
    target_name : str or None
        What the target is called.
    cells : Cells or None
        The held-out rows as cells of a table, where they are not images.

    Examples
    --------
    >>> rows = np.zeros((8, 3), np.float32)
    >>> Table("zeros", rows[:6], rows[6:]).image_shape is None
    True
    """

    name: str
    train: np.ndarray
    test: np.ndarray
    train_target: np.ndarray | None = None
    test_target: np.ndarray | None = None
    image_shape: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)
    are_classes: bool = True
    target_name: str | None = None
    cells: Cells | None = None

    @property
    def n_columns(self) -> int:
        """Columns of the table, or pixels of an image: a larger code is no code."""
        return self.train.shape[1] if self.cells is None else len(self.cells.encoder.kinds_)


def mnist_sample() -> Table:
    """Load the bundled 5,000 training and 1,000 test digits.

    Returns
    -------
    table : Table
        Pixels in [0, 1], with the digits as classes.

    Examples
    --------
    >>> table = mnist_sample()
    >>> table.train.shape, table.test.shape, table.image_shape
    ((5000, 784), (1000, 784), (28, 28))
    """
    train, train_target = load_mnist_sample(subset="train", return_X_y=True)
    test, test_target = load_mnist_sample(subset="test", return_X_y=True)
    notes = ["Pixels in [0, 1], not standardised."]
    name = "MNIST sample, 5,000 training and 1,000 test images"
    return Table(name, train, test, train_target, test_target, (28, 28), notes, target_name="digit")


def read_table(path: Path, target: str | None, random_state: int) -> Table:
    """Read a user's file, split it 75/25 and write its columns as numbers.

    Parameters
    ----------
    path : Path
        A .csv, .tsv, .parquet, .npy or .npz file.
    target : str or None
        Column of classes or numbers to predict; it is not a feature.
    random_state : int
        Seed of the split.

    Returns
    -------
    table : Table
        The rows; its notes say what was made of the file, and what was left out.

    Raises
    ------
    ValueError
        If the file cannot be used, with the reason.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.csv"
    ...     load_iris(as_frame=True).frame.to_csv(path, index=False)
    ...     table = read_table(path, "target", random_state=0)
    >>> table.train.shape, sorted(set(table.train_target.tolist()))
    ((112, 4), [0, 1, 2])
    """
    sheet = read_file(path, target)
    is_image = sheet.image_shape is not None
    frame, goal = _rows_and_target(sheet, path, target)
    if not is_image:
        frame, left_out = informative_columns(frame)
        sheet.notes += left_out
    if frame.shape[1] < 2:
        raise ValueError(
            f"{path} has {frame.shape[1]} columns to compare on; 2 are needed. "
            f"{' '.join(sheet.notes)}"
        )
    if is_image and frame.nunique().max() < 2:
        raise ValueError(f"{path} holds the same image {len(frame)} times; images must differ.")
    # What is learned of the columns is learned of the training rows alone.
    parts = split(goal, random_state)
    rows = [frame.iloc[part] for part in parts]
    encoder = None if is_image else TableEncoder().fit(rows[0])
    train, test = map(_pixels(rows[0]) if encoder is None else encoder.transform, rows)
    said = about_pixels(frame) if encoder is None else about_columns(frame, encoder)
    said += about_copies(train, test)
    targets = [None if goal.values is None else goal.values[part] for part in parts]
    return Table(
        f"{path.name}, {len(train):,} training and {len(test):,} held-out rows",
        train,
        test,
        targets[0],
        targets[1],
        sheet.image_shape,
        [*sheet.notes, *goal.notes, *said],
        goal.are_classes,
        target,
        None if encoder is None else Cells(encoder, rows[0], rows[1]),
    )


def _rows_and_target(sheet: Sheet, path: Path, target: str | None) -> tuple[pd.DataFrame, Target]:
    """The rows that have a target where one is named, and the target."""
    frame, notes = read_cells(sheet, path, target)
    # Gaps of numbers need no word, whatever they are called.
    written = {} if sheet.texts is None else {
        name: sheet.texts[name] for name in sheet.frame if not is_number(sheet.frame[name])
    }  # fmt: skip
    words = words_in_gaps(sheet.frame.assign(**written), frame)
    sheet.notes += [*notes, *about_gap_words(words)]
    goal = Target(None, False, np.arange(len(frame)))
    if target is not None:
        if target not in frame:
            columns = ", ".join(map(str, frame.columns[:20]))
            raise ValueError(
                f"--target {target!r} is not a column of {path}. Its columns: {columns}"
            )
        goal = read_target(frame.pop(target), target)
    if len(goal.rows) < MIN_ROWS:
        which = "rows" if len(goal.rows) == len(frame) else f"rows with a {target}"
        raise ValueError(f"{path} has {len(goal.rows)} {which}; {MIN_ROWS} are needed.")
    return frame.iloc[goal.rows], goal


def read_cells(
    sheet: Sheet, path: Path, target: str | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Read the words of a sheet as skrub does, or without it the columns that need no reading.

    Parameters
    ----------
    sheet : Sheet
        From ``read_file``.
    path : Path
        Its file.
    target : str or None
        A column that is kept for itself.

    Returns
    -------
    frame : DataFrame
        Rows and columns in the order of the sheet.
    notes : list of str
        What was left out.

    Raises
    ------
    ValueError
        If a cell is infinite.

    Examples
    --------
    >>> sheet = Sheet(pd.DataFrame({"x": [1, 2], "y": [[1], [2, 3]]}))
    >>> read_cells(sheet, Path("data.parquet"))[1]
    ['Left out, several values in a cell: y.']
    """
    refuse_infinite(sheet.frame, path)
    nested = nested_columns(sheet.frame)
    notes = [f"Left out, several values in a cell: {listed(nested)}."] if nested else []
    frame = as_frame(sheet.frame.drop(columns=nested))
    frame, left_out = _read_words(frame, target, sheet.decimal)
    return frame, [*notes, *left_out]


def _read_words(
    frame: pd.DataFrame, target: str | None, decimal: str
) -> tuple[pd.DataFrame, list[str]]:
    """Words as skrub reads them, or without it the columns that need no reading."""
    words = [name for name in frame if needs_skrub(frame[name])]
    if not words or find_spec("skrub") is not None:
        return fit_reader(frame, decimal)[1], []
    left_out = [name for name in words if name != target]
    note = (
        f"Left out, words: {listed(left_out)}. pip install 'skae[tables]' to compare on them too."
    )
    return frame.drop(columns=left_out), [note] if left_out else []


def _pixels(train: pd.DataFrame) -> Callable[[pd.DataFrame], np.ndarray]:
    """Images as they are, their gaps filled as those of training would be."""
    filler = fit_gap_filler(train)
    return lambda frame: filler.transform(frame.to_numpy()).astype(np.float32)
