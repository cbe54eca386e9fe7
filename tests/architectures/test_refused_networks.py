"""What cannot be trained is refused in words, before anything is trained."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.architectures import ConvArchitecture, DenseArchitecture
from skae.architectures._trial import try_network
from skae.corruption import Swap
from tests.architectures.own_networks import BUILDERS, Function, Own

SMALL = {"max_iter": 1, "random_state": 0}


class Pair:
    """Builds one decoder as it should be, and an encoder that is not."""

    def __init__(self, after=None, *, swapped=False):
        self.after = after
        self.swapped = swapped

    def build(self, n_features, n_components, generator):
        layers = nn.Linear(n_features, n_components), nn.Linear(n_components, n_features)
        wrong = nn.Sequential(layers[self.swapped], Function(self.after))
        return (layers[0], wrong) if self.swapped else (wrong, layers[1])


def fit(architecture, X):
    AutoencoderTransformer(2, architecture=architecture, **SMALL).fit(X)


OUTPUTS = {
    "one column": (lambda y: y[:, :1], r"shape \(4, 1\)"),
    "no columns": (lambda y: y[:, 0], r"shape \(4,\)"),
    "three dimensions": (lambda y: y[:, None], r"shape \(4, 1, \d\)"),
    "fewer rows": (lambda y: y[:1], r"shape \(1, \d\)"),
    "transposed": (lambda y: y.T, r"shape \(\d, 4\)"),
    "whole numbers": (lambda y: y.long(), "torch.int64, which is no floating-point type"),
    "complex": (lambda y: y + 0j, "torch.complex64, which is no"),
    "tuple": (lambda y: (y, y), "It returned tuple, not a tensor"),
    "array": (lambda y: y.detach().numpy(), "It returned ndarray, not a tensor"),
    "nothing": (lambda y: None, "It returned NoneType, not a tensor"),
    "error": (lambda y: y @ torch.ones(7, 7), "It failed with RuntimeError: mat1 and mat2"),
}


@pytest.mark.parametrize("init", ["pca", "random"])
@pytest.mark.parametrize("swapped", [False, True], ids=["encoder", "decoder"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs_of_the_wrong_kind(output, swapped, init, X):
    function, got = OUTPUTS[output]
    part, width, given = ("decoder", 8, 2) if swapped else ("encoder", 2, 8)
    model = AutoencoderTransformer(2, architecture=Pair(function, swapped=swapped), init=init)
    wanted = rf"The {part} that Pair builds must return rows of {width} columns: for 4 rows of "
    with pytest.raises(ValueError, match=rf"{wanted}{given} a tensor of shape.*{got}"):
        model.fit(X)
    assert not hasattr(model, "module_")


def test_partial_fit_refuses_them_too(X):
    with pytest.raises(ValueError, match="must return rows of 2 columns"):
        AutoencoderTransformer(2, architecture=Pair(lambda y: y[:, 0])).partial_fit(X)


def test_a_plain_network_of_the_wrong_width(X):
    class Narrow:
        def build(self, n_features, n_components, generator):
            return nn.Linear(n_features, 1), nn.Linear(n_components, n_features)

    with pytest.raises(ValueError, match=r"encoder that Narrow builds.*\(4, 2\).*\(4, 1\)"):
        fit(Narrow(), X)


def test_one_row_is_a_row(X):
    with pytest.raises(ValueError, match=r"decoder that Own builds.*1 rows of 2.*shape \(8,\)"):
        fit(Own("squeezed"), X)


@pytest.mark.parametrize(
    "name",
    ["batch norm, no statistics", "centred", "centred, then zero", "counted", "softmax of rows"],
)
def test_rows_that_depend_on_each_other(name, X):
    with pytest.raises(ValueError, match=r"encoder that Own builds makes a row depend.*LayerNorm"):
        fit(Own(name), X)


@pytest.mark.parametrize("name", ["always dropped", "always dropped, then zero", "own generator"])
def test_draws_after_training(name, X):
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match=r"draws random numbers in evaluation mode.*training"):
        fit(Own(name), X)
    assert torch.equal(torch.get_rng_state(), before)


BUILDS = {
    "one network": lambda self, n, k, generator: nn.Linear(n, k),
    "three": lambda self, n, k, generator: (nn.Linear(n, k), nn.Linear(k, n), nn.Linear(k, n)),
    "functions": lambda self, n, k, generator: (functional.relu, functional.relu),
    "nothing": lambda self, n, k, generator: None,
    "classes": lambda self, n, k, generator: (nn.Linear, nn.Linear),
}


@pytest.mark.parametrize("returned", BUILDS)
def test_what_build_must_return(returned, X):
    kind = type("Builder", (), {"build": BUILDS[returned]})
    with pytest.raises(ValueError, match=r"Builder.build must return two torch.nn.Module.*It ret"):
        fit(kind(), X)


@pytest.mark.parametrize(
    "build",
    [
        lambda self: None,
        lambda self, n_features, n_components: None,
        lambda self, a, b, c, d: None,
        lambda self, a, b, *, generator: None,
    ],
)
def test_what_build_must_take(build, X):
    kind = type("Builder", (), {"build": build})
    wanted = r"Builder.build must take \(n_features, n_components, generator\).*argument"
    with pytest.raises(ValueError, match=wanted):
        fit(kind(), X)


def test_an_error_inside_build_is_its_own(X):
    def build(self, *arguments):
        raise TypeError("mine")

    with pytest.raises(TypeError, match=r"^mine$"):
        fit(type("Builder", (), {"build": build})(), X)


@pytest.mark.parametrize("kind", [ConvArchitecture, DenseArchitecture, Own])
def test_a_class_is_no_architecture(kind, X):
    wanted = rf"'architecture'.*It is a class: give an instance, {kind.__name__}\(\.\.\.\)\."
    with pytest.raises(ValueError, match=wanted):
        fit(kind, X)


class Rain(Swap):
    """A noise that has no name."""


@pytest.mark.parametrize(
    ("noise", "remedy"),
    [(Swap, "Use 'swap'"), (Rain, r"It is a class: give an instance, Rain\(\.\.\.\)\.")],
)
def test_a_class_is_no_noise(X, noise, remedy):
    with pytest.raises(ValueError, match=remedy):
        DenoisingAutoencoder(2, noise=noise, **SMALL).fit(X)


@pytest.mark.parametrize(
    "noise", [lambda: None, lambda batch: batch, lambda *, batch, generator: batch]
)
def test_a_noise_takes_a_batch_and_a_generator(noise, X):
    with pytest.raises(ValueError, match=r"\(batch, generator\) -> batch"):
        DenoisingAutoencoder(2, noise=noise, **SMALL).fit(X)


@pytest.mark.parametrize("name", ["batch norm", "dropout", "gated", "spectral norm", "untied"])
def test_a_trial_leaves_a_network_as_it_was(name):
    for network, n_in, n_out in zip(BUILDERS[name](3, 2), (3, 2), (2, 3), strict=True):
        last = list(network.parameters())[-1]
        nn.init.zeros_(last)
        before = copy.deepcopy(network.state_dict())
        try_network("it", network.eval(), n_in, n_out, torch.zeros(()))
        for key, value in network.state_dict().items():
            assert torch.equal(value, before[key])
