"""Rate of ``transform`` on many rows, and its latency on one row.

Many rows: against the bare encoder on the same rows in one call and in batches. One row: against
``PCA.transform`` and ``MLPRegressor.predict`` of the same size. Calls are interleaved, those on one
row in turns of 50: NumPy's threads go on spinning for a while and would slow the next call. The
figures are medians.
"""

import argparse
import warnings
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
import torch
from _common import keep, machine, mnist, table
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from skae import AutoencoderTransformer

NETS = {"784-256-64": (256, 64), "784-1000-500-250-30": (1000, 500, 250, 30)}
ROWS_PER_BATCH = 4096


def interleaved(calls: dict[str, Callable], repeats: int, in_turn: int = 1) -> dict[str, float]:
    """Median seconds of each call."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            for _ in range(in_turn):
                start = perf_counter()
                call()
                seconds[name].append(perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}


def many_rows(model: AutoencoderTransformer, X: np.ndarray, repeats: int) -> dict:
    tensor = torch.from_numpy(X)

    def bare() -> torch.Tensor:
        with torch.inference_mode():
            return torch.cat([model.module_.encode(rows) for rows in tensor.split(ROWS_PER_BATCH)])

    assert np.allclose(bare().numpy(), model.transform(X), atol=1e-5)
    seconds = interleaved({"transform": lambda: model.transform(X), "bare": bare}, repeats)
    return {
        "rows a second": len(X) / seconds["transform"],
        "share of the bare encoder's rate": seconds["bare"] / seconds["transform"],
    }


def one_row(model: AutoencoderTransformer, X: np.ndarray, repeats: int) -> dict:
    row, sample = X[:1], X[:5000]
    pca = PCA(model.n_components, random_state=0).fit(sample)
    widths = (*model.hidden_layer_sizes, model.n_components)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        regressor = MLPRegressor(hidden_layer_sizes=widths, max_iter=1).fit(sample, sample)
    seconds = interleaved(
        {
            "transform": lambda: model.transform(row),
            "PCA": lambda: pca.transform(row),
            "MLPRegressor": lambda: regressor.predict(row),
        },
        repeats,
        in_turn=50,
    )
    return {
        "one row, ms": 1e3 * seconds["transform"],
        "over PCA": seconds["transform"] / seconds["PCA"],
        "over MLPRegressor": seconds["transform"] / seconds["MLPRegressor"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=40)
    repeats = parser.parse_args().repeats
    X, _ = mnist()
    print(machine())
    results = []
    for name, widths in NETS.items():
        model = AutoencoderTransformer(
            widths[-1], hidden_layer_sizes=widths[:-1], max_iter=1, random_state=0
        ).fit(X[:5000])
        results.append({"net": name, **many_rows(model, X, repeats), **one_row(model, X, repeats)})
    print(table(results))
    keep("transform_speed", results)


if __name__ == "__main__":
    main()
