"""What a user of DenoisingAutoencoder relies on."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.ensemble import BaggingRegressor
from sklearn.feature_selection import VarianceThreshold
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.corruption import CORRUPTIONS, Gaussian, Impulse

SMALL = {"hidden_layer_sizes": (32,), "max_iter": 10, "random_state": 0}


def small(n_components=4, **parameters):
    return DenoisingAutoencoder(n_components, **{**SMALL, **parameters})


@pytest.fixture
def noisy(X):
    noise = np.random.default_rng(1).normal(scale=0.3, size=X.shape)
    return (X + noise).astype(np.float32)


class TestDenoising:
    @pytest.mark.parametrize(
        "noise",
        [pytest.param(noise, marks=() if noise in ("gaussian", "swap") else pytest.mark.slow)
         for noise in CORRUPTIONS],
    )  # fmt: skip
    def test_defaults_remove_noise_that_was_not_trained_on(self, X, noise):
        model = DenoisingAutoencoder(8, noise=noise, random_state=0).fit(X[:150])
        generator = torch.Generator().manual_seed(5)
        noisy = model.corruption_(torch.from_numpy(X[150:]), generator).numpy()
        before = np.square(noisy - X[150:]).mean()
        assert np.square(model.denoise(noisy) - X[150:]).mean() < 0.8 * before

    def test_denoise_is_predict_and_the_round_trip(self, X, noisy):
        model = small().fit(X)
        assert_array_equal(model.denoise(noisy), model.predict(noisy))
        round_trip = model.inverse_transform(model.transform(noisy))
        assert_allclose(model.denoise(noisy), round_trip, rtol=1e-5, atol=1e-6)

    def test_transform_encodes_rows_as_they_are(self, X):
        model = small().fit(X)
        assert_array_equal(model.transform(X), model.transform(X))

    def test_noise_none_is_the_plain_autoencoder(self, X):
        denoising = small(noise=None).fit(X)
        plain = AutoencoderTransformer(4, **SMALL).fit(X)
        assert denoising.score(X) == pytest.approx(plain.score(X), abs=0.01)

    def test_pixels_up_to_255_need_no_scaler(self):
        """One scale inside the model and levels in the units of the data make it so."""
        digits = load_digits(return_X_y=True)[0][:500] / 16
        scores = [small(8).fit(digits * unit).score(digits * unit) for unit in (1, 255)]
        assert scores[0] == pytest.approx(scores[1], abs=0.02)

    def test_sparse_rows(self, X):
        rows = np.where(X > 0.3, X, 0)
        model = small(noise="masking", noise_level=0.2).fit(sparse.csr_array(rows))
        assert_allclose(
            model.denoise(sparse.csr_array(rows)), model.denoise(rows), rtol=1e-5, atol=1e-6
        )

    def test_wide_rows(self):
        rng = np.random.default_rng(0)
        clean = (rng.normal(size=(80, 3)) @ rng.normal(size=(3, 2500))).astype(np.float32)
        noisy = clean + rng.normal(size=clean.shape)
        model = small(3, noise_level=1.0, max_iter=1, learning_rate_init=1e-12).fit(clean)
        assert np.square(model.denoise(noisy) - clean).mean() < 0.05

    def test_partial_fit_keeps_the_noise_of_the_first_batch(self, X):
        model = small(noise="impulse", noise_level=0.1).partial_fit(X[:100])
        first = model.corruption_
        model.partial_fit(10 * X[100:])
        assert model.corruption_ is first
        assert model.n_iter_ == 2

    def test_pickle_and_clone(self, X):
        model = small(noise=Impulse(0.2, -1.0, 1.0)).fit(X)
        assert_array_equal(pickle.loads(pickle.dumps(model)).denoise(X), model.denoise(X))
        assert_array_equal(clone(model).fit(X).denoise(X), model.denoise(X))


class TestSizeOfTheCode:
    @pytest.mark.parametrize(("n_features", "size"), [(8, 64), (100, 100), (300, 256)])
    def test_it_follows_the_columns(self, n_features, size):
        rows = np.random.default_rng(0).normal(size=(30, n_features))
        model = DenoisingAutoencoder(hidden_layer_sizes=(8,), max_iter=1).fit(rows)
        assert model.transform(rows).shape == (30, size)
        assert model.get_params()["n_components"] == "auto"
        assert clone(model).partial_fit(rows).partial_fit(rows).transform(rows).shape == (30, size)

    def test_training_goes_on_with_the_size_that_was_chosen(self, X):
        model = small("auto", warm_start=True).fit(X).fit(X)
        assert model.n_iter_ == 10
        assert pickle.loads(pickle.dumps(model)).partial_fit(X).n_iter_ == 11
        with pytest.raises(ValueError, match=r"n_components is 64, but .* is now 3"):
            model.set_params(n_components=3).partial_fit(X)

    def test_the_start_is_ridge_regression_of_full_rank(self, noisy, X):
        start = small("auto", max_iter=1, learning_rate_init=1e-12).fit(noisy, X)
        best = min(
            np.square(Ridge(alpha).fit(noisy, X).predict(noisy) - X).mean() for alpha in (0.1, 10)
        )
        assert np.square(start.denoise(noisy) - X).mean() < 1.01 * best


class TestLinearStart:
    """A rate of almost nothing leaves the model at the best linear denoiser."""

    @pytest.mark.parametrize("n_components", [2, 5, 8])
    def test_start_is_reduced_rank_regression(self, X, noisy, n_components, monkeypatch):
        monkeypatch.setattr("skae._linear.denoiser.PENALTIES", np.array([1e-6]))
        start = small(n_components, max_iter=1, learning_rate_init=1e-12).fit(noisy, X)
        ridge = Ridge(alpha=1e-6 * len(X)).fit(noisy.astype(float), X)
        fitted = ridge.predict(noisy)
        _, _, axes = np.linalg.svd(fitted - fitted.mean(0), full_matrices=False)
        kept = axes[:n_components]
        expected = fitted.mean(0) + (fitted - fitted.mean(0)) @ kept.T @ kept
        assert_allclose(start.denoise(noisy), expected, atol=1e-4)

    def test_start_on_synthetic_noise_is_close_to_ridge_on_many_draws(self, X):
        start = small(8, noise_level=0.3, max_iter=1, learning_rate_init=1e-12).fit(X)
        rng = np.random.default_rng(2)
        clean = np.repeat(X, 100, axis=0)
        noisy = clean + rng.normal(scale=0.3, size=clean.shape)
        best = Ridge(alpha=1e-3).fit(noisy, clean)
        error, best_error = (
            np.square(model.predict(noisy) - clean).mean() for model in (start, best)
        )
        assert error < 1.01 * best_error

    def test_without_noise_it_is_pca(self, X):
        linear = {"max_iter": 1, "learning_rate_init": 1e-12}
        denoising = small(3, noise=None, **linear).fit(X)
        plain = AutoencoderTransformer(3, **{**SMALL, **linear}).fit(X)
        assert_allclose(denoising.denoise(X), plain.reconstruct(X), atol=1e-3)

    def test_few_rows_and_many_components(self):
        rng = np.random.default_rng(0)
        model = small(9).fit(rng.normal(size=(4, 3)))
        assert not model.components_[3:].any()

    @pytest.mark.parametrize("init", ["pca", "random"])
    def test_source_and_target_in_different_units(self, X, init):
        source = 100 * X + 7
        model = small(8, init=init, max_iter=200).fit(source, X)
        assert model.score(source, X) > 0.95


class TestTheRuleForY:
    """``tests/rows/test_pairs.py`` has all that y may be."""

    @pytest.mark.parametrize(
        "y",
        [np.arange(200) % 3, np.arange(200.0)[:, None], np.array(["a", "b"] * 100), [0, 1] * 100],
        ids=["labels", "column of numbers", "words", "list"],
    )
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_labels_are_ignored_in_silence(self, X, y, method, recwarn):
        ours, theirs = (getattr(small(max_iter=2), method)(X, target) for target in (y, None))
        assert_array_equal(ours.denoise(X), theirs.predict(X))
        assert ours.score(X, y) == theirs.score(X)
        assert not recwarn

    @pytest.mark.parametrize(
        "y",
        [np.ones((200, 3)), np.ones((200, 9)), np.full((200, 8), "a"), [[0], [1, 2]] * 100],
        ids=["narrower", "wider", "words", "ragged"],
    )
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    @pytest.mark.parametrize("weighted", [False, True])
    def test_any_other_y_is_not_used_with_a_warning(self, X, y, method, weighted):
        weights = np.arange(200) % 2 if weighted else None
        with pytest.warns(UserWarning, match="is not used: .* give it the columns of X"):
            ours = getattr(small(max_iter=2), method)(X, y, weights)
        theirs = getattr(small(max_iter=2), method)(X, None, weights)
        assert_array_equal(ours.denoise(X), theirs.denoise(X))
        with pytest.warns(UserWarning, match="is not used"):
            assert ours.score(X, y) == theirs.score(X)

    def test_predict_refuses_to_return_another_thing_than_y(self, X):
        with pytest.warns(UserWarning, match="is not used"):
            model = small(max_iter=2).fit(X, X[:, :3])
        for same in (model, pickle.loads(pickle.dumps(model))):
            with pytest.raises(ValueError, match=r"y of shape \(200, 3\).* Use denoise\(X\)"):
                same.predict(X)
        assert clone(model).fit(X).predict(X).shape == model.fit(X).predict(X).shape

    @pytest.mark.parametrize(
        "convert",
        [
            np.asarray,
            np.ndarray.tolist,
            lambda y: pd.DataFrame(y).astype("Float32"),
            lambda y: pd.DataFrame(y).astype(object),
            lambda y: pl.DataFrame(y),
            sparse.coo_array,
            sparse.bsr_array,
            lambda y: y.reshape(200, 2, 4),
            lambda y: y.reshape(200, 1, 2, 4),
        ],
        ids=["array", "list", "nullable", "objects", "polars", "COO", "BSR", "stack", "channel"],
    )
    @pytest.mark.parametrize("weights", [None, np.arange(200) % 2], ids=["", "half of the rows"])
    def test_clean_rows_are_targets_in_any_container(self, X, noisy, convert, weights, recwarn):
        ours, theirs = (small(max_iter=2).fit(noisy, y, weights) for y in (convert(X), X))
        assert ours.corruption_ is None
        assert_allclose(ours.denoise(noisy), theirs.denoise(noisy), rtol=1e-4, atol=1e-5)
        assert ours.score(noisy, convert(X)) == pytest.approx(ours.score(noisy, X))
        assert not recwarn

    def test_clean_rows_teach_what_noisy_rows_do_not(self, X, noisy):
        paired, alone = (small(8, max_iter=50).fit(noisy, y) for y in (X, None))
        assert paired.score(noisy, X) > alone.score(noisy, X) + 0.05

    @pytest.mark.parametrize("dtype", [np.uint8, bool, "Int64", "Sparse[int64]"])
    def test_whole_numbers_are_clean_rows(self, X, dtype):
        clean = pd.DataFrame(X > 0.1).astype(dtype)
        noisy = np.asarray(clean, float) + np.random.default_rng(0).normal(size=X.shape)
        ours, theirs = (
            small(max_iter=2).fit(noisy, y) for y in (clean, np.asarray(clean, np.float32))
        )
        assert_allclose(ours.denoise(noisy), theirs.denoise(noisy), rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_columns_of_clean_rows_are_aligned_by_name(self, X, noisy, method):
        noisy, clean = (pd.DataFrame(rows, columns=list("abcdefgh")) for rows in (noisy, X))
        shuffled = clean[list("hbdacegf")]
        ours, theirs = (getattr(small(), method)(noisy, y) for y in (shuffled, clean))
        assert_array_equal(ours.denoise(noisy), theirs.denoise(noisy))
        assert ours.score(noisy, shuffled) == ours.score(noisy, clean)

    @pytest.mark.parametrize("method", ["fit", "partial_fit", "score"])
    def test_clean_rows_of_other_names_are_refused(self, X, noisy, method):
        noisy = pd.DataFrame(noisy, columns=list("abcdefgh"))
        model = small(max_iter=2).fit(noisy)
        with pytest.raises(ValueError, match=r"'clean_a', 'clean_b', .* in y"):
            getattr(model, method)(noisy, noisy.add_prefix("clean_"))

    @pytest.mark.parametrize("convert", [np.asarray, np.copy, sparse.csr_array, pd.DataFrame])
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_pairs_without_noise_teach_nothing(self, X, convert, method):
        with pytest.warns(UserWarning, match=r"teach nothing.* Use fit\(X\)"):
            getattr(small(max_iter=2), method)(X, convert(X))

    @pytest.mark.parametrize("noise", ["swap", Gaussian(0.1), None])
    def test_rows_may_be_their_own_clean_side_where_noise_is_chosen(self, X, noise, recwarn):
        ours, theirs = (small(noise=noise, max_iter=2).fit(X, y) for y in (X, None))
        assert_allclose(ours.denoise(X), theirs.denoise(X), rtol=1e-2, atol=1e-2)
        assert ours.score(X, X) == pytest.approx(ours.score(X))
        assert not recwarn

    @pytest.mark.parametrize("first", ["pairs", "clean rows"])
    def test_noise_is_added_to_clean_rows_and_not_to_pairs_in_each_call(self, X, noisy, first):
        model = small()
        for turn in range(2):
            paired = (first == "pairs") == (turn == 0)
            model.partial_fit(*((noisy, X) if paired else (X,)))
            assert (model.corruption_ is None) == paired

    def test_a_named_noise_is_added_to_pairs(self, X, noisy):
        model = small(noise="gaussian", noise_level=0.2).fit(noisy, X)
        assert model.corruption_.get_params() == {"level": 0.2}

    def test_pairs_of_unequal_length_are_refused(self, X):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            small().fit(X, X[:-1])

    def test_clean_rows_with_nan_are_refused(self, X):
        clean = X.copy()
        clean[0, 0] = np.nan
        with pytest.raises(ValueError, match="y contains NaN"):
            small().fit(X, clean)


class TestToolsOfScikitLearn:
    """Each passes y on in its own way."""

    def test_labels_reach_the_classifier_alone(self, X, recwarn):
        y = (X[:, 0] > 0).astype(int)
        pipeline = make_pipeline(
            StandardScaler(), small(noise="swap", max_iter=50), LogisticRegression()
        )
        assert cross_val_score(pipeline, X, y).mean() > 0.9
        assert not recwarn

    def test_a_frozen_denoiser_leaves_targets_as_wide_as_X_to_later_steps(self, X, recwarn):
        frozen = FrozenEstimator(small(max_iter=2).fit(X))
        pipeline = make_pipeline(frozen, Ridge()).fit(X, X**2)
        assert pipeline.predict(X).shape == X.shape
        assert not recwarn

    def test_grid_search_over_pairs(self, X, noisy):
        search = GridSearchCV(small(), {"n_components": [1, 8]}, cv=3).fit(noisy, X)
        assert search.best_params_ == {"n_components": 8}
        assert search.predict(noisy).shape == X.shape

    @pytest.mark.parametrize(
        "wrap",
        [
            lambda model: BaggingRegressor(model, n_estimators=2, random_state=0),
            lambda model: BaggingRegressor(
                model, n_estimators=2, bootstrap_features=True, random_state=0
            ),
            lambda model: RANSACRegressor(
                model, min_samples=100, residual_threshold=8, random_state=0
            ),
            lambda model: TransformedTargetRegressor(model, transformer=StandardScaler()),
        ],
        ids=["bagging", "bagging of columns", "RANSAC", "transformed target"],
    )
    def test_regressors_of_many_targets_denoise(self, X, noisy, wrap, recwarn):
        model = wrap(small(8, max_iter=2)).fit(noisy, X)
        assert np.square(model.predict(noisy) - X).mean() < 0.9 * np.square(noisy - X).mean()
        assert not recwarn

    def test_cross_validated_rows_are_clean(self, X, noisy):
        cleaned = cross_val_predict(small(8), noisy, X)
        assert np.square(cleaned - X).mean() < 0.9 * np.square(noisy - X).mean()

    @pytest.mark.parametrize(
        "model",
        [
            BaggingRegressor(small(), n_estimators=2, max_features=0.5),
            make_pipeline(VarianceThreshold(0.1), small()),
        ],
        ids=["bagging", "selection"],
    )
    def test_clean_rows_with_columns_that_X_lost_are_not_forgotten(self, X, noisy, model):
        noisy[:, 0] = 0
        with pytest.warns(UserWarning, match="selection of columns"):
            model.fit(noisy, X)
        with pytest.raises(ValueError, match="predict returns the like of y"):
            model.predict(noisy)


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"noise": "salt"}, "'noise' parameter of DenoisingAutoencoder must be one of"),
            ({"noise": 3}, "Got 3 instead"),
            ({"noise_level": -1.0}, "'noise_level'"),
            ({"noise_level": (0.5, 0.1)}, "a <= b"),
            ({"noise": "masking", "noise_level": 1.5}, r"noise_level\) of Masking noise"),
            ({"noise": Gaussian(0.1), "noise_level": 0.2}, "Leave noise_level at 'auto'"),
            ({"noise": lambda batch, generator: batch[:, :1]}, "must return a tensor of the shape"),
            ({"noise": lambda batch, generator: None}, "It returned NoneType"),
            ({"noise": lambda batch, generator: batch / 0}, "not finite"),
            ({"output_activation": "logistic"}, "needs X in"),
        ],
    )
    def test_errors_name_parameter_value_and_remedy(self, X, parameters, words):
        with pytest.raises(ValueError, match=words):
            small(**parameters).fit(X)

    def test_a_callable_may_write_to_its_batch(self, X):
        def erase(batch, generator):
            return batch.zero_()

        before = X.copy()
        model = small(noise=erase).fit(X)
        assert_array_equal(X, before)
        # With nothing to see, the mean is the best guess.
        assert_allclose(model.denoise(np.zeros_like(X)), np.tile(X.mean(0), (200, 1)), atol=0.1)

    def test_parameters_of_noise_can_be_searched(self, X):
        search = GridSearchCV(
            small(noise=Gaussian()), {"noise__level": [0.1, 0.2]}, cv=2, error_score="raise"
        ).fit(X)
        assert search.best_params_["noise__level"] in (0.1, 0.2)

    def test_documents_the_parameters_that_it_shares(self):
        for name in DenoisingAutoencoder().get_params():
            assert f"\n    {name} : " in DenoisingAutoencoder.__doc__
