"""Fully connected encoders and their mirrored decoders."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from sklearn.base import BaseEstimator
from torch import nn

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "identity": nn.Identity,
    "logistic": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "elu": nn.ELU,
}


class DenseArchitecture(BaseEstimator):
    """A fully connected encoder and the decoder that mirrors it.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(256,)
        Units of each hidden layer of the encoder, from the data to the code. The decoder has
        the same layers in reverse. ``()`` makes both a single linear layer.
    activation : {"identity", "logistic", "tanh", "relu", "gelu", "silu", "elu"}, default="gelu"
        The function after each hidden layer.

    Examples
    --------
    >>> import torch
    >>> encoder, decoder = DenseArchitecture((16,)).build(8, 2, torch.Generator())
    >>> encoder(torch.zeros(5, 8)).shape, decoder(torch.zeros(5, 2)).shape
    (torch.Size([5, 2]), torch.Size([5, 8]))
    """

    def __init__(self, hidden_layer_sizes: Sequence[int] = (256,), activation: str = "gelu"):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation

    def build(
        self, n_features: int, n_components: int, generator: torch.Generator
    ) -> tuple[nn.Module, nn.Module]:
        """Build an untrained encoder and decoder.

        Parameters
        ----------
        n_features : int
            Columns of the data.
        n_components : int
            Columns of the code.
        generator : torch.Generator
            The only source of randomness for the weights.

        Returns
        -------
        encoder : torch.nn.Module
            Maps (n, n_features) to (n, n_components).
        decoder : torch.nn.Module
            Maps (n, n_components) to (n, n_features).
        """
        widths = [n_features, *self.hidden_layer_sizes, n_components]
        return self._stack(widths, generator), self._stack(widths[::-1], generator)

    def _stack(self, widths: list[int], generator: torch.Generator) -> nn.Sequential:
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(widths):
            layers += [make_linear(n_in, n_out, generator), ACTIVATIONS[self.activation]()]
        return nn.Sequential(*layers[:-1])


def make_linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Build a linear layer with Glorot's uniform weights (2010), from the generator alone."""
    # skip_init: the default initialisation would draw from torch's global generator.
    linear = nn.utils.skip_init(nn.Linear, n_in, n_out)
    nn.init.xavier_uniform_(linear.weight, generator=generator)
    nn.init.zeros_(linear.bias)
    return linear
