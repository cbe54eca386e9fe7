"""Networks as outlines, names and shapes without memory, and the weights that fill them."""

import math
from typing import Any

import torch
from torch import nn

OUTLINED: dict[str, Any] = {"device": "meta", "dtype": torch.float32}
"""Layers of an outline are made on torch's meta device, whatever its defaults are."""


def initialize(network: nn.Module, generator: torch.Generator) -> nn.Module:
    """Fill an outline with weights that keep the variance of what goes through, and zero biases.

    Each output of a layer is a sum of n inputs: weights are uniform with variance 1 / n (LeCun,
    Bottou, Orr and Müller, "Efficient BackProp", 1998). A code of a few numbers then spreads over
    the curved part of the activations behind it, however many units there are.

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
    for layer in network.modules():
        n = count_inputs(layer)
        for parameter in layer.parameters(recurse=False):
            if n is None or parameter.ndim < 2:
                nn.init.zeros_(parameter)
            else:
                bound = (3 / n) ** 0.5
                nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return network


def count_inputs(layer: nn.Module) -> float | None:
    """Count the numbers that each output of a layer is a weighted sum of.

    Parameters
    ----------
    layer : torch.nn.Module
        Any layer.

    Returns
    -------
    n : float or None
        Their mean number, over the pixels of a transposed convolution with strides, and the
        larger where the layer has several matrices; None where it has none of its own.

    Examples
    --------
    >>> count_inputs(nn.Linear(5, 3)), count_inputs(nn.Conv2d(2, 8, 3))
    (5.0, 18.0)
    >>> count_inputs(nn.ConvTranspose2d(8, 2, 3, stride=2)), count_inputs(nn.GELU())
    (18.0, None)
    """
    matrices = [weight for weight in layer.parameters(recurse=False) if weight.ndim >= 2]
    if isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d):
        # Its weight is (inputs, outputs of a group, *kernel), and strides share the pixels out.
        shares = layer.groups * math.prod(layer.stride)
        counts = [weight.numel() / (weight.shape[1] * shares) for weight in matrices]
    else:
        counts = [weight.numel() / len(weight) for weight in matrices]
    return max(counts, default=None)
