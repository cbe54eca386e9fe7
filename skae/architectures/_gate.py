"""Networks that are zero before the first step, so that a model starts on its linear path."""

from collections.abc import Sequence

import torch
from torch import nn

from skae.architectures._foreign import call_foreign

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
    like : torch.Tensor
        Anything with the dtype and the device of its weights.
    """

    def __init__(self, network: nn.Module, like: torch.Tensor):
        super().__init__()
        self.network = network
        self.gate = nn.Parameter(like.new_zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the gated output."""
        return self.gate * self.network(x)


def start_at_zero(
    networks: Sequence[nn.Module], widths: Sequence[int], like: torch.Tensor
) -> list[nn.Module]:
    """Zero their last layers, or put a gate behind a network whose last layer is not its own.

    Where a layer is used twice, as one of an encoder whose weights the decoder has transposed, a
    zero would end what goes through its other place: the model could never leave its start.

    Parameters
    ----------
    networks : sequence of torch.nn.Module
        In evaluation mode; changed in place where they end in a plain layer.
    widths : sequence of int
        The columns of the rows that each of them takes.
    like : torch.Tensor
        Anything with the dtype and the device of their weights.

    Returns
    -------
    networks : list of torch.nn.Module
        The same, or a ``Gate`` around each.

    Examples
    --------
    >>> x = torch.ones(1, 2)
    >>> bounded = nn.Sequential(nn.Linear(2, 1), nn.Tanh())
    >>> linear, gated = start_at_zero([nn.Linear(2, 1), bounded], [2, 2], x)
    >>> bool(linear(x) == gated(x) == 0), type(gated).__name__
    (True, 'Gate')
    """
    generator = torch.Generator("cpu").manual_seed(0)
    probes = [torch.randn(4, n, generator=generator, device="cpu").to(like) for n in widths]
    lasts = [_last_layer(network) for network in networks]
    # All are asked before the first is zero.
    stand_alone = [
        last is not None and _scales_one_output(last, number, networks, probes)
        for number, last in enumerate(lasts)
    ]
    started: list[nn.Module] = []
    for network, last, stands_alone in zip(networks, lasts, stand_alone, strict=True):
        if last is not None and stands_alone:
            with torch.no_grad():
                for parameter in last.parameters():
                    parameter.zero_()
            started.append(network)
        else:
            started.append(Gate(network, like))
    return started


def _last_layer(network: nn.Module) -> nn.Module | None:
    """The plain layer that is registered last; None where the last one is another."""
    leaves = [module for module in network.modules() if not list(module.children())]
    while leaves and isinstance(leaves[-1], nn.Identity | nn.Flatten | nn.Unflatten):
        leaves.pop()
    return leaves[-1] if leaves and isinstance(leaves[-1], PLAIN_LAYERS) else None


def _scales_one_output(
    layer: nn.Module, number: int, networks: Sequence[nn.Module], probes: Sequence[torch.Tensor]
) -> bool:
    """Whether the weights of a layer are a factor of one network's output, and nothing else."""
    # The order of registration need not be the order of computation, and a layer may be hidden
    # in another network: ask them. A rectifier would take a positive factor.
    parameters = list(layer.parameters())
    kept = [parameter.detach().clone() for parameter in parameters]
    with torch.no_grad():
        expected = [call_foreign(*pair) for pair in zip(networks, probes, strict=True)]
        expected[number] = -0.5 * expected[number]
        for parameter in parameters:
            parameter.mul_(-0.5)
        outputs = [call_foreign(*pair) for pair in zip(networks, probes, strict=True)]
        for parameter, values in zip(parameters, kept, strict=True):
            parameter.copy_(values)
    return all(map(_are_close, outputs, expected))


def _are_close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=0.0, atol=1e-3 * float(other.abs().max()))
