"""
Filling gaps
============

Half of the pixels of each digit are missing. Four ways of filling them, and what the doubt about
them looks like.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.impute import KNNImputer, SimpleImputer

from skae import AutoencoderImputer

X = load_digits().data[:900]
hidden = np.random.default_rng(0).random(X.shape) < 0.5
gappy = np.where(hidden, np.nan, X)

# %%
# Linear models alone, and with the network that corrects them
# ------------------------------------------------------------
#
# ``hidden_layer_sizes=()`` leaves the network out. Pixels depend on each other in curves, so it is
# worth its time here.

imputers = {
    "mean": SimpleImputer(keep_empty_features=True),
    "5 neighbours": KNNImputer(keep_empty_features=True),
    "linear models": AutoencoderImputer(
        hidden_layer_sizes=(), keep_empty_features=True, random_state=0
    ),
    "and network": AutoencoderImputer(keep_empty_features=True, max_iter=30, random_state=0),
}
filled = {name: imputer.fit_transform(gappy) for name, imputer in imputers.items()}
for name, rows in filled.items():
    print(f"{name:>16}: {np.square(rows - X)[hidden].mean():5.1f}")

# %%
# The first digits, what is seen of them, and the four answers:

pictures = {"digit": X, "seen": gappy, **filled}
figure, axes = plt.subplots(len(pictures), 8, figsize=(8, 6.5), layout="constrained")
for row, (name, images) in zip(axes, pictures.items(), strict=True):
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axis, image in zip(row, images, strict=False):
        axis.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
        axis.set(xticks=[], yticks=[])

# %%
# How sure is it?
# ---------------
#
# ``sample`` draws tables. Where they differ, the pixels that are there do not tell.

draws = imputers["and network"].sample(gappy[:4], 30, random_state=0)
figure, axes = plt.subplots(3, 4, figsize=(5, 3.8), layout="constrained")
for column, images in zip(axes.T, zip(*draws[:2], draws.std(axis=0), strict=True), strict=True):
    for axis, image in zip(column, images, strict=True):
        axis.imshow(image.reshape(8, 8), cmap="gray_r")
        axis.set(xticks=[], yticks=[])
for axis, name in zip(axes[:, 0], ("a draw", "another", "deviation"), strict=True):
    axis.set_ylabel(name, rotation=0, ha="right", va="center")
