"""``partial_fit`` beside scikit-learn's ``IncrementalPCA`` on the same blocks of rows.

Every table is standardised and split 75/25; blocks of the training rows come in order, for one pass
or for ten. Test error is over that of ``IncrementalPCA``; "zeros first" has a block of 20 rows of
zeros before all others, which ``IncrementalPCA`` is spared. Every parameter is at its default.

    python benchmarks/blocks.py --tables digits noise
"""

import argparse
from time import perf_counter

import numpy as np
from _common import keep, machine, squared_error
from _drawn_tables import curved, flat
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import IncrementalPCA
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer
from skae.datasets import load_mnist_sample

TABLES = {
    "digits": lambda rng: load_digits().data,
    "breast cancer": lambda rng: load_breast_cancer().data,
    "curved": lambda rng: curved(rng, 3000),
    "flat": lambda rng: flat(rng, 3000),
    "noise": lambda rng: rng.normal(size=(2000, 20)),
    "MNIST sample": lambda rng: load_mnist_sample().data,
}


def train(model, blocks: list, n_passes: int) -> float:
    start = perf_counter()
    for _ in range(n_passes):
        for block in blocks:
            model.partial_fit(block)
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    options = parser.parse_args()
    print(machine())
    results = []
    for name in options.tables:
        rng = np.random.default_rng(0)
        X = rng.permutation(TABLES[name](rng))
        X_train, X_test = np.split(X, [3 * len(X) // 4])
        scaler = StandardScaler().fit(X_train)
        X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
        for k, n_blocks, n_passes, starts_bad in (
            (2, 5, 1, False), (2, 20, 1, False), (2, 20, 10, False), (2, 20, 10, True),
            (8, 5, 1, False), (8, 20, 1, False), (8, 20, 10, False), (8, 20, 10, True),
        ):  # fmt: skip
            if k >= X.shape[1]:
                continue
            blocks = np.array_split(X_train, n_blocks)
            theirs, ours = IncrementalPCA(k), AutoencoderTransformer(k, random_state=0)
            their_seconds = train(theirs, blocks, n_passes)
            zeros = [np.zeros((20, X.shape[1]))] if starts_bad else []
            seconds = train(ours, zeros + blocks, n_passes)
            ratio = squared_error(ours, X_test) / squared_error(theirs, X_test)
            results.append({
                "table": name, "k": k, "blocks": n_blocks, "passes": n_passes,
                "zeros first": starts_bad, "error over IncrementalPCA's": ratio,
                "seconds a call": seconds / (n_passes * n_blocks),
                "IncrementalPCA": their_seconds / (n_passes * n_blocks),
            })  # fmt: skip
            print("  ".join(f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}"
                            for key, value in results[-1].items()), flush=True)  # fmt: skip
            keep("blocks", results, by=("table", "k", "blocks", "passes", "zeros first"))


if __name__ == "__main__":
    main()
