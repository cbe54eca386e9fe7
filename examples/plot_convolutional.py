"""
Convolutional autoencoders, and two ways to enlarge
===================================================

:class:`~skae.architectures.ConvArchitecture` takes the place of the dense networks. What it does
to an image, and the two ways in which its decoder enlarges one, are drawn in
:doc:`plot_upsampling`; here they are trained on digits.
"""

# %%
# Three models
# ------------
#
# 2,000 images and codes of 32 numbers. The convolutional models have one layer of 16 maps on each
# side, a fifth of the weights, and need more epochs: a training of ten still ended with the weights
# of its start, which is PCA.

from time import perf_counter

import numpy as np

from skae import AutoencoderTransformer
from skae.architectures import ConvArchitecture
from skae.datasets import load_mnist_sample

X_train = load_mnist_sample(subset="train").data[::2][:2000]
X_test = load_mnist_sample(subset="test").data

models = {
    "dense": AutoencoderTransformer(32, max_iter=16, random_state=0),
    "nearest": AutoencoderTransformer(
        32, architecture=ConvArchitecture((28, 28), (16,), upsampling="nearest"),
        max_iter=30, random_state=0,
    ),
    "transposed": AutoencoderTransformer(
        32, architecture=ConvArchitecture((28, 28), (16,), upsampling="transposed"),
        max_iter=30, random_state=0,
    ),
}  # fmt: skip
for name, model in models.items():
    start = perf_counter()
    model.fit(X_train)
    seconds = perf_counter() - start
    error = -model.score_samples(X_test).mean()
    weights = sum(weight.numel() for weight in model.module_.parameters())
    print(f"{name:<11} {weights / 1e3:5.0f} thousand weights, {model.n_iter_} epochs, "
          f"{seconds:4.1f} s: squared error {error:.2f}")  # fmt: skip

# %%
# The start of all three, PCA with 32 components:

start = models["dense"].initial_validation_loss_ * X_train.shape[1]
print(f"held-out squared error before the first step: {start:.2f}")

# %%
# Pictures
# --------

import matplotlib.pyplot as plt

from skae.plotting import ReconstructionDisplay

figure, axes = plt.subplots(3, 1, figsize=(8.5, 6.2), layout="constrained")
for ax, (name, model) in zip(axes, models.items(), strict=True):
    ReconstructionDisplay.from_estimator(model, X_test[::100], ax=ax)
    ax.set_title(name, loc="left")

# %%
# What the networks add
# ---------------------
#
# The reconstruction is the linear path plus the output of the decoder. That second part alone, for
# the two convolutional models, on one digit (red adds ink, blue takes it away):

import torch

digit = torch.from_numpy(X_test[300:301])
figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
axes[0].imshow(X_test[300].reshape(28, 28), cmap="gray_r")
axes[0].set_title("original")
for ax, name in zip(axes[1:], ("nearest", "transposed"), strict=False):
    module = models[name].module_
    with torch.no_grad():
        code = module.code(module.standardize(digit))  # as the decoder knows it, not in data units
        correction = module.decoder(code) * module.target.scale
    correction = correction.reshape(28, 28)
    ax.imshow(correction, cmap="RdBu_r", vmin=-0.8, vmax=0.8)
    ax.set_title(f"{name}: the correction")
    share = np.abs(correction.numpy()).mean()
    print(f"{name:<11} mean absolute correction of a pixel {share:.3f}")
whole = models["transposed"].reconstruct(X_test[300:301]).reshape(28, 28)
axes[3].imshow(whole, cmap="gray_r", vmin=0, vmax=1)
axes[3].set_title("transposed: all of it")
for ax in axes:
    ax.set_axis_off()

# %%
# Which to take
# -------------
#
# On a few images the two are close. :doc:`/images` has them trained for as long as the dense net,
# and says when each one pays.
