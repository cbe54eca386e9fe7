"""Strings, bools, numbers and arrays of NumPy, as searches set them, are the values they equal.

None of them reaches a fit or a file; the parameters of the estimator stay what was given.
"""

import enum
from copy import deepcopy
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae._checks import plain
from skae._tensor_file import read_tensor_file
from skae.architectures import ConvArchitecture, DenseArchitecture
from skae.corruption import Gaussian, Impulse, Poisson, SaltAndPepper
from skae.persistence import save_safetensors
from tests.persistence.models import WAYS, by_skops

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}


class Solver(enum.StrEnum):
    ADAM = "adam"


# The parameters as they are given, and the plain ones that they equal.
GIVEN = {
    "strings": (
        {"solver": np.str_("sgd"), "activation": np.str_("relu"),
         "learning_rate": np.str_("cosine"), "init": np.str_("random"),
         "dtype": np.str_("float64"), "device": np.str_("cpu")},
        {"solver": "sgd", "activation": "relu", "learning_rate": "cosine", "init": "random",
         "dtype": "float64", "device": "cpu"},
    ),
    "bools": (
        {"shuffle": np.False_, "early_stopping": np.True_, "warm_start": np.True_,
         "verbose": np.False_},
        {"shuffle": False, "early_stopping": True, "warm_start": True, "verbose": False},
    ),
    "integers": (
        {"n_components": np.int64(3), "batch_size": np.uint8(32), "max_iter": np.int32(3),
         "n_iter_no_change": np.int8(1), "random_state": np.int64(5), "verbose": np.int64(0)},
        {"n_components": 3, "batch_size": 32, "max_iter": 3, "n_iter_no_change": 1,
         "random_state": 5, "verbose": 0},
    ),
    "floats": (
        {"alpha": np.float32(0.1), "learning_rate_init": np.float32(0.003),
         "validation_fraction": np.float32(0.3), "tol": np.float16(0.1)},
        {"alpha": float(np.float32(0.1)), "learning_rate_init": float(np.float32(0.003)),
         "validation_fraction": float(np.float32(0.3)), "tol": float(np.float16(0.1))},
    ),
    "arrays": ({"hidden_layer_sizes": np.array([7, 5])}, {"hidden_layer_sizes": (7, 5)}),
    "an empty array": (
        {"hidden_layer_sizes": np.array([], dtype=int)}, {"hidden_layer_sizes": ()}
    ),
    "a list of NumPy's": (
        {"hidden_layer_sizes": [np.int64(7), np.int8(5)]}, {"hidden_layer_sizes": [7, 5]}
    ),
    "arrays without dimensions": (
        {"n_components": np.array(3), "loss": np.array("huber"), "shuffle": np.array(False),
         "hidden_layer_sizes": np.array("auto"), "alpha": np.array(0.5),
         "dtype": np.array("float64"), "random_state": np.array(3), "device": np.array("cpu")},
        {"n_components": 3, "loss": "huber", "shuffle": False, "hidden_layer_sizes": "auto",
         "alpha": 0.5, "dtype": "float64", "random_state": 3, "device": "cpu"},
    ),
    "other kinds of the same": (
        {"solver": Solver.ADAM, "alpha": Fraction(1, 10), "hidden_layer_sizes": range(5, 7)},
        {"solver": "adam", "alpha": 0.1, "hidden_layer_sizes": (5, 6)},
    ),
    "the closed form": (
        {"solver": np.str_("ridge"), "hidden_layer_sizes": np.array([9]), "init": np.str_("pca"),
         "early_stopping": np.False_, "max_iter": np.int64(2)},
        {"solver": "ridge", "hidden_layer_sizes": (9,), "init": "pca", "early_stopping": False,
         "max_iter": 2},
    ),
    "the closed form by itself": (
        {"alpha": np.array("auto"), "hidden_layer_sizes": np.str_("auto"),
         "max_iter": np.str_("auto"), "shuffle": np.True_, "loss": np.str_("squared_error")},
        {"alpha": "auto", "hidden_layer_sizes": "auto", "max_iter": "auto"},
    ),
    "a dense architecture": (
        {"architecture": DenseArchitecture(np.array([7, 5]), np.str_("elu"))},
        {"architecture": DenseArchitecture((7, 5), "elu")},
    ),
    "a convolutional architecture": (
        {"architecture": ConvArchitecture(
            np.array([2, 4]), [np.int64(3)], np.int8(3), np.str_("stride"), np.str_("transposed"),
            np.array("relu"))},
        {"architecture": ConvArchitecture((2, 4), [3], 3, "stride", "transposed", "relu")},
    ),
}  # fmt: skip
OF_DENOISERS = {
    "a named noise": (
        {"noise": np.str_("masking"), "noise_level": np.float32(0.3)},
        {"noise": "masking", "noise_level": float(np.float32(0.3))},
    ),
    "a range of levels": (
        {"noise": "gaussian", "noise_level": np.array([0.1, 0.5])},
        {"noise": "gaussian", "noise_level": (0.1, 0.5)},
    ),
    "automatic noise": (
        {"noise": np.array("auto"), "noise_level": np.array("auto")}, {"noise": "auto"}
    ),
    "a noise object": ({"noise": Gaussian(np.array([0.1, 0.5]))}, {"noise": Gaussian((0.1, 0.5))}),
    "a noise object in a range": (
        {"noise": Impulse(np.float16(0.5), np.int64(-1), np.array(2.0))},
        {"noise": Impulse(0.5, -1, 2.0)},
    ),
}  # fmt: skip
CASES = {**GIVEN, **OF_DENOISERS}
X = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
X[:, 4:] = X[:, :4] ** 2


def fitted(name, parameters):
    kind = DenoisingAutoencoder if name in OF_DENOISERS else AutoencoderTransformer
    return kind(2, **SMALL).set_params(**parameters).fit(X)


@pytest.fixture(scope="module", params=CASES)
def pair(request):
    """Models of the parameters as given and of the plain ones, which no test may change."""
    return [fitted(request.param, parameters) for parameters in CASES[request.param]]


def assert_same_bits(model, expected):
    codes = expected.transform(X)
    assert_array_equal(model.transform(X), codes, strict=True)
    assert_array_equal(model.inverse_transform(codes), expected.inverse_transform(codes))
    assert model.loss_curve_ == expected.loss_curve_
    assert repr(model.architecture_) == repr(expected.architecture_)


def test_a_fit_has_the_bits_of_the_plain_value(pair):
    assert_same_bits(*pair)


def test_so_has_partial_fit(pair):
    assert_same_bits(*(deepcopy(model).partial_fit(X) for model in pair))
    assert_same_bits(*(clone(model).partial_fit(X) for model in pair))


@pytest.mark.parametrize("name", CASES)
def test_the_parameters_stay_what_was_given(name):
    given, _ = CASES[name]
    model = fitted(name, given)
    parameters = model.partial_fit(X).get_params()
    assert all(parameters[parameter] is value for parameter, value in given.items())
    assert repr(clone(model)) == repr(model)


def test_a_file_is_that_of_the_plain_value(pair, tmp_path):
    for number, model in enumerate(pair):
        save_safetensors(model, tmp_path / str(number))
    given, equal = (read_tensor_file(tmp_path / number)[1] for number in "01")
    assert given == equal


@pytest.mark.parametrize("way", WAYS)
def test_a_model_that_was_saved_has_plain_values(pair, way, tmp_path):
    model, expected = pair
    copied = WAYS[way](model, tmp_path)
    assert_same_bits(copied, expected)
    assert repr(copied.get_params()) == repr(expected.get_params())


@pytest.mark.parametrize("name", ["strings", "arrays", "a dense architecture", "a range of levels"])
def test_a_warm_start_goes_on_where_a_value_is_given_in_another_way(name):
    given, equal = CASES[name]
    there = fitted(name, given).set_params(**equal).set_params(warm_start=True)
    back = fitted(name, equal).set_params(**given).set_params(warm_start=np.True_)
    assert_same_bits(there.fit(X), back.fit(X))


def test_a_warm_start_goes_on_with_a_list_for_a_tuple():
    model = AutoencoderTransformer(architecture=DenseArchitecture([5]), warm_start=True, max_iter=1)
    model.fit(X).set_params(architecture__hidden_layer_sizes=(5,)).fit(X)
    with pytest.raises(ValueError, match=r"sizes=\(5,\).* is now .*sizes=\(6,\)"):
        model.set_params(architecture__hidden_layer_sizes=np.array([6])).fit(X)


@pytest.mark.parametrize("name", ["floats", "a list of NumPy's", "a noise object in a range"])
def test_a_checkpoint_belongs_to_the_same_fit(name, tmp_path, monkeypatch):
    given, equal = CASES[name]
    checkpoint = {"checkpoint": (str(tmp_path / "fit"), np.int64(1))}
    model = fitted(name, {**given, **checkpoint})
    monkeypatch.setattr("skae._training.net.train_epoch", None)
    assert_same_bits(fitted(name, {**equal, **checkpoint}), model)


@pytest.mark.parametrize(
    "grid",
    [
        {"activation": np.array(["relu", "tanh"])},
        {"shuffle": np.array([True, False]), "n_components": np.array([1, 2])},
        {"alpha": np.geomspace(1e-3, 1e-1, 2, dtype=np.float32), "solver": np.array(["adam"])},
        {"hidden_layer_sizes": [np.array([6]), np.array([6, 5])]},
        {"architecture": [ConvArchitecture((2, 4), (3,))],
         "architecture__kernel_size": np.array([1, 3]), "architecture__channels": [np.array([3])]},
    ],
)  # fmt: skip
def test_grids_of_arrays(grid, tmp_path):
    def search(grid):
        model = AutoencoderTransformer(2, **SMALL)
        return GridSearchCV(model, grid, cv=2, error_score="raise").fit(X)

    plainly = {name: [plain(value) for value in values] for name, values in grid.items()}
    found, expected = search(grid), search(plainly)
    scores = "mean_test_score"
    assert_array_equal(found.cv_results_[scores], expected.cv_results_[scores])
    assert_same_bits(found.best_estimator_, expected.best_estimator_)
    for way in (by_skops, WAYS["by_joblib"], WAYS["by_pickle"]):
        assert_same_bits(way(found.best_estimator_, tmp_path), expected.best_estimator_)


@pytest.mark.parametrize("grid", [{"level": np.array([0.1, 0.2])}, {"low": np.array([-1, 0])}])
def test_grids_of_the_parameters_of_a_noise(grid):
    ((name, values),) = grid.items()
    model = DenoisingAutoencoder(2, noise=SaltAndPepper(0.1), **SMALL)
    search = GridSearchCV(model, {f"noise__{name}": values}, cv=2, error_score="raise").fit(X)
    noise = search.best_estimator_.corruption_
    assert type(getattr(noise, name)) in (int, float)


@pytest.mark.parametrize(
    ("noise", "equal"),
    [
        (Gaussian(np.array(0.5)), Gaussian(0.5)),
        (SaltAndPepper([np.float32(0.25), np.int64(1)], np.float32(2), np.array(3)),
         SaltAndPepper([0.25, 1], 2.0, 3)),
        (Poisson(np.array([2, 5]), np.int8(0), np.int8(100)), Poisson((2, 5), 0, 100)),
    ],
)  # fmt: skip
def test_noise_has_the_bits_of_the_plain_value(noise, equal):
    batch = torch.linspace(0, 1, 60).reshape(20, 3)
    noisy, expected = (n(batch, torch.Generator().manual_seed(0)) for n in (noise, equal))
    assert_array_equal(noisy.numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("given", "equal"), [pair for name, pair in GIVEN.items() if "architecture" in name]
)
def test_architectures_build_the_same_alone(given, equal):
    modules = []
    for parameters in (given, equal):
        generator = torch.Generator().manual_seed(0)
        modules.append(torch.nn.ModuleList(parameters["architecture"].build(8, 2, generator)))
    assert repr(modules[0]) == repr(modules[1])
    for one, other in zip(*(module.parameters() for module in modules), strict=True):
        assert_array_equal(one.detach().numpy(), other.detach().numpy())


SCALARS = (
    st.text(st.characters(exclude_characters="\0"))
    | st.booleans()
    | st.integers(-100, 100)
    | st.floats(width=16)
)
VALUES = st.recursive(SCALARS, lambda items: st.lists(items) | st.tuples(items), max_leaves=5)
REALS = st.sampled_from([np.float16, np.float32, np.float64])


@settings(max_examples=50)
@given(VALUES, REALS, st.booleans())
def test_every_value_comes_back_from_numpy(value, real, in_arrays):
    def of_numpy(value):
        if isinstance(value, list | tuple):
            return type(value)(map(of_numpy, value))
        kinds = {str: np.str_, bool: np.bool_, int: np.int16, float: real}
        scalar = kinds[type(value)](value)
        return np.array(scalar) if in_arrays else scalar

    # The repr tells the types as well, and nan is equal to nan.
    assert repr(plain(of_numpy(value))) == repr(value)


@pytest.mark.parametrize(
    "value",
    ["text", True, 3, 0.5, None, (1, 2), [1, (2, "a")], ..., np.ones((2, 2)), Gaussian, Gaussian()],
)
def test_a_plain_value_is_left_alone(value):
    assert plain(value) is value


class UsersArchitecture(NamedTuple):
    """A sequence, and more than that."""

    width: np.ndarray

    def build(self, n_features, n_components, generator):
        return DenseArchitecture(self.width).build(n_features, n_components, generator)


class UsersEstimator(AutoencoderTransformer):
    """With a parameter of its own that is an array."""

    def __init__(self, n_components=2, *, prior=None, max_iter=2):
        super().__init__(n_components, max_iter=max_iter, hidden_layer_sizes=(6,))
        self.prior = prior

    def _finish(self, X, y):
        assert self.prior.shape == (3,)


def test_an_object_of_a_users_is_left_alone():
    architecture = UsersArchitecture(np.array([5]))
    assert plain(architecture) is architecture
    model = AutoencoderTransformer(architecture=architecture, max_iter=1).fit(X)
    assert model.architecture_.width is not None


def test_a_parameter_of_a_users_subclass_is_left_alone():
    model = UsersEstimator(np.int64(2), prior=np.ones(3)).fit(X)
    copied = deepcopy(model)
    assert_array_equal(copied.prior, np.ones(3), strict=True)
    assert type(copied.n_components) is int


def test_an_object_that_is_not_plain_is_not_changed():
    noise = Gaussian(np.array([0, 1]))
    assert plain(noise).level == (0, 1)
    assert isinstance(noise.level, np.ndarray)
