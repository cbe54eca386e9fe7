"""Accuracy of a logistic regression on codes trained with swap noise, against PCA codes.

5 repeats of 5-fold cross-validation; both codes come from standardised columns, have the same
size and are standardised again before the same classifier.

    python benchmarks/swap_codes.py --activation gelu --tables wine
"""

import argparse

import numpy as np
from _common import keep, machine
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import DenoisingAutoencoder

TABLES = {"breast cancer": load_breast_cancer, "wine": load_wine, "digits": load_digits}


def accuracy(coder, X, y, train, test) -> float:
    pipeline = make_pipeline(
        StandardScaler(), coder, StandardScaler(), LogisticRegression(max_iter=1000)
    )
    return pipeline.fit(X[train], y[train]).score(X[test], y[test])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--n-components", nargs="+", type=int, default=[2, 4, 8])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--activation", default="tanh", help="the estimator's own default is gelu")
    options = parser.parse_args()
    print(machine())
    results = []
    swap = DenoisingAutoencoder(noise="swap", activation=options.activation, random_state=0)
    for name in options.tables:
        X, y = TABLES[name](return_X_y=True)
        folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=options.repeats, random_state=0)
        splits = list(folds.split(X, y))
        for k in options.n_components:
            means = {}
            for method, coder in (
                ("PCA", PCA(k, random_state=0)),
                ("swap", clone(swap).set_params(n_components=k)),
            ):
                scores = Parallel(n_jobs=2)(
                    delayed(accuracy)(clone(coder), X, y, train, test) for train, test in splits
                )
                means[method] = 100 * float(np.mean(scores))
            gain = means["swap"] - means["PCA"]
            results.append({
                "activation": options.activation, "table": name, "n_components": k,
                **means, "gain": gain,
            })  # fmt: skip
            print(f"{name:<14} k={k:<3} PCA {means['PCA']:6.2f} %   swap {means['swap']:6.2f} %   "
                  f"gain {gain:+z.2f}", flush=True)  # fmt: skip
            keep("swap_codes", results, by=("activation", "table", "n_components"))
    gains = [result["gain"] for result in results]
    print(f"gain: least {min(gains):+.2f}, mean {np.mean(gains):+.2f} points")


if __name__ == "__main__":
    main()
