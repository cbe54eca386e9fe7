"""What is compared on: training and held-out rows, from the bundled digits or a user's file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skae.datasets import load_mnist_sample

MAX_CLASSES = 100
READERS = {".csv": pd.read_csv, ".parquet": pd.read_parquet}


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
        Classes.
    image_shape : (int, int), or None
        Height and width, where a row is an image.
    notes : list of str
        What was done to the data, or left out.

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
    image_shape: tuple[int, int] | None = None
    notes: list[str] = field(default_factory=list)


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
    return Table(name, train, test, train_target, test_target, (28, 28), notes)


def read_table(path: Path, target: str | None, random_state: int) -> Table:
    """Read a user's table, split it 75/25 and standardise its numeric columns.

    Parameters
    ----------
    path : Path
        A .csv, .parquet or .npy file.
    target : str or None
        Column of classes; it is not a feature.
    random_state : int
        Seed of the split.

    Returns
    -------
    table : Table
        The rows; columns that are not numbers are named in its notes.

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
    frame, notes = _read_frame(path), []
    # The target is a column of classes where its values repeat.
    classes = None
    if target is not None:
        if target not in frame:
            columns = ", ".join(map(str, frame.columns[:20]))
            raise ValueError(
                f"--target {target!r} is not a column of {path}. Its columns: {columns}"
            )
        classes = frame.pop(target).to_numpy()
        n_classes = pd.Series(classes).nunique(dropna=False)
        if n_classes > min(MAX_CLASSES, len(classes) // 4):
            notes.append(
                f"{target} has {n_classes} different values, too many for classes: no accuracy is "
                "shown."
            )
            classes = None
    values, left_out = _numbers(frame, path)
    if left_out:
        notes.append("Left out, not numbers: " + ", ".join(left_out) + ".")
    # Means and deviations are those of the training rows alone.
    train, test = train_test_split(
        np.arange(len(values)), test_size=0.25, random_state=random_state
    )
    scaler = StandardScaler().fit(values[train])
    notes.append("Columns standardised by the training rows, 75 % of all.")
    return Table(
        f"{path.name}, {len(train):,} training and {len(test):,} held-out rows",
        scaler.transform(values[train]).astype(np.float32),
        scaler.transform(values[test]).astype(np.float32),
        None if classes is None else classes[train],
        None if classes is None else classes[test],
        notes=notes,
    )


def _read_frame(path: Path) -> pd.DataFrame:
    if path.suffix in READERS:
        return READERS[path.suffix](path)
    if path.suffix != ".npy":
        raise ValueError(f"{path} has the suffix {path.suffix!r}; use .csv, .parquet or .npy.")
    array = np.load(path, allow_pickle=False)
    if array.ndim < 2:
        raise ValueError(f"{path} holds an array of shape {array.shape}; rows are needed.")
    frame = pd.DataFrame(array.reshape(len(array), -1))
    frame.columns = frame.columns.astype(str)
    return frame


def _numbers(frame: pd.DataFrame, path: Path) -> tuple[np.ndarray, list[str]]:
    """The columns of numbers, and the names of the others."""
    numbers = frame.select_dtypes(["number", "bool"])
    if numbers.shape[1] < 2 or len(numbers) < 8:
        raise ValueError(f"{path} has {numbers.shape} numbers; 8 rows and 2 columns are needed.")
    missing = [str(column) for column in numbers.columns[numbers.isna().any()]]
    if missing:
        raise ValueError(f"{path} has missing values in {', '.join(missing)}. Fill them first.")
    left_out = [str(column) for column in frame.columns if column not in numbers]
    return numbers.to_numpy(np.float64), left_out
