"""Convolutional encoders and decoders, and what estimators make of them."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer
from skae.architectures import ConvArchitecture
from skae.datasets import load_mnist_sample

KINDS = pytest.mark.parametrize(
    ("downsampling", "upsampling"),
    [
        ("max_pool", "nearest"),
        ("max_pool", "bilinear"),
        ("max_pool", "transposed"),
        ("stride", "nearest"),
        ("stride", "transposed"),
    ],
)


@KINDS
@pytest.mark.parametrize("image_shape", [(28, 28), (7, 9), (27, 5), (3, 9, 8), (1, 1, 1), (2, 1)])
@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_every_size_comes_back_as_its_own(image_shape, kernel_size, downsampling, upsampling):
    n_features = int(np.prod(image_shape))
    architecture = ConvArchitecture(image_shape, (4, 6, 5), kernel_size, downsampling, upsampling)
    encoder, decoder = architecture.build(n_features, 3, torch.Generator())
    code = encoder(torch.ones(2, n_features))
    assert code.shape == (2, 3)
    assert decoder(code).shape == (2, n_features)


def test_pixels_are_rows_of_the_image():
    """A kernel of size one cannot mix pixels: what is bright stays where it is."""
    architecture = ConvArchitecture((2, 4, 6), (2,), kernel_size=1, activation="identity")
    encoder, _ = architecture.build(48, 3, torch.Generator().manual_seed(0))
    images = encoder[0](torch.arange(48.0).reshape(1, 48))
    assert torch.equal(images[0], torch.arange(48.0).reshape(2, 4, 6))


def test_weights_come_from_the_generator_alone():
    def weights(seed):
        pair = ConvArchitecture((4, 4), (3,)).build(16, 2, torch.Generator().manual_seed(seed))
        return torch.cat([p.flatten() for network in pair for p in network.parameters()])

    state = torch.get_rng_state()
    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"image_shape": (28, 29)}, "image of 784 values, the columns of X; this one has 812"),
        ({"image_shape": 28}, "'image_shape' parameter of ConvArchitecture"),
        ({"image_shape": (0, 28)}, "image_shape"),
        ({"channels": ()}, "channels"),
        ({"channels": (8, 0)}, "channels"),
        ({"kernel_size": 4}, "odd integer"),
        ({"upsampling": "cubic"}, "'nearest', 'bilinear', 'transposed'"),
        ({"downsampling": "mean"}, "'max_pool', 'stride'"),
        ({"activation": "rely"}, "activation"),
    ],
)
def test_errors_name_parameter_value_and_remedy(parameters, words):
    with pytest.raises(ValueError, match=words):
        ConvArchitecture(**parameters).build(784, 2, torch.Generator())


@pytest.mark.parametrize(
    ("downsampling", "upsampling"),
    [
        ("max_pool", "nearest"),
        ("stride", "transposed"),
        pytest.param("max_pool", "bilinear", marks=pytest.mark.slow),
        pytest.param("max_pool", "transposed", marks=pytest.mark.slow),
        pytest.param("stride", "nearest", marks=pytest.mark.slow),
    ],
)
def test_starts_from_pca_and_leaves_it_for_better(downsampling, upsampling):
    digits = load_mnist_sample()
    X, X_test = digits.data[:1000], digits.data[-500:]
    architecture = ConvArchitecture((28, 28), (8, 8), 3, downsampling, upsampling)
    model = AutoencoderTransformer(
        16, architecture=architecture, max_iter=15, batch_size=50, random_state=0
    ).fit(X)
    pca = PCA(16).fit(X)
    error = np.square(pca.inverse_transform(pca.transform(X_test)) - X_test).sum()
    assert -model.score_samples(X_test).sum() < 0.98 * error
    assert model.validation_loss_curve_[-1] < model.initial_validation_loss_


def test_parameters_can_be_searched(X):
    model = AutoencoderTransformer(
        2, architecture=ConvArchitecture((2, 4), (4,)), max_iter=2, random_state=0
    )
    search = GridSearchCV(model, {"architecture__channels": [(2,), (3, 4)]}, cv=2).fit(X)
    assert search.best_params_["architecture__channels"] in [(2,), (3, 4)]
