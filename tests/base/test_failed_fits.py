"""A call that fails leaves the estimator as it was, fitted or not, in every attribute."""

import pickle
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.architectures import ConvArchitecture

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}


def too_narrow(batch, generator):
    return batch[:, :1]


def becomes_infinite(batch, generator):
    return batch / 0


def with_nan(X):
    X = X.copy()
    X[3, 3] = np.nan
    return X


def with_names(X):
    return pd.DataFrame(X[:, :5], columns=list("abcde"))


# The parameters and the rows of a call that fails, and what it says.
FAILURES = {
    "parameter": ({"alpha": -1}, np.asarray, "'alpha' parameter"),
    "combination": ({"loss": "log_loss"}, np.asarray, "output_activation='logistic'"),
    "rows": ({}, with_nan, "NaN"),
    "range": ({"output_activation": "logistic"}, np.asarray, "logistic"),
    "other columns, then diverges": ({"learning_rate_init": 1e30}, with_names, "diverged"),
    "architecture": ({"architecture": ConvArchitecture((3, 3))}, np.asarray, "image_shape|archit"),
    "device": ({"device": "abacus"}, np.asarray, "'device' parameter"),
    "diverges": ({"learning_rate_init": 1e30}, np.asarray, "diverged"),
    "folder of the checkpoint": ({"checkpoint": "no/where"}, np.asarray, "does not exist"),
    "noise of another shape": ({"noise": too_narrow}, np.asarray, "must return a tensor"),
    "noise that is not finite": ({"noise": becomes_infinite}, np.asarray, "not finite"),
    "level of a noise": ({"noise": "masking", "noise_level": 2.0}, np.asarray, "noise_level"),
}  # fmt: skip
METHODS = ("fit", "partial_fit")
BEFORE = {
    "new": lambda model, X: model,
    "fitted": lambda model, X: model.fit(X),
    "begun by partial_fit": lambda model, X: model.partial_fit(X),
    "warm": lambda model, X: model.set_params(warm_start=True).fit(X).fit(X),
}


def can_happen(kind, call, before, failure):
    change = FAILURES[failure][0]
    # A model that is continued keeps the noise that it began with.
    goes_on = before == "warm" or (call == "partial_fit" and before != "new")
    return (
        change.keys() <= kind().get_params().keys()
        and not (call == "partial_fit" and "checkpoint" in change)
        and not (goes_on and "noise" in change)
    )


CASES = list(
    filter(
        lambda case: can_happen(*case),
        product((AutoencoderTransformer, DenoisingAutoencoder), METHODS, BEFORE, FAILURES),
    )
)


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize(("kind", "call", "before", "failure"), CASES)
def test_nothing_changes(kind, call, before, failure, X):
    change, convert, message = FAILURES[failure]
    # Random weights, so that a rate of 1e30 is not saved by a start at zero.
    model = BEFORE[before](kind(2, init="random", **SMALL), X)
    model.set_params(**change)
    state = pickle.dumps(model)
    with pytest.raises(ValueError, match=f"{message}|goes on with a model|has 5 features|names"):
        getattr(model, call)(convert(X))
    assert pickle.dumps(model) == state
    assert hasattr(model, "module_") == (before != "new")


def test_a_checkpoint_of_another_fit_leaves_the_old_noise(X, tmp_path):
    path = tmp_path / "fit"
    DenoisingAutoencoder(2, checkpoint=path, **SMALL).fit(X)
    model = DenoisingAutoencoder(2, noise="masking", **SMALL).fit(X)
    noise = model.corruption_
    with pytest.raises(ValueError, match="belongs to another fit"):
        model.set_params(noise="swap", checkpoint=path).fit(X)
    assert model.corruption_ is noise


def test_memory_that_runs_out_leaves_the_old_model(X):
    model = clone(AutoencoderTransformer(2, **SMALL)).fit(X)
    state = pickle.dumps(model.set_params(hidden_layer_sizes=(10**7, 10**7)))
    with pytest.raises(MemoryError):
        model.fit(X)
    assert pickle.dumps(model) == state


def test_a_refit_without_held_out_rows_keeps_no_held_out_losses(X):
    model = AutoencoderTransformer(2, warm_start=True, **SMALL).fit(X)
    assert len(model.validation_loss_curve_) == 2
    model.set_params(validation_fraction=0).fit(X)
    assert not hasattr(model, "validation_loss_curve_")
    assert not hasattr(model, "initial_validation_loss_")
