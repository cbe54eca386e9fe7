"""Strings, bools, numbers and arrays of NumPy, as searches set them, are the values they equal.

None of them reaches a fit or a file; the parameters of the estimator stay what was given.
"""

import enum
from fractions import Fraction

import numpy as np
import pytest
import torch
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
CASES = [
    pytest.param(kind, *pair, id=f"{kind.__name__}, {name}")
    for kind, table in (
        (AutoencoderTransformer, GIVEN),
        (DenoisingAutoencoder, OF_DENOISERS),
    )
    for name, pair in table.items()
]


def of(*names):
    """The cases with one of these words in their name."""
    return [case for case in CASES if any(name in case.id for name in names)]


def fitted(kind, X, parameters):
    return clone(kind(2, **SMALL)).set_params(**parameters).fit(X)


def assert_same_bits(model, expected, X):
    codes = expected.transform(X)
    assert_array_equal(model.transform(X), codes, strict=True)
    assert_array_equal(model.inverse_transform(codes), expected.inverse_transform(codes))
    assert model.loss_curve_ == expected.loss_curve_
    assert repr(model.architecture_) == repr(expected.architecture_)


@pytest.mark.parametrize(("kind", "given", "equal"), CASES)
def test_fits_have_the_bits_of_the_plain_value(kind, given, equal, X):
    model, expected = fitted(kind, X, given), fitted(kind, X, equal)
    assert_same_bits(model, expected, X)
    assert_same_bits(model.partial_fit(X), expected.partial_fit(X), X)
    assert_same_bits(clone(model).partial_fit(X), clone(expected).partial_fit(X), X)


@pytest.mark.parametrize(("kind", "given", "equal"), CASES)
def test_parameters_stay_what_was_given(kind, given, equal, X):
    model = kind(2, **SMALL).set_params(**given)
    model.fit(X).partial_fit(X)
    assert all(model.get_params()[name] is value for name, value in given.items())
    assert repr(clone(model)) == repr(model)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kind", "given", "equal"), of("without dim", "convol", "object in a range")
)
def test_they_come_back_from_a_file_as_plain_values(kind, given, equal, way, X, tmp_path):
    model, expected = fitted(kind, X, given), fitted(kind, X, equal)
    copied = WAYS[way](model, tmp_path)
    assert_same_bits(copied, expected, X)
    assert {name: repr(copied.get_params()[name]) for name in equal} == {
        name: repr(value) for name, value in equal.items()
    }
    assert_same_bits(copied.partial_fit(X), expected.partial_fit(X), X)


@pytest.mark.parametrize(("kind", "given", "equal"), CASES)
def test_the_file_is_that_of_the_plain_value(kind, given, equal, X, tmp_path):
    for name, parameters in (("given", given), ("equal", equal)):
        save_safetensors(fitted(kind, X, parameters), tmp_path / name)
    given, equal = (read_tensor_file(tmp_path / name)[1] for name in ("given", "equal"))
    assert given == equal


@pytest.mark.parametrize(("kind", "given", "equal"), of("strings", "arrays", "architecture"))
def test_warm_starts_go_on_where_a_value_is_given_in_another_way(kind, given, equal, X):
    there = fitted(kind, X, given).set_params(**equal).set_params(warm_start=True).fit(X)
    back = fitted(kind, X, equal).set_params(**given).set_params(warm_start=np.True_).fit(X)
    assert_same_bits(there, back, X)


def test_warm_starts_go_on_with_a_list_for_a_tuple(X):
    model = AutoencoderTransformer(architecture=DenseArchitecture([5]), warm_start=True, max_iter=1)
    model.fit(X).set_params(architecture__hidden_layer_sizes=(5,)).fit(X)
    with pytest.raises(ValueError, match=r"sizes=\(5,\).* is now .*sizes=\(6,\)"):
        model.set_params(architecture__hidden_layer_sizes=np.array([6])).fit(X)


@pytest.mark.parametrize(("kind", "given", "equal"), of("floats", "a list", "object", "range of"))
def test_checkpoints_belong_to_the_same_fit(kind, given, equal, X, tmp_path, monkeypatch):
    checkpoint = {"checkpoint": (str(tmp_path / "fit"), np.int64(1))}
    model = fitted(kind, X, {**given, **checkpoint})
    monkeypatch.setattr("skae._training.net.train_epoch", None)
    assert_same_bits(fitted(kind, X, {**equal, **checkpoint}), model, X)


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
def test_grids_of_arrays(grid, X, tmp_path):
    def search(grid):
        model = AutoencoderTransformer(2, **SMALL)
        return GridSearchCV(model, grid, cv=2, error_score="raise").fit(X)

    plainly = {name: [plain(value) for value in values] for name, values in grid.items()}
    found, expected = search(grid), search(plainly)
    scores = "mean_test_score"
    assert_array_equal(found.cv_results_[scores], expected.cv_results_[scores])
    assert_same_bits(found.best_estimator_, expected.best_estimator_, X)
    for way in (by_skops, WAYS["by_joblib"], WAYS["by_pickle"]):
        assert_same_bits(way(found.best_estimator_, tmp_path), expected.best_estimator_, X)


@pytest.mark.parametrize("grid", [{"level": np.array([0.1, 0.2])}, {"low": np.array([-1, 0])}])
def test_grids_of_the_parameters_of_a_noise(grid, X):
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


@pytest.mark.parametrize(
    "value",
    ["text", True, 3, 0.5, None, (1, 2), [1, (2, "a")], ..., np.ones((2, 2)), Gaussian, Gaussian()],
)
def test_a_plain_value_is_left_alone(value):
    assert plain(value) is value


def test_a_users_object_is_left_alone():
    class Users:
        channels = np.array([1, 2])

    users, noise = Users(), Gaussian(np.array([0, 1]))
    assert plain(users) is users
    assert plain(noise) is not noise
    assert isinstance(noise.level, np.ndarray)
