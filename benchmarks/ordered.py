"""Ordered codes: one fit cut at every size, beside PCA and beside a fit for each size.

python benchmarks/ordered.py               # all of it, kept in results/ordered.json
python benchmarks/ordered.py --parts mnist --rows 10000 --sizes 2 8
"""

import argparse
import sys
import tempfile
from time import perf_counter

import numpy as np
from _common import keep, mean_squared_error, mnist, squared_error, table
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_tables import LOADERS, SIZES, load

from skae import AutoencoderTransformer, OrderedAutoencoder
from skae.datasets import load_mnist_sample


def seconds_of(function) -> tuple[float, object]:
    start = perf_counter()
    result = function()
    return perf_counter() - start, result


def measure_sizes(n_rows: int, sizes: list[int]) -> list[dict]:
    """Squared error of test images at each size, and the seconds of each fit."""
    X, X_test = mnist()
    X = X[np.random.default_rng(0).permutation(len(X))[:n_rows]]
    model = OrderedAutoencoder(max_components=64, random_state=0)
    seconds, _ = seconds_of(lambda: model.fit(X))
    codes, pca = model.transform(X_test), PCA(64, random_state=0).fit(X)
    rows = []
    for k in sizes:
        linear = pca.transform(X_test)[:, :k] @ pca.components_[:k] + pca.mean_
        own = AutoencoderTransformer(k, random_state=0)
        own_seconds, _ = seconds_of(lambda own=own: own.fit(X))
        pca_error, own_error = mean_squared_error(linear, X_test), squared_error(own, X_test)
        error = mean_squared_error(model.inverse_transform(codes[:, :k]), X_test)
        rows.append(
            {
                "k": k,
                "PCA": pca_error,
                "ordered": error,
                "a fit for the size": own_error,
                "over PCA": error / pca_error,
                "over the fit": error / own_error,
                "time over the fit's": seconds / own_seconds,
            }
        )
        print(rows[-1], flush=True)
    return rows


def measure_tables(seeds: int) -> list[dict]:
    """Error over PCA's on small tables, of one fit cut at 2, 4 and 8."""
    rows = []
    for name in LOADERS:
        for seed in range(seeds):
            train, test = train_test_split(load(name, seed), random_state=seed)
            scaler = StandardScaler().fit(train)
            train, test = scaler.transform(train), scaler.transform(test)
            model, pca = OrderedAutoencoder(random_state=seed).fit(train), PCA().fit(train)
            codes, linear = model.transform(test), pca.transform(test)
            for k in SIZES:
                if k < train.shape[1]:
                    by_pca = linear[:, :k] @ pca.components_[:k] + pca.mean_
                    error = mean_squared_error(model.inverse_transform(codes[:, :k]), test)
                    ratio = error / mean_squared_error(by_pca, test)
                    rows.append({"table": name, "k": k, "seed": seed, "over PCA": ratio})
    ratios = [row["over PCA"] for row in rows]
    print(f"small tables: mean {np.mean(ratios):.3f}, worst {np.max(ratios):.3f}")
    return rows


def measure_searches(n_rows: int) -> list[dict]:
    """A search of five sizes and five folds, by one fit for each fold and by one for each size."""
    sample, digits = load_mnist_sample(), load_digits()
    data = {
        "digits": (digits.data, digits.target),
        "MNIST sample": (sample.data[:n_rows], sample.target[:n_rows]),
    }
    rows = []
    for name, (X, y) in data.items():
        for step in ("ordered", "a fit for each size"):
            model = AutoencoderTransformer(random_state=0)
            if step == "ordered":
                model = OrderedAutoencoder(
                    max_components=32, memory=tempfile.mkdtemp(), random_state=0
                )
            pipeline = make_pipeline(model, StandardScaler(), LogisticRegression(max_iter=1000))
            grid = {f"{pipeline.steps[0][0]}__n_components": [2, 4, 8, 16, 32]}
            search = GridSearchCV(pipeline, grid, cv=5)
            seconds, _ = seconds_of(lambda search=search, X=X, y=y: search.fit(X, y))
            best = search.cv_results_
            rows.append(
                {
                    "data": name,
                    "step": step,
                    "best size": next(iter(search.best_params_.values())),
                    "accuracy": float(search.best_score_),
                    "standard error": float(best["std_test_score"][search.best_index_] / 5**0.5),
                    "seconds": seconds,
                }
            )
            print(rows[-1], flush=True)
    return rows


def measure_shares(n_rows: int) -> list[dict]:
    """The numbers that shares of the variance take, and what they explain of new rows."""
    train, test = mnist()
    data = {"MNIST": (train[:n_rows], test)}
    for name, loader in (("digits", load_digits), ("cancer", load_breast_cancer)):
        X = StandardScaler().fit_transform(loader().data)
        data[name] = train_test_split(X, random_state=0)
    rows = []
    for name, (X, X_test) in data.items():
        for share in (0.8, 0.95):
            for kind in (OrderedAutoencoder, AutoencoderTransformer):
                model = kind(share, random_state=0).fit(X)
                rows.append(
                    {
                        "data": name,
                        "share": share,
                        "model": kind.__name__,
                        "number": model.n_components_,
                        "PCA's number": int(PCA(share).fit(X).n_components_),
                        "explained": model.score(X_test),
                    }
                )
                print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ("mnist", "tables", "searches", "shares")
    parser.add_argument("--parts", nargs="*", default=parts, choices=parts)
    parser.add_argument("--rows", type=int, default=60_000, help="of MNIST")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    measure = {
        "mnist": lambda: measure_sizes(arguments.rows, arguments.sizes),
        "tables": lambda: measure_tables(arguments.seeds),
        "searches": lambda: measure_searches(arguments.rows),
        "shares": lambda: measure_shares(arguments.rows),
    }
    results = {part: measure[part]() for part in arguments.parts}
    for rows in results.values():
        print(table(rows))
    if len(sys.argv) == 1:
        keep("ordered", results)


if __name__ == "__main__":
    main()
