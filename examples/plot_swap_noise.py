"""
Swap noise: codes of a table
============================

Gaussian noise suits pixels, which are all alike. The columns of a table are not: each has its own
units and its own distribution. Swap noise replaces a cell by the value of the same column in
another row, so that every single cell stays plausible, and the model has to learn how columns go
together.
"""

# %%
# What it does
# ------------
#
# Five rows and three columns of the wine data, before and after:

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_wine

from skae.corruption import Swap

rows = torch.tensor(load_wine().data[::40, :3])
print(rows.numpy())
print(Swap(0.5)(rows, torch.Generator().manual_seed(0)).numpy())

# %%
# Repair
# ------
#
# The 30 columns of the breast cancer table are measurements of the same cell nuclei, so one tells
# much about the others. One test cell in seven is swapped; ``denoise`` is asked for the row as it
# was. Columns are standardised first, so that an error means the same in each of them.

from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skae import DenoisingAutoencoder

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train = scaler.transform(X_train).astype(np.float32)
X_test = scaler.transform(X_test).astype(np.float32)

swap = Swap(0.15)
X_swapped = swap(torch.from_numpy(X_test), torch.Generator().manual_seed(1)).numpy()
touched = X_swapped != X_test

denoiser = DenoisingAutoencoder(
    8, noise="swap", noise_level=0.15, max_iter=100, random_state=0
).fit(X_train)
pca = PCA(8, random_state=0).fit(X_train)
copies = torch.from_numpy(np.tile(X_train, (20, 1)))
ridge = Ridge(1.0).fit(
    swap(copies, torch.Generator().manual_seed(2)).numpy(), np.tile(X_train, (20, 1))
)

repaired = {
    "left as it is": X_swapped,
    "PCA, 8 components": pca.inverse_transform(pca.transform(X_swapped)),
    "ridge": ridge.predict(X_swapped),
    "DenoisingAutoencoder": denoiser.denoise(X_swapped),
}
print(f"{'squared error of a cell':<24} swapped cells   all cells")
for name, table in repaired.items():
    error = np.square(table - X_test)
    print(f"{name:<24} {error[touched].mean():13.3f}   {error.mean():9.3f}")

# %%
# The first column as a picture:

import matplotlib.pyplot as plt

errors = {name: np.square(table - X_test)[touched].mean() for name, table in repaired.items()}
figure, ax = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
bars = ax.barh(list(errors), list(errors.values()), color=["#7f7f7f"] * 3 + ["#0b6e99"])
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.invert_yaxis()
ax.margins(x=0.12)
ax.set(xlabel="squared error of a swapped cell")

# %%
# Codes for a classifier
# ----------------------
#
# ``transform`` encodes rows as they are. The code can stand before a classifier in the place of
# PCA's; which of the two is better there depends on the table, so ask cross-validation:

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=1, random_state=0)
coders = {
    "PCA": PCA(2, random_state=0),
    "swap noise": DenoisingAutoencoder(
        2, noise="swap", hidden_layer_sizes=(128,), max_iter=60, random_state=0
    ),
}
for name, coder in coders.items():
    pipeline = make_pipeline(
        StandardScaler(), coder, StandardScaler(), LogisticRegression(max_iter=1000)
    )
    accuracy = cross_val_score(pipeline, X, y, cv=folds)
    print(f"{name:<12} {accuracy.mean():.2%} (standard deviation {accuracy.std():.2%})")

# %%
# The difference is small against the scatter over the folds. The benchmark with more repeats, more
# tables and more sizes has gains and losses: :doc:`/benchmarks`. A code from swap noise is worth a
# try on a table, and PCA is worth being the other candidate.
