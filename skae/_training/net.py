"""The training loop: skorch's, with a step that does nothing but train."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback

from skae._rows.batches import Batch, Batches
from skae._training.epochs import KeepBest, RefuseDivergence, StopTraining
from skae._training.objective import Objective
from skae._training.optimizers import (
    SCHEDULES,
    Optimizer,
    PerWeight,
    clip_gradients,
    make_optimizer,
)
from skae.architectures import Autoencoder

DECAYING_SHARE = 0.7
"""Share of the epochs in which decay that is chosen for each weight acts. Without it the last ones,
whose rate is low, learn by heart no more, and fit what is smooth without the bias of small
weights."""


@dataclass(frozen=True)
class TrainingPlan:
    """All that decides how a module is trained.

    Attributes
    ----------
    objective : Objective
        The loss that is minimised.
    batches : Batches
        The rows to train on.
    held_out : Batches or None
        The rows to choose the weights by; None keeps the last weights.
    n_epochs : int
        Epochs at most.
    solver : {"adam", "adamw", "sgd"}
        The optimiser.
    alpha : float
        Weight decay of the weights that are not in ``layer_decays``.
    peak_rate : float
        Peak learning rate.
    layer_rates : dict of torch.nn.Parameter to float
        The share of it that a weight takes; those that are not in it take all of it.
    layer_decays : dict of torch.nn.Parameter to float
        Weight decay of a weight, until the last epochs.
    schedule : {"constant", "cosine", "one_cycle"}
        Course of the learning rate over all epochs.
    starts_fitted : bool
        Whether the weights before the first step are a candidate to keep.
    callbacks : tuple of (str, skorch.callbacks.Callback)
        What else happens around the epochs.
    """

    objective: Objective
    batches: Batches
    held_out: Batches | None
    n_epochs: int
    solver: str
    alpha: float
    peak_rate: float
    layer_rates: PerWeight
    layer_decays: PerWeight
    schedule: str
    starts_fitted: bool
    callbacks: tuple[tuple[str, Callback], ...] = ()

    def with_callbacks(self, *callbacks: tuple[str, Callback | None]) -> Self:
        """The same with those callbacks that are not None."""
        return replace(self, callbacks=tuple(pair for pair in callbacks if pair[1] is not None))

    def learning_rates(self, epoch: int) -> Iterator[float]:
        """The rates of the steps of an epoch, counted from 0."""
        course = SCHEDULES[self.schedule]
        first, n_steps = epoch * len(self.batches), self.n_epochs * len(self.batches)
        for step in range(first, first + len(self.batches)):
            yield self.peak_rate * course(step / n_steps)

    def decays(self, epoch: int) -> PerWeight:
        """The weight decays in an epoch, counted from 0."""
        if epoch < DECAYING_SHARE * self.n_epochs:
            return self.layer_decays
        return dict.fromkeys(self.layer_decays, 0.0)


@dataclass(frozen=True)
class TrainingResult:
    """How far training came; losses are in the units of the data.

    Attributes
    ----------
    loss_curve : list of float
        Training loss of each epoch.
    best_iter : int
        The epoch whose weights are kept; 0 is the start.
    initial_validation_loss : float or None
        Held-out loss before the first step, where rows are held out.
    validation_loss_curve : list of float
        Held-out loss of each epoch.
    interruption : KeyboardInterrupt or None
        What ended it, where it did not end by itself.
    """

    loss_curve: list[float]
    best_iter: int
    initial_validation_loss: float | None
    validation_loss_curve: list[float]
    interruption: KeyboardInterrupt | None = None


class AutoencoderNet(NeuralNet):
    """A skorch net whose datasets are ready-made batches, and whose step only trains.

    Parameters
    ----------
    module : Autoencoder
        The module to train, in place.
    plan : TrainingPlan
        How it is trained.

    Attributes
    ----------
    best : KeepBest or None
        The owner of the best weights so far; None where no rows are held out.
    """

    def __init__(self, module: Autoencoder, plan: TrainingPlan):
        self.plan = plan
        self.best = None if plan.held_out is None else KeepBest()
        super().__init__(
            module,
            plan.objective,
            max_epochs=plan.n_epochs,
            callbacks=[
                ("diverged", RefuseDivergence()),
                *([] if self.best is None else [("best", self.best)]),
                *plan.callbacks,
            ],
            # skorch's log makes a table of every epoch even where it prints none.
            callbacks__print_log=None,
            train_split=None,
            verbose=0,
            # The module stays where it is.
            device=None,
        )

    def initialize_criterion(self):
        """The objective is a function of batches, there is nothing to build."""
        self.criterion_ = self.criterion
        return self

    def initialize_optimizer(self, triggered_directly=None):
        """Build the fused optimiser of the module's weights."""
        self.optimizer_ = make_optimizer(self.module, self.plan.solver, self.plan.alpha)
        return self

    def get_split_datasets(self, X, y=None, **fit_params):
        """Training and held-out batches are ready-made, in the plan."""
        return self.plan.batches, self.plan.held_out

    def get_iterator(self, dataset, training=False):
        """A ``Batches`` object is its own iterator."""
        return dataset

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Record the mean loss of an epoch; nothing is kept of its batches."""
        if iterator is None:
            return
        if training:
            loss = train_epoch(self.module_, self.plan, self.optimizer_, len(self.history) - 1)
            self.history.record("train_loss", loss)
        else:
            self.held_out_losses_ = self.plan.objective.losses_of_rows(iterator)
            self.history.record("valid_loss", float(self.held_out_losses_.mean()))

    def result(self) -> TrainingResult:
        """How far training came until now."""
        in_data_units = self.plan.objective.in_data_units
        # An interrupted epoch has no training loss yet.
        epochs = [epoch for epoch in self.history if "train_loss" in epoch]
        curves = {
            name: [in_data_units(epoch[name]) for epoch in epochs if name in epoch]
            for name in ("train_loss", "valid_loss")
        }
        return TrainingResult(
            loss_curve=curves["train_loss"],
            best_iter=len(epochs) if self.best is None else self.best.best_epoch,
            initial_validation_loss=(
                None if self.best is None else in_data_units(self.best.start_loss)
            ),
            validation_loss_curve=curves["valid_loss"],
        )


def train_epoch(
    module: Autoencoder, plan: TrainingPlan, optimizer: Optimizer, epoch: int = 0
) -> float:
    """Take one optimiser step for each batch and return the mean loss of the rows."""
    module.train()
    (group,) = optimizer.param_groups
    # One tensor, not a list: small tensors between large ones keep malloc from reusing memory.
    losses, n_rows = module.source.near.new_empty(len(plan.batches)), []
    decays = plan.decays(epoch)
    steps = zip(plan.batches, plan.learning_rates(epoch), strict=True)
    # Networks were built with the draws of number 0.
    seed, first = plan.batches.noise.initial_seed(), 1 + epoch * len(plan.batches)
    for number, (batch, learning_rate) in enumerate(steps):
        # Way back included: it may run parts of the networks again.
        with module.drawing_from(seed, first + number):
            loss = _loss(plan.objective, batch)
            gradients = torch.autograd.grad(loss, group["params"], allow_unused=True)
        clip_gradients(gradients)
        optimizer.update(gradients, learning_rate, plan.layer_rates, decays)
        losses[number] = loss.detach()
        n_rows.append(len(batch.target))
    return float(np.average(losses.cpu().double(), weights=n_rows))


def _loss(objective: Objective, batch: Batch) -> torch.Tensor:
    try:
        return objective(batch)
    except ValueError as error:
        if len(batch.source) > 1:
            raise
        raise ValueError(
            f"A batch of one row cannot be trained on ({error}): networks with BatchNorm need two "
            "rows at least. Set batch_size above 1, and give fit or partial_fit more rows; or use "
            "LayerNorm in the architecture."
        ) from error


def train(module: Autoencoder, plan: TrainingPlan) -> TrainingResult:
    """Train a module to the end of its plan, or to a callback's ``StopTraining``.

    ``NeuralNet.fit`` would swallow a KeyboardInterrupt. Here one that comes after training has
    begun ends it: the best weights so far are put back, and it is part of the result.

    Parameters
    ----------
    module : Autoencoder
        Trained in place.
    plan : TrainingPlan
        How it is trained.

    Returns
    -------
    result : TrainingResult
        How far training came.
    """
    net = AutoencoderNet(module, plan)
    net.initialize()
    began, interruption = False, None
    try:
        net.notify("on_train_begin")
        began = True
        # A resumed training has epochs behind it.
        net.fit_loop(plan.batches, epochs=plan.n_epochs - len(net.history))
    except StopTraining:
        began = True
    except KeyboardInterrupt as error:
        if not began:
            raise
        interruption = error
    finally:
        if began:
            net.notify("on_train_end")
    return replace(net.result(), interruption=interruption)
