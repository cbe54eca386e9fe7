"""A file whose gaps are filled, written as it was: ``skae impute``."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from skae.comparison._csv import find_dialect
from skae.comparison._files import TEXTS, kind_of_file, read_file, rows_among, unpacked
from skae.comparison._filling import Filling, fill_gaps
from skae.comparison._gap_words import about_gap_words, words_in_gaps
from skae.comparison._spelling import spell
from skae.comparison._tables import MIN_ROWS, read_cells
from skae.comparison._text_cells import TextCells

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def fill_file(path: Path, output: Path, random_state: int) -> Filling:
    r"""Fill the gaps of a file, and write it again.

    Parameters
    ----------
    path : Path
        A file of any kind that ``read_table`` takes.
    output : Path
        Another one, of the same kind; a text may be packed or not.
    random_state : int
        Seed of the model.

    Returns
    -------
    filling : Filling
        What was filled, how well, and what was left.

    Raises
    ------
    ValueError
        If the file cannot be read, or the output is of another kind or the file itself.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "data.csv"
    ...     text = "x,y\n" + "".join(f"{n}.50,{2 * n}\n" for n in range(30)) + "7.50,\n"
    ...     _ = path.write_text(text)
    ...     filling = fill_file(path, path.with_name("filled.csv"), 0)
    ...     path.with_name("filled.csv").read_text().splitlines()[-1]
    '7.50,14'
    """
    kind, output_kind = kind_of_file(path), kind_of_file(output)
    if kind != output_kind:
        raise ValueError(
            f"{path} is filled as {kind}, but -o is {output}. Name a file that ends in {kind}."
        )
    if output.exists() and output.samefile(path):
        raise ValueError(f"-o {output} is the file that is filled. Name another one.")
    sheet = read_file(path)
    if len(sheet.frame) < MIN_ROWS:
        raise ValueError(f"{path} has {len(sheet.frame)} rows; {MIN_ROWS} are needed.")
    frame, notes = read_cells(sheet, path)
    filling = fill_gaps(frame, random_state, are_pixels=sheet.image_shape is not None)
    filling.notes[:0] = [*sheet.notes, *notes]
    if kind in TEXTS:
        content = _text(path, sheet.frame, frame, filling)
        pack = PACK.get(output.suffix.lower())
        output.write_bytes(content if pack is None else pack(content))
    elif kind == ".parquet":
        words = words_in_gaps(sheet.frame, frame[list(filling.values)])
        filling.notes.extend(about_gap_words(words))
        _write_parquet(path, output, filling)
    else:
        _write_arrays(path, output, sheet.frame, filling)
    return filling


def _text(path: Path, sheet: pd.DataFrame, frame: pd.DataFrame, filling: Filling) -> bytes:
    """The same text but for its gaps, and a note on the words that were among them."""
    dialect = find_dialect(unpacked(path))
    table = TextCells(dialect)
    # pandas takes what has no name for names of rows.
    n_before = 0 if isinstance(sheet.index, pd.RangeIndex) else sheet.index.nlevels
    if len(table.spans) != len(sheet):
        raise ValueError(
            f"{path} has {len(sheet)} rows in {len(table.spans)} lines of cells. Where a quotation "
            "mark opens a cell, another has to close it."
        )
    cells: dict[tuple[int, int], str] = {}
    overwritten = {}
    for name, values in list(filling.values.items()):
        position = sheet.columns.get_loc(name) + n_before
        texts = np.array(table.column(position), dtype=object)
        known = frame[name].dropna()
        try:
            written = spell(values, known, texts[known.index].tolist())
        except ValueError as error:
            filling.leave(name, f"{error} is known")
            continue
        cells |= {(row, position): t for row, t in zip(values.index, written, strict=True)}
        overwritten[name] = texts[values.index]
    filling.notes.extend(about_gap_words(overwritten))
    return table.write(cells)


def _write_parquet(path: Path, output: Path, filling: Filling) -> None:
    """The same columns, in their dtypes, with what pandas noted about them."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    table = parquet.read_table(path)
    for name, values in list(filling.values.items()):
        number = table.column_names.index(name)
        column, kind = table.column(number), table.schema.field(number).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        rows = values.reindex(range(len(column)))
        is_gap = np.zeros(len(column), bool)
        is_gap[values.index] = True
        try:
            found = pa.array(rows, from_pandas=True).cast(plain, safe=False)
        except pa.ArrowNotImplementedError:
            filling.leave(name, f"{plain} is not read")
            continue
        filled = compute.if_else(pa.array(is_gap), found, column.cast(plain))
        if pa.types.is_dictionary(kind):
            filled = filled.dictionary_encode().cast(kind)
        table = table.set_column(number, table.schema.field(number), filled)
    parquet.write_table(table, output)


def _write_arrays(path: Path, output: Path, sheet: pd.DataFrame, filling: Filling) -> None:
    """The same arrays, in their shapes and dtypes."""
    with path.open("rb") as file:
        loaded = np.load(file, allow_pickle=False)
        arrays = {} if isinstance(loaded, np.ndarray) else dict(loaded)
    name = rows_among({key: array.shape for key, array in arrays.items()}, path) if arrays else ""
    rows = arrays[name] if arrays else loaded
    for column, values in filling.values.items():
        if rows.dtype.names:
            rows[column][values.index] = values
        else:
            place = np.unravel_index(sheet.columns.get_loc(column), rows.shape[1:])
            rows[(values.index, *place)] = values
    # Opened here, since numpy would add a suffix to a name in capitals.
    with output.open("wb") as file:
        if arrays:
            np.savez_compressed(file, **arrays)
        else:
            np.save(file, rows)
