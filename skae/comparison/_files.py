"""A user's file of any kind, as a table or as images."""

import bz2
import csv
import gzip
import lzma
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from skae.comparison._csv import find_dialect, read_csv

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}
BROKEN = (gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error, csv.Error)
TEXTS = (".csv", ".tsv")
KINDS = ".csv, .tsv (also with .gz, .bz2 or .xz behind it), .parquet, .npy or .npz"
REMEDY = (
    "Write it again as a table, a line of names and a line for each row, or as an array of numbers."
)
ROWS_IN_NPZ = ("X", "x", "data", "x_train", "X_train", "images", "arr_0")
"""Names that an array of rows usually has among several."""


@dataclass
class Sheet:
    """What a file holds.

    Parameters
    ----------
    frame : DataFrame
        A row for each row or image.
    image_shape : tuple of int, or None
        Height and width, and the number of colours where there are any.
    notes : list of str
        How it was read.
    decimal : {".", ","}
        What stands before the decimals of most numbers in a text.
    texts : DataFrame of str, or None
        What is written in the cells of a text.
    """

    frame: pd.DataFrame
    image_shape: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)
    decimal: str = "."
    texts: pd.DataFrame | None = None


def read_file(path: Path, target: str | None = None) -> Sheet:
    """Read a file by its suffix.

    Parameters
    ----------
    path : Path
        A .csv, .tsv, .parquet, .npy or .npz file, in letters of any case; texts may be packed.
    target : str or None
        An array of a .npz file that is to be a column.

    Returns
    -------
    sheet : Sheet
        Its rows.

    Raises
    ------
    ValueError
        If it cannot be read, with the reason and a remedy.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "IMAGES.NPY"
    ...     np.save(path.open("wb"), np.zeros((20, 4, 3)))
    ...     sheet = read_file(path)
    >>> sheet.frame.shape, sheet.image_shape
    ((20, 12), (4, 3))
    """
    kind = kind_of_file(path)
    try:
        if kind in TEXTS:
            dialect = find_dialect(unpacked(path))
            frame, texts, notes = read_csv(dialect)
            return Sheet(frame, notes=notes, decimal=dialect.decimal, texts=texts)
        if kind == ".parquet":
            return _parquet(path)
        return _npy(path) if kind == ".npy" else _npz(path, target)
    except (ValueError, EOFError, *BROKEN) as error:
        if str(error).startswith(str(path)):
            raise
        reason = str(error).strip().rstrip(".")
        raise ValueError(f"{path} cannot be read: {reason}. Is it {kind[1:]}? {REMEDY}") from error


def kind_of_file(path: Path) -> str:
    """Say what kind of file one is, by its suffix.

    Parameters
    ----------
    path : Path
        Its name, in letters of any case.

    Returns
    -------
    kind : {".csv", ".tsv", ".parquet", ".npy", ".npz"}
        Of a packed text what is in it.

    Raises
    ------
    ValueError
        If it is of another kind.

    Examples
    --------
    >>> kind_of_file(Path("DATA.CSV.gz"))
    '.csv'
    """
    before, kind = ["", "", *(suffix.lower() for suffix in path.suffixes)][-2:]
    if kind in UNPACK and before in TEXTS:
        return before
    if kind not in (*TEXTS, ".parquet", ".npy", ".npz"):
        raise ValueError(f"{path} has the suffix {path.suffix!r}; use {KINDS}.")
    return kind


def unpacked(path: Path) -> bytes:
    """Read a file, and unpack what is packed by its suffix.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    content : bytes
        What is in it.
    """
    unpack = UNPACK.get(path.suffix.lower())
    return path.read_bytes() if unpack is None else unpack(path.read_bytes())


def _parquet(path: Path) -> Sheet:
    frame = pd.read_parquet(path)
    # Names of rows are an index in pandas, and a column of the file.
    return Sheet(frame.set_axis(frame.columns.astype(str), axis=1).reset_index(drop=True))


def _npy(path: Path) -> Sheet:
    return _array(path, np.load(path, allow_pickle=False))


def _npz(path: Path, target: str | None) -> Sheet:
    with np.load(path, allow_pickle=False) as arrays:
        shapes = {name: arrays[name].shape for name in arrays.files}
        name = rows_among(shapes, path)
        sheet = _array(path, arrays[name])
        if target in shapes and shapes[target] == (len(sheet.frame),):
            sheet.frame[target] = arrays[target]
    others = [other for other in shapes if other not in (name, target)]
    if others:
        sheet.notes.append(f"The rows are those of {name}; left out: {', '.join(others)}.")
    return sheet


def rows_among(shapes: Mapping[str, tuple[int, ...]], path: Path) -> str:
    """Find the array of rows among those of a .npz file.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        Of all arrays.
    path : Path
        The file.

    Returns
    -------
    name : str
        The only one of more than one dimension, or the one with a usual name.

    Raises
    ------
    ValueError
        If there are several, or none.

    Examples
    --------
    >>> rows_among({"X": (9, 2), "y": (9,)}, Path("data.npz"))
    'X'
    """
    rows = [name for name, shape in shapes.items() if len(shape) > 1]
    known = [name for name in ROWS_IN_NPZ if name in rows]
    if not known and len(rows) != 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
        raise ValueError(
            f"{path} holds several arrays of rows, or none: {found}. Name the one to read "
            f"{' or '.join(ROWS_IN_NPZ[:2])}, or write it as .npy."
        )
    return known[0] if known else rows[0]


def _array(path: Path, array: np.ndarray) -> Sheet:
    if array.dtype.names:
        return Sheet(pd.DataFrame.from_records(array))
    if array.ndim < 2:
        raise ValueError(
            f"{path} holds an array of shape {array.shape}; rows are needed, an array of shape "
            "(rows, columns) or (images, height, width)."
        )
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{path} holds {array.dtype}; real numbers are needed. {REMEDY}")
    frame = pd.DataFrame(array.reshape(len(array), math.prod(array.shape[1:])))
    frame.columns = frame.columns.astype(str)
    return Sheet(frame, _image_shape(array.shape[1:]))


def _image_shape(shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Height, width and colours, where these are what the axes behind the first can be."""
    if len(shape) == 3 and shape[0] == 1:
        return shape[1:]
    if len(shape) == 3 and shape[2] == 1:
        return shape[:2]
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))
    return shape if is_image else None
