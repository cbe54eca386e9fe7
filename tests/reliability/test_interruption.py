"""Ctrl-C and diverging training, as a user meets them."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer

SETUP = """
import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skae import AutoencoderTransformer
X = np.random.default_rng(0).normal(size=(2000, 30)).astype(np.float32)
model = AutoencoderTransformer(3, hidden_layer_sizes=(256,), random_state=0)
"""
FIT = """
model.set_params(max_iter=100_000, verbose=1)
try:
    model.fit(X)
except KeyboardInterrupt:
    print("fitted", model.n_iter_, len(model.loss_curve_), np.isfinite(model.transform(X)).all())
"""
PARTIAL_FIT = """
twin = clone(model).fit(X[:100])
model.fit(X[:100])
print("Epoch")
try:
    while True:
        model.partial_fit(X)
except KeyboardInterrupt:
    while twin.n_iter_ < model.n_iter_:
        twin.partial_fit(X)
    print("kept", (model.transform(X) == twin.transform(X)).all())
"""
SEARCH = """
model.set_params(max_iter=100_000, verbose=1)
try:
    GridSearchCV(model, {"n_components": [1, 2, 3]}, cv=2).fit(X)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize(
    ("task", "words"),
    [
        (FIT, "fitted"),
        pytest.param(PARTIAL_FIT, "kept", marks=pytest.mark.slow),
        pytest.param(SEARCH, "stopped", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c(task, words):
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", SETUP + task], stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        if line.startswith("Epoch"):
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=30)
    last = printed.splitlines()[-1].split()
    assert process.returncode == 0
    assert last[0] == words
    if words == "fitted":
        n_iter, n_losses, finite = last[1:]
        assert int(n_iter) == int(n_losses) >= 1
        assert finite == "True"
    elif words == "kept":
        assert last[1] == "True"


@pytest.mark.parametrize(
    ("validation_fraction", "early_stopping"), [(0.1, True), (0.1, False), (0, False)]
)
def test_divergence_names_epoch_loss_and_remedy(validation_fraction, early_stopping, X):
    model = AutoencoderTransformer(
        2, learning_rate_init=1e30, init="random", early_stopping=early_stopping,
        validation_fraction=validation_fraction,
    )  # fmt: skip
    words = r"the (training|held-out) loss of epoch \d+ is (nan|inf)\. Lower learning_rate_init"
    with pytest.raises(ValueError, match=words):
        model.fit(X)
    assert not model.__sklearn_is_fitted__()


def test_divergence_in_a_search_is_a_failed_candidate(X):
    model = AutoencoderTransformer(2, hidden_layer_sizes=(8,), max_iter=2, init="random")
    search = GridSearchCV(model, {"learning_rate_init": [1e30, 1e-3]}, cv=2)
    with pytest.warns(FitFailedWarning, match="diverged"):
        search.fit(X)
    assert np.isnan(search.cv_results_["mean_test_score"][0])
    assert search.best_params_ == {"learning_rate_init": 1e-3}


@pytest.mark.parametrize("change", [{"learning_rate_init": 1e30}, {"n_components": 5}])
def test_a_failed_partial_fit_leaves_the_model(change, X):
    model = AutoencoderTransformer(2, hidden_layer_sizes=(8,), random_state=0).partial_fit(X)
    codes, n_iter = model.transform(X), model.n_iter_
    with pytest.raises(ValueError, match=r"diverged|goes on with a model"):
        model.set_params(**change).partial_fit(X)
    np.testing.assert_array_equal(model.transform(X), codes, strict=True)
    assert model.n_iter_ == n_iter
