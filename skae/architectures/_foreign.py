"""What a user's network may do that ours does not, and how it is built and called all the same.

It may write to what it is given, and draw from torch's global generators; its layers may be made
by torch's defaults. Networks that are made of the layers in ``PLAIN`` do none of that, and are
called as they are.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from skae._checks import find_misfit
from skae.architectures._modes import in_torchs_dtype, on_torchs_device

PLAIN = frozenset({
    nn.Sequential, nn.Identity, nn.Flatten, nn.Unflatten, nn.Linear,
    nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.Upsample, nn.LayerNorm, nn.GroupNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d,
    nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus,
    nn.PReLU, nn.Sigmoid, nn.Tanh, nn.Hardtanh, nn.Softsign,
})  # fmt: skip
"""Layers of torch that draw nothing, look at each row by itself and, unless they are told to, write
to nothing."""

_ONE_AT_A_TIME = threading.RLock()
"""Held while the global generators are ours."""


def is_plain(network: nn.Module) -> bool:
    """Whether a network is known to write to nothing that it is given, and to draw nothing.

    Parameters
    ----------
    network : torch.nn.Module
        Any network.

    Returns
    -------
    is_plain : bool
        Whether all of its layers are torch's own, of those in ``PLAIN``, or ours.

    Examples
    --------
    >>> is_plain(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    True
    >>> is_plain(nn.Sequential(nn.ReLU(inplace=True))), is_plain(nn.Dropout())
    (False, False)
    """
    return all(_is_plain_layer(layer) for layer in network.modules())


def _is_plain_layer(layer: nn.Module) -> bool:
    # Not isinstance: the forward of a subclass, or of an instance, may do anything, and so may a
    # hook.
    kind, own = type(layer), vars(layer)
    is_known = kind in PLAIN or kind.__module__.startswith(f"{__package__}.")
    changes = "forward", "_forward_hooks", "_forward_pre_hooks", "inplace"
    return is_known and not any(own.get(name) for name in changes)


def call_foreign(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Call a network of which nothing is known.

    Parameters
    ----------
    network : torch.nn.Module
        Any network.
    x : torch.Tensor
        Its input: it gets a copy that it may write to.

    Returns
    -------
    output : torch.Tensor
        What it returns.
    """
    with ExitStack() as modes:
        if torch.is_inference_mode_enabled():
            # What it keeps from call to call must be of use in training, too.
            modes.enter_context(torch.inference_mode(False))
            modes.enter_context(torch.no_grad())
        modes.enter_context(on_torchs_device())
        modes.enter_context(in_torchs_dtype())
        return network(x.clone())


@contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Make torch's global generators ours for a block, and put them back as they were.

    Fits in other threads wait in the meantime. NumPy's generator is left alone: other fits draw
    their seeds from it.

    Parameters
    ----------
    *numbers : int
        The seed: equal numbers give equal draws, whatever was drawn before.

    Examples
    --------
    >>> with seeded(0, 7):
    ...     first = torch.rand(1)
    >>> with seeded(0, 7):
    ...     print(bool(torch.rand(1) == first))
    True
    """
    (seed,) = np.random.SeedSequence(numbers).generate_state(1, np.uint64)
    with _ONE_AT_A_TIME:
        # Those of the GPUs are there once something was put on one.
        accelerated = getattr(torch.get_device_module(), "default_generators", ())
        generators = [torch.default_generator, *accelerated]
        states = [generator.get_state() for generator in generators]
        try:
            for generator in generators:
                generator.manual_seed(int(seed))
            yield
        finally:
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)


def build_networks(
    architecture: Any, n_features: int, n_components: int, generator: torch.Generator
) -> tuple[nn.Module, nn.Module]:
    """Let an architecture build its networks, whatever torch's global state is, and leave that.

    Parameters
    ----------
    architecture : object
        Its ``build`` makes encoder and decoder.
    n_features, n_components : int
        Columns of the data and of the code.
    generator : torch.Generator
        For ``build``; its seed decides what comes from torch's global generators as well.

    Returns
    -------
    encoder, decoder : torch.nn.Module
        As they were built, those that are lazy with their weights.

    Raises
    ------
    ValueError
        If ``build`` does not take these arguments, or does not return two modules.

    Examples
    --------
    >>> class Linear:
    ...     def build(self, n_features, n_components, generator):
    ...         return nn.Linear(n_features, n_components), nn.Linear(n_components, n_features)
    >>> one, other = (build_networks(Linear(), 3, 1, torch.Generator())[0] for _ in range(2))
    >>> bool((one.weight == other.weight).all())
    True
    """
    name = type(architecture).__name__
    misfit = find_misfit(architecture.build, 3)
    if misfit:
        raise ValueError(
            f"{name}.build must take (n_features, n_components, generator): {misfit}. Define it "
            "as build(self, n_features, n_components, generator)."
        )
    with seeded(generator.initial_seed(), 0), on_torchs_device(), in_torchs_dtype():
        built = architecture.build(n_features, n_components, generator)
        if not (
            isinstance(built, tuple | list)
            and len(built) == 2
            and all(isinstance(network, nn.Module) for network in built)
        ):
            raise ValueError(
                f"{name}.build must return two torch.nn.Module, an encoder and a decoder. It "
                f"returned {built!r}."
            )
        for network, width in zip(built, (n_features, n_components), strict=True):
            if any(is_lazy(weight) for weight in (*network.parameters(), *network.buffers())):
                network.eval()(torch.zeros(2, width))
    encoder, decoder = built
    return encoder, decoder
