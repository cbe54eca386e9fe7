import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.persistence import SKOPS_TRUSTED_TYPES

mlflow = pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    yield
    mlflow.sklearn.autolog(disable=True)


def test_a_run_has_parameters_curve_and_model(run_recipe, X):
    names = run_recipe("A record of runs")
    pipeline, loaded = names["pipeline"], names["loaded"]
    assert_array_equal(loaded.transform(X), pipeline.transform(X))
    assert_array_equal(
        loaded.inverse_transform(loaded.transform(X)),
        pipeline.inverse_transform(pipeline.transform(X)),
    )
    run_id = names["run"].info.run_id
    run = mlflow.get_run(run_id)
    assert run.data.params["autoencodertransformer__n_components"] == "8"
    assert run.data.metrics["explained_share"] == pytest.approx(pipeline.score(X))
    history = mlflow.MlflowClient().get_metric_history(run_id, "held_out_loss")
    assert [metric.value for metric in history] == pipeline[-1].validation_loss_curve_


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder])
def test_a_model_comes_back_equal(kind, X):
    model = kind(4, hidden_layer_sizes=(16,), max_iter=2, random_state=0).fit(X)
    saved = mlflow.sklearn.log_model(model, name="model", skops_trusted_types=SKOPS_TRUSTED_TYPES)
    loaded = mlflow.sklearn.load_model(saved.model_uri)
    assert_array_equal(loaded.reconstruct(X), model.reconstruct(X))
    assert loaded.get_params() == model.get_params()


def test_autologged_models_come_back_equal(X):
    mlflow.sklearn.autolog()
    with mlflow.start_run():
        pipeline = make_pipeline(
            StandardScaler(), AutoencoderTransformer(4, max_iter=2, random_state=0)
        ).fit(X)
    loaded = mlflow.sklearn.load_model(mlflow.last_logged_model().model_uri)
    assert_array_equal(loaded.transform(X), pipeline.transform(X))
