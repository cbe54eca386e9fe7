"""Gaps filled by an autoencoder, beside scikit-learn's imputers and MIWAE's published error.

Seconds are those of the processor, of one thread (OMP_NUM_THREADS=1). Parts of it are added to what
is kept in results/imputation.json.

    python benchmarks/imputation.py
    python benchmarks/imputation.py --tables iris wine --methods iterative ours
"""

import argparse
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np
from _common import RESULTS, keep, table
from sklearn import datasets
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from skae import AutoencoderImputer

OUTLIERS = Path(__file__).parents[2] / "shared" / "data" / "outliers"
BUNDLED = ("breast_cancer", "wine", "diabetes", "digits", "iris")
ADBENCH = (
    "22_magic.gamma", "31_satimage-2", "6_cardio", "27_PageBlocks", "2_annthyroid", "42_WBC",
    "39_vertebral", "37_Stamps",
)  # fmt: skip
MOST_ROWS = 5_000
MIWAE = 0.2867
"""Its notebook's output on breast cancer, half of the cells, seed 1234."""

METHODS: dict[str, Callable] = {
    "mean": lambda seed: SimpleImputer(),
    "kNN": lambda seed: KNNImputer(),
    "iterative": lambda seed: IterativeImputer(random_state=seed),
    "extra trees": lambda seed: IterativeImputer(
        ExtraTreesRegressor(50, random_state=seed), random_state=seed, max_iter=5
    ),
    "ours, linear": lambda seed: AutoencoderImputer(hidden_layer_sizes=(), random_state=seed),
    "ours": lambda seed: AutoencoderImputer(random_state=seed),
}


def load(name: str) -> np.ndarray:
    """Standardised rows of a table; of ADBench's the normal ones."""
    if name in BUNDLED:
        X = getattr(datasets, f"load_{name}")().data
    else:
        file = np.load(OUTLIERS / f"{name}.npz")
        X = file["X"][file["y"] == 0].astype(float)
    X = X[np.random.RandomState(0).permutation(len(X))[:MOST_ROWS]] if len(X) > MOST_ROWS else X
    X = X[:, X.std(axis=0) > 0]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def at_random(share: float) -> Callable:
    """Hide so many cells, drawn as in MIWAE's notebook."""

    def hide(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
        hidden = np.zeros(X.size, bool)
        hidden[rng.choice(X.size, int(share * X.size), replace=False)] = True
        return hidden.reshape(X.shape)

    return hide


def by_another_column(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Hide four tenths of each column of one half, mostly where a column of the other is high."""
    hidden = np.zeros(X.shape, bool)
    columns = rng.permutation(X.shape[1])
    drivers, others = np.array_split(columns, 2)
    for column in others:
        chance = 1 / (1 + np.exp(-2 * X[:, rng.choice(drivers)]))
        hidden[:, column] = rng.random_sample(len(X)) < 0.4 * chance / chance.mean()
    return hidden


PATTERNS = {"20 %": at_random(0.2), "50 %": at_random(0.5), "by another": by_another_column}


def measure(name: str, pattern: str, seed: int, methods: list[str]) -> list[dict]:
    """Mean squared error of the hidden cells, and seconds, of each method."""
    X, rows = load(name), []
    hidden = PATTERNS[pattern](X, np.random.RandomState(1234 + seed))
    gappy = np.where(hidden, np.nan, X)
    for method in methods:
        start = process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            filled = METHODS[method](seed).set_params(keep_empty_features=True).fit_transform(gappy)
        seconds = process_time() - start
        error = float(np.square(filled - X)[hidden].mean())
        rows.append(
            {"table": name, "pattern": pattern, "seed": 1234 + seed, "method": method,
             "error": error, "seconds": seconds}
        )  # fmt: skip
    return rows


def summarise(rows: list[dict]) -> list[dict]:
    """A line for each table and pattern: mean errors over seeds."""
    lines = []
    for name, pattern in dict.fromkeys((row["table"], row["pattern"]) for row in rows):
        line: dict = {"table": name, "pattern": pattern}
        here = [row for row in rows if (row["table"], row["pattern"]) == (name, pattern)]
        for method in dict.fromkeys(row["method"] for row in here):
            line[method] = _mean(here, method, "error")
        lines.append(line)
    return lines


def _mean(rows: list[dict], method: str, what: str) -> float:
    return float(np.mean([row[what] for row in rows if row["method"] == method]))


def main(arguments: argparse.Namespace) -> int:
    """Measure what is asked for, and print what is known of everything."""
    for name in arguments.tables:
        if name not in BUNDLED and not OUTLIERS.is_dir():
            print(f"{name}: {OUTLIERS} is missing")
            continue
        for pattern in arguments.patterns:
            found = [
                row
                for seed in range(arguments.seeds)
                for row in measure(name, pattern, seed, arguments.methods)
            ]
            print(summarise(found)[0], flush=True)
            keep("imputation", found, by=("table", "pattern", "method", "seed"))
    rows = json.loads((RESULTS / "imputation.json").read_text())["results"]
    lines = summarise(rows)
    print(table(lines))
    for other in ("iterative", "ours, linear", "extra trees"):
        whole = [line for line in lines if {"ours", other} <= set(line)]
        if whole:
            shares = np.array([line["ours"] / line[other] for line in whole])
            seconds = [
                sum(row["seconds"] for row in rows if row["method"] == method and any(
                    (row["table"], row["pattern"]) == (line["table"], line["pattern"])
                    for line in whole
                ))
                for method in ("ours", other)
            ]  # fmt: skip
            print(
                f"ours over {other}: mean {shares.mean():.3f}, highest {shares.max():.3f}, "
                f"{len(shares)} cells, seconds {seconds[0] / seconds[1]:.2f}"
            )
    print(f"MIWAE's notebook, breast_cancer, 50 %, seed 1234: {MIWAE}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=[*BUNDLED, *ADBENCH])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--patterns", nargs="+", default=list(PATTERNS), choices=list(PATTERNS))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    sys.exit(main(parser.parse_args()))
