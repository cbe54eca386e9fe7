"""The family grows by small files: the example of the documentation does all that ours do."""

import copy
import inspect
from pathlib import Path

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests import new_estimator
from tests.new_estimator import SparseAutoencoder, SparseObjective
from tests.persistence.models import WAYS
from tests.test_sklearn_conformance import not_in_mini_batches

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}


@parametrize_with_checks(
    [SparseAutoencoder(max_iter=5)], expected_failed_checks=not_in_mini_batches
)
def test_check_estimator(estimator, check):
    check(estimator)


def test_it_is_small():
    lines = inspect.getsource(new_estimator).splitlines()
    assert len(lines) < 60


def test_the_page_shows_the_file_as_it_is():
    page = (Path(__file__).parents[2] / "docs" / "new_estimator.md").read_text()
    for kind in (new_estimator.SoftThreshold, SparseObjective, SparseAutoencoder):
        assert inspect.getsource(kind).strip() in page


def test_the_module_is_its_own(X):
    codes = SparseAutoencoder(4, **SMALL).fit_transform(X)
    assert 0 < (codes == 0).mean() < 1


def test_the_loss_is_its_own_for_a_batch_and_for_rows(X):
    model = SparseAutoencoder(4, penalty=0.0, **SMALL).fit(X)
    dear = clone(model).set_params(penalty=1.0).fit(X)
    assert dear.share_of_zeros_ > model.share_of_zeros_ + 0.1
    assert dear.initial_validation_loss_ > model.initial_validation_loss_


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"by_safetensors"}))
def test_it_is_saved(way, X, tmp_path):
    model = SparseAutoencoder(3, penalty=0.1, **SMALL).fit(X)
    again = WAYS[way](model, tmp_path)
    assert type(again) is SparseAutoencoder
    assert_array_equal(again.transform(X), model.transform(X))
    assert again.share_of_zeros_ == model.share_of_zeros_
    assert again.penalty == 0.1


def test_what_it_adds_is_checked_in_a_file(X):
    state = SparseAutoencoder(3, **SMALL).fit(X).__getstate__()
    with pytest.raises(ValueError, match="share_of_zeros_ must be a number >= 0"):
        SparseAutoencoder().__setstate__({**state, "share_of_zeros_": "many"})
    del state["share_of_zeros_"]
    with pytest.raises(ValueError, match="share_of_zeros_ must be"):
        SparseAutoencoder().__setstate__(state)


def test_wrong_values_of_its_parameter_are_named(X):
    with pytest.raises(ValueError, match="'penalty' parameter of SparseAutoencoder must be a numb"):
        SparseAutoencoder(penalty=-1).fit(X)


@pytest.mark.slow
def test_in_worker_processes(X):
    model = SparseAutoencoder(3, **SMALL)
    expected = clone(model).fit(X).transform(X)
    fits = Parallel(n_jobs=2)(delayed(copy.deepcopy(model).fit)(X) for _ in range(2))
    for fitted in fits:
        np.testing.assert_allclose(fitted.transform(X), expected, rtol=1e-4, atol=1e-5)
