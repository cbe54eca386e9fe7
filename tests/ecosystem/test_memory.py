"""Trainings that ``memory=`` keeps, where worker processes make them and some are killed."""

import contextlib
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import joblib
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV

from skae import OrderedAutoencoder
from tests.persistence.models import UsersArchitecture

GRID = {"n_components": [2, 4, 8]}
N_TRAININGS = 3  # two folds, and all rows


class DiesOnce(UsersArchitecture):
    """Kills its process with a signal, once, when the first training is kept."""

    def __init__(self, folder):
        self.folder = str(folder)

    def build(self, *given):
        dead = Path(self.folder) / "dead"
        if kept(self.folder) and not dead.exists():
            dead.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().build(*given)


def kept(folder):
    """The trainings in a folder, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in Path(folder).rglob("output.pkl")}


@pytest.fixture(params=["loky", "dask"])
def workers(request):
    """Two processes, and what becomes of a search if one of them is killed."""
    if request.param == "loky":
        with joblib.parallel_config("loky", n_jobs=2):
            yield pytest.raises(TerminatedWorkerError)
        return
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        # It goes on with another worker, unless rows that were scattered are lost.
        yield contextlib.suppress(distributed.client.FutureCancelledError)


def make_search(memory, **parameters):
    model = OrderedAutoencoder(
        memory=memory, max_components=8, max_iter=3, random_state=0, **parameters
    )
    return GridSearchCV(model, GRID, cv=2)


def assert_scores(search, X, **parameters):
    with joblib.parallel_config("sequential"):
        expected = make_search(None, **parameters).fit(X)
    assert_allclose(
        search.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"], rtol=1e-5
    )
    assert search.best_params_ == expected.best_params_ == {"n_components": 8}
    assert_allclose(search.transform(X), expected.transform(X), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("solver", ["auto", "adamw"])
def test_workers_train_once_for_each_fold(solver, workers, X, tmp_path):
    search = make_search(str(tmp_path), solver=solver).fit(X)
    trainings = kept(tmp_path)
    assert len(trainings) == N_TRAININGS
    assert_scores(search, X, solver=solver)
    make_search(str(tmp_path), solver=solver).fit(X)
    assert kept(tmp_path) == trainings


def test_a_second_folder_of_one_process_keeps_as_much_as_its_first(X, tmp_path):
    for folder in ("first", "second"):
        make_search(str(tmp_path / folder)).fit(X)
    before = kept(tmp_path)
    assert len(before) == 2 * N_TRAININGS
    for folder in ("first", "second"):
        with ProcessPoolExecutor(1, get_context("spawn")) as another_process:
            another_process.submit(make_search(str(tmp_path / folder)).fit, X).result()
        assert kept(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_trainings_that_were_kept_before_a_worker_was_killed_are_not_done_again(
    workers, X, tmp_path
):
    search = make_search(str(tmp_path), architecture=DiesOnce(tmp_path))
    with workers:
        search.fit(X)
    assert (tmp_path / "dead").exists()
    before = kept(tmp_path)
    assert 1 <= len(before) <= N_TRAININGS
    search.fit(X)
    after = kept(tmp_path)
    assert len(after) == N_TRAININGS
    assert before.items() <= after.items()
    assert_scores(search, X, architecture=DiesOnce(tmp_path))
