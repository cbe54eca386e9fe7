"""What came back of each column, as a table of the report."""

from dataclasses import dataclass

import numpy as np

from skae.comparison._measure import Result
from skae.comparison._tables import Table
from skae.comparison._telling import is_lower
from skae.comparison._verdict import METHODS

MAX_COLUMNS = 40
"""A page that lists more is not read."""

NOTHING_THERE = "–"
"""Of a column that is one value in all held-out rows."""

MEASURES = {
    "numbers": "variance explained", "dates": "variance explained",
    "categories": "words right", "texts": "variance explained",
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
    """Say what came back of each column at the greatest size of the code below their number.

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
    results = [result for result in results if result.method in METHODS]
    pairs = {
        r.n_components: [o for o in results if o.n_components == r.n_components] for r in results
    }
    if table.cells is None or any(len(pair) != 2 for pair in pairs.values()) or not pairs:
        return None
    # A code as large as the table loses nothing worth a look.
    n_columns = len(table.cells.encoder.kinds_)
    size = max((size for size in pairs if size < n_columns), default=min(pairs))
    every = [table.cells.usual(), *(result.restored or {} for result in pairs[size])]
    usual = table.cells.usual_losses
    lines = []
    for name, kind in list(table.cells.encoder.kinds_.items())[:MAX_COLUMNS]:
        shares = [shares[name] for shares in every]
        texts = [NOTHING_THERE if np.isnan(share) else f"{share:.1%}" for share in shares]
        losses = [usual[name], *(result.row_losses["column", name] for result in pairs[size])]
        best = [all(is_lower(one, other) for other in losses if other is not one) for one in losses]
        # What is shown alike is as good, and where nothing is shown nobody wins.
        is_told = NOTHING_THERE not in texts
        best = [
            won and is_told and texts.count(text) == 1
            for won, text in zip(best, texts, strict=True)
        ]
        lines.append((name, MEASURES[kind], list(zip(texts, best, strict=True))))
    return ColumnsBack(size, lines, max(0, n_columns - MAX_COLUMNS))
