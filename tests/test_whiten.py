"""Codes in the units of the data, as PCA leaves them, and whitened ones."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.decomposition import PCA

from skae import AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder

START = {"max_iter": 1, "learning_rate_init": 1e-12, "hidden_layer_sizes": (4,), "random_state": 0}
"""A rate of almost nothing leaves a model where it starts."""

RNG = np.random.default_rng(0)
CURVE = np.repeat(RNG.normal(size=(200, 1)), 6, axis=1) ** np.arange(1, 7)
TABLES = {
    "rows": RNG.normal(size=(300, 8)) * np.arange(8, 0, -1),
    "far from zero": RNG.normal(size=(300, 4)) * [4, 3, 2, 1] + [0, 1e9, -5, 1e3],
    "sparse": sparse.random_array((200, 30), density=0.2, rng=1, format="csr"),
    "wide": RNG.normal(size=(40, 5)) * [5, 4, 3, 2, 1] @ RNG.normal(size=(5, 2500)),
    "wide, sparse": sparse.random_array((60, 2500), density=0.1, rng=2, format="csr"),
    "tiny units": 1e-20 * RNG.normal(size=(200, 5)) * [5, 4, 3, 2, 1],
    "huge units": 1e20 * RNG.normal(size=(200, 5)) * [5, 4, 3, 2, 1],
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_code_of_the_start_is_that_of_pca(table, dtype):
    X = TABLES[table]
    codes = AutoencoderTransformer(3, dtype=dtype, **START).fit(X).transform(X)
    expected = PCA(3, svd_solver="arpack" if sparse.issparse(X) else "full").fit_transform(X)
    assert_allclose(codes, expected, atol=1e-4 * expected.std())


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder])
def test_the_start_decodes_by_a_product_with_the_components(kind):
    X = TABLES["rows"]
    start = kind(3, **START).fit(X)
    back = start.transform(X) @ start.components_ + start.mean_
    assert_allclose(start.inverse_transform(start.transform(X)), back, atol=1e-4)


def test_whitened_codes_have_variance_one():
    X = TABLES["rows"]
    start = AutoencoderTransformer(3, whiten=True, **START).fit(X)
    assert_allclose(np.cov(start.transform(X).T, ddof=0), np.eye(3), atol=1e-4)


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder])
def test_whitening_changes_the_units_of_codes_and_nothing_else(kind):
    plain = kind(2, max_iter=5, hidden_layer_sizes=(8,), random_state=0).fit(CURVE)
    white = kind(2, max_iter=5, hidden_layer_sizes=(8,), random_state=0, whiten=True).fit(CURVE)
    ratio = plain.transform(CURVE) / white.transform(CURVE)
    assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape), rtol=1e-3)
    assert_array_equal(plain.reconstruct(CURVE), white.reconstruct(CURVE))


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("n_components", [2, 5])
def test_codes_and_back_is_the_reconstruction(whiten, n_components):
    """Also beyond the rank, where the linear path has nothing and a network may write."""
    X = np.column_stack([CURVE[:, :2], CURVE[:, :2].sum(axis=1)])
    model = AutoencoderTransformer(
        n_components, whiten=whiten, max_iter=5, solver="adam", random_state=0
    ).fit(X)
    back = model.inverse_transform(model.transform(X))
    assert_allclose(back, model.reconstruct(X), rtol=1e-3, atol=1e-4)


def test_rows_that_are_all_equal_have_codes_of_zero():
    X = np.full((20, 3), 7.0)
    assert not AutoencoderTransformer(2, **START).fit(X).transform(X).any()


class TestPartialFit:
    @pytest.mark.parametrize("whiten", [False, True])
    def test_codes_are_those_of_the_linear_path_of_all_rows_so_far(self, whiten):
        X = TABLES["rows"]
        model = AutoencoderTransformer(3, whiten=whiten, **START)
        for block in np.split(X, 3):
            model.partial_fit(block)
        expected = (X - model.mean_) @ model.components_.T
        unit = expected.std(axis=0) if whiten else 1
        assert_allclose(model.transform(X), expected / unit, atol=1e-3)

    @pytest.mark.parametrize("whiten", [False, True])
    def test_a_first_block_of_equal_rows_has_units_as_well(self, whiten):
        model = AutoencoderTransformer(3, whiten=whiten, **START)
        model.partial_fit(np.ones((5, 8))).partial_fit(TABLES["rows"])
        expected = (TABLES["rows"] - model.mean_) @ model.components_.T
        scale = model.transform(TABLES["rows"]).std(axis=0)
        assert_allclose(scale, np.ones(3) if whiten else expected.std(axis=0), rtol=0.02)

    def test_a_call_that_fails_leaves_the_units(self):
        X = TABLES["rows"]
        model = AutoencoderTransformer(3, hidden_layer_sizes=(4,), random_state=0)
        model.partial_fit(X[:100])
        before = model.transform(X)
        model._finish = lambda X, y: 1 / 0
        with pytest.raises(ZeroDivisionError):
            model.partial_fit(10 * X[100:])
        assert_array_equal(model.transform(X), before)

    def test_a_model_that_was_moved_comes_back_from_a_file(self):
        model = AutoencoderTransformer(3, hidden_layer_sizes=(4,), random_state=0)
        model.partial_fit(TABLES["rows"][:100]).partial_fit(TABLES["rows"][100:])
        copy = pickle.loads(pickle.dumps(model))
        assert_array_equal(copy.transform(TABLES["rows"]), model.transform(TABLES["rows"]))


@pytest.mark.parametrize("fit", ["fit", "partial_fit"])
def test_units_cannot_change_on_the_way(fit):
    model = AutoencoderTransformer(2, warm_start=True, **START).fit(TABLES["rows"])
    with pytest.raises(ValueError, match="whose whiten is False"):
        getattr(model.set_params(whiten=True), fit)(TABLES["rows"])


def test_without_a_linear_path_there_is_nothing_to_whiten():
    X = TABLES["rows"]
    codes = [
        AutoencoderTransformer(2, init="random", whiten=whiten, max_iter=2, random_state=0)
        .fit_transform(X)
        for whiten in (False, True)
    ]  # fmt: skip
    assert_array_equal(*codes)
