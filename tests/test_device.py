"""Training on an accelerator: the same estimator, with its model back on the CPU."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.architectures import ConvArchitecture

pytestmark = pytest.mark.skipif(
    not torch.accelerator.is_available(), reason="this machine has no accelerator"
)

SMALL = {"hidden_layer_sizes": (32,), "max_iter": 20, "device": "auto", "random_state": 0}
MODELS = {
    "plain": AutoencoderTransformer(2, **SMALL),
    "mixed": AutoencoderTransformer(2, precision="mixed", **SMALL),
    "sgd": AutoencoderTransformer(2, solver="sgd", **SMALL),
    "denoising": DenoisingAutoencoder(2, noise="swap", **SMALL),
    "convolutional": AutoencoderTransformer(
        2, architecture=ConvArchitecture((2, 4), (8,)), **SMALL
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array])
def test_fit_is_as_good_as_on_the_cpu(name, convert, X):
    ours, expected = (
        clone(MODELS[name]).set_params(device=device).fit(convert(X)) for device in ("auto", "cpu")
    )
    assert ours.score(X) == pytest.approx(expected.score(X), abs=0.02)


def test_the_model_comes_back(X):
    model = AutoencoderTransformer(2, **SMALL).fit(X).partial_fit(X)
    assert {tensor.device.type for tensor in model.module_.state_dict().values()} == {"cpu"}
    assert_allclose(model.inverse_transform(model.transform(X)), model.reconstruct(X), rtol=1e-5)


def test_the_start_is_the_same(X):
    """A rate of almost nothing leaves both at PCA."""
    fits = (
        AutoencoderTransformer(
            2, **{**SMALL, "device": device, "learning_rate_init": 1e-12, "max_iter": 1}
        ).fit(X)
        for device in ("cpu", "auto")
    )
    assert_allclose(*(model.transform(X) for model in fits), rtol=1e-4, atol=1e-5)
