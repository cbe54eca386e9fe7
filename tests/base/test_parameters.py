"""A value that a parameter cannot have is refused by parameter, value and remedy."""

import re

import numpy as np
import pytest
import sklearn.decomposition
import torch

import skae.plotting
from skae import AutoencoderTransformer, DenoisingAutoencoder

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}

REFUSED = [
    ("n_components", np.True_, "Got True instead"),
    ("n_components", np.array([2]), r"Got \(2,\) instead"),
    ("n_components", np.float64(3.0), r"Got 3\.0 instead\. Use 3\."),
    ("n_components", 0, "ComponentsCurveDisplay"),
    ("n_components", None, "ComponentsCurveDisplay or in a grid search"),
    ("n_components", "auto", "ComponentsCurveDisplay"),
    ("n_components", "3", r"Use 3\."),
    ("shuffle", np.int64(1), r"one of True, False\. Got 1 instead\. Use True\."),
    ("shuffle", 0, r"Use False\."),
    ("shuffle", "True", r"Use True\."),
    ("shuffle", np.array([True, False]), r"Got \(True, False\)"),
    ("warm_start", np.array([True, False]), r"Got \(True, False\)"),
    ("verbose", "1", r"Use 1\."),
    ("solver", "lbfgs", r"'sgd'\. Got 'lbfgs' instead\. Use 'auto'\."),
    ("solver", torch.optim.SGD, r"Use 'sgd'\."),
    ("hidden_layer_sizes", 64, r"must be 'auto', or a sequence.* Got 64 instead\. Use \(64,\)\."),
    ("hidden_layer_sizes", np.int64(64), r"Use \(64,\)\."),
    ("hidden_layer_sizes", (64.0, 8), r"Use \(64, 8\)\."),
    ("hidden_layer_sizes", np.array([[8]]), r"Got array\(\[\[8\]\]\)"),
    ("hidden_layer_sizes", b"@@", "Got b'@@'"),
    ("hidden_layer_sizes", None, r"Use 'auto'\."),
    ("max_iter", None, r"Use 'auto'\."),
    ("max_iter", 10.0, r"Use 10\."),
    ("alpha", None, r"Use 'auto'\."),
    ("alpha", "0.1", r"Use 0\.1\."),
    ("alpha", np.float32("nan"), "Got nan"),
    ("alpha", np.array([0.1]), r"Got \(0\.1,\)"),
    ("batch_size", None, r"Use 'auto'\."),
    ("batch_size", np.float64(64.5), r"Got 64\.5 instead\.$"),
    ("learning_rate", 0.001, "A rate is learning_rate_init"),
    ("activation", torch.nn.ReLU(), r"Use 'relu'\."),
    ("activation", torch.nn.Sigmoid, r"Use 'logistic'\."),
    ("activation", "ReLU", r"Use 'relu'\."),
    ("output_activation", None, r"Use 'identity'\."),
    ("loss", "mse", r"Use 'squared_error'\."),
    ("loss", "MeanSquaredError", r"Use 'squared_error'\."),
    ("loss", torch.nn.functional.mse_loss, r"Use 'squared_error'\."),
    ("loss", "binary_cross_entropy", r"Use 'log_loss'\."),
    ("loss", "BinaryCrossentropy", r"Use 'log_loss'\."),
    ("loss", torch.nn.SmoothL1Loss(), r"Use 'huber'\."),
    ("solver", torch.optim.RMSprop, r"Use 'adam'\."),
    ("activation", "LeakyReLU", r"Use 'relu'\."),
    ("loss", torch.nn.L1Loss(), r"Use 'absolute_error'\."),
    ("dtype", np.float32, r"Use 'float32'\."),
    ("dtype", torch.float64, r"Use 'float64'\."),
    ("random_state", "0", r"Got '0' instead\. Use 0\."),
    ("random_state", -1, r"an integer from 0 to .* Got -1 instead\.$"),
    ("random_state", np.random.default_rng(0), "RandomState instance or None"),
    ("device", None, "'auto', or a torch device such as 'cpu'"),
    ("noise", "salt", r"Got 'salt' instead"),
    ("noise_level", np.array([0.5, 0.1]), r"Got \(0\.5, 0\.1\)"),
    ("noise_level", None, r"Use 'auto'\."),
]

OFFERED = [case for case in REFUSED if "Use " in case[2]]


@pytest.mark.parametrize(("name", "value", "message"), REFUSED, ids=range(len(REFUSED)))
def test_a_value_that_is_refused_is_named_with_its_remedy(name, value, message, X):
    kind = DenoisingAutoencoder if "noise" in name else AutoencoderTransformer
    with pytest.raises(ValueError, match=f"(?s)^The '{name}' parameter of .*{message}"):
        kind(**{name: value}).fit(X)


@pytest.mark.parametrize("value", [0.95, np.float64(0.8), np.float32(0.5), "mle"])
def test_the_number_of_components_is_found_by_what_the_message_names(value, X):
    with pytest.raises(ValueError, match="PCA") as refused:
        DenoisingAutoencoder(value).fit(X)
    (remedy,) = re.findall(r"sklearn\S*n_components_", str(refused.value))
    number = eval(remedy, {"sklearn": sklearn, "X": X})
    assert AutoencoderTransformer(number, **SMALL).fit_transform(X).shape == (len(X), number)


def test_sizes_of_the_code_are_compared_by_what_the_message_names(X):
    with pytest.raises(ValueError, match=r"skae\.plotting\.ComponentsCurveDisplay") as refused:
        AutoencoderTransformer(None).fit(X)
    (name,) = re.findall(r"skae\.plotting\.(\w+)", str(refused.value))
    assert hasattr(skae.plotting, name)


@pytest.mark.parametrize("refused", OFFERED, ids=range(len(OFFERED)))
def test_the_value_that_is_offered_is_accepted(refused, X):
    name, value, _ = refused
    kind = DenoisingAutoencoder if "noise" in name else AutoencoderTransformer
    with pytest.raises(ValueError, match="Use ") as error:
        kind(**{name: value}).fit(X)
    offered = eval(str(error.value).rpartition("Use ")[2][:-1])
    assert kind._parameter_checks[name].accepts(offered)
