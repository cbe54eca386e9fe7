"""What a comparison says, in a sentence or two, and the winner of each of its cells."""

from collections.abc import Sequence

from skae.comparison._measure import Result
from skae.comparison._telling import TIMES, are_exact, is_better

QUANTITIES = ("explained", "squared_error", "accuracy", "r2", *TIMES)
"""What is compared."""

ABOUT_TARGETS = {
    "accuracy": (
        "A classifier is as accurate on one code as on the other, as far as {} can tell.",
        "A classifier is more accurate",
    ),
    "r2": (
        "A linear regression predicts as well on one code as on the other, as far as {} can tell.",
        "A linear regression predicts better",
    ),
}
"""What is said where the codes serve equally well, and how a sentence begins where they do not."""

METHODS = ("PCA", "autoencoder")

SAME = 0.005
"""Errors that differ by less than this share are called the same."""

HOW_TOLD = (
    "Bold is better than all others of its size by more than two standard errors of the "
    "difference, taken row by row over {}; a time, which is measured once, if it is less than half."
)


def winners(results: list[Result]) -> set[tuple[int, str]]:
    """Find the best of the methods of each size, in each quantity.

    Parameters
    ----------
    results : list of Result
        From ``compare``.

    Returns
    -------
    cells : set of (int, str)
        Numbers of results with the names of the quantities that they are the best in, as far as
        the held-out rows can tell, see ``is_better``.

    Examples
    --------
    >>> import numpy as np
    >>> pair = [Result(name, 2, 0.5, error, None, 1.0, 1.0, np.zeros((2, 2)), np.zeros((1, 3)),
    ...                row_losses={"reconstruction": np.array([0.9, 1.1]) * error})
    ...         for name, error in (("PCA", 2.0), ("autoencoder", 1.0))]
    >>> sorted(winners(pair))
    [(1, 'explained'), (1, 'squared_error')]
    """
    return {
        (number, name)
        for number, one in enumerate(results)
        for name in QUANTITIES
        if (others := _others(one, results, name))
        and all(is_better(one, other, name) for other in others)
    }


def _others(one: Result, results: list[Result], name: str) -> list[Result]:
    """The other methods of that size, if the quantity was measured of this one."""
    if getattr(one, name) is None:
        return []
    same_size = [r for r in results if r.n_components == one.n_components and r is not one]
    return [result for result in same_size if getattr(result, name) is not None]


def verdict(results: list[Result]) -> str:
    """Say at which sizes the autoencoder is better than PCA, and at what.

    Parameters
    ----------
    results : list of Result
        From ``compare``.

    Returns
    -------
    text : str
        A sentence about the error, and one about the target where there is one.

    Examples
    --------
    >>> import numpy as np
    >>> pair = [Result(name, 2, 0.5, error, None, 1.0, 1.0, np.zeros((2, 2)), np.zeros((1, 3)),
    ...                row_losses={"reconstruction": np.array([0.9, 1.1]) * error})
    ...         for name, error in (("PCA", 2.0), ("autoencoder", 1.0))]
    >>> verdict(pair)
    "On held-out rows the autoencoder's squared error is 50 % below PCA's with 2 components."
    """
    pairs = [
        (pca, ours)
        for pca in results
        for ours in results
        if pca.n_components == ours.n_components and (pca.method, ours.method) == METHODS
    ]
    if not pairs:
        return ""
    # Sizes of which the same is to be said are named together.
    said: dict[str, list[int]] = {}
    for pca, ours in pairs:
        said.setdefault(_compare_errors(pca, ours), []).append(pca.n_components)
    parts = [f"{words} with {_components(sizes)}" for words, sizes in said.items()]
    sentence = f"On held-out rows the autoencoder's squared error is {_join(parts)}."
    return " ".join([sentence, *_about_target(pairs)])


def _compare_errors(pca: Result, ours: Result) -> str:
    change = ours.squared_error / pca.squared_error - 1 if pca.squared_error > 0 else 0.0
    if abs(change) < SAME or are_exact(pca, ours):
        return "that of PCA"
    words = f"{abs(change):.0%} {'below' if change < 0 else 'above'} PCA's".replace("%", " %")
    better, worse = (ours, pca) if change < 0 else (pca, ours)
    if is_better(better, worse, "squared_error"):
        return words
    return f"{words} (which may be chance)"


def _about_target(pairs: list[tuple[Result, Result]]) -> list[str]:
    """A sentence for classes, one for numbers, none without a target."""
    for name, (same, better) in ABOUT_TARGETS.items():
        known = [(p, o) for p, o in pairs if None not in (getattr(p, name), getattr(o, name))]
        sizes = {
            "the autoencoder's code": [o.n_components for p, o in known if is_better(o, p, name)],
            "PCA's code": [p.n_components for p, o in known if is_better(p, o, name)],
        }
        parts = [f"on {code} with {_components(which)}" for code, which in sizes.items() if which]
        if known and name == "r2" and all((r.r2 or 0.0) <= 0 for both in known for r in both):
            return ["A linear regression predicts no better on either code than the mean does."]
        if parts:
            return [f"{better} {_join(parts)}."]
        if known:
            return [same.format(rows_in_words(len(known[0][0].codes)))]
    return []


def rows_in_words(n_rows: int) -> str:
    """Write a number of rows.

    Parameters
    ----------
    n_rows : int
        How many.

    Returns
    -------
    words : str
        In the singular or the plural.

    Examples
    --------
    >>> rows_in_words(1), rows_in_words(1000)
    ('1 row', '1,000 rows')
    """
    return "1 row" if n_rows == 1 else f"{n_rows:,} rows"


def _components(sizes: list[int]) -> str:
    return f"{_join(sizes)} component{'' if sizes[-1] == 1 else 's'}"


def _join(parts: Sequence[object]) -> str:
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last
