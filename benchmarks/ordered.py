"""Ordered codes: one fit cut at every size, beside PCA and beside a fit for each size.

All of it takes more than an hour on two cores. Each run is put beside what earlier ones have kept,
so that it may be measured in parts:

    python benchmarks/ordered.py --parts sizes
    python benchmarks/ordered.py --parts own --sizes 1 2 4
    python benchmarks/ordered.py --parts shares --data MNIST --shares 0.8

With fewer rows (``--rows 5000``) nothing is kept.
"""

import argparse
import tempfile
from time import perf_counter

import numpy as np
from _common import keep, mean_squared_error, mnist, squared_error, table
from _drawn_tables import KINDS
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_tables import LOADERS, SIZES, load

from skae import AutoencoderTransformer, OrderedAutoencoder
from skae.datasets import load_mnist_sample

N_FOLDS = 5


def seconds_of(function) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def training_images(options: argparse.Namespace) -> np.ndarray:
    X, _ = mnist()
    return X[np.random.default_rng(0).permutation(len(X))[: options.rows]]


def measure_sizes(options: argparse.Namespace) -> list[dict]:
    """Squared error of test images of MNIST at each size: of one ordered fit, and of PCA."""
    X, (_, X_test) = training_images(options), mnist()
    model = OrderedAutoencoder(max_components=64, random_state=0).fit(X)
    codes, pca = model.transform(X_test), PCA(64, random_state=0).fit(X)
    linear = pca.transform(X_test)
    return [
        {
            "part": "sizes",
            "k": k,
            "PCA": mean_squared_error(linear[:, :k] @ pca.components_[:k] + pca.mean_, X_test),
            "ordered": mean_squared_error(model.inverse_transform(codes[:, :k]), X_test),
        }
        for k in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
    ]


def measure_own(options: argparse.Namespace) -> list[dict]:
    """Squared error of test images of MNIST by a fit for each size."""
    X, (_, X_test) = training_images(options), mnist()
    rows = []
    for k in options.sizes:
        model = AutoencoderTransformer(k, random_state=0).fit(X)
        rows.append({"part": "own", "k": k, "own": squared_error(model, X_test)})
        print(rows[-1], flush=True)
    return rows


def measure_times(options: argparse.Namespace) -> list[dict]:
    """Seconds of fits of five epochs, those for one size taken beside the ordered one."""
    X, rows = training_images(options), []
    how = {"max_iter": 5, "random_state": 0}
    for k in options.sizes:
        ordered = OrderedAutoencoder(max_components=64, **how)
        own = AutoencoderTransformer(k, **how)
        rows.append(
            {
                "part": "times",
                "k": k,
                "seconds": seconds_of(lambda model=ordered: model.fit(X)),
                "own seconds": seconds_of(lambda model=own: model.fit(X)),
            }
        )
        print(rows[-1], flush=True)
    return rows


def measure_tables(options: argparse.Namespace) -> list[dict]:
    """Error over PCA's on small tables, of one fit for each seed, cut at 2, 4 and 8."""
    ratios: dict[tuple[str, int], list[float]] = {}
    for name in options.data or [*LOADERS, *KINDS]:
        for seed in range(options.seeds):
            train, test = train_test_split(load(name, seed), random_state=seed)
            scaler = StandardScaler().fit(train)
            train, test = scaler.transform(train), scaler.transform(test)
            model, pca = OrderedAutoencoder(random_state=seed).fit(train), PCA().fit(train)
            codes, linear = model.transform(test), pca.transform(test)
            for k in SIZES if name in LOADERS else SIZES[:2]:
                if k < train.shape[1]:
                    by_pca = linear[:, :k] @ pca.components_[:k] + pca.mean_
                    error = mean_squared_error(model.inverse_transform(codes[:, :k]), test)
                    ratio = error / mean_squared_error(by_pca, test)
                    ratios.setdefault((name, k), []).append(ratio)
    return [
        {"part": "tables", "data": name, "k": k, "ratios": found}
        for (name, k), found in ratios.items()
    ]


def measure_searches(options: argparse.Namespace) -> list[dict]:
    """A search of five sizes and five folds, with one fit for each fold and with one for each size.

    The accuracies are those of the best size; their standard error is that over the folds.
    """
    sample, digits = load_mnist_sample(), load_digits()
    data = {
        "digits": (digits.data, digits.target),
        "MNIST sample": (sample.data[: options.rows], sample.target[: options.rows]),
    }
    rows = []
    for name in options.data or data:
        X, y = data[name]
        models = {
            "one fit for all sizes": OrderedAutoencoder(
                max_components=32, memory=tempfile.mkdtemp(), random_state=0
            ),
            "a fit for each size": AutoencoderTransformer(random_state=0),
        }
        for title, model in models.items():
            pipeline = make_pipeline(model, StandardScaler(), LogisticRegression(max_iter=1000))
            grid = {f"{pipeline.steps[0][0]}__n_components": [2, 4, 8, 16, 32]}
            search = GridSearchCV(pipeline, grid, cv=N_FOLDS)
            seconds = seconds_of(lambda search=search, X=X, y=y: search.fit(X, y))
            spread = search.cv_results_["std_test_score"][search.best_index_]
            rows.append(
                {
                    "part": "searches",
                    "data": name,
                    "search": title,
                    "best size": next(iter(search.best_params_.values())),
                    "accuracy": float(search.best_score_),
                    "standard error": float(spread / (N_FOLDS - 1) ** 0.5),
                    "seconds": seconds,
                }
            )
            print(rows[-1], flush=True)
    return rows


def measure_shares(options: argparse.Namespace) -> list[dict]:
    """The numbers of components that shares of the variance take, and what they explain."""
    train, test = mnist()
    data = {"MNIST": (train[: options.rows], test)}
    for name, loader in (("digits", load_digits), ("cancer", load_breast_cancer)):
        X = StandardScaler().fit_transform(loader().data)
        data[name] = train_test_split(X, random_state=0)
    kinds = {kind.__name__: kind for kind in (OrderedAutoencoder, AutoencoderTransformer)}
    rows = []
    for name in options.data or data:
        X, X_test = data[name]
        for share in options.shares:
            for title in options.models or kinds:
                model = kinds[title](share, random_state=0).fit(X)
                pca = PCA(share).fit(X)
                error = squared_error(pca, X_test)
                rows.append(
                    {
                        "part": "shares",
                        "data": name,
                        "share": share,
                        "model": title,
                        "number": int(model.n_components_),
                        "PCA's number": int(pca.n_components_),
                        "explained": model.score(X_test),
                        "PCA explains": float(1 - error / X_test.var(axis=0).sum()),
                    }
                )
                print(rows[-1], flush=True)
    return rows


PARTS = {
    "sizes": measure_sizes,
    "own": measure_own,
    "times": measure_times,
    "tables": measure_tables,
    "searches": measure_searches,
    "shares": measure_shares,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="*", default=[*PARTS], choices=PARTS)
    parser.add_argument("--data", nargs="*", help="of tables, searches and shares")
    parser.add_argument("--models", nargs="*", help="of shares")
    parser.add_argument("--rows", type=int, default=60_000, help="of MNIST")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[1, 2, 4, 8, 16, 32, 64], help="of own and times"
    )
    parser.add_argument("--shares", type=float, nargs="*", default=[0.8, 0.95])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for part in options.parts:
        rows = PARTS[part](options)
        print(table(rows))
        if options.rows == parser.get_default("rows"):
            keep("ordered", rows, by=("part", "data", "k", "share", "model"))


if __name__ == "__main__":
    main()
