"""Codes of tables with words: words that come back from them, and a classifier's accuracy on them.

Swap noise that takes the categories of a word as a whole stands beside the same noise cell by
cell, and the autoencoder beside PCA in three scalings: 0 and 1 beside standardised numbers, that of
multiple correspondence analysis (divided by the root of the category's share, as in FAMD), and that
of ``TableEncoder``. Everything is measured on held-out folds. Titanic (1,309 people) and chess
endings (3,196, 36 columns of words) lie in scikit-learn's own tests.

    python benchmarks/table_codes.py --tables penguins titanic
"""

import argparse
import csv
import gzip
from importlib.resources import files

import numpy as np
import pandas as pd
from _common import keep, machine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder, TableEncoder
from skae.corruption import Swap

LEVEL = 0.15
"""That of ``noise="swap"``."""


def openml(number: int) -> pd.DataFrame:
    """A table in ARFF that scikit-learn's tests read."""
    folder = files("sklearn.datasets.tests.data.openml") / f"id_{number}"
    path = next(path for path in folder.iterdir() if path.name.startswith("data-v1"))
    lines = gzip.decompress(path.read_bytes()).decode("latin-1").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.lower().startswith("@data"))
    heads = [line for line in lines[:begin] if line.lower().startswith("@attribute")]
    names = [head.split()[1].strip("'\"") for head in heads]
    quote = '"' if any('"' in line for line in lines[begin:]) else "'"
    rows = csv.reader((line for line in lines[begin + 1 :] if line), quotechar=quote)
    frame = pd.DataFrame([row for row in rows if len(row) == len(names)], columns=names)
    frame = frame.mask(frame == "?")
    return frame.apply(lambda c: pd.to_numeric(c) if c.str.fullmatch(r"[-.\d]+|").all() else c)


def penguins() -> tuple[pd.DataFrame, pd.Series]:
    from palmerpenguins import load_penguins

    frame = load_penguins()
    return frame, frame.pop("species")


def titanic() -> tuple[pd.DataFrame, pd.Series]:
    frame = openml(40945)
    frame["deck"] = frame.pop("cabin").str[0]
    names = ["pclass", "sex", "age", "sibsp", "parch", "fare", "embarked", "deck"]
    numbers = {name: pd.to_numeric(frame[name]) for name in ("age", "sibsp", "parch", "fare")}
    table = frame[names].assign(**numbers, pclass="class " + frame["pclass"].astype(str))
    return table, frame["survived"].astype(str)


def chess() -> tuple[pd.DataFrame, pd.Series]:
    frame = openml(3).astype(str)
    return frame, frame.pop("class")


TABLES = {"penguins": penguins, "titanic": titanic, "chess": chess}


def methods(encoder: TableEncoder, Z: np.ndarray, k: int, groups: tuple) -> dict:
    """Weights of the encoded columns, and what is fitted to them."""
    is_word = np.isin(encoder.groups_, groups)
    unit = np.where(is_word, Z.max(axis=0), 1)  # what one category is, in encoded units
    share = np.maximum((Z > 0).mean(axis=0), 1 / len(Z))
    alike = np.ones(Z.shape[1])
    swap = {
        "swap, cell by cell": Swap(LEVEL),
        "swap, words whole": "swap",
        "swap, columns whole": Swap(LEVEL, tuple(encoder.groups_.tolist())),
    }
    return {
        "PCA, 0 and 1": (1 / unit, PCA(k, random_state=0)),
        "PCA, as MCA": (np.where(is_word, 1 / (unit * np.sqrt(share)), 1), PCA(k, random_state=0)),
        "PCA": (alike, PCA(k, random_state=0)),
        "autoencoder": (alike, AutoencoderTransformer(k, random_state=0)),
        **{n: (alike, DenoisingAutoencoder(k, noise=s, random_state=0)) for n, s in swap.items()},
    }


def measure(frame: pd.DataFrame, y: pd.Series, train, test, k: int) -> dict[str, tuple]:
    """Share of words restored and accuracy of each method, on the held-out rows."""
    encoder = TableEncoder().fit(frame.iloc[train])
    Z, held_out = encoder.transform(frame.iloc[train]), encoder.transform(frame.iloc[test])
    words = [name for name, kind in encoder.kinds_.items() if kind == "categories"]
    true = encoder.inverse_transform(held_out)[words].astype(object).fillna("")
    usual = frame.iloc[train][words].astype(object).fillna("").mode().iloc[0]
    results = {"most frequent": ((true == usual).to_numpy().mean(), np.nan)}
    numbers = tuple(list(encoder.kinds_).index(name) for name in words)
    for name, (weights, coder) in methods(encoder, Z, k, numbers).items():
        coder.fit(Z * weights)
        codes, seen = coder.transform(held_out * weights), coder.transform(Z * weights)
        back = encoder.inverse_transform(coder.inverse_transform(codes) / weights)
        right = (back[words].astype(object).fillna("") == true).to_numpy().mean()
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        score = classifier.fit(seen, y.iloc[train]).score(codes, y.iloc[test])
        results[name] = (right, score)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--n-components", nargs="+", type=int, default=[2, 4, 8])
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    kept = []
    for name in options.tables:
        frame, y = TABLES[name]()
        folds = StratifiedKFold(options.folds, shuffle=True, random_state=0)
        for k in options.n_components:
            each = [measure(frame, y, *parts, k) for parts in folds.split(frame, y)]
            for method in each[0]:
                right, score = 100 * np.mean([result[method] for result in each], axis=0)
                kept.append({
                    "table": name, "n_components": k, "method": method,
                    "words_restored": float(right),
                    "accuracy": None if np.isnan(score) else float(score),
                })  # fmt: skip
                print(f"{name:<9} k={k:<2} {method:<20} {right:6.2f} %  {score:6.2f} %", flush=True)
            keep("table_codes", kept, by=("table", "n_components", "method"))


if __name__ == "__main__":
    main()
