"""The trial of networks before they are trained: what cannot be trained is refused in words."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import torch
from torch import nn

from skae.architectures._foreign import call_foreign, is_plain, seeded

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
N_ROWS = 4
TOLERANCE = 1e-3
"""Relative to the largest output: other products of other batches round otherwise."""


def try_network(what: str, network: nn.Module, n_in: int, n_out: int, like: torch.Tensor) -> None:
    """Refuse a network that does not map rows to rows, each by itself and always alike.

    Parameters
    ----------
    what : str
        What the network is, such as "the encoder that DenseArchitecture builds".
    network : torch.nn.Module
        In evaluation mode, with its first weights.
    n_in, n_out : int
        Columns that it is given, and that it has to return.
    like : torch.Tensor
        Anything with the dtype and the device of its weights.

    Raises
    ------
    ValueError
        If it fails, returns anything but floating-point rows of ``n_out`` columns, draws random
        numbers in evaluation mode, or makes a row depend on the others.

    Examples
    --------
    >>> try_network("the encoder", nn.Linear(3, 1), 3, 2, torch.zeros(()))
    Traceback (most recent call last):
    ValueError: the encoder must return rows of 2 columns: for 4 rows of 3 a tensor of shape ...
    """
    generator = torch.Generator("cpu").manual_seed(0)
    rows = torch.randn(N_ROWS, n_in, generator=generator, device="cpu").to(like)
    _refuse_batch_statistics(what, network)
    # What is made of layers that are known is asked for its shape alone.
    if is_plain(network):
        _run(what, network, rows, n_out)
        return
    with seeded(0), _without_zeros(network):
        drawn = torch.default_generator.get_state()
        outputs = _run(what, network, rows, n_out)
        draws = not torch.equal(drawn, torch.default_generator.get_state())
        if draws or _differ(outputs, _run(what, network, rows, n_out)):
            raise ValueError(
                f"{what} draws random numbers in evaluation mode: the same rows would have other "
                "codes in each call. Let it draw where self.training is true alone, as nn.Dropout "
                "does; functional.dropout needs training=self.training."
            )
        # The first row among others, and alone.
        others = torch.cat([rows[:1], 2 - rows[1:]])
        for batch in (others, rows[:1]):
            if _differ(outputs[:1], _run(what, network, batch, n_out)[:1]):
                _refuse_dependence(what, "its output for a row changes with the other rows")


def _run(what: str, network: nn.Module, rows: torch.Tensor, n_out: int) -> torch.Tensor:
    wanted = f"for {len(rows)} rows of {rows.shape[1]} a tensor of shape {(len(rows), n_out)}"
    with torch.no_grad():
        try:
            output: Any = call_foreign(network, rows)
        except MemoryError:
            raise
        except Exception as error:
            raise ValueError(
                f"{what} must return rows of {n_out} columns: {wanted}. It failed with "
                f"{type(error).__name__}: {error}"
            ) from error
    if not isinstance(output, torch.Tensor):
        got = f"{type(output).__name__}, not a tensor"
    elif not output.is_floating_point():
        got = f"a tensor of {output.dtype}, which is no floating-point type"
    elif output.shape != (len(rows), n_out):
        got = f"one of shape {tuple(output.shape)}"
    else:
        return output
    raise ValueError(f"{what} must return rows of {n_out} columns: {wanted}. It returned {got}.")


def _refuse_batch_statistics(what: str, network: nn.Module) -> None:
    for layer in network.modules():
        if isinstance(layer, BATCH_NORMS) and layer.running_mean is None:
            _refuse_dependence(
                what,
                f"{type(layer).__name__}(track_running_stats=False) takes the mean of each batch, "
                "after training too",
            )


def _refuse_dependence(what: str, reason: str) -> NoReturn:
    raise ValueError(
        f"{what} makes a row depend on the other rows of a call: {reason}. Use LayerNorm, or "
        "BatchNorm with its running statistics (track_running_stats=True)."
    )


def _differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    tolerance = TOLERANCE * float(one.nan_to_num().abs().max())
    return not torch.allclose(one, other, rtol=0.0, atol=tolerance, equal_nan=True)


@contextmanager
def _without_zeros(network: nn.Module) -> Iterator[None]:
    """Weights that start at zero would hide what stands before them; all is put back."""
    kept = copy.deepcopy(network.state_dict())
    with torch.no_grad():
        for weight in network.parameters():
            if not weight.any():
                weight.fill_(0.1)
    try:
        yield
    finally:
        network.load_state_dict(kept)
