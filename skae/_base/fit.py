"""The steps of a fit: seed, module, plan, and what is left where a step fails.

They take values, or an estimator's shared parameters to read; the order of the steps is in the
estimator's ``fit``.
"""

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral
from typing import Any

import torch
from sklearn.utils import check_random_state

from skae._base.shared import SharedParameters
from skae._base.state import RUNNING
from skae._checks import plain
from skae._linear.path import LinearPath
from skae._rows.batches import Batches, Pairs
from skae._rows.checks import explain_out_of_memory
from skae._rows.tensors import rows_at_once
from skae._training.auto import (
    resolve_batch_size,
    resolve_layer_decays,
    resolve_layer_rates,
    resolve_learning_rate,
    resolve_max_iter,
    resolve_stepping,
)
from skae._training.checkpoint import Checkpoint
from skae._training.net import TrainingPlan
from skae._training.objective import Objective
from skae.architectures import (
    Autoencoder,
    CodeUnits,
    build_networks,
    in_full_precision,
    on_torchs_device,
)

N_WARM_UP_STEPS = 400
"""Steps of ``partial_fit`` until its rate is that of later ones."""


def draw_seed(random_state: Any, n_iter: int) -> int:
    """Draw the one seed of a fit.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        The estimator's.
    n_iter : int
        Epochs that the model has behind it: after them the same number goes on to other draws.

    Returns
    -------
    seed : int
        For weights, held-out rows, order and noise.
    """
    return int(check_random_state(random_state).randint(2**31 - 1)) + n_iter


def open_checkpoint(
    checkpoint: Any, parameters: dict[str, Any], data: tuple[Any, ...]
) -> Checkpoint | None:
    """Open the file that a fit goes on from, or begin it.

    Parameters
    ----------
    checkpoint : path-like, (path-like, int) or None
        The estimator's parameter of that name; None keeps no file.
    parameters : dict of str to object
        All that the estimator has.
    data : tuple
        All arrays that decide the course of training.

    Returns
    -------
    checkpoint : Checkpoint or None
        For the plan.

    Raises
    ------
    ValueError
        If the file belongs to another fit.
    """
    if checkpoint is None:
        return None
    path, every = checkpoint if isinstance(checkpoint, list | tuple) else (checkpoint, 1)
    # These change nothing about the weights; None as a seed goes on with that of the file.
    ignored = {"checkpoint", "verbose", "device"}
    if not isinstance(parameters.get("random_state"), Integral):
        ignored.add("random_state")
    decisive = {name: value for name, value in parameters.items() if name not in ignored}
    return Checkpoint(path, every, decisive, data)


def build_module(
    kind: type[Autoencoder],
    architecture: Any,
    path: LinearPath,
    parameters: SharedParameters,
    generator: torch.Generator,
) -> Autoencoder:
    """Join encoder, decoder and linear path to an untrained module.

    Parameters
    ----------
    kind : type
        ``Autoencoder`` or a subclass.
    architecture : object
        Its ``build`` makes encoder and decoder.
    path : LinearPath
        Means and scales of the data; also the start where ``init="pca"``.
    parameters : SharedParameters
        ``n_components``, ``whiten``, ``init``, ``output_activation`` and ``dtype`` are read.
    generator : torch.Generator
        The only source of randomness for the weights.

    Returns
    -------
    module : Autoencoder
        On the CPU, in evaluation mode.

    Raises
    ------
    ValueError
        If ``build`` does not build networks that can be trained.

    Examples
    --------
    >>> import numpy as np
    >>> from skae import AutoencoderTransformer
    >>> from skae._linear.path import pca_path
    >>> from skae.architectures import DenseArchitecture
    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
    >>> module = build_module(
    ...     Autoencoder, DenseArchitecture((4,)), pca_path(X, 1, seed=0),
    ...     AutoencoderTransformer(1, dtype="float64"), torch.Generator())
    >>> module.decode(module.encode(torch.from_numpy(X)))[:, 1].tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    n_components = parameters.n_components
    encoder, decoder = build_networks(architecture, len(path.mean), n_components, generator)
    starts_linear = parameters.init == "pca"
    # Without the linear path the module is the classic autoencoder.
    to_code = from_code = None
    if starts_linear:
        to_code, from_code = map(torch.from_numpy, path.products(n_components))
    module = kind(
        encoder,
        decoder,
        torch.from_numpy(path.mean),
        path.scale,
        to_code,
        from_code,
        torch.from_numpy(path.target_mean),
        path.target_scale,
        parameters.output_activation,
    )
    if starts_linear and not parameters.whiten:
        module.code_units = CodeUnits(torch.from_numpy(path.deviations(n_components)))
    module = module.to(getattr(torch, parameters.dtype))
    module.try_networks(type(architecture).__name__, n_components)
    # In the dtype of training, since a gate is made like the weights around it.
    if starts_linear:
        module.start_on_linear_path()
    return module.eval()


def plan_fit(
    parameters: SharedParameters,
    objective: Objective,
    pairs: Pairs,
    split: tuple[torch.Tensor, torch.Tensor],
    generator: torch.Generator,
    *,
    starts_fitted: bool,
) -> TrainingPlan:
    """Decide how a whole fit trains its module.

    Parameters
    ----------
    parameters : SharedParameters
        What the user asks for; "auto" is resolved here.
    objective : Objective
        The loss that is minimised, and the module.
    pairs : Pairs
        The data.
    split : (torch.Tensor of int64, torch.Tensor of int64)
        Numbers of the rows to train on, and of those to choose the weights by; there may be none.
    generator : torch.Generator
        Shuffles the rows.
    starts_fitted : bool
        Whether the weights before the first step are a candidate to keep.

    Returns
    -------
    plan : TrainingPlan
        Without callbacks.
    """
    module, n_features = objective.module, pairs.source.shape[1]
    pairs = pairs.in_standard_units(module).with_linear_code(module)
    rows, held_out_rows = split
    plan = _plan(parameters, objective, pairs, rows, generator, starts_fitted)
    decays = resolve_layer_decays(
        parameters.alpha,
        plan.solver,
        module,
        plan.layer_rates,
        plan.peak_rate,
        plan.schedule,
        len(plan.batches),
        n_features,
    )
    plan = replace(plan, layer_decays=decays)
    if not len(held_out_rows):
        return plan
    # The same noise in every epoch, so that epochs can be compared.
    held_out = Batches(
        pairs,
        held_out_rows,
        rows_at_once(n_features),
        module,
        noise_seed=generator.initial_seed() + 1,
        same_noise=True,
    )
    return replace(plan, held_out=held_out)


def plan_pass(
    parameters: SharedParameters,
    objective: Objective,
    pairs: Pairs,
    generator: torch.Generator,
    n_before: int,
) -> TrainingPlan:
    """Decide how ``partial_fit`` trains its module for one pass over the rows.

    The rate is a third of the peak, and constant within the pass. It grows to that over the first
    passes, so that after few of them a model is near its linear path, which knows all rows by then.
    No decay is chosen, since nobody knows how many passes there will be. Parameters are those of
    ``plan_fit``, and the passes or epochs that the model has behind it.
    """
    pairs = pairs.in_standard_units(objective.module)
    rows = torch.arange(pairs.source.shape[0], device="cpu")
    plan = _plan(parameters, objective, pairs, rows, generator, starts_fitted=True)
    warmth = min(1.0, (n_before + 1) * len(plan.batches) / N_WARM_UP_STEPS)
    # What is left to correct may be small: steps of Adam are as long as the rate, whatever it is.
    warmth *= min(1.0, 10 * _share_left_over(plan.batches) ** 0.5)
    return replace(plan, n_epochs=1, peak_rate=warmth * plan.peak_rate / 3, schedule="constant")


def _share_left_over(batches: Batches) -> float:
    """The share of the targets' mean square that the linear path leaves over, by one batch."""
    module, batch = batches.module, next(iter(batches))
    total = float(batch.target.square().mean())
    if module.to_code is None or module.from_code is None or total == 0:
        return 1.0
    left_over = batch.source @ module.to_code @ module.from_code - batch.target
    return float(left_over.square().mean()) / total


def _plan(
    parameters: SharedParameters,
    objective: Objective,
    pairs: Pairs,
    rows: torch.Tensor,
    generator: torch.Generator,
    starts_fitted: bool,
) -> TrainingPlan:
    module, init = objective.module, parameters.learning_rate_init
    # The peak rate depends on the batch, the number of epochs on how many batches there are.
    solver = resolve_stepping(parameters.solver)
    batch_size = resolve_batch_size(parameters.batch_size, len(rows))
    batches = Batches(
        pairs,
        rows,
        batch_size,
        module,
        order=generator if parameters.shuffle else None,
        noise_seed=generator.initial_seed(),
    )
    return TrainingPlan(
        objective=objective,
        batches=batches,
        held_out=None,
        n_epochs=resolve_max_iter(parameters.max_iter, len(batches), pairs.source.shape[1]),
        solver=solver,
        alpha=0.0 if isinstance(parameters.alpha, str) else parameters.alpha,
        peak_rate=resolve_learning_rate(init, solver, batch_size),
        layer_rates=resolve_layer_rates(init, solver, module),
        layer_decays={},
        schedule=parameters.learning_rate,
        starts_fitted=starts_fitted,
    )


@contextmanager
def plain_parameters(estimator: Any, names: Iterable[str]) -> Iterator[None]:
    """Let parameters have their plain values inside; afterwards they are again what was given.

    Parameters
    ----------
    estimator : object
        Its parameters may be NumPy's, as grids and searches set them.
    names : iterable of str
        The parameters that have a plain value.
    """
    given = {name: getattr(estimator, name) for name in names}
    vars(estimator).update({name: plain(value) for name, value in given.items()})
    try:
        yield
    finally:
        vars(estimator).update(given)


@contextmanager
def all_or_nothing(estimator: Any, task: str, *, continues: bool) -> Iterator[None]:
    """Run a call that trains: where it fails, the estimator is as it was before.

    Inside, torch records gradients, multiplies in full precision and makes tensors on the CPU
    whatever the caller has set, and memory that runs out is said in words.

    Parameters
    ----------
    estimator : object
        Whose attributes are put back.
    task : str
        The method that is called.
    continues : bool
        Whether the weights of ``module_`` are trained in place.
    """
    before = dict(vars(estimator))
    weights = copy.deepcopy(estimator.module_.state_dict()) if continues else None
    code_units = estimator.module_.code_units if continues else None
    accelerator = torch.accelerator.current_accelerator()
    try:
        with (
            explain_out_of_memory(task),
            torch.inference_mode(False),
            torch.enable_grad(),
            in_full_precision("cpu"),
            in_full_precision("cpu" if accelerator is None else accelerator.type),
            on_torchs_device(),
        ):
            yield
    except BaseException:
        # What scikit-learn keeps of running callbacks is its own; moments were changed in place.
        running = {name: value for name, value in vars(estimator).items() if name in RUNNING}
        vars(estimator).clear()
        vars(estimator).update({**running, **before})
        if weights is not None:
            # A linear path that moved has put other units in the place of these.
            estimator.module_.code_units = code_units
            estimator.module_.to("cpu").eval().load_state_dict(weights)
            vars(estimator).pop("_optimizer", None)
        raise
