"""Time and memory of ``fit`` against the number of rows and of columns.

Every fit runs in a process of its own, three epochs with the defaults otherwise. The exponent is
the slope of log time on log rows from 10,000 rows up; memory is the peak above the bytes of X.
"""

import argparse
from time import perf_counter

import numpy as np
from _common import keep, machine, peak_memory, table

from skae import AutoencoderTransformer

ROWS = (1_000, 10_000, 100_000, 1_000_000)
COLUMNS = (16, 64, 256, 1024, 4096)


def draw(n_samples: int, n_features: int, seed: int = 0) -> np.ndarray:
    """Rows on a curved surface of eight dimensions, the same for all seeds, with noise."""
    mix = np.random.default_rng(0).standard_normal((8, n_features), np.float32)
    rng = np.random.default_rng([0, seed])
    X = np.empty((n_samples, n_features), np.float32)
    n_rows = 640_000 // n_features  # small beside what a fit takes
    for start in range(0, n_samples, n_rows):
        block = X[start : start + n_rows]
        sources = rng.standard_normal((len(block), 8), np.float32)
        np.tanh(sources @ mix, out=block)
        block += 0.1 * rng.standard_normal(block.shape, np.float32)
    return X


def fit(X: np.ndarray) -> float:
    """Seconds of a fit."""
    model = AutoencoderTransformer(
        8, hidden_layer_sizes=(64,), solver="adam", batch_size=256, max_iter=3, random_state=0
    )
    start = perf_counter()
    model.fit(X)
    return perf_counter() - start


def fit_new(n_samples: int, n_features: int) -> float:
    return fit(draw(n_samples, n_features))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    print(machine())
    sizes = [(n, 64) for n in ROWS] + [(20_000, p) for p in COLUMNS]
    results = []
    for n_samples, n_features in sizes:
        X = draw(n_samples, n_features)
        seconds = min(fit(X) for _ in range(repeats))
        size = X.nbytes / 1e6
        del X
        memory = peak_memory(fit_new, (1_000, n_features), (n_samples, n_features))
        results.append(
            {
                "rows": n_samples, "columns": n_features, "seconds": seconds, "X, MB": size,
                "peak memory above X, MB": memory - size,
            }
        )  # fmt: skip
    print(table(results))
    counted = [row for row in results if row["columns"] == 64 and row["rows"] >= 10_000]
    exponent = np.polyfit(
        np.log([row["rows"] for row in counted]), np.log([row["seconds"] for row in counted]), 1
    )[0]
    print(f"time grows as rows ** {exponent:.3f}")
    keep("scaling", {"sizes": results, "exponent": float(exponent)})


if __name__ == "__main__":
    main()
