"""Trainings that are kept in a folder, so that a search does none of them twice."""

import os
import warnings
from collections.abc import Callable
from numbers import Integral
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_memory

from skae._training.epochs import ReportFit
from skae._training.net import TrainingResult
from skae._version import __version__

Training = tuple[TrainingResult, ReportFit | None]

NOT_IN_KEY = ("memory", "max_components", "verbose", "checkpoint", "random_state", "warm_start")
"""Parameters that change nothing about the weights, or are in the key by what they stand for: the
number of components that are trained, and the seed that was drawn."""


def can_be_kept(estimator: Any) -> bool:
    """Whether a training is one that another fit could ask for again.

    Parameters
    ----------
    estimator : object
        With a parameter ``memory``.

    Returns
    -------
    kept : bool
        False for one that continues, or that is watched by callbacks or kept by a checkpoint.

    Warns
    -----
    UserWarning
        If no integer says what is random.
    """
    is_watched = hasattr(estimator, "_skl_callbacks")
    if estimator.checkpoint is not None or estimator.warm_start or is_watched:
        return False
    if isinstance(estimator.random_state, Integral):
        return True
    warnings.warn(
        f"memory={estimator.memory!r} keeps nothing of a fit with random_state="
        f"{estimator.random_state!r}, which is another fit each time. Set random_state to an "
        "integer.",
        UserWarning,
        stacklevel=2,
    )
    return False


def train_once(
    estimator: Any, X: Any, decisive: tuple[Any, ...], train: Callable[[], Training]
) -> Training:
    """Train, or give the module the weights that the same training left in ``memory``.

    Parameters
    ----------
    estimator : object
        Within its fit, with a module that is built and not trained.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows.
    decisive : tuple
        What else decides the weights, beside rows and parameters.
    train : callable
        Trains ``estimator.module_`` and sets ``explained_variance_ratio_``.

    Returns
    -------
    result : TrainingResult
        How far training came, now or then.
    report : None
        Callbacks are told nothing.
    """
    fresh: list[TrainingResult] = []

    def outcome() -> tuple[dict[str, np.ndarray], TrainingResult, np.ndarray]:
        result, _ = train()
        fresh.append(result)
        if result.interruption is not None:
            raise result.interruption  # nothing of it is kept
        weights = {name: w.cpu().numpy() for name, w in estimator.module_.state_dict().items()}
        return weights, result, estimator.explained_variance_ratio_

    parameters = estimator.get_params(deep=False)
    parameters = {name: value for name, value in parameters.items() if name not in NOT_IN_KEY}
    key = (type(estimator).__qualname__, __version__, torch.__version__, parameters, decisive)
    memory = estimator.memory
    if isinstance(memory, os.PathLike):
        memory = os.fspath(memory)

    # Made anew: of a function that it knows, joblib writes the source into one folder alone, and
    # the next process takes what other folders keep for the results of another function.
    def _train(key: Any, X: Any, train: Callable[[], Any]) -> Any:
        return train()

    recall = check_memory(memory).cache(_train, ignore=["train"])
    try:
        weights, result, explained = recall(key, X, outcome)
    except KeyboardInterrupt:
        if not fresh:
            raise
        return fresh[0], None
    if not fresh:
        copies = {name: torch.from_numpy(np.array(values)) for name, values in weights.items()}
        estimator.module_.load_state_dict(copies)
        estimator.explained_variance_ratio_ = np.array(explained)
    return result, None
