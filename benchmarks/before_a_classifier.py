"""What a linear classifier gets from codes: PCA's, discriminants', ours, and hidden units.

    python benchmarks/before_a_classifier.py --labels 100 1000 20000 60000
    python benchmarks/before_a_classifier.py --sizes 2 8 16
    python benchmarks/before_a_classifier.py --tables --repeats 2
    python benchmarks/before_a_classifier.py --numbers --repeats 2

On MNIST, 20,000 training images (60,000 for 60,000 labels) of which so many have a label; methods
without a target see all images. Error of a logistic regression on the 10,000 test images. Features
are divided by one number, their root mean square deviation; C is chosen by three folds of the
labelled images, or by 5,000 training images not seen where there are 20,000 labels or more.
Small tables are standardised, and a logistic regression on each code is cross-validated in five
folds; with numbers as the target a ridge regression, which has R2 in place of accuracy.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from time import perf_counter

import numpy as np
from _common import RESULTS, keep, mnist, squared_error, table
from _features import TAKES_LABELS, methods
from matplotlib.figure import Figure
from sklearn.cross_decomposition import PLSRegression
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_friedman1,
)
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import (
    RepeatedKFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, SupervisedAutoencoder
from skae.datasets import fetch_mnist

TABLES = {
    "digits": load_digits,
    "wine": load_wine,
    "breast cancer": load_breast_cancer,
    "diabetes, above the median": load_diabetes,
}
DOCS = RESULTS.parents[1] / "docs"
DRAWN = {
    "raw": "k:", "PCA(64)": "k--", "Nystroem(1536)": "C2--", "code of 64": "C0--",
    "supervised code of 64": "C1-o", "hidden units, (512, 256)": "C0-o",
    "hidden units, (1000, 1000)": "C3-o", "hidden units, convolutions": "C4-o",
}  # fmt: skip
"""Methods in the picture, and how their lines are drawn."""


def features(model, X):
    """What the classifier is given."""
    return X if model is None else np.asarray(model.transform(X), dtype=np.float32)


def error(model, X, y, others, test, some: np.ndarray | None) -> float:
    """Share of the test images that are told wrongly; some rows choose C, if there are enough."""
    train, unseen = features(model, X), features(model, test[0])
    # One scale: methods that differ in units alone are the same before a penalty.
    scale = float(np.sqrt(train.var(axis=0, dtype=np.float64).mean()))
    train, unseen = train / scale, unseen / scale
    if some is None:
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        scores = {
            c: cross_val_score(LogisticRegression(C=c, max_iter=200), train, y, cv=folds).mean()
            for c in (0.001, 0.01, 0.1, 1.0, 10.0)
        }
    else:
        held_out = features(model, others[0]) / scale
        scores = {
            c: LogisticRegression(C=c, max_iter=200).fit(train[some], y[some]).score(
                held_out, others[1]
            )
            for c in (0.003, 0.01, 0.03, 0.1, 0.3)
        }  # fmt: skip
    best = max(scores, key=scores.get)
    classifier = LogisticRegression(C=best, max_iter=300).fit(train, y)
    return 1 - classifier.score(unseen, test[1])


def on_mnist(n_labels: int, n_draws: int, timed: bool, wanted: list[str]) -> Iterator[dict]:
    """One row for each method whose name has one of these words in it, or for each one."""
    X, X_test = mnist()
    y, y_test = (fetch_mnist(subset=s).target.astype(int) for s in ("train", "test"))
    order = np.random.default_rng(0).permutation(len(X))
    n_rows = len(X) if n_labels > 20_000 else 20_000
    rows, others = order[:n_rows], order[-5000:]
    X_rows, y_rows = X[rows], y[rows]
    fitted: dict[str, tuple] = {}
    for name, make in methods().items():
        if wanted and not any(word in name for word in wanted):
            continue
        if n_labels == n_rows and name == "the same without unlabelled rows":
            continue
        errors, seconds = [], []
        for draw in range(n_draws):
            labelled = np.random.default_rng(draw).permutation(n_rows)[:n_labels]
            known = np.full(n_rows, -1)
            known[labelled] = y_rows[labelled]
            try:
                if name not in fitted or name.startswith(TAKES_LABELS):
                    start = perf_counter()
                    fitted[name] = make(X_rows, known), perf_counter() - start
                model, spent = fitted[name]
            except NotImplementedError:
                break
            # The last rows are those that C is chosen by.
            some = np.flatnonzero(labelled < len(X) - len(others))[:20_000]
            wrong = error(
                model, X_rows[labelled], known[labelled], (X[others], y[others]),
                (X_test, y_test), some if n_labels >= 20_000 else None,
            )  # fmt: skip
            errors.append(100 * wrong)
            seconds.append(spent)
        if errors:
            yield result(n_labels, name, errors, seconds if timed else [])
    if wanted and "MLP" not in wanted:
        return
    errors, seconds = [], []
    for draw in range(n_draws):
        labelled = np.random.default_rng(draw).permutation(n_rows)[:n_labels]
        start = perf_counter()
        network = MLPClassifier((512, 256), early_stopping=n_labels > 100, random_state=0).fit(
            X_rows[labelled], y_rows[labelled]
        )
        seconds.append(perf_counter() - start)
        errors.append(100 * (1 - network.score(X_test, y_test)))
    yield result(n_labels, "MLPClassifier((512, 256))", errors, seconds if timed else [])


def draw() -> None:
    """Draw the error of some methods over the number of labels, from all results that are kept."""
    results = json.loads((RESULTS / "before_a_classifier.json").read_text())["results"]
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    ax = figure.subplots()
    for name, style in DRAWN.items():
        points = sorted((r["labels"], r["error, %"]) for r in results if r["method"] == name)
        if points:
            ax.plot(*zip(*points, strict=True), style, label=name)
    ax.set(
        xscale="log", yscale="log", xlabel="images of MNIST with a label",
        ylabel="errors of a logistic regression, %",
    )  # fmt: skip
    for axis, ticks in ((ax.xaxis, (100, 1000, 20_000, 60_000)), (ax.yaxis, (1, 2, 5, 10, 20, 30))):
        axis.set_ticks(ticks, [f"{tick:,}" for tick in ticks])
        axis.set_ticks([], minor=True)
    ax.legend(fontsize=8)
    figure.savefig(DOCS / "before_a_classifier.png", dpi=130)


def on_sizes(sizes: list[int]) -> Iterator[dict]:
    """One row for each size and method: what is told of 10,000 images, and what is kept of them."""
    X, X_test = mnist()
    y, y_test = (fetch_mnist(subset=s).target.astype(int) for s in ("train", "test"))
    rows = np.random.default_rng(0).permutation(len(X))[:10_000]
    X, y = X[rows], y[rows]
    variance = np.square(X_test - X.mean(axis=0), dtype=np.float64).sum(axis=1).mean()
    for k in sizes:
        models = {
            "PCA": PCA(k, random_state=0),
            "code": AutoencoderTransformer(k, random_state=0),
            "supervised, target_weight=0.1": SupervisedAutoencoder(
                k, target_weight=0.1, random_state=0
            ),
            "supervised": SupervisedAutoencoder(k, random_state=0),
        }
        for name, model in models.items():
            train = np.asarray(model.fit(X, y).transform(X))
            classifier = LogisticRegression(max_iter=3000).fit(train, y)
            row = {
                "k": k, "method": name,
                "accuracy, %": round(100 * classifier.score(model.transform(X_test), y_test), 2),
                "unexplained": round(float(squared_error(model, X_test) / variance), 3),
            }  # fmt: skip
            print(row, flush=True)
            yield row


def result(n_labels, name, errors, seconds) -> dict:
    """A row of the table."""
    spread = np.std(errors) / len(errors) ** 0.5 if len(errors) > 1 else (
        (np.mean(errors) * (100 - np.mean(errors)) / 10_000) ** 0.5
    )  # fmt: skip
    row = {
        "labels": n_labels, "method": name, "error, %": round(float(np.mean(errors)), 2),
        "standard error": round(float(spread), 2),
    }  # fmt: skip
    if seconds:
        row["fit, s"] = round(float(np.mean(seconds)), 1)
    print(row, flush=True)
    return row


def on_tables(n_repeats: int) -> Iterator[dict]:
    """One row for each table and size of the code."""
    for name, load in TABLES.items():
        X, y = load(return_X_y=True)
        y = (y > np.median(y)).astype(int) if name.startswith("diabetes") else y
        folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
        accuracies: dict[tuple[int, str], list[float]] = {}
        for train, test in folds.split(X, y):
            scaler = StandardScaler().fit(X[train])
            A, B = scaler.transform(X[train]), scaler.transform(X[test])
            for k in (2, 4, 8):
                for method, model in table_methods(k, y.max() + 1).items():
                    target = np.eye(y.max() + 1)[y] if method == "PLS" else y
                    codes = np.asarray(model.fit(A, target[train]).transform(A))
                    classifier = LogisticRegression(max_iter=3000).fit(codes, y[train])
                    accuracy = classifier.score(np.asarray(model.transform(B)), y[test])
                    accuracies.setdefault((k, method), []).append(100 * accuracy)
        for k in (2, 4, 8):
            found = {m: round(float(np.mean(v)), 2) for (n, m), v in accuracies.items() if n == k}
            row = {"table": name, "k": k, **found}
            print(row, flush=True)
            yield row


def number_tables() -> dict[str, tuple]:
    """Tables whose target is a number; two of them are a column of a table that tells classes."""
    wine, flowers = load_wine(return_X_y=True)[0], load_iris(return_X_y=True)[0]
    return {
        "diabetes": load_diabetes(return_X_y=True),
        "wine, its alcohol": (wine[:, 1:], wine[:, 0]),
        "iris, petal width": (flowers[:, :3], flowers[:, 3]),
        "Friedman 1, drawn": make_friedman1(1000, noise=1.0, random_state=0),
    }


def on_numbers(n_repeats: int) -> Iterator[dict]:
    """One row for each table and size of the code."""
    for name, (X, y) in number_tables().items():
        folds = RepeatedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
        found: dict[tuple[int, str], list[float]] = {}
        for train, test in folds.split(X):
            scaler = StandardScaler().fit(X[train])
            A, B = scaler.transform(X[train]), scaler.transform(X[test])
            for k in (2, 4, 8):
                if k >= X.shape[1]:
                    continue
                for method, model in number_methods(k).items():
                    codes = np.asarray(model.fit(A, y[train]).transform(A))
                    ridge = make_pipeline(StandardScaler(), RidgeCV()).fit(codes, y[train])
                    score = ridge.score(np.asarray(model.transform(B)), y[test])
                    found.setdefault((k, method), []).append(score)
        for k in sorted({k for k, _ in found}):
            means = {m: round(float(np.mean(v)), 3) for (n, m), v in found.items() if n == k}
            row = {"table": name, "k": k, **means}
            print(row, flush=True)
            yield row


def number_methods(k: int) -> dict:
    """Codes of k columns before a ridge regression; PCA's are those of PCR."""
    return {
        "PCR": PCA(k),
        "PLS": PLSRegression(k),
        "code": AutoencoderTransformer(k, random_state=0),
        "supervised code": SupervisedAutoencoder(k, task="regression", random_state=0),
    }


def table_methods(k: int, n_classes: int) -> dict:
    """Codes of k columns, where a method has as many."""
    return {
        "PCA": PCA(k),
        "LDA": LinearDiscriminantAnalysis(n_components=min(k, n_classes - 1)),
        "PLS": PLSRegression(k, scale=False),
        "code": AutoencoderTransformer(k, random_state=0),
        "supervised code": SupervisedAutoencoder(k, random_state=0),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, nargs="*", default=[])
    parser.add_argument("--draws", type=int, default=5, help="of 100 and of 1,000 labels")
    parser.add_argument("--methods", nargs="*", default=[], help="words in their names")
    parser.add_argument("--seconds", action="store_true", help="of fits, on a quiet machine")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[], help="of codes of 10,000 images"
    )
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--numbers", action="store_true", help="small tables with real targets")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--draw", action="store_true", help="only the picture, of kept results")
    options = parser.parse_args()
    if options.tables:
        rows = list(on_tables(options.repeats))
        keep("codes_of_tables", rows)
        print(table(rows))
    if options.sizes:
        rows = list(on_sizes(options.sizes))
        keep("supervised_sizes", rows)
        print(table(rows))
    if options.numbers:
        rows = list(on_numbers(options.repeats))
        keep("codes_of_numbers", rows)
        print(table(rows))
    for n_labels in options.labels:
        n_draws = options.draws if n_labels <= 1000 else 1
        rows = list(on_mnist(n_labels, n_draws, options.seconds, options.methods))
        keep("before_a_classifier", rows, by=("labels", "method"))
        print(table(rows))
    if options.labels or options.draw:
        draw()
