"""Codes that know a target: classes or numbers, all known or some."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import is_classifier, is_regressor
from sklearn.datasets import load_diabetes, load_iris, load_wine, make_friedman1, make_moons
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import SupervisedAutoencoder
from tests.persistence.models import WAYS

QUICK = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
START = {"hidden_layer_sizes": (4,), "max_iter": 1, "learning_rate_init": 1e-12, "random_state": 0}
"""A rate of almost nothing leaves a model where it starts."""

IRIS, SPECIES = load_iris(return_X_y=True)
SUGAR, PROGRESS = load_diabetes(return_X_y=True)


class TestStart:
    def test_the_first_columns_are_those_of_a_discriminant_analysis(self):
        X, y = load_wine(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        codes = SupervisedAutoencoder(4, **START).fit(X, y).transform(X)
        known = LinearRegression().fit(
            codes[:, :2], LinearDiscriminantAnalysis().fit_transform(X, y)
        )
        told = known.score(codes[:, :2], LinearDiscriminantAnalysis().fit_transform(X, y))
        assert told > 0.95

    def test_columns_are_uncorrelated_and_the_others_are_principal_axes_of_what_is_left(self):
        X = np.random.default_rng(0).normal(size=(2000, 5)) * [1, 5, 4, 3, 2]
        model = SupervisedAutoencoder(3, task="regression", **START).fit(X, X[:, 0])
        codes = model.transform(X)
        assert_allclose(np.corrcoef(codes.T), np.eye(3), atol=0.01)
        axes = np.abs(np.corrcoef(codes.T, X[:, :3].T)[:3, 3:])
        assert_allclose(axes, np.eye(3), atol=0.12)

    def test_decoding_is_the_regression_of_the_rows_on_the_code(self):
        model = SupervisedAutoencoder(2, **START).fit(IRIS, SPECIES)
        codes = model.transform(IRIS)
        expected = LinearRegression().fit(codes, IRIS).predict(codes)
        assert_allclose(model.reconstruct(IRIS), expected, atol=1e-3)
        assert_allclose(codes @ model.components_ + model.mean_, expected, atol=1e-3)

    def test_directions_of_the_target_have_the_deviation_of_the_first_principal_axis(self):
        X = np.random.default_rng(0).normal(size=(400, 3)) * [0.001, 10, 1]
        model = SupervisedAutoencoder(2, dtype="float64", **START).fit(X, X[:, 0] > 0)
        assert_allclose(model.transform(X).std(axis=0), PCA(1).fit_transform(X).std(), rtol=0.02)

    @pytest.mark.parametrize("kind", ["sparse", "wide", "weights"])
    def test_other_rows_start_alike(self, kind):
        X, y = (
            np.random.default_rng(0).normal(size=(60, 200 if kind == "wide" else 8)),
            np.arange(60) % 2,
        )
        X[:, 0] += 3 * y
        weights = None
        if kind == "weights":
            X, y, weights = np.concatenate([X, X + 9]), np.append(y, 1 - y), np.repeat([1, 0], 60)
        rows = sparse.csr_array(X) if kind == "sparse" else X
        model = SupervisedAutoencoder(2, **START).fit(rows, y, weights)
        assert model.score(X[:60], y[:60]) > 0.85

    def test_a_small_weight_leaves_the_first_columns_to_principal_axes(self):
        X = np.random.default_rng(0).normal(size=(400, 3)) * [5, 4, 0.1]
        fitted = [
            SupervisedAutoencoder(2, task="regression", target_weight=w, **START).fit(X, X[:, 2])
            for w in (0.1, 1.0)
        ]
        assert [model.score(X) > 0.99 for model in fitted] == [True, False]
        assert [model.score(X, X[:, 2]) > 0.99 for model in fitted] == [False, True]

    def test_a_start_that_is_kept_has_seen_all_rows(self):
        model = SupervisedAutoencoder(2, **START).fit(IRIS, SPECIES)
        again = SupervisedAutoencoder(2, validation_fraction=0, **START).fit(IRIS, SPECIES)
        assert model.best_iter_ == 0
        assert_allclose(model.transform(IRIS), again.transform(IRIS), atol=1e-3)


class TestClasses:
    @pytest.mark.parametrize("names", [np.array(["c", "a", "b"]), np.array([7, 3, 5])])
    def test_classes_have_their_names(self, names):
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, names[SPECIES])
        assert_array_equal(model.classes_, np.sort(names))
        assert model.score(IRIS, names[SPECIES]) > 0.9
        assert_allclose(model.predict_proba(IRIS).sum(axis=1), 1)
        assert_array_equal(
            model.classes_[model.decision_function(IRIS).argmax(axis=1)], model.predict(IRIS)
        )

    def test_two_classes_have_one_column_of_log_odds(self):
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, SPECIES == 1)
        odds = np.diff(model.predict_log_proba(IRIS), axis=1).ravel()
        assert_allclose(model.decision_function(IRIS), odds, atol=1e-5)

    def test_what_a_plane_does_not_separate_is_separated(self):
        X, y = make_moons(300, noise=0.1, random_state=0)
        model = SupervisedAutoencoder(2, max_iter=60, random_state=0).fit(X[:200], y[:200])
        codes = LogisticRegression().fit(model.transform(X[:200]), y[:200])
        plane = LogisticRegression().fit(X[:200], y[:200])
        assert codes.score(model.transform(X[200:]), y[200:]) > plane.score(X[200:], y[200:]) + 0.04

    def test_class_weights_move_the_border(self):
        y = SPECIES == 1
        shares = [
            SupervisedAutoencoder(1, class_weight=w, **START).fit(IRIS, y).predict(IRIS).mean()
            for w in (None, {False: 1, True: 10})
        ]
        assert shares[0] < shares[1]


class TestUnknown:
    def test_rows_without_a_class_train_the_reconstruction_alone(self):
        y = np.where(np.arange(150) % 3, -1, SPECIES)
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, y)
        assert_array_equal(model.classes_, [0, 1, 2])
        assert model.score(IRIS, SPECIES) > 0.9
        assert model.mean_ == pytest.approx(IRIS.mean(axis=0))

    def test_rows_without_a_class_take_that_of_their_neighbours(self):
        X, y = make_moons(1200, noise=0.08, random_state=0)
        X_known, X_new, y_known, y_new = X[:40], X[600:], y[:40], y[600:]
        given = np.append(y_known, np.full(560, -1))
        without = SupervisedAutoencoder(2, random_state=0).fit(X_known, y_known)
        model = SupervisedAutoencoder(2, random_state=0).fit(X[:600], given)
        assert model.score(X_new, y_new) > 0.96 > without.score(X_new, y_new) + 0.05

    def test_minus_one_beside_one_is_a_class(self):
        y = np.where(SPECIES == 0, -1, 1)
        assert_array_equal(SupervisedAutoencoder(2, **QUICK).fit(IRIS, y).classes_, [-1, 1])

    @pytest.mark.parametrize("other", [0, 2, 1.5])
    def test_minus_one_beside_another_class_alone_is_none(self, other):
        y = np.where(SPECIES == 0, -1, other)
        with pytest.raises(ValueError, match=r"one class|Unknown label type"):
            SupervisedAutoencoder(2, **QUICK).fit(IRIS, y)

    @pytest.mark.parametrize("kind", [list, np.array, pd.Series])
    def test_words_have_minus_one_among_them(self, kind):
        words = np.array(["a", "b", "c"], object)[SPECIES]
        given = words.copy()
        given[1::3] = -1
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, kind(given))
        assert_array_equal(model.classes_, ["a", "b", "c"])
        assert model.score(IRIS, words) > 0.9
        assert model.score(IRIS, kind(given)) == model.score(IRIS[given != -1], words[given != -1])

    @pytest.mark.parametrize("cell", [None, float("nan"), 3, True])
    def test_what_is_no_word_among_words_is_named(self, cell):
        y = [cell, *np.array(["a", "b", "c"], object)[SPECIES[1:]]]
        with pytest.raises(ValueError, match=f"y holds words, and {cell!r} among them"):
            SupervisedAutoencoder(2, **QUICK).fit(IRIS, y)

    def test_rows_without_a_target_are_no_part_of_a_score(self):
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, SPECIES)
        weights = np.arange(150.0)
        some = np.arange(150) % 3 > 0
        expected = model.score(IRIS[some], SPECIES[some], weights[some])
        assert model.score(IRIS, np.where(some, SPECIES, -1), weights) == pytest.approx(expected)
        with pytest.raises(ValueError, match="y has none"):
            model.score(IRIS, np.full(150, -1))

    def test_numbers_that_are_not_known_are_no_part_of_a_score(self):
        y = np.where(np.arange(len(SUGAR)) % 3, PROGRESS, np.nan)
        model = SupervisedAutoencoder(2, task="regression", **QUICK).fit(SUGAR, y)
        known = ~np.isnan(y)
        assert model.score(SUGAR, y) == pytest.approx(model.score(SUGAR[known], y[known]))
        assert np.isfinite(cross_val_score(model, SUGAR, y, cv=2)).all()

    def test_numbers_that_are_not_known_are_nan(self):
        y = np.column_stack([PROGRESS, SUGAR[:, 0]])
        y[::2, 0] = np.nan
        model = SupervisedAutoencoder(4, task="regression", **QUICK).fit(SUGAR, y)
        assert model.predict(SUGAR).shape == y.shape
        assert model.score(SUGAR, np.column_stack([PROGRESS, SUGAR[:, 0]])) > 0.4


class TestWeights:
    @pytest.mark.parametrize("task", ["classification", "regression"])
    @pytest.mark.parametrize("unit", [1 / 150, 1e-6, 0.37])
    def test_their_unit_makes_no_difference(self, task, unit):
        y = SPECIES if task == "classification" else IRIS[:, 0]
        model = SupervisedAutoencoder(2, task=task, **START)
        expected = model.fit(IRIS, y).transform(IRIS)
        assert_allclose(model.fit(IRIS, y, np.full(150, unit)).transform(IRIS), expected, atol=1e-4)

    @pytest.mark.parametrize("task", ["classification", "regression"])
    def test_whole_weights_are_repeated_rows(self, task):
        some = np.arange(0, 150, 3)
        X, y = IRIS[some], (SPECIES if task == "classification" else IRIS[:, 0])[some]
        counts = np.random.default_rng(0).integers(1, 4, len(some))
        model = SupervisedAutoencoder(2, task=task, validation_fraction=0, **START)
        weighted = model.fit(X, y, counts).transform(IRIS)
        repeated = model.fit(X.repeat(counts, axis=0), y.repeat(counts)).transform(IRIS)
        assert_allclose(weighted, repeated, atol=2e-3)


class TestNumbers:
    def test_numbers_have_their_units(self):
        model = SupervisedAutoencoder(3, task="regression", **QUICK).fit(SUGAR, PROGRESS + 1e6)
        assert model.score(SUGAR, PROGRESS + 1e6) > 0.4

    @pytest.mark.parametrize("shape", [(442,), (442, 1), (442, 2)])
    def test_predictions_have_the_shape_of_the_target(self, shape):
        y = np.broadcast_to(PROGRESS.reshape(442, *[1] * (len(shape) - 1)), shape)
        model = SupervisedAutoencoder(2, task="regression", **QUICK).fit(SUGAR, y)
        assert model.predict(SUGAR).shape == shape


class TestUse:
    @pytest.mark.parametrize("task", ["classification", "regression"])
    def test_it_is_what_its_task_says(self, task):
        model = SupervisedAutoencoder(task=task)
        assert (is_classifier(model), is_regressor(model)) == (
            task == "classification",
            task != "classification",
        )
        assert hasattr(model, "predict_proba") == is_classifier(model)
        assert not hasattr(model, "partial_fit")

    def test_in_a_search_by_accuracy(self):
        search = GridSearchCV(
            SupervisedAutoencoder(**QUICK), {"target_weight": [0.1, "auto"]}, cv=2
        )
        assert search.fit(IRIS, SPECIES).best_score_ > 0.9

    def test_as_a_step_before_a_classifier(self):
        chain = make_pipeline(
            StandardScaler(), SupervisedAutoencoder(2, **QUICK), LogisticRegression()
        )
        assert cross_val_score(chain, IRIS, SPECIES, cv=3).mean() > 0.9

    def test_without_a_target_the_score_is_that_of_the_reconstruction(self):
        model = SupervisedAutoencoder(4, **QUICK).fit(IRIS, SPECIES)
        assert model.score(IRIS) == pytest.approx(1, abs=0.01)

    @pytest.mark.parametrize("seed", range(3))
    def test_going_on_tells_the_target_no_worse(self, seed):
        X, y = load_iris(return_X_y=True)
        X, others, y, truth = train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y)
        model = SupervisedAutoencoder(2, warm_start=True, max_iter=20, random_state=seed)
        before = model.fit(X, y).score(others, truth)
        assert model.fit(X, y).score(others, truth) >= before - 0.02

    def test_a_huge_target_is_refused_and_a_tiny_one_is_told(self):
        X, y = load_diabetes(return_X_y=True)
        model = SupervisedAutoencoder(2, task="regression", max_iter=2, random_state=0)
        with pytest.raises(ValueError, match="y holds"):
            model.fit(X, y * 1e153)
        assert model.fit(X, y * 1e-170).score(X, y * 1e-170) > 0.3

    def test_what_stays_behind_the_linear_code_is_stopped(self):
        X, y = make_friedman1(400, noise=1.0, random_state=0)
        model = SupervisedAutoencoder(2, task="regression", random_state=0).fit(X, y)
        assert model.best_iter_ == 0
        assert model.n_iter_ <= 70

    def test_a_fit_goes_on_with_warm_start(self):
        X, y = make_moons(60, noise=0.1, random_state=0)
        model = SupervisedAutoencoder(2, warm_start=True, **QUICK).fit(X, y)
        module = model.module_
        assert model.fit(X, y).module_ is module
        with pytest.raises(ValueError, match="model of the classes"):
            model.fit(X, y + 1)
        with pytest.raises(ValueError, match="y has numbers"):
            model.set_params(task="regression").fit(X, y)

    def test_a_fit_goes_on_with_the_class_weights_that_are_set(self):
        model = SupervisedAutoencoder(2, warm_start=True, **QUICK).fit(SUGAR, PROGRESS > 140)
        other = pickle.loads(pickle.dumps(model)).set_params(class_weight={False: 1, True: 50})
        shares = [m.fit(SUGAR, PROGRESS > 140).predict(SUGAR).mean() for m in (model, other)]
        assert shares[0] < shares[1]

    @pytest.mark.parametrize("shape", [(442, 1), (442, 2)])
    def test_a_fit_goes_on_with_as_many_numbers(self, shape):
        model = SupervisedAutoencoder(2, task="regression", warm_start=True, **QUICK)
        model.fit(SUGAR, PROGRESS)
        score = model.score(SUGAR, PROGRESS)
        with pytest.raises(ValueError, match=r"model of numbers of shape \(n_samples,\)"):
            model.fit(SUGAR, np.broadcast_to(PROGRESS[:, None], shape))
        assert model.score(SUGAR, PROGRESS) == score

    def test_another_task_is_for_the_next_fit(self):
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, SPECIES)
        said = model.predict(IRIS)
        assert_array_equal(model.set_params(task="regression").predict(IRIS), said)
        numbers = model.fit(IRIS, IRIS[:, 0]).predict(IRIS)
        assert_array_equal(model.set_params(task="classification").predict(IRIS), numbers)

    def test_a_pickle_predicts_alike(self):
        model = SupervisedAutoencoder(2, **QUICK).fit(IRIS, SPECIES)
        again = pickle.loads(pickle.dumps(model))
        assert_array_equal(again.predict_proba(IRIS), model.predict_proba(IRIS))

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize(
        "names",
        [np.array([3, 1, 2]), np.array(["c", "a", "b"]), np.array(["c", "a", "b"], dtype=object)],
        ids=["numbers", "words", "objects"],
    )
    def test_classes_come_back_from_every_file(self, way, names, tmp_path):
        weights = dict.fromkeys(names.tolist(), 2.0)
        model = SupervisedAutoencoder(2, class_weight=weights, **QUICK).fit(IRIS, names[SPECIES])
        again = WAYS[way](model, tmp_path)
        assert_array_equal(again.classes_, model.classes_, strict=True)
        assert_array_equal(again.predict(IRIS), model.predict(IRIS), strict=True)
        assert again.class_weight == weights

    @pytest.mark.parametrize("way", WAYS)
    def test_numbers_come_back_from_every_file(self, way, tmp_path):
        model = SupervisedAutoencoder(2, task="regression", **QUICK).fit(SUGAR, PROGRESS)
        again = WAYS[way](model, tmp_path)
        assert_array_equal(again.predict(SUGAR), model.predict(SUGAR), strict=True)


@pytest.mark.parametrize(
    ("task", "y", "message"),
    [
        ("classification", None, "requires y to be passed"),
        ("classification", np.zeros(150), "one class"),
        ("classification", np.full(150, -1), "no class"),
        ("classification", np.linspace(0, 1, 150), "Unknown label type.* task='regression'"),
        ("classification", np.where(SPECIES, SPECIES, np.nan), "a class has -1"),
        ("classification", SPECIES[:9], "inconsistent numbers"),
        ("regression", np.full(150, np.nan), "two rows at least"),
        ("regression", np.full(150, np.inf), "infinity"),
        ("regression", None, "requires y to be passed"),
    ],
)
def test_a_target_that_tells_nothing_is_refused(task, y, message):
    with pytest.raises(ValueError, match=message):
        SupervisedAutoencoder(2, task=task, **QUICK).fit(IRIS, y)


def test_class_weights_belong_to_classes():
    with pytest.raises(ValueError, match="class_weight='balanced' belongs to classes"):
        SupervisedAutoencoder(task="regression", class_weight="balanced").fit(SUGAR, PROGRESS)
