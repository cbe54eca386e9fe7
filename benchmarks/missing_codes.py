"""Codes of rows with gaps: medians, a pipeline behind the imputer, and a loss over known cells.

Cells of three tables are hidden at random. A code is learned of two thirds of the rows and made of
the others; what counts is the squared error of its reconstruction, of cells that are known and of
cells that are missing, in columns with variance one, over three folds. The loss over known cells
alone is minimised by turns: an autoencoder is fitted, its reconstructions replace what stands in
the gaps, eight times, from the answer of the imputer on; held-out rows are filled in the same way,
twenty times.

    python benchmarks/missing_codes.py --tables wine
"""

import argparse
from collections.abc import Callable

import numpy as np
from _common import keep, table
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold

from skae import AutoencoderImputer, AutoencoderTransformer

TABLES = ("wine", "breast_cancer", "diabetes")
N_TURNS = 8
N_TURNS_OF_NEW_ROWS = 20


def by_turns(make: Callable, train: np.ndarray, test: np.ndarray, gappy: tuple) -> np.ndarray:
    """Reconstruct held-out rows by a model whose loss is that of known cells alone."""
    gaps_of_train, gaps_of_test = (np.isnan(part) for part in gappy)
    model = make().fit(train)
    for _ in range(N_TURNS):
        train = np.where(gaps_of_train, reconstruct(model, train), train)
        model = make().fit(train)
    for _ in range(N_TURNS_OF_NEW_ROWS):
        test = np.where(gaps_of_test, reconstruct(model, test), test)
    return reconstruct(model, test)


def reconstruct(model, X: np.ndarray) -> np.ndarray:
    return model.inverse_transform(model.transform(X))


def measure(X: np.ndarray, share: float, k: int) -> list[dict]:
    """Errors of each method, on known and on missing cells of held-out rows."""
    hidden = np.random.default_rng(0).random(X.shape) < share
    gappy = np.where(hidden, np.nan, X)
    makers = {
        "PCA": lambda: PCA(k),
        "autoencoder": lambda: AutoencoderTransformer(k, random_state=0),
    }
    errors: dict[tuple[str, str], list] = {}
    for train, test in KFold(3, shuffle=True, random_state=0).split(X):
        fillers = {
            "median": SimpleImputer(strategy="median", keep_empty_features=True),
            "imputer": AutoencoderImputer(keep_empty_features=True, random_state=0),
        }
        filled = {
            name: [filler.fit(gappy[train]).transform(gappy[part]) for part in (train, test)]
            for name, filler in fillers.items()
        }
        for name, make in makers.items():
            found = {gaps: reconstruct(make().fit(a), b) for gaps, (a, b) in filled.items()}
            both = gappy[train], gappy[test]
            found["loss over known cells"] = by_turns(make, *filled["imputer"], both)
            for gaps, rows in found.items():
                squares = np.square(rows - X[test])
                cells = hidden[test]
                pair = squares[~cells].mean(), squares[cells].mean()
                errors.setdefault((name, gaps), []).append(pair)
    return [
        {"model": name, "gaps": gaps, "known cells": float(known), "missing cells": float(missing)}
        for (name, gaps), pairs in errors.items()
        for known, missing in [np.mean(pairs, axis=0)]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--n-components", nargs="+", type=int, default=[2, 4])
    options = parser.parse_args()
    for name in options.tables:
        X = getattr(datasets, f"load_{name}")().data
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        rows = [
            {"table": name, "missing": share, "n_components": k, **row}
            for share in (0.2, 0.5)
            for k in options.n_components
            for row in measure(X, share, k)
        ]
        print(table(rows), flush=True)
        keep("missing_codes", rows, by=("table", "missing", "n_components", "model", "gaps"))


if __name__ == "__main__":
    main()
