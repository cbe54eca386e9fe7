"""Outlier detection on 25 tables of ADBench: ours beside scikit-learn's detectors and PyOD's.

``python benchmarks/outliers.py [METHOD ...]`` runs all methods, or those that are named, and keeps
the others' rows. The tables are not part of the project: ../shared/data/outliers says where they
come from. Two protocols. "normal": half of the normal rows train, all other rows are scored.
"contaminated": all rows train and are scored. No row is drawn twice, and tables are cut to 10,000
rows at random, at least 30 of them outliers where there are so many, for the methods that grow with
the square of the rows. scikit-learn's and PyOD's are given standardised columns. PyOD's are left
out where it is not installed.
"""

import sys
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from _common import keep, table
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderOutlierDetector

TABLES = Path(__file__).parents[2] / "shared" / "data" / "outliers"
SEEDS = 3
MOST_ROWS = 10_000
FEWEST_OUTLIERS = 30
PYOD = {
    "PyOD AutoEncoder": ("auto_encoder", "AutoEncoder", {"verbose": 0}),
    "PyOD VAE": ("vae", "VAE", {"verbose": 0}),
    "PyOD KNN": ("knn", "KNN", {}),
    "PyOD ECOD": ("ecod", "ECOD", {}),
    "PyOD COPOD": ("copod", "COPOD", {}),
}


def nearest(train, test, seed):
    """The distance to the fifth nearest training row; a row is no neighbour of itself."""
    model = NearestNeighbors(n_neighbors=5).fit(train)
    return model.kneighbors(None if test is train else test)[0][:, -1]


def local_outlier_factor(train, test, seed):
    """The density of a row beside that of its neighbours."""
    if test is train:
        return -LocalOutlierFactor().fit(train).negative_outlier_factor_
    return -LocalOutlierFactor(novelty=True).fit(train).score_samples(test)


def isolation_forest(train, test, seed):
    return -IsolationForest(random_state=seed).fit(train).score_samples(test)


def elliptic_envelope(train, test, seed):
    return -EllipticEnvelope(random_state=seed).fit(train).score_samples(test)


def pca_error(train, test, seed):
    """The squared error of the components that explain nine tenths of the variance."""
    pca = PCA(0.9, random_state=seed).fit(train)
    return np.square(pca.inverse_transform(pca.transform(test)) - test).sum(axis=1)


def ours(train, test, seed):
    return -AutoencoderOutlierDetector(random_state=seed).fit(train).score_samples(test)


def pyod(name):
    module, kind, parameters = PYOD[name]

    def score(train, test, seed):
        from importlib import import_module

        np.random.seed(seed)
        torch.manual_seed(seed)
        model = getattr(import_module(f"pyod.models.{module}"), kind)(**parameters).fit(train)
        return model.decision_scores_ if test is train else model.decision_function(test)

    return score


METHODS = {
    "skae": ours,
    "kNN": nearest,
    "LocalOutlierFactor": local_outlier_factor,
    "IsolationForest": isolation_forest,
    "EllipticEnvelope": elliptic_envelope,
    "PCA, error": pca_error,
    **{name: pyod(name) for name in PYOD},
}
SCALES_ITSELF = {"skae"}


def tables():
    """Name, rows and outliers of each table."""
    for path in sorted(TABLES.glob("*.npz"), key=lambda path: int(path.name.split("_")[0])):
        data = np.load(path)
        yield path.stem.split("_", 1)[1], data["X"].astype(np.float64), data["y"].astype(int)


def split(X, y, protocol, seed):
    """Training rows, rows to score, and which of these are outliers."""
    random = np.random.RandomState(seed)
    order = random.permutation(len(X))
    first = np.argsort(y[order] == 0, kind="stable")[:FEWEST_OUTLIERS]
    taken = np.unique(np.concatenate([order[first], order[:MOST_ROWS]]))
    # Without more outliers than there are: small tables are taken whole.
    X, y = (X, y) if len(X) <= MOST_ROWS else (X[taken], y[taken])
    if protocol == "contaminated":
        return X, X, y
    normal = random.permutation(np.flatnonzero(y == 0))
    half = len(normal) // 2
    test = np.concatenate([normal[half:], np.flatnonzero(y == 1)])
    return X[normal[:half]], X[test], y[test]


def measure(method, name, X, y, protocol):
    """Means over seeds for one method and one table."""
    found = []
    for seed in range(SEEDS):
        train, test, truth = split(X, y, protocol, seed)
        start = perf_counter()
        if method not in SCALES_ITSELF:
            scaler = StandardScaler().fit(train)
            scaled = scaler.transform(train)
            train, test = scaled, scaled if test is train else scaler.transform(test)
        scores = np.nan_to_num(METHODS[method](train, test, seed))
        seconds = perf_counter() - start
        found.append(
            (roc_auc_score(truth, scores), average_precision_score(truth, scores), seconds)
        )
    auroc, precision, seconds = np.mean(found, axis=0)
    return {"protocol": protocol, "method": method, "table": name, "rows": len(train),
            "columns": X.shape[1], "auroc": 100 * auroc, "average_precision": 100 * precision,
            "seconds": seconds}  # fmt: skip


def main(*methods) -> None:
    for method in methods or METHODS:
        if method in PYOD:
            try:
                import pyod  # noqa: F401
            except ImportError:
                print(f"{method} is left out: pip install pyod")
                continue
        rows = []
        for name, X, y in tables():
            rows += [measure(method, name, X, y, p) for p in ("normal", "contaminated")]
            print(method, name, *(f"{row['auroc']:.1f}" for row in rows[-2:]), flush=True)
        keep("outliers", rows, by=("protocol", "method"))
        print(table([mean_of(rows, protocol) for protocol in ("normal", "contaminated")]))


def mean_of(rows, protocol):
    """The means of a method over all tables."""
    mine = [row for row in rows if row["protocol"] == protocol]
    means = {key: float(np.mean([row[key] for row in mine]))
             for key in ("auroc", "average_precision", "seconds")}  # fmt: skip
    return {"protocol": protocol, "method": mine[0]["method"], **means}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
