"""Products in bfloat16 against float32 ones: time of ``fit`` and test error, interleaved.

20,000 MNIST rows, nets with layers of 1,000 units, ``precision="mixed"`` beside "full", the same
seeds for both: the time is the median of the ratios, the error the mean over seeds. Where the
processor has no instructions for bfloat16 both are the same.
"""

import argparse
from statistics import mean, median
from time import perf_counter

import numpy as np
from _common import keep, machine, mnist, squared_error, table

from skae import AutoencoderTransformer

NETS = {
    "784-1000-30": (1000,),
    "784-1000-1000-30": (1000, 1000),
    "784-1000-500-250-30": (1000, 500, 250),
}
BATCH_SIZES = (256, 1024)
N_ROWS = 20_000


def measure(X: np.ndarray, test: np.ndarray, precision: str, seed: int, **parameters) -> tuple:
    """Seconds of a fit, and its test error."""
    model = AutoencoderTransformer(
        30,
        precision=precision,
        solver="adam",
        random_state=seed,
        validation_fraction=0,
        **parameters,
    )
    start = perf_counter()
    model.fit(X)
    return perf_counter() - start, squared_error(model, test)


def compare(X: np.ndarray, test: np.ndarray, seeds: int, **parameters) -> dict:
    measure(X[:2048], test, "mixed", 0, **{**parameters, "max_iter": 1})  # warms up
    pairs = [
        (
            measure(X, test, "full", seed, **parameters),
            measure(X, test, "mixed", seed, **parameters),
        )
        for seed in range(seeds)
    ]
    full_error, mixed_error = (
        mean(error for _, error in fits) for fits in zip(*pairs, strict=True)
    )
    return {
        "speed over full": median(full[0] / mixed[0] for full, mixed in pairs),
        "error, full": full_error,
        "error, mixed": mixed_error,
        "error over full": mixed_error / full_error,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    train, test = mnist()
    X = np.ascontiguousarray(train[:N_ROWS])
    print(machine(), flush=True)
    results = []
    for net, hidden in NETS.items():
        for batch_size in BATCH_SIZES:
            figures = compare(
                X, test, options.seeds, hidden_layer_sizes=hidden, batch_size=batch_size,
                max_iter=options.epochs,
            )  # fmt: skip
            results.append({"net": net, "batch": batch_size, **figures})
    print(table(results))
    keep("precision", results)


if __name__ == "__main__":
    main()
