"""Time of ``fit``: ours, a loop written by hand in torch, and the libraries, interleaved.

20,000 MNIST rows, three nets at three batch sizes, every system with the same net, batches and
epochs. The loop by hand comes three times: plain, with the linear path given to it for nothing,
and with scikit-learn's PCA fitted first, which is the same work as ours. Ours comes with nothing
held out, which is the equal work, and with its default, a tenth of the rows held out to choose the
weights.

    python benchmarks/fit_speed.py --nets medium --batch-sizes 256
"""

import argparse
import importlib.util
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median
from time import perf_counter

import _peers
import numpy as np
import torch
from _common import keep, machine, mean_squared_error, mnist, peak_gflops, peak_memory, table
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer

NETS = {
    "small": ((784, 64, 64), 5),
    "medium": ((784, 256, 64), 5),
    "deep": ((784, 1000, 500, 250, 30), 2),
}
BATCH_SIZES = (32, 256, 1024)
N_ROWS = 20_000
SAME_LOOP = dict.fromkeys(("skae", "skae, held out"), "by hand, PCA and linear path")
PEERS = {
    "skorch": _peers.skorch,
    "MLPRegressor": _peers.mlp_regressor,
    "encdr": _peers.encdr,
    "PyOD": _peers.pyod,
}


def ours(
    X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int, **parameters
) -> Callable:
    model = AutoencoderTransformer(
        widths[-1], hidden_layer_sizes=widths[1:-1], batch_size=batch_size, max_iter=n_epochs,
        solver="adam", random_state=0, **parameters,
    ).fit(X)  # fmt: skip
    return lambda rows: model.inverse_transform(model.transform(rows))


def linear_path(X: np.ndarray, n_components: int) -> tuple[torch.Tensor, torch.Tensor]:
    pca = PCA(n_components, random_state=0).fit(X)
    deviations = np.sqrt(pca.explained_variance_)[:, None]
    scale = X.std()
    return (
        torch.from_numpy((pca.components_ / deviations * scale).T.copy()),
        torch.from_numpy(pca.components_ * deviations / scale),
    )


def by_hand_from_pca(
    X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int
) -> Callable:
    path = linear_path(X, widths[-1])
    return _peers.by_hand(X, widths, batch_size, n_epochs, path=path)


def systems(X: np.ndarray, n_components: int) -> dict[str, Callable]:
    path = linear_path(X, n_components)
    return {
        "by hand": _peers.by_hand,
        "by hand, linear path given": partial(_peers.by_hand, path=path),
        "by hand, PCA and linear path": by_hand_from_pca,
        "skae, random": partial(ours, init="random", validation_fraction=0),
        "skae, random, held out": partial(ours, init="random"),
        "skae": partial(ours, validation_fraction=0),
        "skae, held out": ours,
        **{
            name: fit
            for name, fit in PEERS.items()
            if name in ("skorch", "MLPRegressor") or importlib.util.find_spec(name.lower())
        },
    }


def compare(X: np.ndarray, test: np.ndarray, net: str, batch_size: int, repeats: int) -> list[dict]:
    widths, n_epochs = NETS[net]
    fits = systems(X, widths[-1])
    seconds: dict[str, list[float]] = {}
    errors = {}
    for repeat in range(repeats + 1):
        for name, fit in fits.items():
            start = perf_counter()
            reconstruct = fit(X, widths, batch_size, n_epochs)
            elapsed = perf_counter() - start
            if repeat:  # the first round warms up
                seconds.setdefault(name, []).append(elapsed)
            errors[name] = mean_squared_error(reconstruct(test), test)
    n_weights = 2 * sum(n_in * n_out for n_in, n_out in pairwise(widths))
    gigaflop = 6e-9 * n_weights * len(X) * n_epochs
    peak = peak_gflops()
    pca = PCA(widths[-1], random_state=0).fit(X)
    pca_error = mean_squared_error(pca.inverse_transform(pca.transform(test)), test)
    rows = []
    for name, fit in fits.items():
        same = SAME_LOOP.get(name, "by hand")
        rate = gigaflop / median(seconds[name])
        rows.append(
            {
                "net": net, "batch": batch_size, "system": name,
                "time / plain loop": ratio(seconds[name], seconds["by hand"]),
                "time / same loop": ratio(seconds[name], seconds[same]),
                "GFLOP/s": rate, "share of peak": rate / peak,
                "peak memory, MB": peak_memory(
                    fit, (X[:2048], widths, batch_size, 1), (X, widths, batch_size, 1)
                ),
                "test error": errors[name], "PCA": pca_error,
            }
        )  # fmt: skip
    return rows


def ratio(seconds: list[float], reference: list[float]) -> float:
    return median(a / b for a, b in zip(seconds, reference, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nets", nargs="+", default=list(NETS), choices=list(NETS))
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=list(BATCH_SIZES))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    train, test = mnist()
    X = np.ascontiguousarray(train[:N_ROWS])
    print(machine())
    results = []
    for net in options.nets:
        for batch_size in options.batch_sizes:
            rows = compare(X, test, net, batch_size, options.repeats)
            print(table(rows), flush=True)
            results += rows
            keep("fit_speed", results, by=("net", "batch"))


if __name__ == "__main__":
    main()
