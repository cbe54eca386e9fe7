"""
Larger than memory
==================

Two ways to train on rows that do not fit: a memory-mapped array, of which ``fit`` reads one batch
at a time, and a Parquet file, of which ``partial_fit`` is given some thousand rows at a time.
"""

# %%
# A table on disk
# ---------------
#
# 200,000 rows of 32 columns, on a curved surface with noise around it. They are written as a
# Parquet file in groups of 20,000 rows, so that nobody ever holds more than one group.

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(tempfile.mkdtemp())
rng = np.random.default_rng(0)
mix = rng.normal(size=(3, 32))


def draw(n_rows):
    curved = np.tanh(rng.normal(size=(n_rows, 3)) @ mix)
    return (curved + 0.05 * rng.normal(size=curved.shape)).astype(np.float32)


schema = pa.schema([(f"x{i}", pa.float32()) for i in range(32)])
with pq.ParquetWriter(folder / "rows.parquet", schema) as writer:
    for _ in range(10):
        writer.write_table(pa.Table.from_arrays(list(draw(20_000).T), schema=schema))

X_test = draw(5_000)

# %%
# Group by group
# --------------
#
# ``partial_fit`` goes once over the rows that it is given and continues from the weights so far.
# The linear path is that of all rows so far, as in ``IncrementalPCA``. The groups come in a new
# order in each epoch; within a group ``partial_fit`` shuffles.

from skae import AutoencoderTransformer

file = pq.ParquetFile(folder / "rows.parquet")
streamed = AutoencoderTransformer(3, hidden_layer_sizes=(64,), random_state=0)
shares = []
for _ in range(3):
    for group in rng.permutation(file.num_row_groups):
        rows = file.read_row_group(group).to_pandas().to_numpy()
        streamed.partial_fit(rows)
        shares.append(streamed.score(X_test))

print(f"{len(shares)} calls, variance explained {shares[-1]:.3f}")

# %%
# A memory-mapped array
# ---------------------
#
# Rows of float32 in C order are taken as they are: ``fit`` makes no copy of them, and what it has
# read can be dropped by the operating system again. Unlike ``partial_fit`` it holds rows out,
# keeps the best weights and lets the learning rate fall to zero.

mapped = np.lib.format.open_memmap(
    folder / "rows.npy", mode="w+", dtype=np.float32, shape=(200_000, 32)
)
for group in range(file.num_row_groups):
    rows = file.read_row_group(group).to_pandas().to_numpy()
    mapped[20_000 * group : 20_000 * (group + 1)] = rows

whole = AutoencoderTransformer(3, hidden_layer_sizes=(64,), max_iter=8, random_state=0)
whole.fit(np.load(folder / "rows.npy", mmap_mode="r"))
print(f"variance explained {whole.score(X_test):.3f}")

# %%
# PCA can be fitted in the same way, by :class:`~sklearn.decomposition.IncrementalPCA`:

import matplotlib.pyplot as plt
from sklearn.decomposition import IncrementalPCA

pca = IncrementalPCA(3)
for group in range(file.num_row_groups):
    pca.partial_fit(file.read_row_group(group).to_pandas().to_numpy())
error = np.square(pca.inverse_transform(pca.transform(X_test)) - X_test).sum()
pca_share = 1 - error / np.square(X_test - X_test.mean(axis=0)).sum()

_, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.plot(range(1, len(shares) + 1), shares, label="partial_fit")
ax.axhline(whole.score(X_test), color="C0", linestyle="--", label="fit, memory-mapped")
ax.axhline(pca_share, color="grey", label="IncrementalPCA")
ax.set(xlabel="calls of partial_fit", ylabel="variance explained, test rows")
ax.legend()
