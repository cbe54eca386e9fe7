"""
Removing noise from digits
==========================

:class:`~skae.DenoisingAutoencoder` learns from corrupted rows to clean ones. It is fitted on clean
images and adds the noise by itself, anew for every batch.
"""

# %%
# Impulse noise
# -------------
#
# One pixel in nine is replaced by a random shade of grey. The test images are corrupted with
# NumPy, and the model never sees them.

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from skae import DenoisingAutoencoder
from skae.datasets import load_mnist_sample

X_train = load_mnist_sample(subset="train").data
X_test = load_mnist_sample(subset="test").data


def add_impulses(X, rng, probability=0.11):
    hit = rng.random(X.shape) < probability
    return np.where(hit, rng.random(X.shape), X).astype(np.float32)


X_noisy = add_impulses(X_test, np.random.default_rng(0))

denoiser = DenoisingAutoencoder(
    128, noise="impulse", noise_level=0.11, max_iter=20, random_state=0
).fit(X_train)
cleaned = denoiser.denoise(X_noisy)

# %%
# Three others
# ------------
#
# PCA removes noise by forgetting what does not fit its axes; how many axes are best depends on the
# noise, so three numbers are tried. Ridge regression from noisy to clean images is a linear
# denoiser. The median of the 3 x 3 pixels around is what image software does about impulses.

from scipy.ndimage import median_filter

noisy_train = add_impulses(X_train, np.random.default_rng(1))
ridge = Ridge(10.0).fit(noisy_train, X_train)

methods = {"noisy": X_noisy}
for k in (32, 64, 128):
    pca = PCA(k, random_state=0).fit(X_train)
    methods[f"PCA, {k} components"] = pca.inverse_transform(pca.transform(X_noisy))
methods |= {
    "median filter": median_filter(X_noisy.reshape(-1, 28, 28), (1, 3, 3)).reshape(-1, 784),
    "ridge": ridge.predict(X_noisy),
    "DenoisingAutoencoder": cleaned,
}


def psnr(images):
    """Peak signal-to-noise ratio in dB, the mean over the images."""
    error = np.square(np.clip(images, 0, 1) - X_test).mean(axis=1)
    return float(-10 * np.log10(error).mean())


for name, images in methods.items():
    print(f"{name:<22} {psnr(images):5.2f} dB")

# %%
# The start of the autoencoder is the best linear denoiser of its rank, so it should not end below
# ridge regression. The figures above are of the bundled 5,000 images; with all of MNIST they are
# higher, see :doc:`/benchmarks`.
#
# The picture
# -----------
#
# The figure over each image is its PSNR.

import matplotlib.pyplot as plt

from skae.plotting import DenoisingDisplay

figure, ax = plt.subplots(figsize=(8.5, 3.4), layout="constrained")
DenoisingDisplay.from_estimator(
    denoiser, X_noisy[::100], X_test[::100], data_range=(0.0, 1.0), ax=ax
)

# %%
# One model for every strength
# ----------------------------
#
# With a range, ``noise_level=(0.1, 0.6)``, a strength is drawn for each row, and the model needs
# to be told none. Here are such a model and one that was trained for a strength of 0.3 alone, both
# for Gaussian noise.

strengths = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
noise = np.random.default_rng(2).normal(size=X_test.shape).astype(np.float32)
models = {
    "trained for 0.3": 0.3,
    "trained for 0.1 to 0.6": (0.1, 0.6),
}
figure, ax = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
for name, level in models.items():
    model = DenoisingAutoencoder(
        128, noise="gaussian", noise_level=level, max_iter=10, random_state=0
    ).fit(X_train)
    curve = [psnr(model.denoise(X_test + s * noise)) for s in strengths]
    print(name.ljust(24), "  ".join(f"{db:.2f}" for db in curve))
    ax.plot(strengths, curve, "o-", label=name)
before = [psnr(X_test + s * noise) for s in strengths]
ax.plot(strengths, before, "o-", color="#7f7f7f", label="noisy")
ax.set(xlabel="standard deviation of the noise", ylabel="PSNR, dB")
ax.grid(alpha=0.3)
ax.legend(frameon=False)

# %%
# Near its own strength the model for 0.3 is ahead. Beyond it, at 0.6, the one that has seen all
# strengths is.
