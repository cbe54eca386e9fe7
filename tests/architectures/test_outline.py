"""Weights before the first step."""

import pytest
import torch
from torch import nn

from skae.architectures import DenseArchitecture
from skae.architectures._outline import count_inputs


@pytest.mark.parametrize(
    ("layer", "n"),
    [
        (nn.Linear(7, 3), 7),
        (nn.Conv2d(4, 6, 3, groups=2), 2 * 9),
        (nn.ConvTranspose2d(4, 6, 3), 4 * 9),
        (nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), 2 * 9 / 4),
        (nn.utils.parametrizations.weight_norm(nn.ConvTranspose2d(4, 6, 3)), None),
        (nn.LSTM(3, 20), 20),
        (nn.GELU(), None),
        (nn.LayerNorm(5), None),
        (nn.Sequential(nn.Linear(2, 2)), None),
    ],
    ids=repr,
)
def test_inputs_of_an_output_are_counted(layer, n):
    assert count_inputs(layer) == n


@pytest.mark.parametrize("n_inputs", [2, 30, 784])
def test_a_layer_keeps_the_variance_of_what_goes_through(n_inputs):
    generator = torch.Generator().manual_seed(0)
    network, _ = DenseArchitecture((2000,)).build(n_inputs, 1, generator)
    u = torch.randn(500, n_inputs, generator=generator)
    with torch.no_grad():
        assert network[0](u).var().item() == pytest.approx(1, rel=0.1)
