"""The deep autoencoder of Hinton and Salakhutdinov (Science 313, 2006), with ours.

MNIST, 60,000 training images, 30 components; the figure is the summed squared error per test
image, mean of 10,000. Theirs, 784-1000-500-250-30, reached 3.00, and PCA 13.87.
"""

import argparse
from time import perf_counter

from _common import keep, machine, mnist, squared_error
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer, DenoisingAutoencoder

MODELS = {
    "784-1000-500-250-30": lambda epochs: AutoencoderTransformer(
        30, hidden_layer_sizes=(1000, 500, 250), max_iter=epochs, random_state=0, verbose=2
    ),
    "784-1000-500-250-30, masking noise": lambda epochs: DenoisingAutoencoder(
        30, hidden_layer_sizes=(1000, 500, 250), noise="masking", noise_level=0.1,
        max_iter=epochs, random_state=0, verbose=2,
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    options = parser.parse_args()
    X, test = mnist()
    print(machine())
    results = {"PCA": {"test_error": squared_error(PCA(30).fit(X), test)}}
    for name in options.models:
        model = MODELS[name](options.epochs)
        start = perf_counter()
        model.fit(X)
        seconds = perf_counter() - start
        error = squared_error(model, test)
        results[name] = {"test_error": error, "seconds": seconds, "epochs": options.epochs}
        print(f"{name}: {error:.3f} after {seconds:.0f} s and {options.epochs} epochs", flush=True)
        keep("deep_autoencoder", results)


if __name__ == "__main__":
    main()
