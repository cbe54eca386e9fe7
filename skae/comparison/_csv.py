"""Text tables of any dialect: what stands between cells, decimal commas, other alphabets."""

import csv
import io
import re
from itertools import islice

import pandas as pd

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
N_LINES_LOOKED_AT = 100
DECIMAL_COMMA = re.compile(r"\s*[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*")
THOUSANDS_POINT = re.compile(r"\s*[-+]?\d{1,3}(\.\d{3})+(,\d+)?\s*")
DECIMAL_POINT = re.compile(r"\s*[-+]?\d*\.\d+\s*")
NUMBER = re.compile(r"\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?\s*")


def read_csv(content: bytes) -> tuple[pd.DataFrame, list[str]]:
    r"""Read a text table, whatever stands between its cells.

    Parameters
    ----------
    content : bytes
        The file.

    Returns
    -------
    frame : DataFrame
        The table.
    notes : list of str
        How it was read, where that is not as usual.

    Raises
    ------
    ValueError
        If it holds no table.

    Examples
    --------
    >>> frame, notes = read_csv("größe;farbe\n1,5;rot\n2,5;blau\n".encode("latin-1"))
    >>> frame["größe"].tolist()
    [1.5, 2.5]
    >>> print(*notes)
    Read as Latin-1 text. Read with semicolons between cells and decimal commas.
    """
    text, notes = _decode(content)
    lines = [line for line in islice(io.StringIO(text), N_LINES_LOOKED_AT) if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    # Excel's own line, which says what stands between cells.
    told = re.fullmatch(r"sep=(.)\s*", lines[0])
    if told:
        text, lines = text.partition("\n")[2], lines[1:]
    separator = told[1] if told else _separator(lines)
    header, *cells = csv.reader(lines, delimiter=separator)
    # A first row of numbers holds no names, if it does not count the columns.
    counts = [str(number) for number in range(len(header))]
    header = [name.strip() for name in header]
    has_names = header == counts or not all(NUMBER.fullmatch(cell) for cell in header)
    marks = _marks([cell for row in (cells if has_names else [header, *cells]) for cell in row])
    frame = pd.read_csv(
        io.StringIO(text), sep=separator, header=0 if has_names else None,
        skipinitialspace=True, low_memory=False, **marks,
    )  # fmt: skip
    frame.columns = frame.columns.astype(str).str.strip()
    return frame, [*notes, *_describe(separator, marks), *_about_names(header, has_names)]


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("latin-1"), ["Read as Latin-1 text."]


def _separator(lines: list[str]) -> str:
    """What cuts most lines into equally many cells, and into more than one."""

    def agreement(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(SEPARATORS, key=agreement)


def _marks(cells: list[str]) -> dict[str, str]:
    """How numbers are written."""
    has_points = any(DECIMAL_POINT.fullmatch(c) and not THOUSANDS_POINT.fullmatch(c) for c in cells)
    has_commas = any(DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    if has_points or not has_commas:
        return {}
    groups = any(THOUSANDS_POINT.fullmatch(cell) for cell in cells)
    return {"decimal": ",", **({"thousands": "."} if groups else {})}


def _describe(separator: str, marks: dict[str, str]) -> list[str]:
    how = [] if separator in ",\t" else [f"{SEPARATORS.get(separator, separator)} between cells"]
    how += ["decimal commas"] if marks else []
    return [f"Read with {' and '.join(how)}."] if how else []


def _about_names(header: list[str], has_names: bool) -> list[str]:
    if not has_names:
        return ["The first line holds numbers: columns are named by their position, from 0."]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    return [f"{header.count(n)} columns are named {n}: the second is {n}.1 here." for n in twice]
