"""Training the network that corrects an imputer: more cells are hidden, and compared."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback

from skae._rows.batches import Batch, Batches, Pairs
from skae._rows.gaps import hiding_weights
from skae._training.auto import (
    resolve_batch_size,
    resolve_layer_decays,
    resolve_layer_rates,
    resolve_learning_rate,
    resolve_stepping,
)
from skae._training.epochs import StopTraining
from skae._training.evidence import is_clear_in_most
from skae._training.net import TrainingPlan, TrainingResult, train
from skae._training.objective import Objective
from skae._training.progress import progress_callback
from skae.architectures import Autoencoder, Imputation

HIDDEN_SHARES = (0.05, 0.4)
"""Share of a row's observed cells that is hidden, drawn for each row; more in columns with gaps."""

MOST_HIDDEN_SHARE = 0.6
"""Of a column that is hidden more often than others."""

N_ROWS = 40_000
MOST_COPIES = 16
ROWS_AT_ONCE = 512
"""Rows are copied, each time with other cells hidden, until there are so many."""

HELD_OUT_SHARES = (0.1, 0.2)
ROWS_TO_HOLD_OUT = 500
"""So many rows are held out, with all their copies, where that is no more and no less of all."""

N_STEPS = 2_000
EPOCHS = (8, 200)

DECAY = 24.0
"""Times the decay of other networks: weights shrink by three quarters in an epoch. What is left to
correct is small beside the noise of single cells."""

CLEAR_GAIN = 2.0
"""Corrections are added from this mean gain on, in standard errors of the mean over rows,"""

CLEAR_GAIN_OF_MOST = 3.0
"""and this one without the rows that gain and lose most. Two would do if the epoch had not been
chosen by the same rows; three of all would be too many where a few rows are far out."""

POSSIBLE_GAIN = 1.0
"""Training goes on from either gain on, after a third of the epochs."""

FEWEST_ROWS = 20
"""With fewer rows linear models alone are kept: a tenth of them is not evidence against these."""


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
        With the linear models in place; trained in place.
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
        pairs, copies = hide_cells(module, x, observed, generator, device)
    module.correction.to(device)
    plan = plan_correction(parameters, module, pairs, copies, generator)
    plan = plan.with_callbacks(
        ("progress", progress_callback(int(parameters.verbose))), ("stop", StopWithoutShare(plan))
    )
    result = train(module.correction, plan)
    module.correction.eval()
    module.share.fill_(share_to_keep(plan, CLEAR_GAIN, CLEAR_GAIN_OF_MOST))
    module.correction.to("cpu")
    # Weights of which nothing is added are no other model than the start.
    return result if module.share > 0 else replace(result, best_iter=0)


def hide_cells(
    module: Imputation,
    x: torch.Tensor,
    observed: torch.Tensor,
    generator: torch.Generator,
    device: str = "cpu",
) -> tuple[Pairs, torch.Tensor]:
    """Make pairs of what the network is given and what the linear models missed.

    Parameters
    ----------
    module : Imputation
        With the linear models in place.
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
    copies : torch.Tensor of int64 of shape (n_copies, n)
        Where the copies of each row are.
    """
    n_copies = int(np.clip(N_ROWS // len(x), 1, MOST_COPIES))
    target = (x - module.marginals.centre) / module.marginals.scale
    weights = hiding_weights(observed).float()
    sources, targets, masks = [], [], []
    for _ in range(n_copies):
        low, high = HIDDEN_SHARES
        shares = low + (high - low) * torch.rand(len(x), 1, generator=generator)
        drawn = torch.rand(x.shape, generator=generator)
        kept = observed & (drawn >= (shares * weights).clamp(max=MOST_HIDDEN_SHARE))
        answers, inputs = module.answers(x, kept)
        hidden = observed & ~kept
        sources.append(inputs)
        targets.append(torch.where(hidden, target - answers, 0).float())
        masks.append(hidden)
    copies = torch.arange(n_copies * len(x)).unflatten(0, (n_copies, len(x)))
    source, target, mask = (torch.cat(part).to(device) for part in (sources, targets, masks))
    return Pairs(source, target, device=device, mask=mask, is_standard=True), copies


def plan_correction(
    parameters: Any,
    module: Imputation,
    pairs: Pairs,
    copies: torch.Tensor,
    generator: torch.Generator,
) -> TrainingPlan:
    """Decide how the network is trained; some rows, with all their copies, are held out.

    Parameters
    ----------
    parameters : object
        Has ``solver``, ``alpha``, ``batch_size``, ``learning_rate_init`` and ``max_iter``.
    module : Imputation
        Its correction is trained.
    pairs, copies
        From ``hide_cells``.
    generator : torch.Generator
        Draws held-out rows, and the order of the others.

    Returns
    -------
    plan : TrainingPlan
        Without callbacks.
    """
    network, n_copies = module.correction, len(copies)
    training, held_out = _split(copies, generator)
    solver = resolve_stepping("auto")
    batch_size = resolve_batch_size(parameters.batch_size, len(training))
    batches = Batches(pairs, training, batch_size, network, order=generator)
    init, n_features = parameters.learning_rate_init, pairs.target.shape[1]
    rates = resolve_layer_rates(init, solver, network)
    peak = resolve_learning_rate(init, solver, batch_size)
    decays = resolve_layer_decays(
        parameters.alpha, solver, network, rates, peak, "one_cycle", len(batches), n_features
    )
    n_epochs = parameters.max_iter
    if isinstance(n_epochs, str):
        n_epochs = int(np.clip(N_STEPS // len(batches), *EPOCHS))
    return TrainingPlan(
        objective=CopiesObjective(network, "squared_error", n_copies),
        batches=batches,
        held_out=Batches(pairs, held_out, n_copies * ROWS_AT_ONCE, network),
        n_epochs=n_epochs,
        solver=solver,
        alpha=0.0 if isinstance(parameters.alpha, str) else parameters.alpha,
        peak_rate=peak,
        layer_rates=rates,
        layer_decays={weight: DECAY * decay for weight, decay in decays.items()},
        schedule="one_cycle",
        # The share that is added decides whether the linear models are left.
        starts_fitted=False,
    )


def _split(copies: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the numbers of the rows to train on and of those to judge by, copies side by side."""
    n_rows = copies.shape[1]
    share = np.clip(ROWS_TO_HOLD_OUT / n_rows, *HELD_OUT_SHARES)
    order = torch.randperm(n_rows, generator=generator)
    n_held_out = max(1, math.ceil(share * n_rows))
    return copies[:, order[n_held_out:]].T.flatten(), copies[:, order[:n_held_out]].T.flatten()


class CopiesObjective(Objective):
    """The squared error, of all copies of a row together where rows are judged.

    Copies of one row are no evidence of their own.
    """

    def __init__(self, module: Autoencoder, loss: str, n_copies: int):
        super().__init__(module, loss)
        self.n_copies = n_copies

    def row_losses(self, batch: Batch) -> torch.Tensor:
        """The mean loss of each row's copies, which stand side by side."""
        return super().row_losses(batch).unflatten(0, (-1, self.n_copies)).mean(1)


class StopWithoutShare(Callback):
    """Stops after a third of the epochs where no share of the corrections is worth anything.

    A network whose corrections are added in the end gains by them before.
    """

    def __init__(self, plan: TrainingPlan):
        self.plan = plan

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Look once."""
        is_time = len(net.history) == math.ceil(self.plan.n_epochs / 3)
        if is_time and share_to_keep(self.plan, POSSIBLE_GAIN, POSSIBLE_GAIN) == 0:
            raise StopTraining


def share_to_keep(plan: TrainingPlan, clear_gain: float, clear_gain_of_most: float) -> float:
    """The share of its corrections that suits the held-out cells best, from 0 to 1.

    It is 0 where the mean gain of a row is not so many of its standard errors, of all rows and of
    most of them.
    """
    assert plan.held_out is not None
    along, squares = [], []
    with torch.no_grad():
        for batch in plan.held_out:
            assert batch.mask is not None
            found = torch.where(batch.mask, plan.objective.module(batch.source), 0).double()
            along.append((found * batch.target).sum(1))
            squares.append(found.square().sum(1))
    n_copies = plan.objective.n_copies  # type: ignore[attr-defined]
    a, b = (torch.cat(part).unflatten(0, (-1, n_copies)).sum(1) for part in (along, squares))
    if len(a) < 2 or not b.sum() > 0:
        return 0.0
    share = min(1.0, max(0.0, float(a.sum() / b.sum())))
    gains = 2 * share * a - share**2 * b
    return share if is_clear_in_most(gains, clear_gain, clear_gain_of_most) else 0.0
