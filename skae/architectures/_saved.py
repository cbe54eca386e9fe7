"""The module that has the weights of a saved one, with what its networks share still shared."""

from functools import partial
from typing import Any, TypeVar

import torch
from torch import nn

from skae.architectures._foreign import build_networks
from skae.architectures._gate import Gate
from skae.architectures._outline import OUTLINED

Module = TypeVar("Module", bound=nn.Module)


def module_of_weights(
    kind: type[Module],
    architecture: Any,
    n_features: int,
    n_components: int,
    weights: dict[str, torch.Tensor],
    output_activation: str,
) -> Module:
    """Build the module that has these weights.

    Parameters
    ----------
    kind : type
        ``Autoencoder`` or a subclass, whose ``from_weights`` says what the others are.
    architecture : object
        What built encoder and decoder.
    n_features, n_components : int
        Columns of the data and of the code.
    weights : dict of str to torch.Tensor
        The ``state_dict`` of such a module.
    output_activation : {"identity", "logistic"}
        As in the constructor.

    Returns
    -------
    module : object
        On the CPU, in evaluation mode, with copies of the weights.

    Raises
    ------
    ValueError
        If names, shapes or dtypes are not those of such a module.
    """
    outlined = _outlines_what_it_builds(type(architecture))
    build = architecture.outline if outlined else partial(_build_to_fill, architecture)
    networks = build(n_features, n_components)
    module = _join(kind, networks, n_features, n_components, weights, output_activation)
    # All but means and scales has one dtype, that of the weights of the networks.
    module.to(_dtype_of(weights))
    _compare(module.state_dict(), weights)
    if outlined and module.is_plain and not _has_ties(module):
        # In the memory layout of the outline: channels last makes other roundings.
        copies = {
            name: torch.empty_like(outline, dtype=weights[name].dtype, device="cpu").copy_(
                weights[name]
            )
            for name, outline in module.state_dict().items()
        }
        module.load_state_dict(copies, assign=True)
        return module.eval()
    # Into the weights that were built: those that are shared, in whatever way, stay so.
    if outlined:
        networks = _build_to_fill(architecture, n_features, n_components)
        module = _join(kind, networks, n_features, n_components, weights, output_activation)
    # A part that the class itself adds was outlined with the linear path.
    for part in module.children():
        if any(weight.is_meta for weight in part.parameters()):
            part.to_empty(device="cpu")
    outlines = {name for name, buffer in module.named_buffers() if buffer.is_meta}
    for name in outlines & weights.keys():
        owner, _, buffer = name.rpartition(".")
        setattr(module.get_submodule(owner), buffer, torch.empty_like(weights[name], device="cpu"))
    for side in ("source", "target"):
        getattr(module, side).move(weights[f"{side}.mean"], float(weights[f"{side}.scale"]))
    module.to(_dtype_of(weights)).load_state_dict(weights)
    return module.eval()


def _outlines_what_it_builds(kind: type) -> bool:
    """Whether the class has an ``outline`` that is not older than its ``build``."""
    for base in kind.__mro__:
        if "outline" in vars(base):
            return True
        if "build" in vars(base):
            return False
    return False


def _build_to_fill(
    architecture: Any, n_features: int, n_components: int
) -> tuple[nn.Module, nn.Module]:
    generator = torch.Generator("cpu").manual_seed(0)
    return build_networks(architecture, n_features, n_components, generator)


def _join(
    kind: type[Module],
    networks: tuple[nn.Module, nn.Module],
    n_features: int,
    n_components: int,
    weights: dict[str, torch.Tensor],
    output_activation: str,
) -> Module:
    """Join networks with an outline of what the weights tell of: linear path, gates, units."""
    parts = dict(zip(("encoder", "decoder"), networks, strict=True))
    for part, network in parts.items():
        # A network may have a weight of that name itself.
        own = {f"{part}.{name}" for name in network.state_dict()}
        saved = {name for name in weights if name.startswith(f"{part}.")}
        if f"{part}.gate" in saved and saved != own:
            parts[part] = Gate(network, torch.empty(0, device="cpu", dtype=torch.float32))
    mean = torch.empty(n_features, **OUTLINED)
    to_code = from_code = None
    if "to_code" in weights:
        to_code = torch.empty(n_features, n_components, **OUTLINED)
        from_code = torch.empty(n_components, n_features, **OUTLINED)
    module = kind(
        **parts,
        mean=mean,
        scale=1.0,
        to_code=to_code,
        from_code=from_code,
        output_activation=output_activation,
    )
    module.add_outlines(n_components, weights)  # type: ignore[operator]
    return module


def _compare(expected: dict[str, torch.Tensor], weights: dict[str, torch.Tensor]) -> None:
    """Refuse other names, shapes and dtypes, before anything takes memory."""
    if weights.keys() != expected.keys():
        names = ", ".join(sorted(weights.keys() ^ expected.keys())[:3])
        raise ValueError(f"too many or too few: {names}")
    for name, outline in expected.items():
        value = weights[name]
        if value.shape != outline.shape or value.dtype != outline.dtype:
            raise ValueError(
                f"{name} is {tuple(value.shape)} of {value.dtype} in place of "
                f"{tuple(outline.shape)} of {outline.dtype}"
            )


def _dtype_of(weights: dict[str, torch.Tensor]) -> torch.dtype:
    """The dtype that the networks and the linear path were saved in."""
    kinds = (
        value.dtype
        for name, value in weights.items()
        if value.is_floating_point() and not name.startswith(("source.", "target."))
    )
    return next(kinds, torch.float32)


def _has_ties(module: nn.Module) -> bool:
    """Whether two names have one weight."""
    weights = [weight for _, weight in module.named_parameters(remove_duplicate=False)]
    return len(weights) > len(set(weights))
