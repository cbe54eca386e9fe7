"""What ``"auto"`` and ``"mixed"`` mean, from data, model and hardware."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from statistics import fmean
from typing import Any

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import nn

from skae._training.optimizers import SCHEDULES
from skae.architectures import count_inputs

FEW_COLUMNS = 256
"""Pairs of values below are for tables of up to so many columns, and for wider ones."""

WIDTHS = (256, 512)
"""Units of the first hidden layer."""

AUTO_COMPONENTS = (64, 256)
"""Fewest and most components of an estimator that may have as many as X has columns."""

MAX_LAYERS = 3
UNITS_PER_COMPONENT = 4
"""Each layer has half the units of the one before, as long as they are more than four times the
components."""

HIDDEN_LAYER_SIZES_BY_RIDGE = (256,)
MAX_ROWS_BY_RIDGE = 2_000
MAX_CELLS_BY_RIDGE = 4_000_000
"""Bounds of a closed form that takes no longer than steps: rows, and rows times columns times
components."""

ROWS_OF_ONE_THREAD = 500
"""Products of no more rows than these are faster in one thread."""

N_ROUNDS = 12
N_STEPS = (4_000, 2_000)

DECAY_PER_EPOCH = (1 / 32, 1 / 8)
"""A weight that no gradient holds shrinks by this share in an epoch."""

BATCHES_PER_EPOCH = 32
PEAK_RATES = {"adam": 5e-3, "adamw": 5e-3, "sgd": 0.1}
REFERENCE_BATCH = 256
REFERENCE_INPUTS = 256
FEWEST_INPUTS = 64


def prefers_ridge(shape: tuple[int, ...], n_components: int) -> bool:
    """Whether a table of n_samples x n_features is small enough for the closed form."""
    n_samples, n_features = shape
    n_cells = n_samples * n_features * n_components
    return n_samples <= MAX_ROWS_BY_RIDGE and n_cells <= MAX_CELLS_BY_RIDGE


def threads_for(n_samples: int) -> AbstractContextManager:
    """One thread for torch's small products, inside of the block and in the calling thread alone.

    Two threads wait for each other longer than such a product takes, and many times as long where
    NumPy's threads, or another process, have the cores.
    """
    return _openmp().limit(limits=1) if n_samples <= ROWS_OF_ONE_THREAD else nullcontext()


@cache
def _openmp() -> ThreadpoolController:
    # Looking for the libraries takes longer than a small fit. OpenMP's number of threads belongs to
    # the thread that sets it.
    return ThreadpoolController().select(user_api="openmp")


def resolve_stepping(solver: str) -> str:
    """The solver that takes steps: Adam with decoupled decay, unless another one is named."""
    return "adamw" if solver in ("auto", "ridge") else solver


def resolve_hidden_layer_sizes(
    hidden_layer_sizes: Sequence[int] | str, by_ridge: bool, n_features: int, n_components: int
) -> tuple[int, ...]:
    """Layers that narrow down to the code, one for the closed form, which trains the last alone.

    The fewer numbers a code has, the more curved are the functions of it that pay: they take more
    layers. A large code is nearly linear, and the layers between cost it more than they bring.
    """
    if not isinstance(hidden_layer_sizes, str):
        return tuple(hidden_layer_sizes)
    if by_ridge:
        return HIDDEN_LAYER_SIZES_BY_RIDGE
    sizes = [WIDTHS[n_features > FEW_COLUMNS]]
    while len(sizes) < MAX_LAYERS and sizes[-1] // 2 > UNITS_PER_COMPONENT * n_components:
        sizes.append(sizes[-1] // 2)
    return tuple(sizes)


def resolve_n_components(n_components: Any, n_features: int) -> Any:
    """As many as there are columns, from 64 to 256: more cost time and bring next to nothing."""
    return int(np.clip(n_features, *AUTO_COMPONENTS)) if n_components == "auto" else n_components


def resolve_rounds(max_iter: int | str) -> int:
    """Rounds of the closed form; the first ones bring most."""
    return N_ROUNDS if max_iter == "auto" else int(max_iter)


def resolve_batch_size(batch_size: int | str, n_samples: int) -> int:
    """A 32nd of the training rows, from 16 to 256."""
    if batch_size == "auto":
        batch_size = int(np.clip(n_samples // BATCHES_PER_EPOCH, 16, 256))
    return min(int(batch_size), n_samples)


def resolve_max_iter(max_iter: int | str, n_batches: int, n_features: int) -> int:
    """As many epochs as make 4,000 steps, 2,000 on many columns, from 22 to 200."""
    if max_iter == "auto":
        max_iter = int(np.clip(N_STEPS[n_features > FEW_COLUMNS] // n_batches, 22, 200))
    return int(max_iter)


def resolve_learning_rate(learning_rate_init: float | str, solver: str, batch_size: int) -> float:
    """The solver's usual peak for batches of 256 rows.

    Smaller batches take less by the root of their size, which keeps the noise of Adam's steps the
    same (Malladi et al., "On the SDEs and scaling rules for adaptive gradient algorithms",
    NeurIPS 2022).
    """
    if learning_rate_init != "auto":
        return float(learning_rate_init)
    return PEAK_RATES[solver] * min(1.0, batch_size / REFERENCE_BATCH) ** 0.5


def resolve_layer_rates(
    learning_rate_init: float | str, solver: str, module: nn.Module
) -> dict[nn.Parameter, float]:
    """The share of the learning rate that each weight takes, where it is not all of it.

    A step of Adam moves every weight by about the rate, whatever its gradient, and so an output
    by the rate times the number of its inputs. With the rate of a layer inverse to that number
    all layers learn at one pace (Yang et al., "Tensor Programs V: tuning large neural networks
    via zero-shot hyperparameter transfer", 2022).
    """
    if learning_rate_init != "auto" or solver == "sgd":
        return {}
    return {
        parameter: REFERENCE_INPUTS / max(FEWEST_INPUTS, n_inputs)
        for parameter, n_inputs in _counted_parameters(module)
    }


def resolve_layer_decays(
    alpha: float | str,
    solver: str,
    module: nn.Module,
    layer_rates: Mapping[nn.Parameter, float],
    peak_rate: float,
    schedule: str,
    n_batches: int,
    n_features: int,
) -> dict[nn.Parameter, float]:
    """The decoupled decay of each weight, where it is chosen here; it is times the weight's rate.

    A weight is a mean of its latest steps, with a memory of 1 / (rate * decay) of them. What
    generalises is a memory of so many *epochs*, whatever batches and their number are (Wang and
    Aitchison, "How to set AdamW's weight decay as you scale model and dataset size", 2024). Layers
    of many inputs, whose rate is lower, remember more. What decays is the correction of the linear
    path, so an endless decay is the linear model again.
    """
    if alpha != "auto" or solver != "adamw":
        return {}
    course = SCHEDULES[schedule]
    mean_rate = peak_rate * fmean(course((step + 0.5) / 100) for step in range(100))
    decay = DECAY_PER_EPOCH[n_features > FEW_COLUMNS] / (mean_rate * n_batches)
    # Biases, gates and what normalises a layer are no part of its size.
    decays = dict.fromkeys(module.parameters(), 0.0)
    for parameter, n_inputs in _counted_parameters(module):
        if parameter.ndim > 1:
            share = min(1.0, REFERENCE_INPUTS / n_inputs)
            decays[parameter] = decay * share / layer_rates.get(parameter, 1.0)
    return decays


def _counted_parameters(module: nn.Module) -> Iterator[tuple[nn.Parameter, float]]:
    """Weights and biases of the layers that sum up inputs, each with the number of these."""
    for layer in module.modules():
        if n_inputs := count_inputs(layer):
            for parameter in layer.parameters(recurse=False):
                yield parameter, n_inputs


def resolve_device(device: str) -> str:
    """The device, or for "auto" a GPU where there is one."""
    if device == "auto":
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return "cpu" if accelerator is None else accelerator.type
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise ValueError(
            f"The 'device' parameter is {device!r}, which torch cannot use here ({error}). "
            "Use 'cpu', or 'auto' for a GPU where there is one."
        ) from error
    return device


def resolve_precision(precision: str, device: str) -> bool:
    """Whether to multiply in bfloat16: where that is asked for and the device is made for it."""
    if precision == "full":
        return False
    kind = torch.device(device).type
    if kind == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "arm_bf16"))
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return False
