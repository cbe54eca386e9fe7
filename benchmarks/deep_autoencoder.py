"""The deep autoencoder of Hinton and Salakhutdinov (Science 313, 2006), with ours.

MNIST, 60,000 training images, 30 components; the figure is the summed squared error per test
image, mean of 10,000. Theirs, 784-1000-500-250-30, reached 3.00, and PCA 13.87. As theirs, ours end
in logistic units; in place of their pretraining there is weight decay: in 20 epochs of the net of
theirs 0.3 was better than 0 and than 1. That net minimises the cross-entropy as theirs did, the
wider one the squared error itself.
"""

import argparse
from time import perf_counter

from _common import keep, machine, mnist, squared_error, table
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer

NETS: dict[str, dict] = {
    "784-1000-500-250-30": {
        "hidden_layer_sizes": (1000, 500, 250), "loss": "log_loss", "alpha": 0.5, "max_iter": 50,
    },
    "784-2000-1000-500-30": {
        "hidden_layer_sizes": (2000, 1000, 500), "alpha": 1.0, "max_iter": 80,
    },
}  # fmt: skip


def build(**parameters) -> AutoencoderTransformer:
    return AutoencoderTransformer(
        30, output_activation="logistic", solver="adamw", validation_fraction=0,
        precision="mixed", random_state=0, verbose=2, **parameters,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, help="in place of each net's own")
    parser.add_argument("--nets", nargs="+", default=list(NETS), choices=list(NETS))
    options = parser.parse_args()
    X, test = mnist()
    print(machine())
    pca_error = squared_error(PCA(30).fit(X), test)
    results: list[dict] = [{"net": "PCA", "test_error": pca_error, "seconds": 0.0, "epochs": 0}]
    for name in options.nets:
        model = build(**NETS[name])
        if options.epochs:
            model.set_params(max_iter=options.epochs)
        start = perf_counter()
        model.fit(X)
        seconds = perf_counter() - start
        error = squared_error(model, test)
        results.append(
            {"net": name, "test_error": error, "seconds": seconds, "epochs": model.n_iter_}
        )
        print(table(results), flush=True)
        keep("deep_autoencoder", results, by=("net",))


if __name__ == "__main__":
    main()
