"""PCA and autoencoders on the same rows: error, accuracy of a classifier on the code, time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, OrderedAutoencoder
from skae.comparison._tables import Table

N_EXAMPLES = 10


@dataclass
class Result:
    """One method at one size, on the held-out rows.

    Parameters
    ----------
    method : str
        "PCA", "autoencoder", or "ordered" for a prefix of the codes of one fit for all sizes.
    n_components : int
        Size of the code.
    explained : float
        Share of the variance explained.
    squared_error : float
        Mean squared error of a row.
    accuracy : float or None
        The accuracy of a logistic regression on the code, where there are classes.
    fit_seconds, transform_seconds : float
        Wall time on the training, and on the held-out rows. The fit of "ordered" is that of all its
        sizes.
    codes : ndarray of shape (n_test, n_components)
        Codes of the held-out rows.
    examples : ndarray of shape (10, n_features)
        Reconstructions of the first held-out rows.
    r2 : float or None
        R2 of a linear regression on the code, where the target holds numbers.
    restored : dict of str to float, or None
        What came back of each column of a table, see ``Cells.restored``.
    row_losses : dict of str to ndarray of shape (n_test,)
        What each held-out row loses: the squared error of its "reconstruction"; its "target", 0 or
        1 as a class is right or wrong, or the squared error of a number; and the same for each
        column, under ``("column", name)``. Methods are told apart by these, row by row.

    See Also
    --------
    compare : Makes them.

    Examples
    --------
    >>> codes, examples = np.zeros((20, 2)), np.zeros((10, 4))
    >>> Result("PCA", 2, 0.9, 0.4, None, 0.1, 0.01, codes, examples).explained
    0.9
    """

    method: str
    n_components: int
    explained: float
    squared_error: float
    accuracy: float | None
    fit_seconds: float
    transform_seconds: float
    codes: np.ndarray
    examples: np.ndarray
    r2: float | None = None
    restored: dict[str, float] | None = None
    row_losses: dict[Any, np.ndarray] = field(default_factory=dict)


def compare(
    table: Table,
    sizes: list[int],
    max_iter: int | str,
    random_state: int,
    on_result: Callable[[Result], None],
    on_start: Callable[[str, Any], None] = lambda name, method: None,
) -> list[Result]:
    """Fit PCA and the autoencoder at every size, and one ordered autoencoder for all of them.

    Each result is reported as it comes.

    Parameters
    ----------
    table : Table
        The rows.
    sizes : list of int
        Sizes of the code.
    max_iter : int or "auto"
        Epochs of the autoencoders.
    random_state : int
        Seed of all methods.
    on_result : callable
        Called with each result.
    on_start : callable, default=lambda name, method: None
        Called with a name and the estimator before each fit.

    Returns
    -------
    results : list of Result
        PCA, autoencoder and ordered autoencoder in turn, in the order of the sizes.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    >>> table = Table("noise", rows[:40], rows[40:])
    >>> results = compare(table, [1, 2], 1, 0, lambda result: None)
    >>> [(result.method, result.n_components) for result in results]
    [('PCA', 1), ('autoencoder', 1), ('ordered', 1), ('PCA', 2), ('autoencoder', 2), ('ordered', 2)]
    """
    results = []
    for size in sizes:
        for name, method in (
            ("PCA", PCA(size, random_state=random_state)),
            (
                "autoencoder",
                AutoencoderTransformer(size, max_iter=max_iter, random_state=random_state),
            ),
        ):
            on_start(f"{name}, {size} component{'s' if size > 1 else ''}", method)
            results.append(_measure(name, method, _seconds_of_fit(method, table), size, table))
            on_result(results[-1])
    ordered = OrderedAutoencoder(
        max_components=max(sizes), max_iter=max_iter, random_state=random_state
    )
    on_start("ordered, all sizes", ordered)
    seconds = _seconds_of_fit(ordered, table)
    for size in sizes:
        results.append(_measure("ordered", ordered.truncate(size), seconds, size, table))
        on_result(results[-1])
    return sorted(results, key=lambda result: sizes.index(result.n_components))


def seconds_of_search(results: list[Result]) -> dict[str, float]:
    """Add up what each method takes for all sizes: a fit for each, or one for all.

    Parameters
    ----------
    results : list of Result
        From ``compare``.

    Returns
    -------
    seconds : dict of str to float
        Of each method.

    Examples
    --------
    >>> codes, examples = np.zeros((20, 2)), np.zeros((10, 4))
    >>> results = [Result(method, size, 0.9, 0.4, None, 1.5, 0.01, codes, examples)
    ...            for size in (1, 2) for method in ("PCA", "ordered")]
    >>> seconds_of_search(results)
    {'PCA': 3.0, 'ordered': 1.5}
    """
    seconds: dict[str, float] = {}
    for result in results:
        earlier = 0.0 if result.method == "ordered" else seconds.get(result.method, 0.0)
        seconds[result.method] = earlier + result.fit_seconds
    return seconds


# The clock runs for fit and transform alone, not for what is computed of their results.


def _seconds_of_fit(method: Any, table: Table) -> float:
    start = perf_counter()
    method.fit(table.train)
    return perf_counter() - start


def _measure(name: str, method: Any, fit_seconds: float, size: int, table: Table) -> Result:
    start = perf_counter()
    codes = method.transform(table.test)
    transformed = perf_counter()
    reconstruction = method.inverse_transform(codes)
    row_losses: dict[Any, np.ndarray] = {
        "reconstruction": np.square(reconstruction - table.test, dtype=np.float64).sum(axis=1)
    }
    squared_error = float(row_losses["reconstruction"].mean())
    variance = float(table.test.var(axis=0, dtype=np.float64).sum())
    # The use before a classifier or a regression, where there is a target.
    score = None
    if table.train_target is not None:
        predict = LogisticRegression(max_iter=1000) if table.are_classes else LinearRegression()
        predictor = make_pipeline(StandardScaler(), predict)
        predictor.fit(method.transform(table.train), table.train_target)
        score = float(predictor.score(codes, table.test_target))
        predicted, true = predictor.predict(codes), table.test_target
        row_losses["target"] = predicted != true if table.are_classes else (predicted - true) ** 2
    restored = None
    if table.cells is not None:
        restored = table.cells.restored(reconstruction)
        for column, losses in table.cells.losses(reconstruction).items():
            row_losses["column", column] = losses
    return Result(
        name,
        size,
        1 - squared_error / variance,
        squared_error,
        score if table.are_classes else None,
        fit_seconds,
        transformed - start,
        codes,
        reconstruction[:N_EXAMPLES],
        None if table.are_classes else score,
        restored,
        row_losses,
    )
