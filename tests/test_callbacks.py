"""scikit-learn's callbacks, set on an estimator or on whatever is around it."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.callbacks import ReconstructionMonitor
from skae.persistence import load_safetensors, save_safetensors

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 4, "random_state": 0}


def small(**parameters):
    return AutoencoderTransformer(2, **{**SMALL, **parameters})


class Recorder:
    """Keeps what it is told, and what each epoch would have left; stops after an epoch."""

    def __init__(self, last_epoch=None):
        self.last_epoch = last_epoch
        self.told = []
        self.models = []

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.told.append(("begin", context.task_name, context.task_id))
        self.rows = X, y

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.told.append(("end", context.task_name, context.task_id))
        self.models.append(fitted_estimator)
        return context.task_id == self.last_epoch

    @property
    def n_epochs(self):
        return sum(words[:2] == ("end", "epoch") for words in self.told)


@pytest.fixture
def recorder():
    return Recorder()


def test_a_fit_is_one_task_and_each_epoch_one_below_it(recorder, X):
    small(max_iter=2).set_callbacks(recorder).fit(X, "labels")
    assert recorder.told == [
        "setup", ("begin", "fit", 0),
        ("begin", "epoch", 0), ("end", "epoch", 0), ("begin", "epoch", 1), ("end", "epoch", 1),
        ("end", "fit", 0), "teardown",
    ]  # fmt: skip
    assert_array_equal(recorder.rows[0], X)
    assert recorder.rows[1] == "labels"


@pytest.mark.parametrize(
    "model",
    [
        small(),
        small(validation_fraction=0),
        small(learning_rate_init=1.0),
        small(dtype="float64", init="random"),
        DenoisingAutoencoder(2, **SMALL),
    ],
    ids=repr,
)
def test_an_epoch_leaves_what_stopping_there_leaves(model, recorder, X):
    model = clone(model).set_callbacks(recorder).fit(X)
    for epoch, model_then in enumerate(recorder.models[:-1], 1):
        stopping = Recorder(last_epoch=epoch - 1)
        stopped = clone(model).set_callbacks(stopping).fit(X)
        assert stopped.n_iter_ == stopping.n_epochs == epoch
        for name in ("n_iter_", "best_iter_", "loss_curve_"):
            assert getattr(model_then, name) == getattr(stopped, name)
        assert_array_equal(model_then.transform(X), stopped.transform(X))
        assert_array_equal(model_then.reconstruct(X), stopped.reconstruct(X))
    assert_array_equal(recorder.models[-1].transform(X), model.transform(X))


@pytest.mark.parametrize("early_stopping", [False, True])
def test_callbacks_change_nothing(early_stopping, recorder, X):
    model = small(early_stopping=early_stopping, n_iter_no_change=2, tol=10.0)
    watched = clone(model).set_callbacks(recorder, ReconstructionMonitor()).fit(X)
    assert_array_equal(watched.transform(X), model.fit(X).transform(X))
    assert watched.loss_curve_ == model.loss_curve_
    assert recorder.n_epochs == model.n_iter_ == (3 if early_stopping else 4)


def test_a_warm_start_and_a_resumed_fit_tell_their_own_epochs(recorder, X, tmp_path):
    model = small(warm_start=True).set_callbacks(recorder)
    model.fit(X).set_params(max_iter=2).fit(X)
    assert recorder.n_epochs == 4 + 2
    small(checkpoint=tmp_path / "fit").set_callbacks(Recorder(last_epoch=0)).fit(X)
    resuming = Recorder()
    assert small(checkpoint=tmp_path / "fit").set_callbacks(resuming).fit(X).n_iter_ == 4
    assert resuming.n_epochs == 3


def test_a_fit_that_fails_is_torn_down(recorder, X):
    model = small(learning_rate_init=1e30, init="random").set_callbacks(recorder)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(X)
    assert recorder.told[-1] == "teardown"
    assert not model.__sklearn_is_fitted__()


def test_an_error_in_a_callback_is_an_error_of_fit(recorder, X, monkeypatch):
    monkeypatch.setattr(recorder, "on_fit_task_begin", lambda estimator, context: 1 / 0)
    model = small().set_callbacks(recorder)
    with pytest.raises(ZeroDivisionError):
        model.fit(X)
    assert recorder.told == ["setup", "teardown"]
    assert not model.__sklearn_is_fitted__()


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("nested", [False, True], ids=["pipeline", "search"])
def test_a_progress_bar_reaches_through_what_is_around(nested, n_jobs, X, capsys):
    model = make_pipeline(StandardScaler(), small())
    if nested:
        grid = {"autoencodertransformer__n_components": [1, 2]}
        model = GridSearchCV(model, grid, cv=2, n_jobs=n_jobs)
    model.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X)
    printed = capsys.readouterr().out
    assert printed.count("AutoencoderTransformer") == (5 if nested else 1)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_monitor_tells_the_fits_of_a_search_apart(n_jobs, X):
    monitor = ReconstructionMonitor()
    pipeline = make_pipeline(StandardScaler(), small().set_callbacks(monitor))
    grid = {"autoencodertransformer__n_components": [1, 2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=n_jobs).fit(X)
    rows = monitor.get_logs().data
    fits = {row["parent_task_id_path"] for row in rows}
    assert len(rows) == len(fits) * SMALL["max_iter"]
    assert len(fits) == 3 * 2 + 1
    best = search.best_estimator_[-1]
    curves = zip(best.loss_curve_, best.validation_loss_curve_, strict=True)
    recorded = {(row["training_loss"], row["held_out_loss"]) for row in rows}
    assert recorded.issuperset(curves)


def test_the_monitor_without_held_out_rows(X):
    monitor = ReconstructionMonitor()
    model = small(validation_fraction=0).set_callbacks(monitor).fit(X)
    rows = monitor.get_logs().data
    assert [row["training_loss"] for row in rows] == model.loss_curve_
    assert "held_out_loss" not in rows[0]


def test_scores_with_a_y(X):
    monitor = ScoringMonitor(scoring={"share": lambda estimator, X, y: estimator.score(X, y)})
    model = small().set_callbacks(monitor).fit(X, np.zeros(len(X)))
    assert monitor.get_logs().data[0]["share"] == pytest.approx(model.score(X))


def test_pickle_keeps_callbacks_and_a_file_of_data_does_not(X, tmp_path):
    model = small().set_callbacks(ReconstructionMonitor()).fit(X)
    assert len(pickle.loads(pickle.dumps(model))._skl_callbacks) == 1
    save_safetensors(model, tmp_path / "model.safetensors")
    opened = load_safetensors(tmp_path / "model.safetensors")
    assert not hasattr(opened, "_skl_callbacks")
    assert_array_equal(opened.transform(X), model.transform(X))


@pytest.mark.parametrize("callbacks", ["abc", [1], [Recorder], None])
def test_a_state_with_other_callbacks_is_refused(callbacks):
    state = small().__getstate__() | {"_skl_callbacks": callbacks}
    with pytest.raises(ValueError, match="its callbacks are"):
        AutoencoderTransformer().__setstate__(state)
