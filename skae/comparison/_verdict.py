"""What a comparison says, in a sentence or two, and the winner of each of its cells."""

from collections.abc import Callable

from skae.comparison._measure import Result

QUANTITIES: dict[str, tuple[Callable[[Result], float | None], bool]] = {
    "explained": (lambda result: result.explained, True),
    "squared_error": (lambda result: result.squared_error, False),
    "accuracy": (lambda result: result.accuracy, True),
    "r2": (lambda result: result.r2, True),
    "fit_seconds": (lambda result: result.fit_seconds, False),
    "transform_seconds": (lambda result: result.transform_seconds, False),
}
"""What is compared, and whether more of it is better."""

ABOUT_TARGETS = {
    "accuracy": (
        "A classifier is as accurate on one code as on the other, as far as {:,} rows can tell.",
        "A classifier is more accurate",
    ),
    "r2": (
        "A linear regression predicts as well on one code as on the other.",
        "A linear regression predicts better",
    ),
}
"""What is said where the codes serve equally well, and how a sentence begins where they do not."""

METHODS = ("PCA", "autoencoder")

SAME = 0.005
"""Errors that differ by less than this share are called the same, and so is such a share of R2."""


def winners(results: list[Result]) -> set[tuple[int, str]]:
    """Find the better of the methods of each size, in each quantity.

    Parameters
    ----------
    results : list of Result
        From ``compare``.

    Returns
    -------
    cells : set of (int, str)
        Numbers of results with the names of the quantities that they are the best in; none has
        won where all are equal.

    Examples
    --------
    >>> import numpy as np
    >>> pair = [Result(name, 2, 0.5, error, None, 1.0, 1.0, np.zeros((1, 2)), np.zeros((1, 3)))
    ...         for name, error in (("PCA", 2.0), ("autoencoder", 1.0))]
    >>> winners(pair)
    {(1, 'squared_error')}
    """
    cells = set()
    for size in {result.n_components for result in results}:
        numbers = [n for n, result in enumerate(results) if result.n_components == size]
        for name, (value_of, more_is_better) in QUANTITIES.items():
            values = {n: value for n in numbers if (value := value_of(results[n])) is not None}
            if not values:
                continue
            best = max(values.values()) if more_is_better else min(values.values())
            won = [n for n, value in values.items() if value == best]
            cells |= {(won[0], name)} if len(won) == 1 else set()
    return cells


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
    >>> pair = [Result(name, 2, 0.5, error, None, 1.0, 1.0, np.zeros((1, 2)), np.zeros((1, 3)))
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
    parts = [
        f"{_compare_errors(pca.squared_error, ours.squared_error)} with {pca.n_components}"
        for pca, ours in pairs
    ]
    sentence = f"On held-out rows the autoencoder's squared error is {_join(parts)} {_noun(pairs)}."
    return " ".join([sentence, *_about_target(pairs)])


def _compare_errors(pca: float, ours: float) -> str:
    change = ours / pca - 1 if pca > 0 else 0.0
    if abs(change) < SAME:
        return "that of PCA"
    return f"{abs(change):.0%} {'below' if change < 0 else 'above'} PCA's".replace("%", " %")


def _about_target(pairs: list[tuple[Result, Result]]) -> list[str]:
    """A sentence for classes, one for numbers, none without a target."""
    for name, (same, better) in ABOUT_TARGETS.items():
        value_of, _ = QUANTITIES[name]
        n_rows = len(pairs[0][0].codes)
        values = [(value_of(pca), value_of(ours), pca.n_components) for pca, ours in pairs]
        known = [(p, o, str(size)) for p, o, size in values if p is not None and o is not None]
        sizes = {
            "the autoencoder's code": [s for p, o, s in known if _is_better(name, o, p, n_rows)],
            "PCA's code": [s for p, o, s in known if _is_better(name, p, o, n_rows)],
        }
        parts = [f"on {code} with {_join(which)}" for code, which in sizes.items() if which]
        if known:
            return [f"{better} {_join(parts)} {_noun(pairs)}." if parts else same.format(n_rows)]
    return []


def _is_better(name: str, one: float, other: float, n_rows: int) -> bool:
    """Whether held-out rows can tell: by a standard error of the difference, or of R2 by a bit."""
    if name == "accuracy":
        variances = one * (1 - one) + other * (1 - other)
        return one - other > (variances / n_rows) ** 0.5
    return one > max(other + SAME, 0)


def _noun(pairs: list[tuple[Result, Result]]) -> str:
    return "component" if pairs[-1][0].n_components == 1 else "components"


def _join(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
