"""What a row counts: a whole number is as many equal rows, zero leaves the row out."""

import numpy as np
import pytest
import sklearn
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae._linear import axes, moments
from skae._linear.axes import principal_axes
from skae._linear.denoiser import linear_denoiser
from skae._linear.moments import total_variance
from skae._rows.batches import Batch, Batches, Pairs
from skae._training.objective import Objective
from skae.architectures import Autoencoder
from skae.losses import LOSSES

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
START = {**SMALL, "max_iter": 1, "learning_rate_init": 1e-12}
KINDS = [AutoencoderTransformer, DenoisingAutoencoder]


@pytest.fixture
def weights(X):
    """From 0 to 3, at least one of each."""
    return np.random.default_rng(1).integers(0, 4, len(X))


def assert_same(one, other, X):
    assert_array_equal(one.transform(X), other.transform(X))
    assert one.loss_curve_ == other.loss_curve_
    assert one.validation_loss_curve_ == other.validation_loss_curve_


class TestLinearPath:
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
    @pytest.mark.parametrize("max_gram_features", [2048, 1], ids=["covariance", "wide"])
    def test_axes_are_those_of_repeated_rows(
        self, convert, max_gram_features, X, weights, monkeypatch
    ):
        monkeypatch.setattr(axes, "MAX_GRAM_FEATURES", max_gram_features)
        kept = weights > 0
        ours = principal_axes(convert(X[kept]), 3, 0, weights[kept].astype(float))
        repeated = principal_axes(convert(X.repeat(weights, axis=0)), 3, 0)
        assert_allclose(ours.mean, repeated.mean, rtol=1e-6)
        assert_allclose(ours.variances, repeated.variances, rtol=1e-5)
        assert ours.total_variance == pytest.approx(repeated.total_variance, rel=1e-6)
        alignment = np.abs(np.sum(ours.components * repeated.components, axis=1))
        assert_allclose(alignment, 1, atol=1e-6)

    def test_blocks_add_up(self, X, monkeypatch):
        weights = np.random.default_rng(0).uniform(0.1, 5, len(X))
        whole = principal_axes(X, 3, 0, weights)
        monkeypatch.setattr(moments, "BLOCK_CELLS", 7 * X.shape[1])
        blocks = principal_axes(X, 3, 0, weights)
        assert_allclose(blocks.mean, whole.mean, rtol=1e-12)
        assert_allclose(blocks.variances, whole.variances, rtol=1e-10)

    def test_large_float32_data_agree_with_float64(self, monkeypatch):
        monkeypatch.setattr(axes, "LARGE_PRODUCT", 0)
        rng = np.random.default_rng(0)
        X, weights = rng.normal(3, size=(300, 6)) * [9, 5, 4, 3, 2, 1], rng.uniform(size=300)
        small, exact = (
            principal_axes(X.astype(dtype), 4, 0, weights, dtype)
            for dtype in ("float32", "float64")
        )
        assert_allclose(small.variances, exact.variances, rtol=1e-5)

    def test_the_scale_of_weights_does_not_matter(self, X):
        weights = np.random.default_rng(0).uniform(0.1, 5, len(X))
        one, other = (
            AutoencoderTransformer(3, **SMALL).fit(X, sample_weight=unit * weights)
            for unit in (1, 2.0**-70)
        )
        assert_array_equal(one.transform(X), other.transform(X))
        assert_array_equal(one.explained_variance_, other.explained_variance_)

    def test_the_start_is_the_pca_of_repeated_rows(self, X, weights):
        start = AutoencoderTransformer(3, **START).fit(X, sample_weight=weights)
        pca = PCA(3).fit(X.repeat(weights, axis=0).astype(float))
        assert_allclose(start.mean_, pca.mean_, rtol=1e-4, atol=1e-6)
        assert_allclose(start.explained_variance_, pca.explained_variance_, rtol=1e-4)
        expected = pca.inverse_transform(pca.transform(X))
        assert_allclose(start.reconstruct(X), expected, atol=1e-4)

    def test_ridge_is_that_of_repeated_pairs(self, X, weights, monkeypatch):
        """With one penalty: the halves of cross-validation are made of other rows."""
        monkeypatch.setattr("skae._linear.denoiser.PENALTIES", np.array([1e-3]))
        noisy = X + np.random.default_rng(2).normal(scale=0.3, size=X.shape).astype(np.float32)
        kept = weights > 0
        tensors = map(torch.from_numpy, (noisy[kept], X[kept]))
        ours = linear_denoiser(Pairs(*tensors, weights=weights[kept].astype(float)), 3, seed=0)
        tensors = (torch.from_numpy(rows.repeat(weights, axis=0)) for rows in (noisy, X))
        repeated = linear_denoiser(Pairs(*tensors), 3, seed=0)
        for name in ("mean", "target_mean", "scale", "target_scale", "variances"):
            assert_allclose(getattr(ours, name), getattr(repeated, name), rtol=1e-5, atol=1e-7)
        assert_allclose(
            ours.components.T @ ours.projections, repeated.components.T @ repeated.projections,
            atol=1e-5,
        )  # fmt: skip


class TestLoss:
    @pytest.fixture
    def module(self):
        torch.manual_seed(0)
        nets = nn.Linear(8, 2), nn.Linear(2, 8)
        return Autoencoder(*nets, torch.zeros(8), 1.0, output_activation="logistic")

    @pytest.mark.parametrize("loss", LOSSES)
    def test_is_that_of_repeated_rows(self, loss, module):
        objective, u = Objective(module, loss), torch.rand(5, 8)
        times = torch.tensor([0, 1, 2, 3, 4])
        weighted = objective(Batch(u, u, weights=times / times.float().mean()))
        rows = u.repeat_interleave(times, dim=0)
        torch.testing.assert_close(weighted, objective(Batch(rows, rows)))
        row_losses = objective.row_losses(Batch(u, u, weights=times.float()))
        torch.testing.assert_close(row_losses, times * objective.row_losses(Batch(u, u)))

    @pytest.mark.parametrize("loss", sorted(set(LOSSES) - {"log_loss"}))
    def test_of_masked_cells_is_nothing(self, loss, module):
        objective, u = Objective(module, loss), torch.rand(5, 8)
        other = torch.rand(5, 8)
        mask = torch.rand(5, 8) < 0.5
        one, two = (
            objective(Batch(u, torch.where(mask, u, hidden), mask=mask)) for hidden in (u, other)
        )
        torch.testing.assert_close(one, two)
        assert objective(Batch(u, u, mask=torch.zeros_like(mask))) == 0
        torch.testing.assert_close(
            objective(Batch(u, u, mask=torch.ones_like(mask))), objective(Batch(u, u))
        )

    def test_batches_bring_the_weights_and_masks_of_their_rows(self, module):
        X = torch.arange(24.0).reshape(3, 8)
        pairs = Pairs(X, weights=np.array([1.0, 2.0, 6.0]), mask=X % 2 == 0)
        batches = Batches(pairs, torch.tensor([2, 1]), 1, module)
        found = [(*batch.source[:, 0].tolist(), batch.weights.item()) for batch in batches]
        assert found == [(16.0, 1.5), (8.0, 0.5)]
        assert all(torch.equal(batch.mask, batch.source % 2 == 0) for batch in batches)


class TestFit:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array])
    def test_rows_that_weigh_nothing_are_left_out(self, kind, convert, X):
        weights = np.ones(len(X))
        weights[::3] = 0
        hostile = X.copy()
        hostile[::3] = 1e6
        ours = kind(2, **SMALL).fit(convert(hostile), sample_weight=weights)
        assert_same(ours, kind(2, **SMALL).fit(convert(X[weights > 0])), X)

    @pytest.mark.parametrize("make_y", [np.asarray, lambda y: y.tolist()])
    def test_pairs_that_weigh_nothing_are_left_out_on_both_sides(self, make_y, X):
        noisy, weights = X + 1, np.arange(len(X)) % 2
        kept = weights > 0
        ours = DenoisingAutoencoder(2, **SMALL).fit(noisy, make_y(X), sample_weight=weights)
        assert_same(ours, DenoisingAutoencoder(2, **SMALL).fit(noisy[kept], X[kept]), noisy)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("ones", [1, 1.0, "array", "list"])
    def test_ones_are_no_weights(self, kind, ones, X):
        weights = {"array": np.ones(len(X)), "list": [1] * len(X)}.get(ones, ones)
        assert_same(kind(2, **SMALL).fit(X, sample_weight=weights), kind(2, **SMALL).fit(X), X)

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_counts_more_is_reconstructed_better(self, kind, X):
        two = np.vstack([X, X[:, ::-1]])
        is_first = np.arange(len(two)) < len(X)
        errors = []
        for heavy in (is_first, ~is_first):
            model = kind(3, hidden_layer_sizes=(32,), max_iter=40, random_state=0)
            model.fit(two, sample_weight=np.where(heavy, 100.0, 1.0))
            errors.append(-model.score_samples(two))
        assert errors[0][is_first].sum() < 0.8 * errors[1][is_first].sum()
        assert errors[1][~is_first].sum() < 0.8 * errors[0][~is_first].sum()

    def test_held_out_rows_count_what_they_weigh(self, X):
        """With half of the rows held out the start's loss is a weighted mean over them."""
        weights = np.where(np.arange(len(X)) < 100, 9.0, 1.0)
        model = AutoencoderTransformer(2, validation_fraction=0.5, **START)
        model.fit(X, sample_weight=weights)
        errors = -model.score_samples(X) / X.shape[1]
        weighted, plain = np.average(errors, weights=weights), errors.mean()
        assert abs(plain / weighted - 1) > 0.02
        assert model.initial_validation_loss_ == pytest.approx(weighted, rel=0.25)

    @pytest.mark.parametrize("kind", KINDS)
    def test_partial_fit_takes_them_too(self, kind, X):
        weights = np.arange(len(X)) % 2
        ours = kind(2, **SMALL).partial_fit(X, sample_weight=weights)
        expected = kind(2, **SMALL).partial_fit(X[weights > 0])
        assert_array_equal(ours.transform(X), expected.transform(X))

    def test_a_checkpoint_of_other_weights_is_refused(self, X, weights, tmp_path):
        model = AutoencoderTransformer(2, checkpoint=tmp_path / "fit", **SMALL)
        first = clone(model).fit(X, sample_weight=weights + 1)
        assert_same(clone(model).fit(X, sample_weight=weights + 1), first, X)
        with pytest.raises(ValueError, match="belongs to another fit"):
            clone(model).fit(X, sample_weight=weights + 2)

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            (-1, "Negative values"),
            (0, "at least one non-zero"),
            (np.nan, "NaN"),
            ("many", "could not convert|must be"),
            (1e308, "its sum is beyond float64"),
        ],
    )
    def test_wrong_weights_are_refused(self, weights, message, X):
        with pytest.raises(ValueError, match=message):
            AutoencoderTransformer(**SMALL).fit(X, sample_weight=np.full(len(X), weights))

    def test_too_few_rows_that_count(self, X):
        weights = np.zeros(len(X))
        weights[7] = 2
        with pytest.raises(ValueError, match="above 0 for 1 of 200 rows, but fit needs 2"):
            AutoencoderTransformer(**SMALL).fit(X, sample_weight=weights)


class TestScore:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array])
    def test_is_that_of_repeated_rows(self, kind, convert, X, weights):
        model = kind(2, **SMALL).fit(X)
        assert model.score(convert(X), sample_weight=weights) == pytest.approx(
            model.score(convert(X.repeat(weights, axis=0))), rel=1e-5
        )

    def test_of_pairs(self, X, weights):
        noisy = X + 0.1
        model = DenoisingAutoencoder(2, **SMALL).fit(noisy, X)
        assert model.score(noisy, X, sample_weight=weights) == pytest.approx(
            model.score(noisy.repeat(weights, axis=0), X.repeat(weights, axis=0)), rel=1e-5
        )

    def test_deviation_is_from_the_weighted_mean(self):
        X, weights = np.array([[0.0], [4.0]]), np.array([1.0, 3.0])
        assert total_variance(X, weights) == pytest.approx(3.0)


class TestRouting:
    @pytest.fixture(autouse=True)
    def routing(self):
        with sklearn.config_context(enable_metadata_routing=True):
            yield

    @pytest.mark.parametrize("kind", KINDS)
    def test_through_a_pipeline_and_a_search(self, kind, X, weights):
        model = kind(2, **SMALL).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = make_pipeline(scaler, model)
        pipeline.fit(X, sample_weight=weights)
        alone = kind(2, **SMALL).fit(StandardScaler().fit_transform(X), sample_weight=weights)
        assert_array_equal(pipeline[-1].transform(X), alone.transform(X))
        search = GridSearchCV(model, {"n_components": [1, 2]}, cv=2)
        search.fit(X, sample_weight=weights)
        direct = kind(search.best_params_["n_components"], **SMALL).fit(X, sample_weight=weights)
        assert_array_equal(search.transform(X), direct.transform(X))

    def test_through_cross_validation(self, X, weights):
        model = AutoencoderTransformer(2, **SMALL)
        model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        heavy = np.where(np.arange(len(X)) < 50, 1.0, 0.01)
        plain, routed = (
            cross_validate(model, X, params={"sample_weight": w}, cv=2)["test_score"]
            for w in (np.ones(len(X)), heavy)
        )
        assert np.isfinite(routed).all()
        assert not np.allclose(plain, routed)
