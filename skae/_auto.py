"""What ``"auto"`` means: batch size, epochs, learning rate and device, from data and model."""

import numpy as np
import torch
from torch import nn

N_STEPS = 5_000
BATCHES_PER_EPOCH = 32
PEAK_RATES = {"adam": 3e-3, "adamw": 3e-3, "sgd": 0.1}
REFERENCE_WIDTH = 256
REFERENCE_BATCH = 256


def resolve_batch_size(batch_size: int | str, n_samples: int) -> int:
    """A 32nd of the training rows, from 16 to 256."""
    if batch_size == "auto":
        batch_size = int(np.clip(n_samples // BATCHES_PER_EPOCH, 16, 256))
    return min(int(batch_size), n_samples)


def resolve_max_iter(max_iter: int | str, n_batches: int) -> int:
    """As many epochs as make 5,000 steps, from 20 to 200."""
    if max_iter == "auto":
        max_iter = int(np.clip(N_STEPS // n_batches, 20, 200))
    return int(max_iter)


def resolve_learning_rate(
    learning_rate_init: float | str, solver: str, module: nn.Module, batch_size: int
) -> float:
    """The solver's usual peak for 256 hidden units and batches of 256 rows.

    Wider nets take less by the root of the width, smaller batches less by the root of their
    size, which keeps the noise of Adam's steps the same (Malladi et al., "On the SDEs and scaling
    rules for adaptive gradient algorithms", NeurIPS 2022).
    """
    if learning_rate_init != "auto":
        return float(learning_rate_init)
    # The narrow side of a weight matrix: the data's own width does not count.
    widths = [min(weight.shape[:2]) for weight in module.parameters() if weight.ndim >= 2]
    width = max(widths, default=1)
    smaller = min(1.0, REFERENCE_WIDTH / width) * min(1.0, batch_size / REFERENCE_BATCH)
    return PEAK_RATES[solver] * smaller**0.5


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
