"""Error against seconds since the start of ``fit``, and the time until it is half of PCA's.

MNIST, 60,000 rows, 30 components, one net for all. The loop by hand trains at a constant rate,
the best of several, and is measured after each epoch, the clock standing still meanwhile. Ours is
one whole fit for each number of epochs, since its learning rate follows a course over all of them;
its PCA is inside its time.
"""

import argparse
from pathlib import Path
from time import perf_counter

import _peers
import matplotlib.pyplot as plt
import numpy as np
from _common import keep, machine, mean_squared_error, mnist, squared_error
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer

DOCS = Path(__file__).parents[1] / "docs"
HIDDEN, K, BATCH = (1000, 500, 250), 30, 256
RATES = (3e-4, 1e-3, 3e-3)


def by_hand(X: np.ndarray, test: np.ndarray, rate: float, n_epochs: int) -> list:
    """(seconds, error) after each epoch."""
    points: list = []
    paused = 0.0

    def measure(reconstruct) -> None:
        nonlocal paused
        now = perf_counter()
        points.append((now - start - paused, mean_squared_error(reconstruct(test), test)))
        paused += perf_counter() - now

    start = perf_counter()
    _peers.by_hand(
        X, (X.shape[1], *HIDDEN, K), BATCH, n_epochs, learning_rate=rate, after_epoch=measure
    )
    return points


def ours(X: np.ndarray, test: np.ndarray, n_epochs: int) -> tuple:
    start = perf_counter()
    model = AutoencoderTransformer(
        K,
        hidden_layer_sizes=HIDDEN,
        solver="adam",
        batch_size=BATCH,
        max_iter=n_epochs,
        random_state=0,
    ).fit(X)
    return perf_counter() - start, squared_error(model, test)


def time_until(points: list, error: float) -> float:
    """Seconds until the error is reached, or infinity."""
    return next((seconds for seconds, reached in points if reached <= error), float("inf"))


def draw(curves: dict, half: float) -> None:
    _, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for name, points in curves.items():
        ax.plot(
            *zip(*points, strict=True), "o-", label=name, linewidth=2.5 if "skae" in name else 1
        )
    ax.axhline(half, color="grey", linestyle=":", label="half of PCA's error")
    ax.set(
        xlabel="seconds since the start of fit", ylabel="squared error per test image",
        yscale="log", title="MNIST, 784-1000-500-250-30",
    )  # fmt: skip
    ax.legend()
    ax.figure.savefig(DOCS / "time_to_quality.png", dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10, help="of the loop by hand")
    parser.add_argument("--our-epochs", type=int, nargs="+", default=[1, 2, 3, 5, 8])
    options = parser.parse_args()
    X, test = mnist()
    half = squared_error(PCA(K, random_state=0).fit(X), test) / 2
    print(f"{machine()}\nhalf of PCA's error: {half:.2f}", flush=True)
    curves = {}
    for rate in RATES:
        curves[f"by hand, rate {rate:g}"] = by_hand(X, test, rate, options.epochs)
        print(rate, curves[f"by hand, rate {rate:g}"], flush=True)
    curves["skae"] = [ours(X, test, n) for n in options.our_epochs]
    print(curves["skae"], flush=True)
    theirs = min(time_until(points, half) for name, points in curves.items() if name != "skae")
    share = time_until(curves["skae"], half) / theirs
    print(f"until half of PCA's error: ours {share:.2f} of the time of the best loop by hand")
    points = [
        {"system": name, "seconds": seconds, "test error": error}
        for name, curve in curves.items()
        for seconds, error in curve
    ]
    keep("time_to_quality", {"half of PCA's error": half, "our share": share, "points": points})
    draw(curves, half)


if __name__ == "__main__":
    main()
