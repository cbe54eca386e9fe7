"""Fully connected encoders and their mirrored decoders."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from sklearn.base import BaseEstimator
from torch import nn

from skae._checks import check_parameters, one_of, plain, sizes
from skae.architectures._outline import OUTLINED, initialize

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

    _plain_parameters = ("hidden_layer_sizes", "activation")
    """Those that are taken as plain values, see ``skae._checks.plain``."""

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

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have.
        """
        encoder, decoder = self.outline(n_features, n_components)
        return initialize(encoder, generator), initialize(decoder, generator)

    def outline(self, n_features: int, n_components: int) -> tuple[nn.Module, nn.Module]:
        """Build encoder and decoder without values: names and shapes, on torch's meta device.

        Parameters
        ----------
        n_features : int
            Columns of the data.
        n_components : int
            Columns of the code.

        Returns
        -------
        encoder, decoder : torch.nn.Module
            As ``build`` returns them, but with no memory behind their weights.

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have.
        """
        check_parameters(self, {"hidden_layer_sizes": sizes(), "activation": one_of(*ACTIVATIONS)})
        asked = plain(self)
        widths = [n_features, *asked.hidden_layer_sizes, n_components]
        return asked._stack(widths), asked._stack(widths[::-1])

    def _stack(self, widths: list[int]) -> nn.Sequential:
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out, **OUTLINED), ACTIVATIONS[self.activation]()]
        return nn.Sequential(*layers[:-1])
