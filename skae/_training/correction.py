"""Training the network that corrects an imputer: more cells are hidden, and compared."""

import math
from typing import Any

import numpy as np
import torch

from skae._rows.batches import Batches, Pairs
from skae._training.auto import (
    resolve_batch_size,
    resolve_layer_decays,
    resolve_layer_rates,
    resolve_learning_rate,
    resolve_max_iter,
    resolve_stepping,
)
from skae._training.epochs import StopWithoutGain
from skae._training.net import TrainingPlan, TrainingResult, train
from skae._training.objective import Objective
from skae._training.progress import progress_callback
from skae.architectures import Imputation

HIDDEN_SHARES = (0.05, 0.4)
"""Share of a row's observed cells that are hidden, drawn for each row."""

N_ROWS = 40_000
MOST_COPIES = 16
"""Rows are copied, each time with other cells hidden, until there are so many."""

HELD_OUT_SHARE = 0.1


FEWEST_ROWS = 20
"""With fewer rows factor analysis alone is kept: a tenth of them is not evidence against it."""


def can_be_corrected(observed: torch.Tensor) -> bool:
    """Whether there are rows and cells enough to hide some of them."""
    return len(observed) >= FEWEST_ROWS and bool((observed.sum(1) > 1).any())


def train_correction(
    parameters: Any,
    module: Imputation,
    x: torch.Tensor,
    observed: torch.Tensor,
    generator: torch.Generator,
    device: str,
) -> TrainingResult:
    """Train the network, and settle the share of its corrections that is added.

    Parameters
    ----------
    parameters : object
        As in ``plan_correction``, and ``verbose``.
    module : Imputation
        With the factor model in place; trained in place.
    x, observed : torch.Tensor
        As in ``hide_cells``.
    generator : torch.Generator
        Draws hidden cells, held-out rows and order.
    device : str
        Where the network is trained.

    Returns
    -------
    result : TrainingResult
        How far training came.
    """
    with torch.no_grad():
        pairs, rows = hide_cells(module, x, observed, generator, device)
    module.correction.to(device)
    plan = plan_correction(parameters, module, pairs, rows, generator)
    # A network that is worth more than the start passes it within a few epochs.
    stop = StopWithoutGain() if isinstance(parameters.max_iter, str) else None
    plan = plan.with_callbacks(
        ("progress", progress_callback(int(parameters.verbose))), ("stop_without_gain", stop)
    )
    result = train(module.correction, plan)
    module.correction.eval()
    module.share.fill_(share_to_keep(plan))
    module.correction.to("cpu")
    return result


def hide_cells(
    module: Imputation,
    x: torch.Tensor,
    observed: torch.Tensor,
    generator: torch.Generator,
    device: str = "cpu",
) -> tuple[Pairs, np.ndarray]:
    """Make pairs of what the network is given and what factor analysis missed.

    Parameters
    ----------
    module : Imputation
        With the factor model in place.
    x : torch.Tensor of float64 of shape (n, n_features)
        Rows in the units of the data, with any number in the gaps.
    observed : torch.Tensor of bool of shape (n, n_features)
        The cells that are known.
    generator : torch.Generator
        Draws what is hidden.
    device : str, default="cpu"
        Where the pairs are wanted.

    Returns
    -------
    pairs : Pairs
        In standard units; the cells that were hidden count.
    row : ndarray of int64
        The number of the row that each of them is a copy of.
    """
    n_copies = int(np.clip(N_ROWS // len(x), 1, MOST_COPIES))
    target = (x - module.marginals.centre) / module.marginals.scale
    sources, targets, masks = [], [], []
    for _ in range(n_copies):
        low, high = HIDDEN_SHARES
        shares = low + (high - low) * torch.rand(len(x), 1, generator=generator)
        kept = observed & (torch.rand(x.shape, generator=generator) >= shares)
        answers, inputs = module.answers(x, kept)
        hidden = observed & ~kept
        sources.append(inputs)
        targets.append(torch.where(hidden, target - answers, 0).float())
        masks.append(hidden)
    rows = np.tile(np.arange(len(x)), n_copies)
    source, target, mask = (torch.cat(part).to(device) for part in (sources, targets, masks))
    return Pairs(source, target, device=device, mask=mask, is_standard=True), rows


def plan_correction(
    parameters: Any,
    module: Imputation,
    pairs: Pairs,
    rows: np.ndarray,
    generator: torch.Generator,
) -> TrainingPlan:
    """Decide how the network is trained; a tenth of the rows, with all copies, is held out.

    Parameters
    ----------
    parameters : object
        Has ``solver``, ``alpha``, ``batch_size``, ``learning_rate_init`` and ``max_iter``.
    module : Imputation
        Its correction is trained.
    pairs, rows
        From ``hide_cells``.
    generator : torch.Generator
        Draws held-out rows, and the order of the others.

    Returns
    -------
    plan : TrainingPlan
        Without callbacks.
    """
    network, n_rows = module.correction, int(rows.max()) + 1
    n_held_out = max(1, math.ceil(HELD_OUT_SHARE * n_rows))
    is_held_out = np.isin(rows, torch.randperm(n_rows, generator=generator)[:n_held_out].numpy())
    training, held_out = (
        torch.from_numpy(np.flatnonzero(part)) for part in (~is_held_out, is_held_out)
    )
    solver = resolve_stepping("auto")
    batch_size = resolve_batch_size(parameters.batch_size, len(training))
    batches = Batches(pairs, training, batch_size, network, order=generator)
    init, n_features = parameters.learning_rate_init, pairs.target.shape[1]
    rates = resolve_layer_rates(init, solver, network)
    peak = resolve_learning_rate(init, solver, batch_size)
    return TrainingPlan(
        objective=Objective(network, "squared_error"),
        batches=batches,
        held_out=Batches(pairs, held_out, 8192, network),
        n_epochs=resolve_max_iter(parameters.max_iter, len(batches), n_features),
        solver=solver,
        alpha=0.0 if isinstance(parameters.alpha, str) else parameters.alpha,
        peak_rate=peak,
        layer_rates=rates,
        layer_decays=resolve_layer_decays(
            parameters.alpha, solver, network, rates, peak, "one_cycle", len(batches), n_features
        ),
        schedule="one_cycle",
        starts_fitted=True,
    )


def share_to_keep(plan: TrainingPlan) -> float:
    """The share of its corrections that suits the held-out cells best, from 0 to 1."""
    assert plan.held_out is not None
    along = total = 0.0
    with torch.no_grad():
        for batch in plan.held_out:
            assert batch.mask is not None
            found = torch.where(batch.mask, plan.objective.module(batch.source), 0).double()
            along += float((found * batch.target).sum())
            total += float(found.square().sum())
    return min(1.0, max(0.0, along / total)) if total > 0 else 0.0
