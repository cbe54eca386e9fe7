"""
PCA against the autoencoder
===========================

PCA and an autoencoder do the same job: they write an image of 784 pixels as a few numbers and read
it back. Here both do it on the bundled sample of MNIST, 5,000 images to train on and 1,000 to
judge by, and the code grows from 2 to 32 numbers.
"""

# %%
# One size first
# --------------
#
# Both are transformers, so the same three lines serve both. ``score`` is the share of the variance
# that the reconstruction explains; for PCA it is the sum of ``explained_variance_ratio_``, but on
# rows that were not fitted.

import numpy as np
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer
from skae.datasets import load_mnist_sample

X_train = load_mnist_sample(subset="train").data
X_test = load_mnist_sample(subset="test").data


def squared_error(model, X):
    """Sum of squared errors over the pixels of an image, and its mean over the images."""
    reconstruction = model.inverse_transform(model.transform(X))
    return float(np.square(reconstruction - X).sum(axis=1).mean())


pca = PCA(16, random_state=0).fit(X_train)
autoencoder = AutoencoderTransformer(16, max_iter=20, random_state=0).fit(X_train)

print(f"PCA          {squared_error(pca, X_test):6.2f}")
print(f"autoencoder  {squared_error(autoencoder, X_test):6.2f}")

# %%
# The pictures
# ------------
#
# Each line of images is 16 numbers wide; the middle row shows those numbers as a square of 4 x 4.

import matplotlib.pyplot as plt

from skae.plotting import ReconstructionDisplay

figure, axes = plt.subplots(2, 1, figsize=(8.5, 6), layout="constrained")
for ax, (name, model) in zip(axes, {"PCA": pca, "autoencoder": autoencoder}.items(), strict=True):
    ReconstructionDisplay.from_estimator(model, X_test[::100], n_images=10, ax=ax)
    ax.set_title(f"{name}: squared error {squared_error(model, X_test):.2f}", loc="left")

# %%
# How training went
# -----------------
#
# Epoch 0 is the linear start, which is PCA. The weights that are kept are the best on held-out
# rows.

from skae.plotting import LossCurveDisplay

LossCurveDisplay.from_estimator(autoencoder)

# %%
# Every size
# ----------
#
# :class:`~skae.plotting.ComponentsCurveDisplay` fits a clone of the estimator, and PCA, at each
# size.

from skae.plotting import ComponentsCurveDisplay

model = AutoencoderTransformer(max_iter=10, random_state=0)
curve = ComponentsCurveDisplay.from_estimator(
    model, X_train, n_components=(2, 8, 32), X_test=X_test
)

for size, error, pca_error in zip(curve.n_components, curve.errors, curve.pca_errors, strict=True):
    print(f"{size:>3} components: PCA {pca_error:5.2f}, autoencoder {error:5.2f}")

# %%
# The error of both falls with every component, and the autoencoder's is the lower one at each
# size. With all 60,000 training images, and the epochs that the defaults have, the distance is
# larger: see :doc:`/benchmarks`.
