"""What is promised of a user's data, one class for each line of the table in the guide."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA, IncrementalPCA
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.preprocessing import MinMaxScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder

BY_STEPS = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}
MODELS = {
    "default": AutoencoderTransformer(3, random_state=0),
    "by steps": AutoencoderTransformer(3, **BY_STEPS),
    "float64": AutoencoderTransformer(3, dtype="float64", **BY_STEPS),
    "random start": AutoencoderTransformer(3, init="random", **BY_STEPS),
    "denoiser": DenoisingAutoencoder(3, noise_level=0.1, **BY_STEPS),
}


def table(n_samples=120, n_features=5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features))
    X[:, 1] += X[:, 0]
    return X


def squared_error(model, X):
    return np.square(model.inverse_transform(model.transform(X)) - X).sum()


def pca_error(X, n_components=3):
    pca = PCA(n_components, svd_solver="full").fit(X)
    return np.square(pca.inverse_transform(pca.transform(X)) - X).sum()


class TestOffsets:
    @pytest.mark.parametrize("name", ["default", "by steps", "float64"])
    @pytest.mark.parametrize(
        ("offset", "deviation"), [(1.7e9, 17), (1.7e9, 1e4), (-3e8, 0.5), (1e12, 1), (1e5, 1)]
    )
    def test_never_worse_than_pca(self, name, offset, deviation):
        X = table()
        X[:, 2] = offset + deviation * X[:, 2]
        model = MODELS[name].fit(X)
        assert squared_error(model, X) <= 1.001 * pca_error(X)
        assert_allclose(-model.score_samples(X).sum(), squared_error(model, X), rtol=1e-3)

    @settings(max_examples=15, deadline=None)
    @given(st.floats(2, 13), st.booleans(), st.integers(0, 4))
    def test_an_offset_changes_nothing(self, magnitude, is_negative, column):
        X = np.round(table(), 2)
        shifted = X.copy()
        shifted[:, column] += (-1) ** is_negative * np.round(10**magnitude)
        near, far = (MODELS["by steps"].fit(rows).score(rows) for rows in (X, shifted))
        assert far == pytest.approx(near, abs=0.01)

    @pytest.mark.parametrize("name", ["random start", "denoiser"])
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    def test_other_models_as_well(self, name, convert):
        X = np.round(table(), 2)
        near, far = (MODELS[name].fit(convert(rows)).score(convert(rows)) for rows in (X, X + 1e9))
        assert far == pytest.approx(near, abs=0.02)

    def test_whole_numbers_and_dates(self):
        X = (table() * 1000).astype(np.int64) + 1_700_000_000
        dates = pd.DataFrame(pd.to_datetime(X[:, i], unit="s").astype("int64") for i in range(5)).T
        for rows in (X, X.tolist(), dates):
            exact = np.asarray(rows, np.float64)
            model = MODELS["by steps"].fit(rows)
            assert squared_error(model, exact) <= 1.001 * pca_error(exact)

    def test_pairs(self):
        clean = table() + 1e9
        noisy = clean + np.random.default_rng(1).normal(size=clean.shape) / 10
        model = DenoisingAutoencoder(4, **BY_STEPS).fit(noisy, clean)
        assert model.score(noisy, clean) > 0.8

    def test_partial_fit(self):
        X = table() + 1e9
        model = AutoencoderTransformer(3, **BY_STEPS)
        for block in np.split(X, 4):
            model.partial_fit(block)
        assert squared_error(model, X) <= 1.02 * pca_error(X)

    def test_mean_is_in_float64(self):
        X = table() + 1e9
        assert_array_equal(MODELS["by steps"].fit(X).mean_, X.mean(axis=0))

    @pytest.mark.parametrize("deviation", [17, 1e4])
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    def test_digits_that_are_lost_already(self, deviation, convert):
        X = table()
        X[:, 2] = 1.7e9 + deviation * X[:, 2]
        with pytest.warns(UserWarning, match=r"Column 2 of X is given in float32.*float64"):
            MODELS["by steps"].fit(convert(X.astype(np.float32)))

    @pytest.mark.parametrize("kind", ["float32", "Float32"])
    @pytest.mark.parametrize("others", ["float32", "float64"])
    def test_the_column_is_named(self, kind, others):
        X = pd.DataFrame(table(), columns=list("abcde")).astype(others)
        X["c"] = (X["c"] + 1e6).astype(kind)
        with pytest.warns(UserWarning, match="Column 'c' of X is given in float32"):
            MODELS["by steps"].fit(X)

    def test_half_precision(self):
        with pytest.warns(UserWarning, match=r"float16.*as in 4 other columns"):
            MODELS["by steps"].fit((table() + 2048).astype(np.float16))

    def test_columns_that_hide_behind_another(self):
        X = table() * [1, 1, 1e7, 1, 1]
        with pytest.warns(UserWarning, match=r"Column 0 .* and column 2 .*StandardScaler"):
            MODELS["by steps"].fit(X)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_no_warning_where_whole_numbers_are_exact(self, dtype):
        rng = np.random.default_rng(0)
        with warnings.catch_warnings(action="error"):
            MODELS["by steps"].fit((16_000_000 + rng.integers(0, 300, (60, 4))).astype(dtype))
            MODELS["by steps"].fit(rng.integers(0, 256, (60, 4)).astype(np.float16))

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_no_warning_without_a_reason(self, dtype):
        rng = np.random.default_rng(0)
        years, constant = rng.integers(1990, 2026, 120), np.full(120, 1e6)
        low_rank = table() @ rng.normal(size=(5, 8))
        with warnings.catch_warnings(action="error"):
            for X in (np.c_[table(), years, constant], low_rank, table() > 0, np.zeros((9, 4))):
                MODELS["by steps"].fit(X.astype(dtype))


class TestUnits:
    @settings(max_examples=15, deadline=None)
    @given(st.integers(-30, 30), st.sampled_from(["default", "by steps", "denoiser"]))
    def test_scores_know_no_unit(self, magnitude, name):
        model, X = MODELS[name], table()
        if name == "denoiser":
            model = DenoisingAutoencoder(3, **BY_STEPS)
        expected, unit = model.fit(X), 10.0**magnitude
        score, samples = expected.score(X), expected.score_samples(X)
        model.fit(X * unit)
        assert model.score(X * unit) == pytest.approx(score, abs=2e-3)
        assert_allclose(model.score_samples(X * unit) / unit**2, samples, rtol=0.1)

    @pytest.mark.parametrize("unit", [1e-30, 1e-22, 1e22, 1e30])
    def test_float32_as_far_as_it_goes(self, unit):
        X = table().astype(np.float32)
        small = (X.astype(np.float64) * unit).astype(np.float32)
        score = MODELS["by steps"].fit(X).score(X)
        assert MODELS["by steps"].fit(small).score(small) == pytest.approx(score, abs=1e-3)

    @pytest.mark.filterwarnings("ignore:Column 0 of X varies")
    def test_values_that_no_float32_holds(self):
        X = table()
        X[3, 4] = 1e39
        model = MODELS["by steps"].fit(X)
        assert model.score(X) > 0.99
        assert model.reconstruct(X)[3, 4] == pytest.approx(1e39, rel=1e-3)


class TestRank:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("mean", [0, 100, 1e4])
    @pytest.mark.parametrize("width", [20, 2100])
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    @pytest.mark.parametrize("of_rows", [np.float32, np.float64])
    @pytest.mark.filterwarnings("ignore:Column .* of X is given in float32")
    def test_axes_of_rounding_are_zero(self, dtype, mean, width, convert, of_rows):
        rng = np.random.default_rng(0)
        X = (rng.normal(size=(100, 3)) @ rng.normal(size=(3, width)) + mean).astype(of_rows)
        model = AutoencoderTransformer(8, dtype=dtype, **{**BY_STEPS, "max_iter": 1})
        model.fit(convert(X))
        assert np.count_nonzero(model.explained_variance_) == 3
        assert not model.components_[3:].any()

    @pytest.mark.parametrize("mean", [1e9, 1e12])
    @pytest.mark.parametrize("shape", [(100, 20), (2000, 10), (600, 300)])
    def test_the_rounding_of_a_large_mean_is_no_axis(self, mean, shape):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(shape[0], 3)) @ rng.normal(size=(3, shape[1])) + mean
        model = AutoencoderTransformer(8, **{**BY_STEPS, "max_iter": 1}).fit(X)
        assert np.count_nonzero(model.explained_variance_) == 3

    def test_rows_a_little_off_have_codes_a_little_off(self):
        rng = np.random.default_rng(0)
        X = (rng.normal(size=(100, 3)) @ rng.normal(size=(3, 20)) + 100).astype(np.float32)
        model = AutoencoderTransformer(8, **BY_STEPS).fit(X)
        off = X + np.float32(0.01) * rng.normal(size=X.shape).astype(np.float32)
        assert np.abs(model.transform(off) - model.transform(X)).max() < 0.1

    def test_pairs_without_noise(self):
        rng = np.random.default_rng(0)
        clean = (rng.normal(size=(100, 3)) @ rng.normal(size=(3, 20)) + 1e4).astype(np.float32)
        noisy = clean + np.float32(1e-3)
        model = DenoisingAutoencoder(8, **BY_STEPS).fit(noisy, clean)
        assert np.count_nonzero(model.explained_variance_) == 3


class TestUnitInterval:
    @pytest.mark.parametrize("beyond", [1e-7, 9e-7])
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    def test_roundings_are_clipped(self, beyond, convert):
        X = MinMaxScaler().fit_transform(table())
        X[X == 1] += beyond
        X[0, 0] = -beyond
        given, model = convert(X), AutoencoderTransformer(3, output_activation="logistic")
        model.set_params(loss="log_loss", **BY_STEPS).fit(given)
        assert np.isfinite(model.loss_curve_).all()
        assert given.max() > 1  # the caller's rows are left as they are

    def test_more_is_refused_with_enough_digits(self):
        X = np.clip(table(), 0, 1)
        X[0, 0] = 1.00001
        with pytest.raises(ValueError, match=r"spans \[0, 1\.00001\]"):
            AutoencoderTransformer(3, output_activation="logistic").fit(X)


class TestSparse:
    @pytest.mark.parametrize("n_distinct", [1, 3, 12])
    def test_few_distinct_rows_have_the_same_bits(self, n_distinct):
        rows = sparse.random_array((n_distinct, 3000), density=0.01, random_state=0, format="csr")
        X = sparse.csr_array(rows[np.arange(60) % n_distinct])
        first, second = (AutoencoderTransformer(8, **BY_STEPS).fit(X) for _ in range(2))
        assert_array_equal(first.transform(X), second.transform(X))
        assert np.count_nonzero(first.explained_variance_) == min(8, n_distinct - 1)

    @pytest.mark.parametrize("is_read_only", [False, True])
    @pytest.mark.parametrize("model", ["default", "denoiser"])
    def test_the_callers_arrays_stay_as_they_are(self, is_read_only, model):
        X = sparse.random_array((60, 8), density=0.5, random_state=0, format="csr")
        dense = X.toarray()
        # Each row backwards, and its first cell in two halves.
        parts = [X[[i]].tocoo() for i in range(60)]
        data = [np.r_[p.data[::-1], p.data[:1] / 2] for p in parts]
        for values in data:
            values[-2:] = values[-1]
        columns = [np.r_[p.col[::-1], p.col[:1]] for p in parts]
        indptr = np.cumsum([0, *map(len, data)])
        X = sparse.csr_array((np.concatenate(data), np.concatenate(columns), indptr), shape=(60, 8))
        kept = [array.copy() for array in (X.data, X.indices, X.indptr)]
        for array in (X.data, X.indices, X.indptr):
            array.flags.writeable = not is_read_only
        model = MODELS[model].fit(X)
        assert_allclose(model.transform(X), model.transform(dense), atol=1e-5)
        assert np.isfinite([model.score(X), *model.score_samples(X)]).all()
        for array, before in zip((X.data, X.indices, X.indptr), kept, strict=True):
            assert_array_equal(array, before)

    def test_means_are_summed_in_float64(self):
        X = (table() + 100).astype(np.float32)
        model = MODELS["by steps"].fit(sparse.csr_array(X))
        assert_allclose(model.mean_, X.mean(axis=0, dtype=np.float64), rtol=1e-14)


class TestFrames:
    @pytest.mark.parametrize(
        "dtype",
        ["bool", "uint8", "int64", "float32", "boolean", "Int64", "Float32", "object",
         *(pd.SparseDtype(kind, False) for kind in ("bool",)),
         *(pd.SparseDtype(kind, 0) for kind in ("uint8", "int64", "float32", "float64"))],
        ids=str,
    )  # fmt: skip
    def test_dtypes_of_columns(self, dtype):
        plain = pd.get_dummies(pd.Series(list("abcde") * 20), dtype=float)
        X = plain.astype(dtype)
        expected = MODELS["by steps"].fit(plain).transform(plain)
        assert_allclose(MODELS["by steps"].transform(X), expected, atol=1e-6)
        assert_allclose(MODELS["by steps"].fit(X).transform(X), expected, atol=1e-2)

    @pytest.mark.filterwarnings("ignore:pandas.DataFrame with sparse columns found")
    def test_dummies_of_sparse_bools(self):
        X = pd.get_dummies(pd.Series(list("abcde") * 20), sparse=True)
        assert MODELS["by steps"].fit(X).score(X) > 0.7
        mixed = X.assign(a=np.arange(100.0))
        assert MODELS["by steps"].fit(mixed).score(mixed) > 0.9


class TestOneRow:
    def test_it_is_compared_with_the_training_mean(self):
        X = table()
        model, row = MODELS["by steps"].fit(X), X[:1]
        error, deviation = squared_error(model, row), np.square(row - X.mean(axis=0)).sum()
        assert model.score(row) == pytest.approx(1 - error / deviation, abs=1e-5)
        assert model.score(row.repeat(3, 0)) == pytest.approx(model.score(row))

    def test_equal_rows_whose_mean_is_rounded(self):
        model, row = MODELS["by steps"].fit(table()), np.full((1, 5), 0.1)
        assert model.score(row.repeat(7, 0)) == pytest.approx(model.score(row))
        assert model.score(row, sample_weight=[3]) == pytest.approx(model.score(row))

    def test_rows_that_weigh_nothing_are_not_there(self):
        X = table()
        model = MODELS["by steps"].fit(X)
        assert model.score(X[:2], sample_weight=[1, 0]) == pytest.approx(model.score(X[:1]))
        twice = X[[0, 0, 1]]
        assert model.score(twice, sample_weight=[1, 2, 0]) == pytest.approx(model.score(X[:1]))

    def test_leave_one_out_tells_models_apart(self):
        X = table(30)
        scores = [
            cross_val_score(AutoencoderTransformer(k, **BY_STEPS), X, cv=LeaveOneOut()).mean()
            for k in (1, 4)
        ]
        assert scores[0] < scores[1] < 1

    def test_clean_rows_as_well(self):
        X = table()
        model = MODELS["denoiser"].fit(X)
        error = np.square(model.denoise(X[:1] + 0.1) - X[:1]).sum()
        deviation = np.square(X[:1] - X.mean(axis=0)).sum()
        assert model.score(X[:1] + 0.1, X[:1]) == pytest.approx(1 - error / deviation, abs=1e-5)


class TestBlocks:
    FIRST = {
        "one row": lambda X: X[:1],
        "zeros": lambda X: np.zeros((10, X.shape[1])),
        "equal rows": lambda X: X[:1].repeat(10, axis=0),
        "two rows": lambda X: X[:2],
        "a row far out": lambda X: X[:1] + 50,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("first", "model"),
        [*((first, "by steps") for first in FIRST),
         *(pytest.param(first, model, marks=pytest.mark.slow if first == "zeros" else ())
           for first in ("one row", "zeros") for model in ("random start", "denoiser"))],
    )  # fmt: skip
    def test_a_bad_first_block_is_made_good(self, first, model):
        X = table(400)
        X[:, 3:] = X[:, :2] + X[:, 3:] / 10 + 5
        good, bad = (clone(MODELS[model]) for _ in range(2))
        bad.partial_fit(self.FIRST[first](X))
        for _ in range(5):
            for block in np.split(X, 8):
                good.partial_fit(block)
                bad.partial_fit(block)
        assert bad.score(X) > good.score(X) - 0.05

    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    @pytest.mark.parametrize("n_blocks", [3, 10])
    def test_as_good_as_incremental_pca(self, convert, n_blocks):
        X = table(600, 12)
        ours, theirs = AutoencoderTransformer(3, random_state=0), IncrementalPCA(3)
        for block in np.array_split(X, n_blocks):
            ours.partial_fit(convert(block))
            theirs.partial_fit(block)
        error = np.square(theirs.inverse_transform(theirs.transform(X)) - X).sum()
        assert squared_error(ours, X) <= 1.005 * error
        assert_allclose(ours.mean_, X.mean(axis=0))

    @pytest.mark.parametrize("noise", ["gaussian", "salt_and_pepper"])
    def test_denoisers_of_many_small_blocks(self, noise):
        X = table(400)
        X[:, 3:] = X[:, :2] + X[:, 3:] / 5
        whole, model = (DenoisingAutoencoder(3, noise=noise, **BY_STEPS) for _ in range(2))
        for block in np.split(X, 20):
            model.partial_fit(block)
        assert model.score(X) > whole.fit(X).score(X) - 0.1

    @pytest.mark.parametrize("deviation", [1e-2, 1e-3])
    def test_little_that_is_left_over_is_not_made_more(self, deviation):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 10)) + deviation * table(300, 10)
        ours, theirs = AutoencoderTransformer(3, random_state=0), IncrementalPCA(3)
        for block in np.split(X, 3):
            ours.partial_fit(block)
            theirs.partial_fit(block)
        error = np.square(theirs.inverse_transform(theirs.transform(X)) - X).sum()
        assert squared_error(ours, X) <= 1.005 * error

    @pytest.mark.filterwarnings("ignore:Column 2 of X varies")
    def test_a_block_of_float32_takes_no_digits_from_others(self):
        X = table(400)
        X[:, 2] += 2**30
        model = AutoencoderTransformer(3, **BY_STEPS)
        for block in np.split(X, 4):
            model.partial_fit(block)
        mean = model.mean_[2]
        model.partial_fit(np.full((1, 5), 2**30, np.float32))
        assert model.mean_[2] == pytest.approx((400 * mean + 2**30) / 401, rel=1e-15)

    def test_a_warm_fit_ends_the_memory(self):
        X = table()
        model = AutoencoderTransformer(3, warm_start=True, **BY_STEPS).partial_fit(X[:50]).fit(X)
        mean = model.mean_.copy()
        assert_array_equal(model.partial_fit(X + 100).mean_, mean)

    def test_weights_are_rows(self):
        X, weights = table(40), np.arange(40) % 3 + 1
        ours, repeated = (AutoencoderTransformer(2, **BY_STEPS) for _ in range(2))
        for rows in (slice(0, 20), slice(20, 40)):
            ours.partial_fit(X[rows], sample_weight=weights[rows])
            repeated.partial_fit(X[rows].repeat(weights[rows], axis=0))
        assert_allclose(ours.mean_, repeated.mean_)
        assert_allclose(ours.explained_variance_, repeated.explained_variance_)

    def test_a_fitted_model_keeps_its_linear_path(self):
        X = table()
        model = MODELS["by steps"].fit(X)
        mean, components = model.mean_.copy(), model.components_.copy()
        model.partial_fit(X + 10)
        assert_array_equal(model.mean_, mean)
        assert_array_equal(model.components_, components)
