"""Fits and transforms leave everything else alone, and each other."""

import gc
import random
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skae import AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder
from skae.architectures import ConvArchitecture

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
DIVERGING = {"learning_rate_init": 1e30, "init": "random"}
MODELS = {
    "plain": AutoencoderTransformer(2, **SMALL),
    "denoising": DenoisingAutoencoder(2, noise="swap", **SMALL),
    "mixed": AutoencoderTransformer(2, precision="mixed", **SMALL),
    "convolutional": AutoencoderTransformer(
        2, architecture=ConvArchitecture((2, 4), (3,)), max_iter=3, random_state=0
    ),
    "ordered": OrderedAutoencoder(2, **SMALL),
}


@pytest.fixture(params=MODELS)
def model(request):
    return clone(MODELS[request.param])


@pytest.fixture
def hasty_threads():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_eight_threads_are_one(model, X, hasty_threads):
    fitted = clone(model).fit(X)
    expected = fitted.transform(X)
    with ThreadPoolExecutor(8) as pool:
        fits = [pool.submit(lambda: clone(model).fit(X).transform(X)) for _ in range(8)]
        transforms = [pool.submit(fitted.transform, X) for _ in range(40)]
        for job in fits + transforms:
            assert_array_equal(job.result(), expected)


def test_inference_changes_nothing_on_the_estimator(model, X):
    model.fit(X)
    before = {name: repr(value) for name, value in vars(model).items()}
    weights = {name: value.clone() for name, value in model.module_.state_dict().items()}
    codes = model.transform(X)
    for call in (model.reconstruct, model.score, model.score_samples):
        call(X)
    model.inverse_transform(codes)
    assert {name: repr(value) for name, value in vars(model).items()} == before
    for name, value in model.module_.state_dict().items():
        assert torch.equal(value, weights[name])


def global_state():
    return {
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "grad": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "precision": torch.get_float32_matmul_precision(),
        "torch": torch.get_rng_state().tolist(),
        "numpy": np.random.get_state()[1].tolist(),
        "python": random.getstate(),
        "filters": list(warnings.filters),
        "errors": np.geterr(),
    }


def test_global_state_is_untouched(model, X):
    before = global_state()
    model.fit(X).partial_fit(X).transform(X)
    known = model.get_params()  # an ordered model has one start alone
    model.set_params(**{name: DIVERGING[name] for name in DIVERGING if name in known})
    with pytest.raises(ValueError, match="diverged"):
        model.fit(X)
    assert global_state() == before


@pytest.mark.parametrize(
    ("change", "value", "restore"),
    [
        (torch.set_default_dtype, torch.float64, torch.float32),
        (torch.set_default_device, "meta", "cpu"),
        (torch.set_float32_matmul_precision, "highest", "highest"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_torch_defaults_of_the_user_make_no_difference(change, value, restore, model, X):
    expected = clone(model).fit(X).partial_fit(X).transform(X)
    change(value)
    try:
        codes = clone(model).fit(X).partial_fit(X).transform(X)
    finally:
        change(restore)
    assert_array_equal(codes, expected, strict=True)


@pytest.mark.parametrize("without_gradients", [torch.no_grad, torch.inference_mode])
def test_fits_where_the_user_has_turned_gradients_off(without_gradients, model, X):
    expected = clone(model).fit(X).partial_fit(X).transform(X)
    with without_gradients():
        codes = clone(model).fit(X).partial_fit(X).transform(X)
    assert_array_equal(codes, expected)


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_a_hundred_fits_leak_nothing(X):
    def modules():
        gc.collect()
        return sum(isinstance(thing, torch.nn.Module) for thing in gc.get_objects())

    model = AutoencoderTransformer(2, hidden_layer_sizes=(256,), max_iter=1, random_state=0)
    for _ in range(20):
        model.fit(X)
    n_modules, n_bytes = modules(), resident_bytes()
    for _ in range(100):
        model.fit(X)
    assert modules() == n_modules
    assert resident_bytes() - n_bytes < 20e6


# Not ru_maxrss: a process begins with that of the one which started it.
PEAK = """
def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
"""

TRANSFORM = """
import sys
import numpy as np
from skae import AutoencoderTransformer

n = int(sys.argv[1])
model = AutoencoderTransformer(2, hidden_layer_sizes=(512,), max_iter=1, random_state=0)
model.fit(np.random.default_rng(0).normal(size=(500, 64)).astype(np.float32))
X = np.zeros((n, 64), np.float32)
X += 1
model.transform(X[:70_000])
before = peak()
model.transform(X)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")
def test_memory_of_transform_is_bounded_by_the_batch():
    command = [sys.executable, "-c", PEAK + TRANSFORM, "1000000"]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # The codes of a million rows are 8 MB; their hidden layers would be 2 GB.
    assert grown < 60e6


FIT = """
import numpy as np
from skae import AutoencoderTransformer

X = np.random.default_rng(0).standard_normal((200_000, 256), np.float32)
model = AutoencoderTransformer(2, hidden_layer_sizes=(16,), batch_size=1024, max_iter=1)
model.fit(X[:20_000])
before = peak()
model.fit(X)
print((peak() - before) / X.nbytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")
def test_fit_makes_no_copy_of_rows_that_are_float32_already():
    grown = subprocess.run(
        [sys.executable, "-c", PEAK + FIT], capture_output=True, text=True, check=True
    )
    assert float(grown.stdout) < 0.5


def test_memory_that_runs_out_is_said_in_gigabytes(X):
    model = AutoencoderTransformer(2, hidden_layer_sizes=(10**7, 10**7), max_iter=1)
    with pytest.raises(MemoryError, match=r"fit ran out of memory: it needed 400,000.0 GB"):
        model.fit(X)
    assert not model.__sklearn_is_fitted__()
