"""Test error of PCA and of the autoencoder with default parameters, on the sample and on MNIST."""

import argparse
from time import perf_counter

from _common import keep, mnist, squared_error
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer
from skae.datasets import load_mnist_sample


def sample():
    return load_mnist_sample(subset="train").data, load_mnist_sample(subset="test").data


DATA = {"sample": sample, "mnist": mnist}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=list(DATA), choices=list(DATA))
    parser.add_argument("--n-components", nargs="+", type=int, default=[2, 8, 16, 32, 64, 128])
    arguments = parser.parse_args()
    results = []
    print(f"{'data':<8}{'k':>5}{'PCA':>10}{'autoencoder':>13}{'ratio':>8}{'fit, s':>9}")
    for name in arguments.data:
        train, test = DATA[name]()
        for k in arguments.n_components:
            pca = squared_error(PCA(k, random_state=0).fit(train), test)
            start = perf_counter()
            model = AutoencoderTransformer(k, random_state=0).fit(train)
            seconds = perf_counter() - start
            ours = squared_error(model, test)
            results.append({"data": name, "k": k, "pca": pca, "autoencoder": ours,
                            "fit_seconds": seconds, "best_iter": model.best_iter_})  # fmt: skip
            print(f"{name:<8}{k:>5}{pca:>10.3f}{ours:>13.3f}{ours / pca:>8.3f}{seconds:>9.1f}",
                  flush=True)  # fmt: skip
    keep("compare_pca", results)


if __name__ == "__main__":
    main()
