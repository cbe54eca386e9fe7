"""Networks as outlines, names and shapes without memory, and the weights that fill them."""

from typing import Any

import torch
from torch import nn

OUTLINED: dict[str, Any] = {"device": "meta", "dtype": torch.float32}
"""Where and how the layers of an outline are made, whatever torch's defaults are."""


def initialize(network: nn.Module, generator: torch.Generator) -> nn.Module:
    """Fill an outline with Glorot's uniform weights (2010) and zero biases.

    Parameters
    ----------
    network : torch.nn.Module
        Linear and convolutional layers on the meta device; changed in place.
    generator : torch.Generator
        The only source of randomness: layers draw from it in their order.

    Returns
    -------
    network : torch.nn.Module
        The same, on the CPU.

    Examples
    --------
    >>> layer = initialize(nn.Linear(2, 3, **OUTLINED), torch.Generator())
    >>> layer.weight.device, layer.bias.tolist()
    (device(type='cpu'), [0.0, 0.0, 0.0])
    """
    network.to_empty(device="cpu")
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        else:
            nn.init.xavier_uniform_(parameter, generator=generator)
    return network
