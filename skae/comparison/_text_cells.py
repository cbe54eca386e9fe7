"""The cells of a text table where they stand, so that some can be written anew and no others."""

import itertools
import re
from collections.abc import Mapping

from skae.comparison._csv import Dialect


class TextCells:
    r"""A text table as it is written, cell by cell.

    Parameters
    ----------
    dialect : Dialect
        How it is written.

    Attributes
    ----------
    spans : list of list of tuple of int
        For each row where each of its cells begins and ends in the text, quotes included.

    Examples
    --------
    >>> from skae.comparison._csv import find_dialect
    >>> cells = TextCells(find_dialect(b'size,kind\r\n1.50,"a"\r\n,b\r\n'))
    >>> cells.column(0)
    ['1.50', '']
    >>> cells.write({(1, 0): "2.25"})
    b'size,kind\r\n1.50,"a"\r\n2.25,b\r\n'
    """

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        separator = re.escape(dialect.separator)
        # What is quoted may hold separators and ends of lines; a quote within is written twice.
        pattern = rf' *"(?:[^"]++|"")*+"[^{separator}\r\n]*|[^{separator}\r\n]*'
        cell = re.compile(rf"({pattern})({separator}|\r\n|\n|\r|\Z)")
        self.spans: list[list[tuple[int, int]]] = []
        row: list[tuple[int, int]] = []
        for found in cell.finditer(dialect.text):
            row.append(found.span(1))
            if found[2] != dialect.separator:
                # Empty lines are no rows.
                if len(row) > 1 or dialect.text[slice(*row[0])].strip():
                    self.spans.append(row)
                row = []
        del self.spans[: int(dialect.has_names)]

    def column(self, number: int) -> list[str]:
        """Read a column as it is written.

        Parameters
        ----------
        number : int
            Its position.

        Returns
        -------
        texts : list of str
            One for each row, without quotes and spaces around it; "" where a row has no such cell.
        """
        text = self.dialect.text
        return [
            _unquoted(text[slice(*row[number])]) if number < len(row) else "" for row in self.spans
        ]

    def write(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """Write the file again, some of its cells anew.

        Parameters
        ----------
        cells : dict of (int, int) to str
            What stands in the cell of a row and a column.

        Returns
        -------
        content : bytes
            Every other byte is what it was.
        """
        text, separator = self.dialect.text, self.dialect.separator
        pieces, at = [self.dialect.excel], 0
        for row, new in itertools.groupby(sorted(cells), key=lambda place: place[0]):
            columns, spans = [column for _, column in new], self.spans[row]
            for column in (column for column in columns if column < len(spans)):
                begin, end = spans[column]
                is_quoted = text[begin:end].lstrip().startswith('"')
                pieces += [text[at:begin], self._as_cell(cells[row, column], is_quoted)]
                at = end
            # Cells of a row that ended before them.
            for column in range(len(spans), columns[-1] + 1):
                pieces += [text[at : spans[-1][1]], separator]
                pieces += [self._as_cell(cells.get((row, column), ""), False)]
                at = spans[-1][1]
        content = "".join([*pieces, text[at:]])
        return self.dialect.mark + content.encode(self.dialect.encoding)

    def _as_cell(self, text: str, is_quoted: bool) -> str:
        if is_quoted or re.search(rf'["\r\n{re.escape(self.dialect.separator)}]', text):
            return '"' + text.replace('"', '""') + '"'
        return text


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    is_quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"').strip() if is_quoted else cell
