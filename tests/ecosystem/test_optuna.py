import os
import signal
import subprocess
import sys
import time

import pytest

optuna = pytest.importorskip("optuna")
from optuna.storages import JournalStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402
from optuna.trial import TrialState  # noqa: E402

from skae import AutoencoderTransformer  # noqa: E402


def test_a_pruned_trial_is_a_fit_that_stopped(run_recipe, X):
    study = run_recipe("Hopeless fits stopped")["study"]
    by_state = {state: study.get_trials(states=[state]) for state in TrialState}
    complete, pruned = by_state[TrialState.COMPLETE], by_state[TrialState.PRUNED]
    assert len(complete) + len(pruned) == 12
    assert complete
    assert pruned
    assert all(len(trial.intermediate_values) == 20 for trial in complete)
    assert all(4 < len(trial.intermediate_values) < 20 for trial in pruned)
    best = study.best_trial
    model = AutoencoderTransformer(
        best.params["n_components"], hidden_layer_sizes=(best.params["width"],), max_iter=20,
        random_state=0,
    ).fit(X)  # fmt: skip
    price = 0.1 * best.params["n_components"]
    assert best.value == pytest.approx(min(model.validation_loss_curve_) + price)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_study_outlives_a_killed_worker(recipe, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text(recipe("A search that outlives its workers"))

    def start():
        return subprocess.Popen(
            [sys.executable, worker], cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )

    def trials(*states):
        storage = JournalStorage(JournalFileBackend(str(tmp_path / "study.log")))
        return optuna.load_study(study_name="skae", storage=storage).get_trials(states=states)

    killed = start()
    while not (tmp_path / "study.log").exists() or b"trial" not in log(tmp_path):
        assert killed.poll() is None
        time.sleep(0.05)
    while not (trials(TrialState.COMPLETE) and trials(TrialState.RUNNING)):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    n_complete, abandoned = len(trials(TrialState.COMPLETE)), trials(TrialState.RUNNING)
    assert n_complete < 8
    assert len(abandoned) <= 1

    assert start().wait(timeout=300) == 0
    complete = trials(TrialState.COMPLETE)
    assert len(complete) == 8
    assert [t.number for t in trials(TrialState.RUNNING)] == [t.number for t in abandoned]
    values = {}
    for trial in complete:
        assert values.setdefault(trial.params["n_components"], trial.value) == trial.value


def log(folder):
    return (folder / "study.log").read_bytes()
