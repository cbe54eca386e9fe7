"""ONNX Runtime computes what the estimator computes, to 1e-4, for any number of rows."""

import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import skl2onnx
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, HiddenFeatures, SupervisedAutoencoder
from skae.architectures import ConvArchitecture
from skae.persistence import register_onnx_converters, to_onnx
from tests.persistence.models import MODELS, UsersArchitecture

METHODS = {
    "transform": ("X", "codes"),
    "reconstruct": ("X", "reconstruction"),
    "inverse_transform": ("codes", "reconstruction"),
}


def close(values, expected):
    assert_allclose(values, expected, rtol=1e-4, atol=1e-5)


def run(graph, **inputs):
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    return session.run(None, inputs)


def assert_graphs_agree(model, X):
    for part, (takes, returns) in METHODS.items():
        graph = to_onnx(model, part)
        assert [value.name for value in graph.graph.output] == [returns]
        rows = X.astype(np.float32) if takes == "X" else model.transform(X).astype(np.float32)
        for n in (1, 3, len(X)):
            (values,) = run(graph, **{takes: rows[:n]})
            close(values, getattr(model, part)(rows[:n]))


SAMPLE = ("plain", "convolutional, transposed")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in SAMPLE else pytest.mark.slow) for n in MODELS]
)
def test_every_model_and_method(name, X):
    assert_graphs_agree(clone(MODELS[name]).fit(X), X)


@pytest.mark.slow
@pytest.mark.parametrize("image_shape", [(7, 9), (3, 5, 5)])
@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed"])
def test_images_of_odd_size(image_shape, upsampling):
    X = np.random.default_rng(0).normal(size=(20, int(np.prod(image_shape)))).astype(np.float32)
    architecture = ConvArchitecture(image_shape, (3, 4), upsampling=upsampling)
    assert_graphs_agree(
        AutoencoderTransformer(2, architecture=architecture, max_iter=1, random_state=0).fit(X), X
    )


@pytest.mark.parametrize(
    "parameters", [{"architecture": UsersArchitecture()}, {"output_activation": "logistic"}]
)
def test_users_architecture_and_bounded_output(parameters, X):
    unit = (X - X.min()) / np.ptp(X)
    assert_graphs_agree(clone(MODELS["plain"]).set_params(**parameters).fit(unit), unit)


class TestHeads:
    def test_probabilities_of_classes(self, X):
        y = np.where(X[:, 0] > 0, "more", "less")
        model = SupervisedAutoencoder(2, max_iter=2, random_state=0).fit(X, y)
        (values,) = run(to_onnx(model, "predict_proba"), X=X.astype(np.float32))
        close(values, model.predict_proba(X))
        with pytest.raises(ValueError, match=r"'predict' is not for this .* order of classes_"):
            to_onnx(model, "predict")

    @pytest.mark.parametrize("n_targets", [1, 3])
    def test_numbers_in_their_units(self, n_targets, X):
        y = 1e3 + 50 * X[:, :n_targets]
        model = SupervisedAutoencoder(2, task="regression", max_iter=2, random_state=0).fit(X, y)
        (values,) = run(to_onnx(model, "predict"), X=X.astype(np.float32))
        close(values, model.predict(X))
        with pytest.raises(ValueError, match=r"'predict_proba' is not for this .* of classes"):
            to_onnx(model, "predict_proba")


@pytest.mark.parametrize("name", ["plain", "convolutional"])
def test_hidden_units(name, X):
    model = clone(MODELS[name]).fit(X)
    (values,) = run(to_onnx(model, "hidden_features"), X=X.astype(np.float32))
    close(values, model.hidden_features(X))


class TestPipelines:
    @pytest.fixture(autouse=True)
    def converters(self):
        register_onnx_converters()

    @pytest.mark.parametrize(
        "name", ["plain", "float64", "convolutional", "denoising", "denoising, convolutional"]
    )
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_one_graph_from_scaler_to_classifier(self, name, dtype, X):
        y = np.where(X[:, 0] > 0, "right", "left")
        pipeline = make_pipeline(StandardScaler(), clone(MODELS[name]), LogisticRegression())
        pipeline.fit(X, y)
        graph = skl2onnx.to_onnx(pipeline, X[:1].astype(dtype), options={"zipmap": False})
        labels, probabilities = run(graph, X=X.astype(dtype))
        assert_array_equal(labels, pipeline.predict(X))
        close(probabilities, pipeline.predict_proba(X))

    @pytest.mark.parametrize("frozen", [False, True])
    def test_hidden_features_before_a_classifier(self, frozen, X):
        estimator = clone(MODELS["plain"])
        estimator = FrozenEstimator(estimator.fit(X)) if frozen else estimator
        y = (X[:, 0] > 0).astype(int)
        chain = make_pipeline(HiddenFeatures(estimator), LogisticRegression()).fit(X, y)
        graph = skl2onnx.to_onnx(chain, X[:1].astype(np.float32), options={"zipmap": False})
        _, probabilities = run(graph, X=X.astype(np.float32))
        close(probabilities, chain.predict_proba(X))

    def test_two_autoencoders_in_one_graph(self, X):
        left, right = clone(MODELS["plain"]), clone(MODELS["denoising"])
        union = make_union(left, right).fit(X)
        close(run(skl2onnx.to_onnx(union, X[:1]), X=X)[0], union.transform(X))
        columns = ColumnTransformer([("a", left, [0, 1, 2]), ("b", right, [3, 4, 5, 6])]).fit(X)
        close(run(skl2onnx.to_onnx(columns, X[:1]), X=X)[0], columns.transform(X))

    def test_too_old_an_opset(self, X):
        pipeline = make_pipeline(StandardScaler(), clone(MODELS["plain"])).fit(X)
        with pytest.raises(ValueError, match="set target_opset=20"):
            skl2onnx.to_onnx(pipeline, X[:1], target_opset=15)


def test_the_estimator_is_left_alone(X, recwarn, capfd):
    model = clone(MODELS["float64"]).fit(X)
    before = model.transform(X)
    to_onnx(model)
    assert_array_equal(model.transform(X), before, strict=True)
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_errors(X):
    with pytest.raises(ValueError, match=r"'part' parameter must be one of .* Got 'decode'"):
        to_onnx(clone(MODELS["plain"]).fit(X), "decode")
    with pytest.raises(NotFittedError):
        to_onnx(clone(MODELS["plain"]))


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("onnxscript", "to_onnx(model)"),
        pytest.param("skl2onnx", "register_onnx_converters()", marks=pytest.mark.slow),
    ],
)
def test_missing_packages_are_named_with_the_remedy(package, call):
    code = f"""
import sys
sys.modules[{package!r}] = None
import numpy as np
from skae import AutoencoderTransformer, HiddenFeatures, SupervisedAutoencoder
from skae.persistence import register_onnx_converters, to_onnx
model = AutoencoderTransformer(1, max_iter=1).fit(np.eye(4))
{call}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"{package}: pip install 'skae[onnx]'" in done.stderr
