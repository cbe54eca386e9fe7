"""Linear directions of a target: the ridge regression that finds them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler

from skae._linear.directions import PENALTIES, directions_of_classes, directions_of_numbers


def table(n_samples, n_features, noise, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features)) * 10.0 ** rng.uniform(-3, 3, n_features)
    X += 5 * X.std(axis=0)
    coefficients = rng.normal(size=(n_features, 2)) / X.std(axis=0)[:, None]
    return X, X @ coefficients + noise * rng.normal(size=(n_samples, 2))


@pytest.mark.parametrize("n_features", [3, 60, 200])
@pytest.mark.parametrize("noise", [1e-3, 1.0, 30.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_have_the_directions_of_ridge_cv(n_features, noise, weighted):
    X, Y = table(120, n_features, noise)
    weights = np.random.default_rng(1).uniform(0.5, 2, 120) if weighted else np.ones(120)
    scaler = StandardScaler().fit(X, sample_weight=weights)
    ridge = RidgeCV(alphas=PENALTIES * weights.sum()).fit(scaler.transform(X), Y, weights)
    expected = ridge.coef_.T / scaler.scale_[:, None]
    found = directions_of_numbers(X, Y, weights, seed=0)
    assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("find", [directions_of_numbers, directions_of_classes])
@pytest.mark.parametrize("as_rows", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_a_column_is_scaled_by_what_rows_count(find, as_rows):
    X, Y = table(60, 3, 30.0)
    y = Y if find is directions_of_numbers else (Y[:, 0] > np.median(Y[:, 0])).astype(int)
    counts = np.arange(60) < 30
    weighted = find(as_rows(X), y, np.where(counts, 1.0, 1e-9), 0)
    alone = find(as_rows(X[:30]), y[:30], np.ones(30), 0)
    assert_allclose(weighted, alone, rtol=1e-3, atol=1e-3 * np.abs(alone).max())


def test_a_constant_column_tells_nothing():
    X, Y = table(50, 3, 1.0)
    X[:, 1] = 7.0
    assert (directions_of_numbers(X, Y, np.ones(50), seed=0)[1] == 0).all()


def test_equal_rows_have_no_direction():
    directions = directions_of_numbers(np.ones((10, 3)), np.arange(10.0)[:, None], np.ones(10), 0)
    assert_allclose(directions, 0)


def test_sparse_rows_have_nearly_those_of_dense_ones():
    X, Y = table(300, 5, 1.0)
    X[np.random.default_rng(2).random(X.shape) < 0.5] = 0
    dense, of_sparse = (
        directions_of_numbers(rows, Y, np.ones(300), seed=0) for rows in (X, sparse.csr_array(X))
    )
    assert_allclose(of_sparse, dense, rtol=1e-3, atol=1e-3 * np.abs(dense).max())
