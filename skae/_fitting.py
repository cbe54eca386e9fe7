"""How a fit runs: from valid rows to an estimator with a trained module."""

import copy
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np
import torch
from sklearn.base import clone
from sklearn.utils import check_random_state

from skae._auto import (
    resolve_batch_size,
    resolve_layer_rates,
    resolve_learning_rate,
    resolve_max_iter,
    resolve_precision,
)
from skae._building import build_module
from skae._tasks import FitTasks
from skae.losses import LOSSES, Loss
from skae.training import (
    AutoencoderNet,
    Batches,
    Checkpoint,
    KeepBest,
    Pairs,
    RefuseDivergence,
    ReportEpochs,
    StopEarly,
    make_optimizer,
    progress_callback,
    refuse_divergence,
    rows_at_once,
    split_rows,
    train,
    train_epoch,
)

SET_BY_SOME_FITS = (
    "components_", "explained_variance_", "validation_loss_curve_", "initial_validation_loss_",
    "_optimizer",
)  # fmt: skip
"""What a fit with other parameters must not leave behind."""


def train_whole(estimator: Any, X: Any, y: Any, warm: bool) -> None:
    """Train an estimator from the start to the end, and set all that it knows then.

    Parameters
    ----------
    estimator : BaseAutoencoder
        With valid parameters.
    X : ndarray or CSR array of shape (n_samples, n_features)
        Valid rows.
    y : object
        What ``fit`` was given.
    warm : bool
        Whether to begin with the weights that are there.
    """
    pairs = estimator._make_pairs(X, y, reset=True)
    generator = _new_generator(estimator, estimator.n_iter_ if warm else 0)
    checkpoint = None
    if estimator.checkpoint is not None:
        checkpoint = _open_checkpoint(estimator, X, pairs, warm, generator)
    with _all_or_nothing(estimator, keep=warm):
        if not warm:
            _build(estimator, X, pairs, generator)
        module = estimator.module_.to(pairs.device)
        pairs = pairs.with_linear_code(module)
        rows, held_out_rows = split_rows(X.shape[0], estimator.validation_fraction, generator)
        batches = _make_batches(estimator, pairs, rows, generator)
        held_out = None
        if len(held_out_rows):
            held_out = Batches(
                pairs, held_out_rows, rows_at_once(X.shape[1]), module,
                noise_seed=generator.initial_seed() + 1, same_noise=True,
            )  # fmt: skip
        n_epochs = resolve_max_iter(estimator.max_iter, len(batches))
        tasks = None
        if hasattr(estimator, "_skl_callbacks"):
            tasks = FitTasks(estimator, X, y, n_epochs)
        net = AutoencoderNet(
            module,
            _criterion(estimator),
            solver=estimator.solver,
            learning_rate=_peak_rate(estimator, batches),
            layer_rates=_layer_rates(estimator),
            schedule=estimator.learning_rate,
            alpha=estimator.alpha,
            mixed=resolve_precision(estimator.precision, pairs.device),
            starts_fitted=warm or estimator.init == "pca",
            max_epochs=n_epochs,
            callbacks=_callbacks(estimator, checkpoint, tasks),
        )
        interruption = None
        try:
            train(net, batches, held_out)
        except KeyboardInterrupt as error:
            if not net.began:
                raise
            interruption = error
        estimator.module_.to("cpu").eval()
        for name, value in _describe(estimator, net).items():
            setattr(estimator, name, value)
        if tasks is not None and interruption is None:
            tasks.end()
    if interruption is not None:
        raise interruption


def train_once(estimator: Any, X: Any, y: Any, first: bool) -> None:
    """Train an estimator for one pass over its rows.

    Parameters
    ----------
    estimator : BaseAutoencoder
        With valid parameters.
    X : ndarray or CSR array of shape (n_samples, n_features)
        Valid rows.
    y : object
        What ``partial_fit`` was given.
    first : bool
        Whether the model has to be built first.
    """
    generator = _new_generator(estimator, 0 if first else estimator.n_iter_)
    pairs = estimator._make_pairs(X, y, reset=first)
    with _all_or_nothing(estimator, keep=not first):
        if first:
            _build(estimator, X, pairs, generator)
        module = estimator.module_.to(pairs.device).train()
        batches = _make_batches(estimator, pairs, torch.arange(X.shape[0], device="cpu"), generator)
        peak = _peak_rate(estimator, batches)
        if not hasattr(estimator, "_optimizer"):
            estimator._optimizer = make_optimizer(module, estimator.solver, estimator.alpha)
        loss = train_epoch(
            module, _criterion(estimator), estimator._optimizer, batches,
            itertools.repeat(peak / 3), _layer_rates(estimator),
            resolve_precision(estimator.precision, pairs.device),
        )  # fmt: skip
        refuse_divergence("training loss", loss, estimator.n_iter_ + 1, peak)
        module.to("cpu").eval()
    estimator.loss_curve_.append(_in_data_units(estimator, loss))
    estimator.n_iter_ += 1
    estimator.best_iter_ = estimator.n_iter_


def _build(estimator: Any, X: Any, pairs: Pairs, generator: torch.Generator) -> None:
    """Set ``module_`` and all that is known before training."""
    for name in [name for name in vars(estimator) if name in SET_BY_SOME_FITS]:
        delattr(estimator, name)
    n_samples, n_features = X.shape
    starts_linear = estimator.init == "pca"
    path = estimator._fit_linear_path(
        X, pairs, estimator.n_components if starts_linear else 0, generator.initial_seed()
    )
    # The model keeps what it was built with, whatever becomes of the parameters.
    estimator.architecture_ = clone(estimator._resolve_architecture(), safe=False)
    module = build_module(
        estimator.architecture_, path, estimator.n_components, generator,
        starts_linear=starts_linear, output_activation=estimator.output_activation,
        dtype=estimator.dtype,
    )  # fmt: skip
    if starts_linear:
        rank = len(path.variances)
        estimator.components_ = np.zeros((estimator.n_components, n_features), estimator.dtype)
        estimator.components_[:rank] = path.components
        estimator.explained_variance_ = np.zeros(estimator.n_components, estimator.dtype)
        estimator.explained_variance_[:rank] = path.variances * n_samples / max(1, n_samples - 1)
    estimator.mean_ = path.target_mean.astype(estimator.dtype)
    estimator._n_features_out = estimator.n_components
    estimator.n_iter_ = estimator.best_iter_ = 0
    estimator.loss_curve_ = []
    estimator.module_ = module


def _new_generator(estimator: Any, n_iter: int) -> torch.Generator:
    seed = check_random_state(estimator.random_state).randint(2**31 - 1)
    # After n_iter epochs the same random_state goes on to other draws.
    return torch.Generator("cpu").manual_seed(int(seed) + n_iter)


def _peak_rate(estimator: Any, batches: Batches) -> float:
    return resolve_learning_rate(estimator.learning_rate_init, estimator.solver, batches.batch_size)


def _layer_rates(estimator: Any) -> dict[torch.nn.Parameter, float]:
    return resolve_layer_rates(estimator.learning_rate_init, estimator.solver, estimator.module_)


def _make_batches(
    estimator: Any, pairs: Pairs, rows: torch.Tensor, generator: torch.Generator
) -> Batches:
    return Batches(
        pairs, rows, resolve_batch_size(estimator.batch_size, len(rows)), estimator.module_,
        order=generator if estimator.shuffle else None, noise_seed=generator.initial_seed(),
    )  # fmt: skip


def _open_checkpoint(
    estimator: Any, X: Any, pairs: Pairs, warm: bool, generator: torch.Generator
) -> Checkpoint:
    is_pair = isinstance(estimator.checkpoint, list | tuple)
    path, every = estimator.checkpoint if is_pair else (estimator.checkpoint, 1)
    parameters = {
        name: value
        for name, value in estimator.get_params(deep=False).items()
        if name not in ("checkpoint", "verbose", "device")
    }
    if not isinstance(estimator.random_state, Integral):
        # Another seed each time: that of the file goes on.
        del parameters["random_state"]
    start = estimator.__getstate__()["weights"] if warm else None
    target = pairs.target
    if isinstance(target, torch.Tensor):
        target = target.cpu().numpy()
    checkpoint = Checkpoint(path, every, parameters, (X, target, start))
    if checkpoint.seed is None:
        checkpoint.seed = generator.initial_seed()
    generator.manual_seed(checkpoint.seed)
    return checkpoint


def _criterion(estimator: Any) -> Loss:
    if estimator.loss != "log_loss":
        return LOSSES[estimator.loss]
    unstandardize = estimator.module_.unstandardize
    return lambda u, v: LOSSES["log_loss"](unstandardize(u), unstandardize(v))


def _callbacks(
    estimator: Any, checkpoint: Checkpoint | None, tasks: FitTasks | None
) -> list[tuple[str, Any]]:
    callbacks: list[tuple[str, Any]] = [("diverged", RefuseDivergence())]
    if estimator.validation_fraction:
        callbacks.append(("best", KeepBest()))
    if checkpoint is not None:
        callbacks.append(("checkpoint", checkpoint))
    if estimator.verbose:
        callbacks.append(("progress", progress_callback(int(estimator.verbose))))
    if tasks is not None:
        callbacks.append(("report", ReportEpochs(
            tasks.begin_epoch,
            lambda net: tasks.end_epoch(lambda: _as_if_stopped(estimator, net)),
        )))  # fmt: skip
    if estimator.early_stopping:
        callbacks.append(("stop", StopEarly(estimator.tol, estimator.n_iter_no_change)))
    return callbacks


def _describe(estimator: Any, net: AutoencoderNet) -> dict[str, Any]:
    """Make the attributes that tell how far training came."""
    history = [epoch for epoch in net.history if "train_loss" in epoch]
    found: dict[str, Any] = {"n_iter_": len(history), "best_iter_": len(history)}
    found["loss_curve_"] = [_in_data_units(estimator, epoch["train_loss"]) for epoch in history]
    if estimator.validation_fraction:
        best = dict(net.callbacks_)["best"]
        found["best_iter_"] = best.best_epoch
        found["initial_validation_loss_"] = _in_data_units(estimator, best.start_loss)
        found["validation_loss_curve_"] = [
            _in_data_units(estimator, epoch["valid_loss"]) for epoch in history
            if "valid_loss" in epoch
        ]  # fmt: skip
    return found


def _as_if_stopped(estimator: Any, net: AutoencoderNet) -> dict[str, Any]:
    """Make the attributes that the estimator would have if training stopped now."""
    module = copy.deepcopy(estimator.module_)
    if estimator.validation_fraction:
        module.load_state_dict(dict(net.callbacks_)["best"].best_weights)
    return {"module_": module.to("cpu").eval(), **_describe(estimator, net)}


def _in_data_units(estimator: Any, loss: float) -> float:
    power = {"squared_error": 2, "absolute_error": 1}.get(estimator.loss, 0)
    return loss * float(estimator.module_.target_scale) ** power


@contextmanager
def _all_or_nothing(estimator: Any, *, keep: bool) -> Iterator[None]:
    """Where training fails, put back the weights that were there before, or leave no model."""
    before = copy.deepcopy(estimator.module_.state_dict()) if keep else None
    if before is None:
        estimator.__dict__.pop("module_", None)
    try:
        yield
    except BaseException:
        estimator.__dict__.pop("_optimizer", None)
        if before is None:
            estimator.__dict__.pop("module_", None)
        else:
            estimator.module_.to("cpu").eval().load_state_dict(before)
        raise
