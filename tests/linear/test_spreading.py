"""Classes of rows without one: from neighbours, where hidden classes say that these tell more."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_wine, make_moons

from skae._linear.spreading import spread_classes


def moons(n_known, n=400):
    X, y = make_moons(n, noise=0.08, random_state=0)
    given = np.full(n, -1)
    given[:n_known] = y[:n_known]
    return X, y, given


@pytest.mark.parametrize("as_rows", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_classes_follow_a_curve_that_no_line_follows(as_rows):
    X, y, given = moons(40)
    spread = spread_classes(as_rows(X), given)
    found = spread >= 0
    assert found.mean() > 0.8
    assert (spread[found] == y[found]).mean() > 0.97
    np.testing.assert_array_equal(spread[:40], y[:40])


def test_rows_out_of_reach_stay_without_a_class():
    X, _, given = moons(40)
    far = np.random.default_rng(0).normal(1e3, 1, size=(50, 2))
    spread = spread_classes(np.vstack([X, far]), np.append(given, np.full(50, -1)))
    assert (spread[400:] == -1).all()
    assert (spread[:400] >= 0).mean() > 0.8


def test_rows_that_do_not_vary_have_no_neighbours():
    given = np.repeat([0, 1, -1], [15, 15, 70])
    np.testing.assert_array_equal(spread_classes(np.ones((100, 3)), given), given)


@pytest.mark.filterwarnings("error")
def test_units_of_columns_cost_no_warning():
    X, y = load_wine(return_X_y=True)
    given = np.where(np.random.default_rng(0).random(len(y)) < 0.25, y, -1)
    known = given >= 0
    np.testing.assert_array_equal(spread_classes(X, given)[known], y[known])


def linear(rng, X):
    return (X[:, 0] + rng.normal(0, 0.5, len(X)) > 0).astype(int)


def chance(rng, X):
    return rng.integers(2, size=len(X))


def one_row_alone(rng, X):
    return (np.arange(len(X)) == 3).astype(int)


@pytest.mark.parametrize("target", [linear, chance, one_row_alone])
def test_neighbours_have_to_tell_more_than_a_linear_model(target):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 8))
    given = target(rng, X)
    given[100:] = -1
    assert spread_classes(X, given) is given


@pytest.mark.parametrize("n_known", [19, 201], ids=["too few", "more than half"])
def test_so_many_classes_are_left_as_they_are(n_known):
    X, _, given = moons(n_known)
    assert spread_classes(X, given) is given
