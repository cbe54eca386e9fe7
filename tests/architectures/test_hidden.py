"""Hidden units of convolutions: what is left of an image."""

import pytest
import torch
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
    assert units.shape == (5, 2 * 6 * 16)
    with torch.no_grad():
        maps = encoder[:4](rows)
    torch.testing.assert_close(units[:, : 6 * 16], adaptive_max_pool2d(maps, 4).flatten(1))


def test_a_smaller_image_has_a_unit_for_each_pixel():
    assert units_of(5, 4, (6,))[2].shape == (5, 2 * 6 * 3 * 2)


def test_the_dense_layer_before_the_first_image_of_the_decoder_is_pooled_too():
    assert units_of(28, 28, (6, 7))[2].shape == (5, 2 * (6 + 7) * 16)
