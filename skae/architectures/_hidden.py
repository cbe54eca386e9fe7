"""What the hidden units of both networks make of rows: features for a classifier."""

from collections.abc import Iterator

import torch
from torch import nn

from skae.architectures._dense import ACTIVATIONS
from skae.architectures._gate import Gate
from skae.architectures._module import Autoencoder
from skae.architectures._nested import NestedAutoencoder
from skae.architectures._outliers import OutlierAutoencoder

CELLS = 4
"""Images are pooled to the maxima of so many cells on each side, where they have as many pixels."""


def hidden_units(module: Autoencoder, x: torch.Tensor) -> torch.Tensor:
    """Join the values behind each activation of encoder and decoder.

    Of images those of the encoder alone.

    Parameters
    ----------
    module : Autoencoder
        Its networks are sequences of layers; those inside of other modules are not seen.
    x : torch.Tensor of shape (n, n_features)
        Rows in the units of the data.

    Returns
    -------
    units : torch.Tensor of shape (n, n_units)
        From the encoder's first layer to the decoder's last one. A channel of an image has 16
        values, its maxima in four by four parts of it; one for each pixel where these are fewer.

    Raises
    ------
    ValueError
        If there is no layer with an activation before the last layer.

    Examples
    --------
    >>> networks = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1)), nn.Linear(1, 2)
    >>> hidden_units(Autoencoder(*networks, torch.zeros(2), 1.0), torch.ones(3, 2)).shape
    torch.Size([3, 5])
    """
    # The columns of an outlier detector have a unit each.
    u = module.standardize(module.scaled(x) if isinstance(module, OutlierAutoencoder) else x)
    code = module.code(u)
    if isinstance(module, NestedAutoencoder):
        code = module.complete(code)
    # Layers of users may write to what they are given.
    given = (u, code) if module.is_plain else (u.clone(), code.clone())
    found, of_decoder = (
        list(_values(network, rows))
        for network, rows in zip((module.encoder, module.decoder), given, strict=True)
    )
    # Images that are drawn from a code tell less than those that were seen, and cost as much.
    sees_images = any(_is_image(values) for values in found)
    found += [values for values in of_decoder if not (sees_images and _is_image(values))]
    if not found:
        raise ValueError(
            "There are no hidden units to return: encoder and decoder have no activation inside "
            "of an nn.Sequential. Use hidden_layer_sizes=(512, 256), or build nn.Sequential."
        )
    return torch.cat([_as_rows(values) for values in found], dim=1)


def _values(network: nn.Module, x: torch.Tensor) -> Iterator[torch.Tensor]:
    """What comes out of each activation of a sequence."""
    if isinstance(network, Gate):
        network = network.network
    if not isinstance(network, nn.Sequential):
        return
    for layer in network:
        x = layer(x)
        if isinstance(layer, tuple(ACTIVATIONS.values())) and not isinstance(layer, nn.Identity):
            yield x


def _is_image(values: torch.Tensor) -> bool:
    return values.ndim == 4


def _as_rows(values: torch.Tensor) -> torch.Tensor:
    # The cells of torch's adaptive pooling, which ONNX does not have.
    for axis in range(2, values.ndim):
        size = values.shape[axis]
        n_cells = min(CELLS, size)
        cells = [(i * size // n_cells, -(-(i + 1) * size // n_cells)) for i in range(n_cells)]
        parts = [values.narrow(axis, start, end - start).amax(axis) for start, end in cells]
        values = torch.stack(parts, axis)
    return values.flatten(1)
