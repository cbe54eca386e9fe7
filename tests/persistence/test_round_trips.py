"""What is saved comes back with the same bits, alone and inside scikit-learn's containers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.persistence.models import MODELS, UsersArchitecture, by_pickle


@pytest.fixture(params=MODELS)
def model(request, X):
    return clone(MODELS[request.param]).fit(X)


def assert_same(one, other, X):
    codes = one.transform(X)
    assert_array_equal(other.transform(X), codes, strict=True)
    assert_array_equal(other.inverse_transform(codes), one.inverse_transform(codes), strict=True)
    assert_array_equal(other.score_samples(X), one.score_samples(X), strict=True)
    assert repr(other.get_params()) == repr(one.get_params())
    assert vars(other).keys() == vars(one).keys()
    for name, value in vars(one).items():
        if isinstance(value, np.ndarray):
            assert_array_equal(getattr(other, name), value, strict=True)
        elif name != "module_":
            assert repr(getattr(other, name)) == repr(value)


def test_alone(model, way, X, tmp_path):
    assert_same(model, way(model, tmp_path), X)


@pytest.mark.parametrize(
    "model", [name for name in MODELS if hasattr(MODELS[name], "partial_fit")], indirect=True
)
def test_goes_on_learning_with_the_same_bits(model, way, X, tmp_path):
    copy = way(model, tmp_path)
    assert_array_equal(copy.partial_fit(X).transform(X), model.partial_fit(X).transform(X))


def test_not_fitted(way, X, tmp_path):
    model = clone(MODELS["denoising, object"])
    copy = way(model, tmp_path)
    assert_array_equal(copy.fit(X).transform(X), model.fit(X).transform(X))


IN_EACH_RUN = {"plain", "convolutional", "ordered", "denoising, object", "outliers"}


@pytest.mark.parametrize(
    "model",
    [pytest.param(n, marks=() if n in IN_EACH_RUN else pytest.mark.slow) for n in MODELS],
    indirect=True,
)
def test_in_containers(model, way_of_pipelines, X, tmp_path):
    y = (X[:, 0] > 0).astype(int)
    unfitted = clone(model)
    containers = [
        make_pipeline(StandardScaler(), unfitted, LogisticRegression()),
        ColumnTransformer([("code", unfitted, slice(0, 8)), ("rest", "passthrough", [0])]),
        GridSearchCV(unfitted, {"n_components": [1, 2]}, cv=2),
    ]
    for container in containers:
        container.fit(X, y)
        copy = way_of_pipelines(container, tmp_path)
        method = "predict_proba" if hasattr(container, "predict_proba") else "transform"
        assert_array_equal(getattr(copy, method)(X), getattr(container, method)(X))


def test_frames_and_output_settings(way, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=list("abc"))
    model = clone(MODELS["plain"]).set_params(n_components=2).set_output(transform="pandas")
    copy = way(model.fit(frame), tmp_path)
    pandas.testing.assert_frame_equal(copy.transform(frame), model.transform(frame))
    with pytest.raises(ValueError, match="feature names"):
        copy.transform(frame[["b", "a", "c"]])


def test_a_users_architecture(X, tmp_path):
    model = clone(MODELS["plain"]).set_params(architecture=UsersArchitecture()).fit(X)
    assert_array_equal(by_pickle(model, tmp_path).transform(X), model.transform(X))


def test_parameters_changed_after_fit_do_not_reach_the_fitted_model(way, X, tmp_path):
    model = clone(MODELS["plain"]).fit(X)
    codes = model.transform(X)
    model.set_params(
        n_components=7, dtype="float64", hidden_layer_sizes=(2, 2), init="random",
        output_activation="logistic",
    )  # fmt: skip
    assert_array_equal(model.transform(X), codes, strict=True)
    copy = way(model, tmp_path)
    assert_array_equal(copy.transform(X), codes, strict=True)
    assert copy.n_components == 7
