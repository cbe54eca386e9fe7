"""Outliers along the model, off it and far from all rows, and the columns that make them so."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderOutlierDetector
from skae._linear.ellipsoids import column_scales, fit_trimmed_ellipsoid, quantile
from skae.architectures import ConvArchitecture
from skae.persistence import to_onnx
from skae.plotting import OutlierDisplay
from tests.persistence.models import UsersArchitecture

RNG = np.random.default_rng(0)
FLAT = RNG.normal(size=(300, 3)) @ RNG.normal(size=(3, 10))
"""Rows that vary in 3 of 10 directions."""

BENT = np.column_stack([t := RNG.uniform(-2, 2, 400), t**2, np.sin(2 * t), RNG.normal(size=400)])
BENT = BENT + 0.05 * RNG.normal(size=BENT.shape)
WINE = load_wine().data
KINDS = {
    "closed form": {},
    "steps": {"solver": "adamw", "max_iter": 3, "hidden_layer_sizes": (8,)},
    "no held-out rows": {"validation_fraction": 0, "max_iter": 2, "hidden_layer_sizes": (8,)},
    "one component": {"n_components": 1},
    "no references": {"n_references": 0},
    "share": {"contamination": 0.1},
    "convolutional": {"architecture": ConvArchitecture((2, 5), (3,)), "max_iter": 2},
    "of a user": {"architecture": UsersArchitecture(), "max_iter": 2},
    "float64": {"dtype": "float64", "max_iter": 2},
}


@pytest.fixture(scope="module")
def bent():
    return AutoencoderOutlierDetector(random_state=0).fit(BENT)


@pytest.fixture(scope="module")
def wine():
    return AutoencoderOutlierDetector(random_state=0).fit(WINE)


@pytest.fixture(scope="module")
def digits():
    X = load_digits().data[:400]
    return AutoencoderOutlierDetector(max_iter=2, random_state=0).fit(X), X


class TestRank:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("offset", [0.0, 1e4])
    def test_rows_far_along_an_axis_and_off_all_of_them_are_farthest_out(self, kind, offset):
        X = FLAT + offset
        detector = AutoencoderOutlierDetector(random_state=0, **KINDS[kind]).fit(X)
        variances, axes = np.linalg.eigh(np.cov(X.T))
        far = X.mean(axis=0) + np.sqrt(variances[-1]) * np.stack([1000 * axes[:, -1], axes[:, 0]])
        assert detector.score_samples(far).max() < detector.score_samples(X).min()
        assert_array_equal(detector.predict(far), [-1, -1])

    @pytest.mark.parametrize("value", [0.0, 3.0])
    def test_another_value_in_a_constant_column_is_far_out(self, value):
        X = np.column_stack([BENT, np.full(len(BENT), value)])
        detector = AutoencoderOutlierDetector(random_state=0).fit(X)
        strange = X[:1] + np.array([0, 0, 0, 0, 1])
        assert detector.score_samples(strange)[0] < detector.score_samples(X).min()
        assert detector.explain(strange).argmax() == 4

    def test_a_value_that_few_rows_have_is_not_as_strange_as_one_that_none_has(self):
        X = np.column_stack([FLAT[:, :3], np.arange(300) < 3])
        detector = AutoencoderOutlierDetector(random_state=0).fit(X)
        known, unknown = X[9] + [0, 0, 0, 1], X[9] + [0, 0, 0, 3]
        scores = detector.score_samples([known, unknown])
        assert scores[0] > 4 * scores[1]

    def test_the_network_tells_what_lies_off_a_curve(self, bent):
        off = np.column_stack([t := np.linspace(-1.5, 1.5, 50), 4 - t**2, -np.sin(2 * t), 0 * t])
        truth = np.repeat([0, 1], [len(BENT), len(off)])
        linear = clone(bent).set_params(n_references=0).fit(BENT)
        linear.module_.distances.code = None
        outlyingness = (-m.score_samples(np.vstack([BENT, off])) for m in (bent, linear))
        with_network, without = (roc_auc_score(truth, values) for values in outlyingness)
        assert bent.best_iter_ > 0
        assert with_network > max(0.95, without + 0.1)

    def test_neighbours_tell_what_lies_between_crowds(self):
        centres = 4 * RNG.normal(size=(8, 5))
        X = centres[RNG.integers(0, 8, 600)] + 0.4 * RNG.normal(size=(600, 5))
        between = centres.mean(axis=0) + 0.4 * RNG.normal(size=(50, 5))
        detector = AutoencoderOutlierDetector(random_state=0).fit(X[:400])
        truth = np.repeat([0, 1], [200, 50])
        outlyingness = -detector.score_samples(np.vstack([X[400:], between]))
        assert roc_auc_score(truth, outlyingness) > 0.95

    def test_a_training_row_is_not_its_own_neighbour(self):
        X = RNG.normal(size=(400, 4))
        detector = AutoencoderOutlierDetector(random_state=0).fit(X[:200])
        seen, unseen = (np.median(detector.score_samples(rows)) for rows in (X[:200], X[200:]))
        assert seen == pytest.approx(unseen, rel=0.15)

    def test_a_network_that_is_not_better_than_pca_has_no_say(self):
        X = np.random.default_rng(1).normal(size=(200, 5))
        detector = AutoencoderOutlierDetector(random_state=0).fit(X)
        assert detector.best_iter_ == 0
        assert detector.module_.distances.code is None

    def test_outliers_among_the_training_rows_do_not_hide_themselves(self):
        X = np.vstack([FLAT + 0.1 * RNG.normal(size=FLAT.shape), np.full((40, 10), 30.0)])
        X[300:] += RNG.normal(size=(40, 10))
        detector = AutoencoderOutlierDetector(random_state=0).fit(X)
        assert roc_auc_score(np.arange(340) >= 300, -detector.score_samples(X)) == 1

    def test_units_of_columns_do_not_matter(self, wine):
        units = 10.0 ** np.arange(-6, 7)
        other = clone(wine).fit(WINE * units)
        assert_allclose(other.score_samples(WINE * units), wine.score_samples(WINE), rtol=0.02)

    def test_a_typical_row_has_a_score_of_about_minus_one(self, wine):
        assert -1.6 < np.median(wine.score_samples(WINE)) < -0.6

    def test_a_large_offset_changes_nothing(self):
        rng = np.random.default_rng(0)
        crowds = np.vstack([rng.normal(3, 0.3, (150, 2)), rng.normal(-3, 0.3, (150, 2))])
        between = rng.normal(0, 0.3, (15, 2))
        scores = [
            AutoencoderOutlierDetector(random_state=0)
            .fit(crowds + offset)
            .score_samples(between + offset)
            for offset in (0, 1e7, 1e9)
        ]
        assert_allclose(scores[1], scores[0], rtol=0.02)
        assert_allclose(scores[2], scores[0], rtol=0.02)


class TestLine:
    @pytest.mark.parametrize("contamination", [0.02, 0.1, 0.5])
    def test_a_share_of_the_training_rows_is_beyond_it(self, contamination):
        detector = AutoencoderOutlierDetector(contamination=contamination, random_state=0)
        assert (detector.fit_predict(BENT) == -1).sum() == round(contamination * len(BENT))

    def test_auto_leaves_nearly_all_ordinary_rows_inside(self):
        X = np.random.default_rng(0).normal(size=(500, 6))
        detector = AutoencoderOutlierDetector(random_state=0)
        assert (detector.fit_predict(X) == -1).mean() < 0.02

    def test_decision_and_labels_follow_from_the_scores(self, wine):
        decision = wine.decision_function(WINE)
        assert_array_equal(decision, wine.score_samples(WINE) - wine.offset_)
        assert_array_equal(wine.predict(WINE), np.where(decision < 0, -1, 1))

    def test_rows_far_out_are_left_out_of_training(self):
        X = np.vstack([FLAT, FLAT[:30] + 100])
        detector = AutoencoderOutlierDetector(contamination=0.1, random_state=0).fit(X)
        assert_allclose(detector.mean_, FLAT.mean(axis=0), atol=0.5)

    @pytest.mark.parametrize("n", [2, 3, 6])
    @pytest.mark.parametrize("contamination", ["auto", 0.5])
    def test_few_rows_are_enough(self, n, contamination):
        detector = AutoencoderOutlierDetector(contamination=contamination, random_state=0)
        assert np.isfinite(detector.fit(WINE[:n]).score_samples(WINE)).all()

    def test_equal_rows_are_inliers(self):
        X = np.ones((20, 3))
        assert (AutoencoderOutlierDetector(random_state=0).fit_predict(X) == 1).all()

    @pytest.mark.parametrize("value", [0.0, 0.6, -0.1, "all"])
    def test_contamination_is_a_share(self, value):
        with pytest.raises(ValueError, match=r"'contamination' .* must be .*Got"):
            AutoencoderOutlierDetector(contamination=value).fit(WINE)


class TestExplanation:
    @pytest.mark.parametrize("kind", KINDS)
    def test_parts_are_not_negative_and_add_up_to_the_score(self, kind):
        detector = AutoencoderOutlierDetector(random_state=0, **KINDS[kind]).fit(FLAT)
        X = np.vstack([FLAT, 100 * FLAT[:5]])
        parts = detector.explain(X)
        assert parts.min() >= 0
        assert_allclose(parts.sum(axis=1), -detector.score_samples(X), rtol=1e-12)

    @pytest.mark.parametrize("column", range(13))
    def test_the_column_that_was_changed_is_named(self, wine, column):
        strange = np.median(WINE, axis=0)
        strange[column] += 12 * WINE[:, column].std()
        assert wine.explain([strange]).argmax() == column

    def test_a_row_alone_has_the_explanation_that_it_has_among_others(self, bent):
        parts = bent.explain(BENT[:20])
        alone = np.vstack([bent.explain(BENT[i : i + 1]) for i in range(20)])
        assert_allclose(alone, parts, rtol=1e-5, atol=1e-7)


class TestCode:
    def test_codes_and_reconstructions_are_in_the_units_of_the_data(self, wine):
        codes = wine.transform(WINE)
        assert codes.shape == (178, wine.n_components_)
        assert_allclose(wine.inverse_transform(codes), wine.reconstruct(WINE), rtol=1e-4)
        assert np.median(np.abs(wine.reconstruct(WINE) / WINE - 1)) < 0.2

    def test_score_is_the_share_of_the_variance_of_scaled_columns(self, wine):
        scaled, back = WINE / wine.scale_, wine.reconstruct(WINE) / wine.scale_
        share = 1 - np.square(scaled - back).sum() / np.square(scaled - scaled.mean(axis=0)).sum()
        assert wine.score(WINE) == pytest.approx(share, rel=1e-4)

    @pytest.mark.parametrize(("n_components", "expected"), [(3, 3), (0.5, 2), (0.999, 13)])
    def test_number_or_share(self, n_components, expected):
        detector = AutoencoderOutlierDetector(n_components, random_state=0).fit(WINE)
        assert detector.n_components_ == expected

    def test_it_cannot_be_trained_in_parts(self, wine):
        assert not hasattr(wine, "partial_fit")
        with pytest.raises(AttributeError, match="Use fit"):
            wine.partial_fit(WINE)

    @pytest.mark.parametrize("n_components", ["auto", 0.8, 2])
    def test_warm_start_goes_on_whatever_the_components(self, n_components):
        model = AutoencoderOutlierDetector(n_components, warm_start=True, random_state=0).fit(WINE)
        assert model.fit(WINE).n_components_ == model.transform(WINE).shape[1]

    def test_hidden_units_know_no_unit(self):
        model = AutoencoderOutlierDetector(random_state=0)
        units = [model.fit(factor * WINE).hidden_features(factor * WINE) for factor in (1, 1000)]
        assert_allclose(units[1], units[0], atol=1e-3)

    def test_warm_start_goes_on(self):
        detector = AutoencoderOutlierDetector(
            2, warm_start=True, solver="adamw", max_iter=2, random_state=0
        ).fit(BENT)
        assert detector.fit(BENT).n_components_ == 2
        assert detector.score_samples(BENT).max() < 0


class TestRows:
    def test_sparse_rows_have_the_scores_of_dense_ones(self):
        X = sparse.random_array((200, 30), density=0.2, rng=1, format="csr")
        detector = AutoencoderOutlierDetector(random_state=0)
        dense = clone(detector).fit(X.toarray()).score_samples(X.toarray())
        assert_allclose(detector.fit(X).score_samples(X), dense, rtol=1e-3)

    def test_frames_and_pipelines(self, wine):
        frame = pd.DataFrame(WINE, columns=load_wine().feature_names)
        detector = clone(wine).fit(frame)
        assert_array_equal(detector.score_samples(frame), wine.score_samples(WINE))
        pipeline = make_pipeline(StandardScaler(), clone(wine)).fit(WINE)
        assert_array_equal(pipeline.predict(WINE[:5]).shape, (5,))

    def test_rows_of_no_weight_are_left_out(self):
        weights = np.repeat([1.0, 0.0], [300, 40])
        X = np.vstack([FLAT, np.full((40, 10), 9.0)])
        detector = AutoencoderOutlierDetector(random_state=0)
        weighted = clone(detector).fit(X, sample_weight=weights).score_samples(FLAT)
        assert_allclose(weighted, detector.fit(FLAT).score_samples(FLAT), rtol=1e-6)

    def test_more_rows_than_estimates_need(self, monkeypatch):
        monkeypatch.setattr("skae._linear.ellipsoids.MAX_ROWS", 100)
        detector = AutoencoderOutlierDetector(contamination=0.1, random_state=0).fit(BENT)
        assert (detector.predict(BENT) == -1).sum() == 40

    def test_the_closed_form_takes_some_of_many_rows(self):
        detector = AutoencoderOutlierDetector(random_state=0).fit(np.tile(BENT, (6, 1)))
        assert detector.architecture_.hidden_layer_sizes == (256,)
        assert detector.n_iter_ == 12


class TestScales:
    def test_outliers_do_not_stretch_a_scale(self):
        rows = np.append(RNG.normal(size=1000), [1e9] * 9)[:, None]
        assert column_scales(rows, np.ones(1009))[0] == pytest.approx(0.95, abs=0.15)

    def test_quantile_counts_weights_as_repetitions(self):
        values, counts = RNG.normal(size=(50, 2)), RNG.integers(1, 4, 50)
        repeated = np.repeat(values, counts, axis=0)
        assert_array_equal(
            quantile(values, 0.7, counts), quantile(repeated, 0.7, np.ones(len(repeated)))
        )

    def test_wide_rows_leave_the_unknown_directions_a_variance(self):
        rows = RNG.normal(size=(20, 50))
        ellipsoid, _, _ = fit_trimmed_ellipsoid(rows, np.ones(20), 0, 0.8)
        assert ellipsoid.rest > 0.1

    @pytest.mark.parametrize("rank", [10, 60], ids=["some axes are empty", "none are"])
    def test_many_columns_are_fitted_within_their_leading_axes(self, rank, monkeypatch):
        rng = np.random.default_rng(0)
        rows = rng.normal(size=(90, rank)) @ rng.normal(size=(rank, 50))
        rows[:9] *= 10
        whole, kept, n_axes = fit_trimmed_ellipsoid(rows, np.ones(90), 0, 0.8)
        monkeypatch.setattr("skae._linear.ellipsoids.MAX_AXES", 49)
        within = fit_trimmed_ellipsoid(rows, np.ones(90), 0, 0.8)
        assert_array_equal(within[1], kept)
        assert within[2] == n_axes
        one, other = (
            e.whiten(torch.from_numpy(rows)).square().sum(dim=1) for e in (within[0], whole)
        )
        assert_allclose(one, other, rtol=0.02)


class TestElsewhere:
    def test_onnx_has_the_scores(self, digits):
        import onnxruntime

        detector, X = digits
        graph = to_onnx(detector, "score_samples")
        session = onnxruntime.InferenceSession(graph.SerializeToString())
        for n in (1, 400):
            (scores,) = session.run(["scores"], {"X": X[:n].astype(np.float32)})
            assert_allclose(scores[:, 0], detector.score_samples(X[:n]), rtol=1e-3)

    def test_the_display_shows_the_farthest_rows(self, wine):
        display = OutlierDisplay.from_estimator(wine, WINE, n_rows=4)
        assert_array_equal(display.index, np.argsort(wine.score_samples(WINE))[:4])
        assert_allclose(display.parts, wine.explain(WINE[display.index]))
        assert display.ax_.get_yticklabels()[0].get_text().startswith(f"row {display.index[0]}")

    def test_the_display_of_a_pipeline_and_of_a_frame(self, wine):
        frame = pd.DataFrame(WINE, columns=load_wine().feature_names)
        pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), clone(wine))
        display = OutlierDisplay.from_estimator(pipeline.fit(frame), frame, n_rows=2)
        assert display.ax_.get_xticklabels()[0].get_text() == "alcohol"

    def test_the_display_of_images(self, digits):
        display = OutlierDisplay.from_estimator(*digits, n_rows=3)
        assert display.image_shape == (8, 8)
        assert len(display.ax_.images) == 6
