"""A fit with a checkpoint, killed at any moment and called again, ends with the same bits."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone

from skae import AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder
from skae._tensor_file import read_tensor_file, write_tensor_file
from skae._training.checkpoint import CHECKPOINT_VERSION, Checkpoint
from skae.persistence import save_safetensors

N_KILLS = int(os.environ.get("SKAE_KILLS", 2))
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 6, "random_state": 0}


def small(**parameters):
    return AutoencoderTransformer(2, **{**SMALL, **parameters})


class InterruptionError(Exception):
    pass


def interrupt_after(epoch, monkeypatch):
    """Make the next fit fail once its file of that epoch is written."""
    write = Checkpoint.on_epoch_end

    def write_and_fail(self, net, **kwargs):
        write(self, net, **kwargs)
        if len(net.history) == epoch:
            monkeypatch.setattr(Checkpoint, "on_epoch_end", write)
            raise InterruptionError

    monkeypatch.setattr(Checkpoint, "on_epoch_end", write_and_fail)


def assert_same_fit(model, expected, X):
    assert_array_equal(model.transform(X), expected.transform(X))
    assert_array_equal(model.reconstruct(X), expected.reconstruct(X))
    for name in ("loss_curve_", "n_iter_", "best_iter_"):
        assert getattr(model, name) == getattr(expected, name)
    if isinstance(model, OrderedAutoencoder):
        assert_array_equal(model.explained_variance_ratio_, expected.explained_variance_ratio_)
    if model.validation_fraction:
        assert model.validation_loss_curve_ == expected.validation_loss_curve_
        assert model.initial_validation_loss_ == expected.initial_validation_loss_


@pytest.mark.parametrize(
    "model",
    [
        small(),
        small(solver="adamw", alpha=1e-3),
        small(solver="sgd"),
        small(init="random", loss="huber"),
        small(validation_fraction=0),
        small(shuffle=False, learning_rate="constant"),
        small(early_stopping=True, n_iter_no_change=2, tol=10.0, max_iter=50),
        small(dtype="float64"),
        DenoisingAutoencoder(2, noise="gaussian", **SMALL),
        DenoisingAutoencoder(2, noise="swap", **SMALL),
        OrderedAutoencoder(3, **SMALL),
        OrderedAutoencoder(0.9, **SMALL),
    ],
    ids=repr,
)
@pytest.mark.parametrize("epoch", [1, 3])
def test_resumed_is_uninterrupted(model, epoch, X, tmp_path, monkeypatch):
    expected = clone(model).fit(X)
    resumed = clone(model).set_params(checkpoint=tmp_path / "fit")
    interrupt_after(epoch, monkeypatch)
    with pytest.raises(InterruptionError):
        resumed.fit(X)
    assert not hasattr(resumed, "module_")
    assert_same_fit(clone(resumed).fit(X), expected, X)


@pytest.mark.parametrize(
    ("parameters", "n_iter"),
    [({"early_stopping": True, "n_iter_no_change": 2, "tol": 10.0, "max_iter": 50}, 3),
     ({"max_iter": "auto"}, 67)],
    ids=["early_stopping", "no gain over the start"],
)  # fmt: skip
def test_a_fit_that_stopped_stops_again_there(parameters, n_iter, tmp_path):
    X = np.random.default_rng(0).normal(size=(200, 4)) * [9, 3, 1, 1]
    stopping = small(checkpoint=tmp_path / "fit").set_params(**parameters)
    first = clone(stopping).fit(X)
    assert first.n_iter_ == n_iter
    assert_same_fit(clone(stopping).fit(X), first, X)


def test_a_finished_fit_is_not_trained_again(X, tmp_path, monkeypatch):
    first = small(checkpoint=tmp_path / "fit").fit(X)
    monkeypatch.setattr("skae._training.net.train_epoch", None)
    assert_same_fit(small(checkpoint=tmp_path / "fit").fit(X), first, X)


def test_without_a_seed_that_of_the_file_goes_on(X, tmp_path, monkeypatch):
    model = small(random_state=None, checkpoint=tmp_path / "fit")
    interrupt_after(2, monkeypatch)
    with pytest.raises(InterruptionError):
        model.fit(X)
    _, record = read_tensor_file(tmp_path / "fit")
    assert_same_fit(
        clone(model).fit(X), small(random_state=None, checkpoint=tmp_path / "fit").fit(X), X
    )
    assert read_tensor_file(tmp_path / "fit")[1]["seed"] == record["seed"]


@pytest.mark.parametrize("convert", [np.asfortranarray, sparse.csr_array, np.ndarray.tolist])
def test_other_containers_of_the_rows(convert, X, tmp_path, monkeypatch):
    expected = small().fit(convert(X))
    interrupt_after(2, monkeypatch)
    model = small(checkpoint=tmp_path / "fit")
    with pytest.raises(InterruptionError):
        model.fit(convert(X))
    assert_same_fit(model.fit(convert(X)), expected, X)


def test_a_warm_start_is_resumed_too(X, tmp_path, monkeypatch):
    def warm(**parameters):
        return small(warm_start=True).fit(X).set_params(**parameters)

    expected = warm(max_iter=4).fit(X)
    interrupt_after(2, monkeypatch)
    model = warm(max_iter=4, checkpoint=tmp_path / "fit")
    before = model.transform(X)
    with pytest.raises(InterruptionError):
        model.fit(X)
    assert_array_equal(model.transform(X), before)
    assert_same_fit(warm(max_iter=4, checkpoint=tmp_path / "fit").fit(X), expected, X)


@pytest.mark.parametrize(("every", "epochs"), [(1, [1, 2, 3, 4, 5, 6]), (4, [4, 6]), (9, [6])])
def test_frequency(every, epochs, X, tmp_path, monkeypatch):
    written = []

    def record(path, arrays, description):
        written.append(len(description["history"]))

    monkeypatch.setattr("skae._training.checkpoint.write_tensor_file", record)
    small(checkpoint=(tmp_path / "fit", every)).fit(X)
    assert written == epochs


class TestRefusals:
    @pytest.fixture
    def path(self, X, tmp_path):
        small(checkpoint=tmp_path / "fit").fit(X)
        return tmp_path / "fit"

    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"max_iter": 7}, r"max_iter=6 \(now 7\).*Delete it"),
            ({"random_state": 1}, r"random_state=0 \(now 1\)"),
            ({"alpha": 0.5, "solver": "sgd"}, r"alpha='auto' \(now 0.5\).*solver='auto'"),
        ],
    )
    def test_other_parameters(self, path, X, parameters, words):
        with pytest.raises(ValueError, match=words):
            small(checkpoint=path, **parameters).fit(X)

    def test_other_rows(self, path, X):
        with pytest.raises(ValueError, match="belongs to another fit, with other data"):
            small(checkpoint=path).fit(X[::-1])

    def test_other_estimator(self, path, X):
        with pytest.raises(ValueError, match="belongs to another fit"):
            DenoisingAutoencoder(2, checkpoint=path, **SMALL).fit(X)

    def test_other_files(self, path, X):
        save_safetensors(small().fit(X), path)
        with pytest.raises(ValueError, match="is not a checkpoint"):
            small(checkpoint=path).fit(X)
        path.write_text("notes")
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            small(checkpoint=path).fit(X)

    def test_newer_format(self, path, X):
        arrays, record = read_tensor_file(path)
        write_tensor_file(path, arrays, {**record, "format_version": CHECKPOINT_VERSION + 1})
        with pytest.raises(ValueError, match=r"in format \d+, this version resumes format \d+"):
            small(checkpoint=path).fit(X)

    def test_a_refused_fit_leaves_the_model(self, path, X):
        model = small().fit(X)
        codes = model.transform(X)
        with pytest.raises(ValueError, match="another fit"):
            model.set_params(checkpoint=path, max_iter=9).fit(X)
        assert_array_equal(model.transform(X), codes)

    def test_folder_that_is_not_there(self, X, tmp_path):
        with pytest.raises(ValueError, match=r"folder of checkpoint=.*does not exist"):
            small(checkpoint=tmp_path / "no" / "fit").fit(X)

    @pytest.mark.parametrize("value", [3, "", ("fit",), ("fit", 0), ("fit", 1.5), (3, 3)])
    def test_wrong_parameter(self, value, X):
        with pytest.raises(ValueError, match="'checkpoint' parameter"):
            small(checkpoint=value).fit(X)

    def test_a_function_without_a_name(self, X, tmp_path):
        noise = lambda batch, generator: batch  # noqa: E731
        model = DenoisingAutoencoder(2, noise=noise, checkpoint=tmp_path / "fit", **SMALL)
        with pytest.raises(ValueError, match="parameters that can be pickled"):
            model.fit(X)


@pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
def test_a_failing_write_leaves_the_old_file_and_no_other(step, tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_tensor_file(path, {"a": np.ones(3)}, "old")

    def fail(*args):
        raise OSError("no space left")

    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="no space left"):
        write_tensor_file(path, {"a": np.zeros(3)}, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert read_tensor_file(path)[1] == "old"


FIT = """
import sys
import numpy as np
import skae

X = np.random.default_rng(0).normal(size=(600, 30)).astype(np.float32)
kind, checkpoint, output = sys.argv[1:]
model = getattr(skae, kind)(
    4, hidden_layer_sizes=(256, 128), max_iter=30, random_state=0, checkpoint=checkpoint or None
)
print("fitting", flush=True)
model.fit(X)
np.savez(output, rows=model.reconstruct(X), losses=model.loss_curve_)
"""


def start(kind, checkpoint, output):
    process = subprocess.Popen(
        [sys.executable, "-c", FIT, kind, str(checkpoint), str(output)],
        stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.stdout.readline() == b"fitting\n"
    return process


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["DenoisingAutoencoder", "OrderedAutoencoder"])
def test_killed_fits_end_with_the_same_bits(kind, tmp_path):
    process = start(kind, "", tmp_path / "expected.npz")
    begun = time.monotonic()
    assert process.wait() == 0
    seconds = time.monotonic() - begun
    expected = np.load(tmp_path / "expected.npz")
    moments = random.Random(0)
    n_killed = 0
    for number in range(10 * N_KILLS):
        # A fit that ended before it could be killed is not one of them.
        if n_killed == N_KILLS:
            break
        checkpoint, output = tmp_path / f"fit{number}", tmp_path / f"rows{number}.npz"
        process = start(kind, checkpoint, output)
        time.sleep(moments.uniform(0, 0.7) * seconds)
        process.send_signal(signal.SIGKILL)
        n_killed += process.wait() == -signal.SIGKILL
        assert start(kind, checkpoint, output).wait() == 0
        resumed = np.load(output)
        assert_array_equal(resumed["rows"], expected["rows"])
        assert_array_equal(resumed["losses"], expected["losses"])
    print(f"{n_killed} fits killed and resumed")
    assert n_killed == N_KILLS


@pytest.mark.slow
def test_a_file_is_whole_at_any_time(tmp_path):
    """Killed again and again while it does nothing but write, the file is the old or the new."""
    path = tmp_path / "file"
    code = (
        "import itertools, sys, numpy as np\n"
        "from skae._tensor_file import write_tensor_file\n"
        "for n in itertools.count():\n"
        "    write_tensor_file(sys.argv[1], {'a': np.full(10**6, n)}, n)\n"
        "    if n == 0: print('writing', flush=True)\n"
    )
    moments = random.Random(0)
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"writing\n"
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        process.wait()
        arrays, number = read_tensor_file(path)
        assert (arrays["a"] == number).all()
