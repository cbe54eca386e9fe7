"""What happens at the end of an epoch: one hook, one idea each."""

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
from skorch.callbacks import Callback


class StopTraining(Exception):  # noqa: N818  (a signal, as StopIteration is)
    """Ends training after the epoch at hand."""


def refuse_divergence(name: str, loss: float, epoch: int, learning_rate: float) -> None:
    """Raise a ValueError where a loss is no longer a finite number."""
    if not math.isfinite(loss):
        raise ValueError(
            f"Training diverged: the {name} of epoch {epoch} is {loss}. Lower learning_rate_init "
            f"(now {learning_rate:g}), or scale the columns of X, for example with StandardScaler."
        )


class RefuseDivergence(Callback):
    """Turns a loss that is no longer a finite number into an error."""

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        for key, name in (("train_loss", "training loss"), ("valid_loss", "held-out loss")):
            refuse_divergence(name, epoch.get(key, 0.0), len(net.history), net.plan.peak_rate)


class KeepBest(Callback):
    """Keeps the weights with the lowest loss on the held-out rows, the start included.

    A start that is a fitted model already, such as PCA, is left only for weights whose gain over
    it, row by row, is above its own standard error: the one-standard-error rule (Breiman et
    al., 1984). On a few held-out rows the best of many epochs would otherwise be luck.

    Attributes
    ----------
    start_losses : torch.Tensor of shape (n_held_out,)
        Loss of each row before the first step.
    start_loss, best_loss : float
        Their mean, and the lowest mean so far.
    best_epoch : int
        The epoch of the lowest; 0 is the start.
    best_weights : dict of str to torch.Tensor
        The module's weights after that epoch.
    """

    def on_train_begin(self, net, **kwargs):
        self.start_losses = net.plan.objective.losses_of_rows(net.plan.held_out)
        self.start_loss = float(self.start_losses.mean())
        self.best_loss = self.start_loss if net.plan.starts_fitted else math.inf
        self.best_epoch = 0
        self.best_weights = copy.deepcopy(net.module_.state_dict())

    def on_epoch_end(self, net, **kwargs):
        loss = net.history[-1, "valid_loss"]
        if loss < self.best_loss and (not net.plan.starts_fitted or self._gain_is_clear(net)):
            self.best_loss = loss
            self.best_epoch = len(net.history)
            self.best_weights = copy.deepcopy(net.module_.state_dict())

    def on_train_end(self, net, **kwargs):
        net.module_.load_state_dict(self.best_weights)

    def restore(self, weights, loss: float, epoch: int, start_losses: torch.Tensor) -> None:
        """Go back to what was the best in an interrupted training."""
        self.best_weights, self.best_loss, self.best_epoch = weights, loss, epoch
        self.start_losses = start_losses.to(self.start_losses.device)
        self.start_loss = float(start_losses.mean())

    def _gain_is_clear(self, net) -> bool:
        gains = self.start_losses - net.held_out_losses_
        if len(gains) < 2:
            return False
        return bool(gains.mean() > gains.std() / len(gains) ** 0.5)


class StopEarly(Callback):
    """Stops when the loss has not improved by ``tol`` for ``patience`` epochs in a row."""

    def __init__(self, tol: float, patience: int):
        self.tol = tol
        self.patience = patience

    def on_train_begin(self, net, **kwargs):
        # A training that was interrupted after it had stopped goes no further.
        self.on_epoch_end(net)

    def on_epoch_end(self, net, **kwargs):
        best_loss, stale_epochs = math.inf, 0
        for loss in net.history[:, "valid_loss"] if net.history else []:
            stale_epochs = 0 if loss < best_loss - self.tol else stale_epochs + 1
            best_loss = min(best_loss, loss)
        if stale_epochs >= self.patience:
            raise StopTraining


class StopWithoutGain(Callback):
    """Stops after a third of the epochs where none was better than the start.

    A net that is worth more than its linear start passes it within a few epochs.

    Parameters
    ----------
    is_behind : callable
        Asked once, then: whether something else that the net has to beat is still ahead of it.
    """

    def __init__(self, is_behind: Callable[[], bool]):
        self.is_behind = is_behind

    def on_train_begin(self, net, **kwargs):
        # A training that was interrupted after it had stopped goes no further.
        self.on_epoch_end(net)

    def on_epoch_end(self, net, **kwargs):
        n_epochs, a_third = len(net.history), math.ceil(net.max_epochs / 3)
        if n_epochs >= a_third and net.best.best_epoch == 0:
            raise StopTraining
        if n_epochs == a_third and self.is_behind():
            raise StopTraining


class ReportFit(Callback):
    """Tells scikit-learn's callbacks of a fit: one task, and below it one for each epoch.

    Training stops where a callback wants no other epoch.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext
        The task of the fit.
    told : dict of str to object
        What the callbacks are told of it: the estimator, X and y.
    as_if_stopped : callable
        Makes of the net the attributes that the estimator would have if training stopped here;
        called only where a callback asks for them.
    """

    def __init__(self, context: Any, told: dict[str, Any], as_if_stopped: Callable):
        self.context = context
        self.told = told
        self.as_if_stopped = as_if_stopped

    def on_train_begin(self, net, **kwargs):
        self.context.call_on_fit_task_begin(**self.told)

    def on_epoch_begin(self, net, **kwargs):
        self.epoch = self.context.subcontext(task_name="epoch")
        self.epoch.call_on_fit_task_begin(**self.told)

    def on_epoch_end(self, net, **kwargs):
        if self.epoch.call_on_fit_task_end(
            **self.told, reconstruction_attributes=lambda: self.as_if_stopped(net)
        ):
            raise StopTraining

    def end(self) -> None:
        """Tell that the estimator is fitted."""
        self.context.call_on_fit_task_end(**self.told, reconstruction_attributes={})
