"""Networks that are zero before the first step, so that a model starts on its linear path."""

import torch
from torch import nn

PLAIN_LAYERS = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)
"""Layers that are zero where their weights are."""


class Gate(nn.Module):
    """A network times one trained number that starts at zero (ReZero, Bachlechner et al., 2020).

    Parameters
    ----------
    network : torch.nn.Module
        The network behind the gate.
    probe : torch.Tensor
        Anything with the dtype and the device of its weights.
    """

    def __init__(self, network: nn.Module, probe: torch.Tensor):
        super().__init__()
        self.network = network
        self.gate = nn.Parameter(probe.new_zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the gated output."""
        return self.gate * self.network(x)


def start_at_zero(network: nn.Module, probe: torch.Tensor) -> nn.Module:
    """Zero the last layer, or put a gate behind a network that does not end in a plain layer.

    Parameters
    ----------
    network : torch.nn.Module
        Changed in place where it ends in a plain layer.
    probe : torch.Tensor of shape (1, n)
        A row that it takes.

    Returns
    -------
    network : torch.nn.Module
        The same, or a ``Gate`` around it.

    Examples
    --------
    >>> start_at_zero(nn.Linear(2, 1), torch.ones(1, 2))(torch.ones(1, 2)).item()
    0.0
    >>> type(start_at_zero(nn.Sequential(nn.Linear(2, 1), nn.Tanh()), torch.ones(1, 2))).__name__
    'Gate'
    """
    leaves = [module for module in network.modules() if not list(module.children())]
    while leaves and isinstance(leaves[-1], nn.Identity | nn.Flatten | nn.Unflatten):
        leaves.pop()
    if leaves and isinstance(leaves[-1], PLAIN_LAYERS):
        last = leaves[-1]
        kept = {name: value.clone() for name, value in last.state_dict().items()}
        with torch.no_grad():
            for parameter in last.parameters():
                parameter.zero_()
            # The order of registration need not be the order of computation: ask the network.
            if not network(probe).any():
                return network
        last.load_state_dict(kept)
    return Gate(network, probe)
