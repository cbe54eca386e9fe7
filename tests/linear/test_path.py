"""The products of the linear path, as training meets them."""

import numpy as np
import pytest
import torch

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae._linear.path import LinearPath
from skae.datasets import load_mnist_sample


def test_rounding_errors_are_zero():
    components = np.array([[1.0, 1e-3, 1e-40]])
    mean = np.zeros(3)
    path = LinearPath(mean, 1.0, mean, 1.0, components, components, np.ones(1))
    to_code, from_code = path.products(2)
    assert to_code.tolist() == [[1.0, 0.0], [1e-3, 0.0], [0.0, 0.0]]
    assert from_code.tolist() == [[1.0, 1e-3, 0.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder])
def test_constant_pixels_make_no_denormal_numbers(kind):
    """With these a step of training took three times as long."""
    X = load_mnist_sample(subset="train").data[:400]
    module = kind(30, hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(X).module_
    smallest = torch.finfo(torch.float32).smallest_normal
    for product in (module.to_code, module.from_code):
        assert not ((product != 0) & (product.abs() < smallest)).any()
