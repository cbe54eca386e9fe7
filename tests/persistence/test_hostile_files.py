"""What is damaged, forged or foreign gets a clean error within a second, and runs nothing."""

import hashlib
import json
import os
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import clone

import skae._base.state
from skae import AutoencoderTransformer
from skae._tensor_file import read_tensor_file, write_tensor_file
from skae.persistence import load_model, load_safetensors, save_safetensors
from tests.persistence.models import MODELS

N_MUTANTS = int(os.environ.get("SKAE_MUTANTS", 60))


@pytest.mark.parametrize("kind", ["safetensors", "skops", "checkpoint"])
def test_mutants(kind, tmp_path):
    """In a process of its own: a crash of the interpreter would be a failure, not the end."""
    command = [sys.executable, "-m", "tests.persistence.fuzz", kind, str(N_MUTANTS), str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60 + N_MUTANTS,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout.splitlines()[-1])
    print(kind, counts)
    assert counts["mutants"] == N_MUTANTS
    assert counts["refused"] > 0.5 * N_MUTANTS
    assert not counts["wrong"], counts["wrong"]


def forged(state, change):
    """The state with one change, a pair of a path of keys and a value."""
    *keys, last = change[0]
    inner = state = {**state, "weights": dict(state["weights"])}
    for key in keys:
        inner = inner[key]
    if change[1] is KeyError:
        del inner[last]
    else:
        inner[last] = change[1]
    return state


@pytest.fixture
def state(X):
    return clone(MODELS["plain"]).fit(X).__getstate__()


FORGERIES = {
    "no version": (["format_version"], KeyError),
    "version zero": (["format_version"], 0),
    "version of words": (["format_version"], "1"),
    "true as version": (["format_version"], True),
    "a parameter is missing": (["alpha"], KeyError),
    "a method is hidden": (["transform"], 3),
    "a module from outside": (["module_"], 3),
    "an optimiser from outside": (["_optimizer"], 3),
    "no architecture": (["architecture_"], None),
    "an architecture of words": (["architecture_"], "dense"),
    "negative epochs": (["n_iter_"], -1),
    "losses of words": (["loss_curve_"], ["low"]),
    "losses that are infinite": (["loss_curve_"], [float("inf")]),
    "mean of another width": (["mean_"], np.zeros(3, np.float32)),
    "components that are objects": (["components_"], np.full((3, 8), None)),
    "more features than weights": (["n_features_in_"], 10**12),
    "more components than weights": (["_n_features_out"], 10**12),
    "no features": (["n_features_in_"], 0),
    "unknown output": (["output_activation_"], "exp"),
    "a weight is missing": (["weights", "encoder.0.weight"], KeyError),
    "a weight too many": (["weights", "encoder.9.weight"], np.zeros(1, np.float32)),
    "a weight of another shape": (["weights", "encoder.0.weight"], np.zeros((8, 6), np.float32)),
    "half precision": (["weights", "encoder.0.weight"], np.zeros((6, 8), np.float16)),
    "mixed precision": (["weights", "encoder.0.weight"], np.zeros((6, 8))),
    "objects as weights": (["weights", "encoder.0.weight"], np.full((6, 8), None)),
    "a weight that is not a number": (
        ["weights", "encoder.0.weight"], np.full((6, 8), np.nan, np.float32)
    ),
    "weights that are a list": (["weights"], []),
    "names that are numbers": (["weights", 3], np.zeros(1, np.float32)),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_states(forgery, state):
    model = AutoencoderTransformer()
    with pytest.raises(ValueError, match="AutoencoderTransformer"):
        model.__setstate__(forged(state, FORGERIES[forgery]))
    assert not hasattr(model, "module_")


@pytest.mark.parametrize("not_a_state", [None, 3, [], {}, {"weights": {}}])
def test_what_is_no_state(not_a_state):
    with pytest.raises(ValueError, match="format_version"):
        AutoencoderTransformer().__setstate__(not_a_state)


@pytest.mark.parametrize(
    "parameters",
    [
        {"hidden_layer_sizes": (10**9,)},
        {"hidden_layer_sizes": (2**40, 2**40)},
        {"hidden_layer_sizes": "wide"},
        {"hidden_layer_sizes": (-1,)},
        {"activation": "exec"},
    ],
    ids=repr,
)
def test_an_architecture_that_the_weights_do_not_fit_costs_nothing(parameters, state):
    state["architecture_"].set_params(**parameters)
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(ValueError, match="its weights do not fit"):
            AutoencoderTransformer().__setstate__(state)
        assert tracemalloc.get_traced_memory()[1] < 10**7
        assert time.monotonic() - begun < 1
    finally:
        tracemalloc.stop()


class TestVersions:
    def test_a_newer_format_says_what_to_do(self, state):
        state.update(format_version=99, _skae_version="9.9")
        with pytest.raises(ValueError, match=r"skae 9.9 in format 99.*Upgrade skae"):
            AutoencoderTransformer().__setstate__(state)

    def test_an_older_format_is_migrated(self, X, state, monkeypatch):
        expected = clone(MODELS["plain"]).fit(X).transform(X)
        state["width"] = state.pop("n_features_in_")

        def rename(state):
            state["n_features_in_"] = state.pop("width")
            return state

        today = skae._base.state.FORMAT_VERSION
        monkeypatch.setattr(skae._base.state, "FORMAT_VERSION", today + 1)
        monkeypatch.setitem(skae._base.state.MIGRATIONS, today, rename)
        model = AutoencoderTransformer()
        model.__setstate__(state)
        assert_array_equal(model.transform(X), expected)

    def test_another_version_of_skae_is_a_warning(self, state):
        state["_skae_version"] = "0.0.1"
        with pytest.warns(UserWarning, match=r"saved by skae 0.0.1 and is opened by skae"):
            AutoencoderTransformer().__setstate__(state)


class TestSafetensors:
    @pytest.fixture
    def path(self, X, tmp_path):
        save_safetensors(clone(MODELS["denoising, object"]).fit(X), tmp_path / "m.safetensors")
        return tmp_path / "m.safetensors"

    @pytest.mark.parametrize(
        "description",
        [
            None, [], {}, {"class": "Popen", "attributes": {}}, {"class": "AutoencoderTransformer"},
            {"class": "AutoencoderTransformer", "attributes": {"alpha": {"os.system": "true"}}},
            {"class": "AutoencoderTransformer", "attributes": {"alpha": {"tuple": 3}}},
            {"class": "DenoisingAutoencoder", "attributes": {"noise": {"Swap": {"dict": 1}}}},
            {"class": "AutoencoderTransformer", "attributes": {"alpha": {}}},
        ],
        ids=repr,
    )  # fmt: skip
    def test_foreign_descriptions(self, path, description):
        write_tensor_file(path, read_tensor_file(path)[0], description)
        with pytest.raises(ValueError, match="holds no estimator that skae"):
            load_safetensors(path)

    def test_a_header_of_more_bytes_than_there_are(self, path):
        path.write_bytes((2**60).to_bytes(8, "little") + b"{}")
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            load_safetensors(path)

    def test_json_that_is_nested_too_deep(self, path):
        deep = "[" * 100_000
        words = json.dumps(
            {"__metadata__": {"skae": deep, "sha256": hashlib.sha256(deep.encode()).hexdigest()}}
        )
        path.write_bytes(len(words).to_bytes(8, "little") + words.encode())
        with pytest.raises(ValueError, match="nested too deep"):
            load_safetensors(path)

    def test_files_of_others(self, path):
        from safetensors.numpy import save_file

        save_file({"a": np.ones(3)}, path)
        with pytest.raises(ValueError, match="no model or checkpoint of skae"):
            load_safetensors(path)

    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"random_state": np.random.RandomState(0)}, "random_state=RandomState"),
            ({"noise": lambda batch, generator: batch, "noise_level": "auto"}, "noise=<function"),
        ],
    )
    def test_what_is_more_than_data_is_not_saved(self, path, parameters, words):
        before = path.read_bytes()
        with pytest.raises(ValueError, match=words):
            save_safetensors(clone(MODELS["denoising"]).set_params(**parameters), path)
        assert path.read_bytes() == before

    def test_a_class_of_the_users_own(self, path):
        class Mine(AutoencoderTransformer):
            pass

        with pytest.raises(ValueError, match=r"not Mine\. Save a Pipeline or a class of your own"):
            save_safetensors(Mine(), path)


def test_skops_is_not_asked_to_trust_more_than_our_classes(X, tmp_path):
    class Foreign:
        pass

    model = clone(MODELS["plain"]).fit(X)
    model.remark_ = Foreign()
    skops.io.dump(model, tmp_path / "model.skops")
    with pytest.raises(ValueError, match="Untrusted types"):
        load_model(tmp_path / "model.skops")
