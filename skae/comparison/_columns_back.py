"""What came back of each column, as a table of the report."""

from dataclasses import dataclass

import numpy as np

from skae.comparison._measure import Result
from skae.comparison._tables import Table

MAX_COLUMNS = 40
"""A page that lists more is not read."""

MEASURES = {
    "numbers": "variance explained", "dates": "variance explained",
    "categories": "words right", "texts": "texts right",
}  # fmt: skip


@dataclass
class ColumnsBack:
    """Lines of the table.

    Parameters
    ----------
    n_components : int
        Size of the code.
    lines : list of tuple
        Name, measure, and the cells of "knowing nothing", PCA and autoencoder, each a text and
        whether it is the best.
    n_more : int
        How many columns are not shown.
    """

    n_components: int
    lines: list[tuple[str, str, list[tuple[str, bool]]]]
    n_more: int


def columns_back(table: Table, results: list[Result]) -> ColumnsBack | None:
    """Say what came back of each column at the greatest size of the code.

    Parameters
    ----------
    table : Table
        The rows.
    results : list of Result
        From ``compare``.

    Returns
    -------
    columns : ColumnsBack or None
        None for images, and where a method is missing.

    Examples
    --------
    >>> columns_back(Table("noise", np.zeros((2, 2)), np.zeros((1, 2))), []) is None
    True
    """
    last = results[-2:]
    if table.cells is None or len(last) < 2:
        return None
    every = [table.cells.usual(), *(result.restored or {} for result in last)]
    lines = []
    for name, kind in list(table.cells.encoder.kinds_.items())[:MAX_COLUMNS]:
        shares = [round(shares[name], 3) for shares in every]
        best = [s == np.nanmax(shares) if np.isfinite(shares).any() else False for s in shares]
        is_tie = sum(best) > 1
        texts = ["" if np.isnan(share) else f"{share:.1%}" for share in shares]
        marked = [(text, bool(b and not is_tie)) for text, b in zip(texts, best, strict=True)]
        lines.append((name, MEASURES[kind], marked))
    n_more = max(0, len(table.cells.encoder.kinds_) - MAX_COLUMNS)
    return ColumnsBack(last[0].n_components, lines, n_more)
