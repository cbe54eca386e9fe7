"""
A map that knows the digits
===========================

Two numbers for each image, made in four ways: by the directions in which images differ most (PCA),
by those in which the ten digits differ most (linear discriminant analysis), by an autoencoder, and
by one that is told the digits while it learns. The last one keeps both: the digits lie apart, and
the image can be drawn from its two numbers.
"""

# %%
# Four maps
# ---------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from skae import AutoencoderTransformer, SupervisedAutoencoder
from skae.datasets import load_mnist_sample
from skae.plotting import LatentSpaceDisplay, ReconstructionDisplay

X_train, y_train = load_mnist_sample(subset="train", return_X_y=True)
X_test, y_test = load_mnist_sample(subset="test", return_X_y=True)

maps = {
    "PCA": PCA(2, random_state=0),
    "linear discriminant analysis": LinearDiscriminantAnalysis(n_components=2),
    "autoencoder": AutoencoderTransformer(2, max_iter=20, random_state=0),
    "supervised autoencoder": SupervisedAutoencoder(
        2, target_weight=1.0, max_iter=20, random_state=0
    ),
}
for model in maps.values():
    model.fit(X_train, y_train)

figure, axes = plt.subplots(2, 2, figsize=(10.5, 9), layout="constrained")
for ax, (name, model) in zip(axes.flat, maps.items(), strict=True):
    codes = model.transform(X_test)
    drawn = ax.scatter(*codes.T, c=y_test.astype(int), cmap="tab10", s=4, alpha=0.7)
    classifier = LogisticRegression(max_iter=1000).fit(model.transform(X_train), y_train)
    # A few images lie far out on the map of the discriminants: the frame is that of the others.
    low, high = np.quantile(codes, [0.005, 0.995], axis=0)
    margin = 0.1 * (high - low)
    ax.set_xlim(low[0] - margin[0], high[0] + margin[0])
    ax.set_ylim(low[1] - margin[1], high[1] + margin[1])
    ax.set(title=f"{name}: {classifier.score(codes, y_test):.0%} told apart", xticks=[], yticks=[])
figure.colorbar(drawn, ax=axes, label="digit", ticks=range(10), shrink=0.6)

# %%
# Told apart, and still drawn
# ---------------------------
#
# ``target_weight`` says what the digits count beside the image: as much here. ``transform`` and
# ``inverse_transform`` are those of every autoencoder here; ``predict`` is the head's,
# which was trained with the code.

supervised = maps["supervised autoencoder"]
for name in ("PCA", "autoencoder", "supervised autoencoder"):
    model = maps[name]
    rows = model.inverse_transform(model.transform(X_test))
    left = ((rows - X_test) ** 2).sum() / ((X_test - X_train.mean(axis=0)) ** 2).sum()
    print(f"{name:<24} {left:.0%} of the variance of new images is left unexplained")
print(f"predict: {supervised.score(X_test, y_test):.1%} of new images are told")

ReconstructionDisplay.from_estimator(supervised, X_test[:8])

# %%
# Where each digit is
# -------------------

LatentSpaceDisplay.from_estimator(supervised, X_test, y_test, grid=14)
