"""An autoencoder with a linear head: what its code says of a target."""

from typing import Any

import torch
from torch import nn

from skae.architectures._module import Autoencoder
from skae.architectures._outline import OUTLINED


class HeadedAutoencoder(Autoencoder):
    """An autoencoder whose code is also the input of a linear model of a target.

    Parameters
    ----------
    encoder, decoder, mean, scale, to_code, from_code, target_mean, target_scale, \
            output_activation : object
        As in ``Autoencoder``.

    Attributes
    ----------
    head : torch.nn.Linear or None
        Maps whitened codes to log-odds of classes or to standardised numbers; None until
        ``add_head``.

    Examples
    --------
    >>> headed = HeadedAutoencoder(
    ...     nn.Linear(3, 2), nn.Linear(2, 3), torch.zeros(3), 1.0, torch.eye(3, 2), torch.eye(2, 3))
    >>> headed.start_on_linear_path()
    >>> headed.add_head(torch.tensor([[1.0, 10.0]]), torch.tensor([100.0]))
    >>> with torch.no_grad():
    ...     headed.say(torch.tensor([[1.0, 2.0, 3.0]]))
    tensor([[121.]])
    """

    def __init__(self, *parts: Any, **named_parts: Any):
        super().__init__(*parts, **named_parts)
        self.head: nn.Linear | None = None

    def add_head(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        """Set the head.

        Parameters
        ----------
        weight : torch.Tensor of shape (n_outputs, n_components)
            A row for each output.
        bias : torch.Tensor of shape (n_outputs,)
            What is added.
        """
        n_outputs, n_components = weight.shape
        self.head = nn.Linear(n_components, n_outputs, **OUTLINED)
        if not weight.is_meta:
            self.head.to_empty(device=self.source.near.device).to(self.source.near.dtype)
            with torch.no_grad():
                self.head.weight.copy_(weight)
                self.head.bias.copy_(bias)

    def add_outlines(self, n_components: int, weights: dict[str, torch.Tensor]) -> None:
        """Add code units and head where weights tell of them."""
        super().add_outlines(n_components, weights)
        if "head.bias" in weights:
            n_outputs = len(weights["head.bias"])
            outline = torch.empty(n_outputs, n_components, **OUTLINED)
            self.add_head(outline, torch.empty(n_outputs, **OUTLINED))

    def say(self, x: torch.Tensor) -> torch.Tensor:
        """Map rows to what the head says of them.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        outputs : torch.Tensor of shape (n, n_outputs)
            Log-odds of classes, or standardised numbers.
        """
        assert self.head is not None
        return self.head(self.code(self.standardize(x)))
