"""Small tables with default parameters: error over PCA's, seconds, and a search of the size.

Each table is standardised and split 75/25; a seed is a split and a fit. Ours and PCA see the same
rows. Times are of ``fit`` on the whole table, interleaved with ``MLPRegressor().fit(X, X)`` with
hidden layers of 64, k and 64 units and its defaults, with one thread and with two. A search is a
``GridSearchCV`` of five sizes and five folds before a logistic regression.

    python benchmarks/small_tables.py --tables iris wine --seeds 3
"""

import argparse
import json
import sys
import warnings
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from _common import keep
from _drawn_tables import KINDS, draw
from joblib import Parallel, delayed
from sklearn import datasets
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skae import AutoencoderTransformer

LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "diabetes": datasets.load_diabetes,
    "cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "linnerud": datasets.load_linnerud,
    "friedman": lambda return_X_y: datasets.make_friedman1(300, 12, random_state=0),
    "swiss roll": lambda return_X_y: datasets.make_swiss_roll(500, random_state=0),
    "low rank": lambda return_X_y: (
        datasets.make_low_rank_matrix(400, 40, effective_rank=5, random_state=0),
        None,
    ),
}
SHIPPED = ("iris", "wine", "diabetes", "cancer", "digits")
SIZES = (2, 4, 8)
TIMED = (("iris", 2), ("wine", 4), ("cancer", 4), ("digits", 8))
SEARCHED = {"iris": (1, 2, 3, 4), "wine": (2, 4, 6, 8, 10), "cancer": (2, 4, 6, 8, 10)}


def load(name: str, seed: int = 0) -> np.ndarray:
    return draw(name, seed) if name in KINDS else LOADERS[name](return_X_y=True)[0]


def error_ratio(name: str, n_components: int, seed: int, parameters: dict) -> float:
    train, test = train_test_split(load(name, seed), random_state=seed)
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    pca = PCA(n_components).fit(train)
    pca_error = ((pca.inverse_transform(pca.transform(test)) - test) ** 2).sum()
    with threadpool_limits(1):
        model = AutoencoderTransformer(n_components, random_state=seed, **parameters).fit(train)
        return -model.score_samples(test).sum(dtype=float) / pca_error


def measure_errors(tables: list[str], seeds: int, parameters: dict) -> list[dict]:
    cells = [
        (name, k)
        for name in tables
        for k in (SIZES if name in LOADERS else SIZES[:2])
        if k < load(name).shape[1]
    ]
    ratios = Parallel(n_jobs=2)(
        delayed(error_ratio)(name, k, seed, parameters)
        for name, k in cells
        for seed in range(seeds)
    )
    rows = np.array(ratios).reshape(len(cells), seeds)
    print(f"{'table':<26}{'k':>3}{'mean':>8}{'worst':>8}   (error over PCA's, {seeds} seeds)")
    for (name, k), row in zip(cells, rows, strict=True):
        print(f"{name:<26}{k:>3}{row.mean():>8.3f}{row.max():>8.3f}")
    shipped = [row for (name, _), row in zip(cells, rows, strict=True) if name in SHIPPED]
    for title, some in (("scikit-learn's five tables", shipped), ("all", rows)):
        if len(some):
            print(f"{title:<29}{np.mean(some):>8.3f}{np.max(some):>8.3f}")
    return [
        {"table": name, "n_components": k, "ratios": row.tolist()}
        for (name, k), row in zip(cells, rows, strict=True)
    ]


def seconds_of(function) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def measure_times(repeats: int, parameters: dict) -> list[dict]:
    rows = []
    for n_threads in (1, 2):
        for name, k in TIMED:
            X = StandardScaler().fit_transform(load(name))
            ours, theirs = [], []
            with threadpool_limits(n_threads):
                for seed in range(repeats + 1):
                    model = AutoencoderTransformer(k, random_state=seed, **parameters)
                    regressor = MLPRegressor(hidden_layer_sizes=(64, k, 64), random_state=seed)
                    ours.append(seconds_of(lambda model=model, X=X: model.fit(X)))
                    theirs.append(seconds_of(lambda other=regressor, X=X: other.fit(X, X)))
            # The first round warms up.
            ratio = median(a / b for a, b in zip(ours[1:], theirs[1:], strict=True))
            rows.append(
                {
                    "table": name,
                    "n_components": k,
                    "threads": n_threads,
                    "seconds": median(ours[1:]),
                    "MLPRegressor": median(theirs[1:]),
                    "ratio": ratio,
                }
            )
            print(rows[-1], flush=True)
    return rows


class Bottleneck(TransformerMixin, BaseEstimator):
    """The code of an ``MLPRegressor`` that was fitted to its own input."""

    def __init__(self, n_components=2):
        self.n_components = n_components

    def fit(self, X, y=None):
        """Train the regressor."""
        k = self.n_components
        self.net_ = MLPRegressor(hidden_layer_sizes=(64, k, 64), random_state=0).fit(X, X)
        return self

    def transform(self, X):
        """Encode rows: two layers of the regressor."""
        for layer in (0, 1):
            X = np.maximum(X @ self.net_.coefs_[layer] + self.net_.intercepts_[layer], 0)
        return X


def measure_searches(parameters: dict) -> list[dict]:
    rows = []
    methods = {
        "PCA": PCA(random_state=0),
        "AutoencoderTransformer": AutoencoderTransformer(random_state=0, **parameters),
        "MLPRegressor": Bottleneck(),
    }
    for name, sizes in SEARCHED.items():
        X, y = LOADERS[name](return_X_y=True)
        for method, transformer in methods.items():
            pipeline = make_pipeline(
                StandardScaler(), transformer, LogisticRegression(max_iter=1000)
            )
            grid = {f"{pipeline.steps[1][0]}__n_components": sizes}
            search = GridSearchCV(pipeline, grid, cv=5)
            seconds = seconds_of(lambda search=search, X=X, y=y: search.fit(X, y))
            rows.append(
                {
                    "table": name,
                    "method": method,
                    "seconds": seconds,
                    "accuracy": float(search.best_score_),
                    "best size": int(search.best_params_[next(iter(grid))]),
                }
            )
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    names = [*LOADERS, *KINDS]
    parser.add_argument("--tables", nargs="*", default=names, choices=names)
    parser.add_argument("--parameters", type=json.loads, default={}, help="as JSON")
    parser.add_argument("--output", type=Path, help="a JSON file")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    results: dict[str, list[dict]] = {}
    if set(arguments.tables) == set(names):
        # Before the cores are shared.
        results["times"] = measure_times(arguments.seeds, arguments.parameters)
        results["searches"] = measure_searches(arguments.parameters)
    results["errors"] = measure_errors(arguments.tables, arguments.seeds, arguments.parameters)
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2))
    elif len(sys.argv) == 1:
        keep("small_tables", results)


if __name__ == "__main__":
    main()
