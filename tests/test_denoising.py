"""What a user of DenoisingAutoencoder relies on."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
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
    @pytest.mark.parametrize("noise", CORRUPTIONS)
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
    @pytest.mark.parametrize(
        "y",
        [
            np.arange(200) % 3,
            np.arange(200.0),
            np.array(["a", "b"] * 100),
            np.ones((200, 8), dtype=int),
            np.ones((200, 3)),
            [0, 1] * 100,
        ],
        ids=["labels", "numbers", "words", "integers", "other columns", "list"],
    )
    def test_what_is_not_the_clean_side_of_pairs_is_ignored(self, X, y):
        assert_array_equal(small().fit(X, y).denoise(X), small().fit(X).denoise(X))
        assert small().fit(X, y).score(X, y) == small().fit(X).score(X)

    @pytest.mark.parametrize("convert", [np.asarray, pd.DataFrame, np.ndarray.tolist])
    def test_clean_rows_are_targets(self, X, noisy, convert):
        model = small(8, max_iter=50).fit(noisy, convert(X))
        assert model.corruption_ is None
        assert model.score(noisy, X) > small(8, max_iter=50).fit(noisy).score(noisy, X) + 0.05
        assert_array_equal(model.denoise(noisy), small(8, max_iter=50).fit(noisy, X).denoise(noisy))

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

    def test_labels_reach_the_classifier_alone(self, X):
        y = (X[:, 0] > 0).astype(int)
        pipeline = make_pipeline(
            StandardScaler(), small(noise="swap", max_iter=50), LogisticRegression()
        )
        assert cross_val_score(pipeline, X, y).mean() > 0.9

    def test_grid_search_over_pairs(self, X, noisy):
        search = GridSearchCV(small(), {"n_components": [1, 8]}, cv=3).fit(noisy, X)
        assert search.best_params_ == {"n_components": 8}
        assert search.predict(noisy).shape == X.shape


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
