"""Training on 10 million rows of 64 columns, 2.6 GB, with little memory: Parquet, and a memory map.

``partial_fit`` goes once over the row groups of a Parquet file, in a seeded random order. ``fit``
takes the same rows as a memory-mapped array for one epoch. Each runs in a process of its own;
memory is the peak of all that the process holds, Python and torch included, without the pages of
files, which the operating system may drop. The rows lie on a curved surface of eight dimensions,
with noise; the score is the variance explained of rows that were not seen, beside PCA.
"""

import argparse
import multiprocessing
import tempfile
import threading
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _common import keep, machine, status, table
from scaling import draw
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer

N_FEATURES, GROUP = 64, 100_000
PARAMETERS = {"solver": "adam", "hidden_layer_sizes": (64,), "batch_size": 256, "random_state": 0}


def write(folder: Path, n_rows: int) -> None:
    """The same rows as a Parquet file and as an array."""
    schema = pa.schema([(f"x{i}", pa.float32()) for i in range(N_FEATURES)])
    array = np.lib.format.open_memmap(
        folder / "rows.npy", mode="w+", dtype=np.float32, shape=(n_rows, N_FEATURES)
    )
    with pq.ParquetWriter(folder / "rows.parquet", schema, compression="none") as writer:
        for start in range(0, n_rows, GROUP):
            rows = draw(min(GROUP, n_rows - start), N_FEATURES, seed=start + 1)
            array[start : start + len(rows)] = rows
            writer.write_table(pa.Table.from_arrays(list(rows.T), schema=schema))


def fit_groups(folder: Path) -> AutoencoderTransformer:
    file = pq.ParquetFile(folder / "rows.parquet")
    model = AutoencoderTransformer(8, **PARAMETERS)
    for group in np.random.default_rng(0).permutation(file.num_row_groups):
        model.partial_fit(file.read_row_group(group).to_pandas().to_numpy())
    return model


def fit_map(folder: Path) -> AutoencoderTransformer:
    X = np.load(folder / "rows.npy", mmap_mode="r")
    return AutoencoderTransformer(8, max_iter=1, **PARAMETERS).fit(X)


WAYS = {"Parquet, partial_fit": fit_groups, "memory map, fit": fit_map}


def measure(answer, way: str, folder: Path) -> None:
    held: list[int] = []

    def watch() -> None:
        while not done.wait(0.05):
            held.append(status("RssAnon"))

    done = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    start = perf_counter()
    model = WAYS[way](folder)
    seconds = perf_counter() - start
    done.set()
    watcher.join()
    test = draw(20_000, N_FEATURES, seed=0)
    answer.put((seconds, max(held) / 1e3, model.score(test)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    n_rows = parser.parse_args().rows
    print(machine(), flush=True)
    test, sample = draw(20_000, N_FEATURES, seed=0), draw(GROUP, N_FEATURES, seed=1)
    pca = PCA(8, random_state=0).fit(sample)
    deviation = np.square(test - test.mean(axis=0)).sum()
    share = 1 - np.square(pca.inverse_transform(pca.transform(test)) - test).sum() / deviation
    results = []
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), n_rows)
        for way in WAYS:
            context = multiprocessing.get_context("spawn")
            answer = context.SimpleQueue()
            process = context.Process(target=measure, args=(answer, way, Path(folder)))
            process.start()
            process.join()
            seconds, memory, score = answer.get()
            results.append(
                {
                    "way": way, "rows": n_rows, "data, MB": 4e-6 * n_rows * N_FEATURES,
                    "peak memory, MB": memory, "seconds": seconds,
                    "variance explained": score, "PCA's": float(share),
                }
            )  # fmt: skip
    print(table(results))
    keep("larger_than_memory", results)


if __name__ == "__main__":
    main()
