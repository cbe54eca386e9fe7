"""
A code of two numbers as a map
==============================

With ``n_components=2`` every image becomes a point. PCA's map shows the two directions in which
the digits differ most; an autoencoder may bend its two axes, and uses the plane better.
"""

# %%
# Two maps
# --------
#
# The colours are the digits. No method has seen them.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer
from skae.datasets import load_mnist_sample
from skae.plotting import LatentSpaceDisplay

X_train, y_train = load_mnist_sample(subset="train", return_X_y=True)
X_test, y_test = load_mnist_sample(subset="test", return_X_y=True)

pca = PCA(2, random_state=0).fit(X_train)
autoencoder = AutoencoderTransformer(2, max_iter=30, random_state=0).fit(X_train)

figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.6), layout="constrained")
for ax, (name, model) in zip(axes, {"PCA": pca, "autoencoder": autoencoder}.items(), strict=True):
    LatentSpaceDisplay.from_estimator(model, X_test, y_test, grid=0, ax=ax)
    ax.set_title(name)
axes[0].get_legend().remove()

# %%
# How much of the digit is in two numbers? A classifier that asks the ten nearest training codes
# tells. The error of the reconstruction goes with it.

from sklearn.neighbors import KNeighborsClassifier

for name, model in {"PCA": pca, "autoencoder": autoencoder}.items():
    codes = model.transform(X_test)
    neighbours = KNeighborsClassifier(10).fit(model.transform(X_train), y_train)
    error = np.square(model.inverse_transform(codes) - X_test).sum(axis=1).mean()
    accuracy = neighbours.score(codes, y_test)
    print(f"{name:<12} squared error {error:5.2f}, accuracy of 10 neighbours {accuracy:.1%}")

# %%
# The way back
# ------------
#
# Every point of the plane can be decoded. On the right, images from a grid of codes over the same
# plane: the map of what the model can say.

LatentSpaceDisplay.from_estimator(autoencoder, X_test, y_test, grid=14)

# %%
# The same for PCA. Its images are sums of two fixed pictures, so they fade into one another:

LatentSpaceDisplay.from_estimator(pca, X_test, y_test, grid=14)

# %%
# A map of an autoencoder is not unique: another ``random_state`` bends the plane in another way,
# and distances on it mean less than on PCA's. What can be compared is the error, and the accuracy.
