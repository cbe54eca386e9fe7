"""The training loop: skorch's, with a step that does nothing but train."""

from collections.abc import Iterable
from itertools import count

import numpy as np
import torch
from skorch import NeuralNet

from skae.architectures import Autoencoder
from skae.losses import Loss
from skae.training._batches import Batches
from skae.training._callbacks import StopTraining
from skae.training._optimizers import Optimizer, Shares, clip_gradients, make_optimizer
from skae.training._schedules import SCHEDULES


class AutoencoderNet(NeuralNet):
    """A skorch net whose datasets are ready-made batches, and whose step only trains.

    Parameters
    ----------
    module : Autoencoder
        The module to train, in place.
    criterion : callable
        Of (reconstruction, target) in standardised units.
    solver : {"adam", "adamw", "sgd"}
        The optimiser.
    learning_rate : float
        Peak learning rate.
    layer_rates : dict of torch.nn.Parameter to float
        The share of it that a weight takes; those that are not in it take all of it.
    schedule : {"constant", "cosine", "one_cycle"}
        Course of the learning rate over the whole training.
    alpha : float
        Weight decay.
    mixed : bool
        Whether the networks multiply in bfloat16.
    starts_fitted : bool
        Whether the weights before the first step are a candidate to keep.
    **kwargs
        skorch's own.
    """

    def __init__(
        self, module, criterion, *, solver, learning_rate, layer_rates, schedule, alpha, mixed,
        starts_fitted, **kwargs,
    ):  # fmt: skip
        self.solver = solver
        self.learning_rate = learning_rate
        self.layer_rates = layer_rates
        self.schedule = schedule
        self.alpha = alpha
        self.mixed = mixed
        self.starts_fitted = starts_fitted
        # skorch's log makes a table of every epoch even where it prints none.
        kwargs["callbacks__print_log"] = None
        super().__init__(module, criterion, train_split=None, verbose=0, **kwargs)

    def initialize_criterion(self):
        """The criterion is a function, there is nothing to build."""
        self.criterion_ = self.criterion
        return self

    def initialize_optimizer(self, triggered_directly=None):
        """Build the fused optimiser of the module's weights."""
        self.optimizer_ = make_optimizer(self.module, self.solver, self.alpha)
        return self

    def get_split_datasets(self, X, y=None, **fit_params):
        """Training and held-out batches come ready-made, as X and y."""
        return X, y

    def get_iterator(self, dataset, training=False):
        """A ``Batches`` object is its own iterator."""
        return dataset

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Record the mean loss of an epoch; nothing is kept of its batches."""
        if iterator is None:
            return
        if not training:
            self.held_out_losses_ = self.measure_losses(iterator)
            self.history.record("valid_loss", float(self.held_out_losses_.mean()))
            return
        self.module_.train()
        course = SCHEDULES[self.schedule]
        n_steps = self.max_epochs * len(iterator)
        first_step = (len(self.history) - 1) * len(iterator)
        rates = (self.learning_rate * course(step / n_steps) for step in count(first_step))
        loss = train_epoch(
            self.module_, self.criterion_, self.optimizer_, iterator, rates, self.layer_rates,
            self.mixed,
        )  # fmt: skip
        self.history.record("train_loss", loss)

    def measure_losses(self, batches: Batches) -> torch.Tensor:
        """Loss of each row, without training on it, in float64."""
        self.module_.eval()
        row_losses = torch.vmap(self.criterion_)
        with torch.no_grad():
            losses = [
                row_losses(self.module_(source, linear_code=linear_code), target)
                for source, target, linear_code in batches
            ]
        return torch.cat(losses).double()


def train_epoch(
    module: Autoencoder,
    criterion: Loss,
    optimizer: Optimizer,
    batches: Batches,
    learning_rates: Iterable[float],
    layer_rates: Shares,
    mixed: bool,
) -> float:
    """Take one optimiser step for each batch and return the mean loss of the rows."""
    (group,) = optimizer.param_groups
    # One tensor, not a list: small tensors between large ones keep malloc from reusing memory.
    losses, n_rows = module.mean.new_empty(len(batches)), []
    for i, (batch, rate) in enumerate(zip(batches, learning_rates, strict=False)):
        source, target, linear_code = batch
        loss = criterion(module(source, linear_code, mixed), target)
        gradients = torch.autograd.grad(loss, group["params"], allow_unused=True)
        clip_gradients(gradients)
        optimizer.update(gradients, rate, layer_rates)
        losses[i] = loss.detach()
        n_rows.append(len(target))
    return float(np.average(losses.cpu().double(), weights=n_rows))


def train(net: AutoencoderNet, batches: Batches, held_out: Batches | None) -> None:
    """Train the module of a net to the end, or to a callback's ``StopTraining``.

    ``NeuralNet.fit`` would swallow a KeyboardInterrupt; here it reaches the caller, after the
    best weights so far were put back. ``net.began`` tells whether there were any.
    """
    net.initialize()
    net.began = False
    try:
        net.notify("on_train_begin", X=batches, y=held_out)
        net.began = True
        net.fit_loop(batches, held_out, epochs=net.max_epochs - len(net.history))
    except StopTraining:
        net.began = True
    finally:
        if net.began:
            net.notify("on_train_end", X=batches, y=held_out)
