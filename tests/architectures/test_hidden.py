"""Hidden units of convolutions: what is left of an image."""

import pytest
import torch
from torch import nn
from torch.nn.functional import adaptive_max_pool2d

from skae.architectures import Autoencoder, ConvArchitecture, hidden_units


def units_of(height: int, width: int, channels: tuple[int, ...]) -> tuple:
    torch.manual_seed(0)
    networks = ConvArchitecture((height, width), channels).build(
        height * width, 3, torch.Generator().manual_seed(0)
    )
    module = Autoencoder(*networks, torch.zeros(height * width), 1.0)
    rows = torch.randn(5, height * width)
    with torch.no_grad():
        return networks[0], rows, hidden_units(module, rows)


@pytest.mark.parametrize(("height", "width"), [(28, 28), (30, 18), (9, 11)])
def test_each_channel_has_the_maxima_of_sixteen_parts(height, width):
    encoder, rows, units = units_of(height, width, (6,))
    assert units.shape == (5, 6 * 16)
    with torch.no_grad():
        maps = encoder[:4](rows)
    torch.testing.assert_close(units, adaptive_max_pool2d(maps, 4).flatten(1))


def test_a_smaller_image_has_a_unit_for_each_pixel():
    assert units_of(5, 4, (6,))[2].shape == (5, 6 * 3 * 2)


def test_images_of_the_decoder_are_left_out():
    assert units_of(28, 28, (6, 7))[2].shape == (5, (6 + 7) * 16)


def test_where_the_encoder_sees_no_images_the_decoder_has_units_too():
    networks = (
        nn.Sequential(nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 3)),
        ConvArchitecture((4, 4), (2,)).build(16, 3, torch.Generator())[1],
    )
    units = hidden_units(Autoencoder(*networks, torch.zeros(16), 1.0), torch.ones(7, 16))
    assert units.shape == (7, 5 + 2 * 2 * 2)
