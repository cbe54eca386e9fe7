"""Text tables of any dialect: what stands between cells, decimal commas, other alphabets."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from skae._tables.amounts import PATTERNS, are_padded
from skae._tables.kinds import is_number
from skae.comparison._columns import listed
from skae.comparison._first_line import about_names, has_names

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
N_LINES_LOOKED_AT = 100
MARKS_OF_LETTERS = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"\xef\xbb\xbf": "utf-8",
}
BYTES_OF_WINDOWS = [bytes([number]) for number in range(0x80, 0xA0)]
NAMES_OF_LETTERS = {"latin-1": "Latin-1", "cp1252": "Windows-1252"}
DECIMAL_COMMA = re.compile(r"\s*[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*")
THOUSANDS_POINT = re.compile(r"\s*[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?\s*")
DECIMAL_POINT = re.compile(r"\s*[-+]?\d*\.\d+\s*")
DAY = re.compile(r"(19|20)\d{6}")
MIN_DAYS = 5
"""Fewer different numbers of eight digits may be days by chance."""


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Parameters
    ----------
    mark : bytes
        What stands before the text and says how its letters are written.
    encoding : str
        How they are.
    text : str
        The file without the mark; and without the line of Excel that names the separator.
    excel : str
        That line.
    separator : str
        What stands between cells.
    has_names : bool
        Whether the first line names the columns.
    header : list of str
        The cells of the first line.
    numbers : dict of str to str
        How numbers are written in all columns, as pandas is told it.
    decimal : {".", ","}
        What stands before the decimals of a number where its column does not show it.
    beyond : {"", "empty", "full"}
        What stands in cells behind the last one that has a name, where rows have such cells.
    about_names : list of str
        How columns are named, where that is not as usual.
    """

    mark: bytes
    encoding: str
    text: str
    excel: str
    separator: str
    has_names: bool
    header: list[str]
    numbers: dict[str, str]
    decimal: str
    beyond: str
    about_names: list[str]


def read_csv(dialect: Dialect) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    r"""Read a text table, whatever stands between its cells.

    Parameters
    ----------
    dialect : Dialect
        From ``find_dialect``.

    Returns
    -------
    frame : DataFrame
        The table.
    texts : DataFrame of str
        What is written in its cells.
    notes : list of str
        How it was read, where that is not as usual.

    Raises
    ------
    ValueError
        If it holds no table.

    Examples
    --------
    >>> content = "größe;farbe\n1,5;rot\n2,5;blau\n".encode("latin-1")
    >>> frame, texts, notes = read_csv(find_dialect(content))
    >>> frame["größe"].tolist(), texts["größe"].tolist()
    ([1.5, 2.5], ['1,5', '2,5'])
    >>> print(*notes)
    Read as Latin-1 text. Read with semicolons between cells and decimal commas.
    """
    # pandas would take the first column for names of rows where each line ends in a separator.
    named = {"index_col": False, "usecols": range(len(dialect.header))}

    def read(**how: Any) -> pd.DataFrame:
        frame = pd.read_csv(
            io.StringIO(dialect.text), sep=dialect.separator, skipinitialspace=True,
            header=0 if dialect.has_names else None, **how,
            **(named if dialect.beyond == "empty" else {}),
        )  # fmt: skip
        frame.columns = frame.columns.astype(str).str.strip()
        return frame

    frame = read(low_memory=False, **dialect.numbers)
    texts = read(dtype=str, keep_default_na=False).fillna("")
    notes = []
    if dialect.encoding in NAMES_OF_LETTERS:
        notes.append(f"Read as {NAMES_OF_LETTERS[dialect.encoding]} text.")
    notes += _describe(dialect.separator, dialect.numbers)
    if len(dialect.header) == 1:
        notes.append("Each line is one cell: commas, semicolons, tabs or bars would part more.")
    if dialect.beyond == "full":
        notes.append("Rows have more cells than the first line: the first ones name the rows.")
    dates = _take_back_numbers(frame, texts)
    notes += [f"Read as dates: {listed(dates)}."] if dates else []
    return frame, texts, [*notes, *dialect.about_names]


def _take_back_numbers(frame: pd.DataFrame, texts: pd.DataFrame) -> list[str]:
    """What pandas takes for numbers, though it is names with zeros before them, or days.

    Returns the names of the columns of days.
    """
    days = []
    for name in frame:
        known = frame[name].notna().to_numpy()
        if not is_number(frame[name]) or not known.any():
            continue
        values = frame[name].to_numpy(np.float64, na_value=np.nan)[known]
        if (values != np.rint(values)).any():
            continue
        cells = texts[name].str.strip()
        if are_padded(cells[known]):
            frame[name] = cells.where(known, None)
        elif cells[known].str.fullmatch(r"[-+]?\d{16,18}").any():
            # Among gaps pandas has rounded them.
            if cells[known].str.fullmatch(r"[-+]?\d{1,18}").all():
                whole = cells.where(known, "0").astype("int64").astype("Int64")
                frame[name] = whole.where(known, pd.NA)
        elif cells[known].str.fullmatch(DAY).all() and cells[known].nunique() >= MIN_DAYS:
            read = pd.to_datetime(cells.where(known, None), format="%Y%m%d", errors="coerce")
            if read[known].notna().all():
                frame[name] = read
                days.append(name)
    return days


def find_dialect(content: bytes) -> Dialect:
    r"""Find out how a text table is written.

    Parameters
    ----------
    content : bytes
        The file.

    Returns
    -------
    dialect : Dialect
        As its first lines show it.

    Raises
    ------
    ValueError
        If it is empty, or no text.

    Examples
    --------
    >>> dialect = find_dialect(b"size;kind\n1,5;a\n")
    >>> dialect.separator, dialect.numbers
    (';', {'decimal': ','})
    """
    mark, encoding = _encoding(content)
    text, excel = content[len(mark) :].decode(encoding), ""
    if "\0" in text:
        raise ValueError("it holds zero bytes, so it is no text")
    # A line may end in \n, \r\n or \r.
    first = islice(io.StringIO(text, newline=None), N_LINES_LOOKED_AT)
    lines = [line for line in first if line.strip()]
    # Excel's own line, which says what stands between cells.
    told = re.match(r"sep=(.)[^\S\r\n]*(\r\n|\r|\n|\Z)", text)
    if told:
        excel, text, lines = told[0], text[told.end() :], lines[1:]
    if not lines:
        raise ValueError("it is empty")
    separator = told[1] if told else _separator(lines)
    header, *cells = _cells(lines, separator)
    header = [name.strip() for name in header]
    named = has_names(header, cells)
    rows = cells if named else [header, *cells]
    numbers, decimal = _marks([cell for row in rows for cell in row])
    widths = [len(row) for row in rows]
    if len(header) == 1 and widths and max(set(widths), key=widths.count) > 2:
        raise ValueError(
            f"its first line is one cell, {header[0]!r}, and others have {max(widths)}. Remove "
            "what stands above the names of the columns"
        )
    is_wider = named and any(width > len(header) for width in widths)
    beyond = _beyond(text, separator, len(header)) if is_wider else ""
    notes = about_names(header, cells)
    return Dialect(
        mark, encoding, text, excel, separator, named, header, numbers, decimal, beyond, notes
    )


def _beyond(text: str, separator: str, n_names: int) -> str:
    """What stands behind the last cell with a name, in all rows."""
    rows = _cells(io.StringIO(text, newline=None), separator)
    return "full" if any(cell.strip() for row in rows for cell in row[n_names:]) else "empty"


def _cells(lines: Iterable[str], separator: str) -> list[list[str]]:
    # The limit is one of the whole process, and a cell may be longer.
    limit = csv.field_size_limit(2**31 - 1)
    try:
        return list(csv.reader(lines, delimiter=separator))
    finally:
        csv.field_size_limit(limit)


def _encoding(content: bytes) -> tuple[bytes, str]:
    for mark, encoding in MARKS_OF_LETTERS.items():
        if content.startswith(mark):
            return mark, encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Both are the same where no byte is one of those that Windows alone has letters for.
        has_own = encoding == "utf-8" or any(byte in content for byte in BYTES_OF_WINDOWS)
        return b"", encoding if has_own else "latin-1"
    return b"", "latin-1"


def _separator(lines: list[str]) -> str:
    """What cuts most lines into equally many cells, and into more than one."""

    def agreement(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in _cells(lines, separator)]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(SEPARATORS, key=agreement)


def _marks(cells: list[str]) -> tuple[dict[str, str], str]:
    """How numbers are written in all columns, and what is before the decimals of some."""
    has_points = any(DECIMAL_POINT.fullmatch(c) and not THOUSANDS_POINT.fullmatch(c) for c in cells)
    commas = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    if has_points or not commas:
        # Among points, commas that cannot part thousands are those of another column.
        return {}, "." if all(map(PATTERNS["."].fullmatch, commas)) else ","
    groups = any(THOUSANDS_POINT.fullmatch(cell) for cell in cells)
    return {"decimal": ",", **({"thousands": "."} if groups else {})}, ","


def _describe(separator: str, marks: dict[str, str]) -> list[str]:
    how = [] if separator in ",\t" else [f"{SEPARATORS.get(separator, separator)} between cells"]
    how += ["decimal commas"] if marks else []
    return [f"Read with {' and '.join(how)}."] if how else []
