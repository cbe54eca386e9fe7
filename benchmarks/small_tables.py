"""Test error over PCA's on small tables that scikit-learn ships, with default parameters.

Each table is standardised and split 75/25; both methods see the same rows.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from _common import keep
from joblib import Parallel, delayed
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
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
    "blobs": lambda return_X_y: datasets.make_blobs(200, 10, centers=5, random_state=0),
    "low rank": lambda return_X_y: (
        datasets.make_low_rank_matrix(400, 40, effective_rank=5, random_state=0), None),
    "noise": lambda return_X_y: (np.random.default_rng(0).normal(size=(150, 20)), None),
}  # fmt: skip
SIZES = (2, 4, 8)


def error_ratio(name: str, n_components: int, seed: int, parameters: dict) -> float:
    X, _ = LOADERS[name](return_X_y=True)
    train, test = train_test_split(X, random_state=seed)
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    pca = PCA(n_components).fit(train)
    pca_error = ((pca.inverse_transform(pca.transform(test)) - test) ** 2).sum()
    with threadpool_limits(1):
        model = AutoencoderTransformer(n_components, random_state=seed, **parameters).fit(train)
        return -model.score_samples(test).sum(dtype=float) / pca_error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", nargs="*", default=list(LOADERS), choices=list(LOADERS))
    parser.add_argument("--parameters", type=json.loads, default={}, help="as JSON")
    parser.add_argument("--output", type=Path, help="a JSON file")
    arguments = parser.parse_args()
    cells = [
        (name, k)
        for name in arguments.tables
        for k in SIZES
        if k < LOADERS[name](return_X_y=True)[0].shape[1]
    ]
    ratios = Parallel(n_jobs=2)(
        delayed(error_ratio)(name, k, seed, arguments.parameters)
        for name, k in cells
        for seed in range(arguments.seeds)
    )
    table = np.array(ratios).reshape(len(cells), arguments.seeds)
    print(
        f"{'table':<12}{'k':>3}{'mean':>8}{'worst':>8}"
        f"   (test error / PCA's, {arguments.seeds} seeds)"
    )
    for (name, k), row in zip(cells, table, strict=True):
        print(f"{name:<12}{k:>3}{row.mean():>8.3f}{row.max():>8.3f}")
    print(f"{'all':<15}{table.mean():>8.3f}{table.max():>8.3f}")
    results = [
        {"table": name, "n_components": k, "ratios": row.tolist()}
        for (name, k), row in zip(cells, table, strict=True)
    ]
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2))
    elif len(sys.argv) == 1:
        keep("small_tables", results)


if __name__ == "__main__":
    main()
