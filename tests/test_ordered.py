"""Codes in PCA's order: every prefix is a code, one fit is enough for every size."""

import joblib
import numpy as np
import pytest
from joblib import Memory
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder, OrderedAutoencoder
from skae.architectures import ConvArchitecture
from skae.persistence import to_onnx
from skae.plotting import ComponentsCurveDisplay
from tests.persistence.models import UsersArchitecture

STEPS = {"solver": "adamw", "hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}
WAYS = {
    "closed form": OrderedAutoencoder(random_state=0),
    "steps": OrderedAutoencoder(**STEPS),
    "user's architecture": OrderedAutoencoder(
        5, architecture=UsersArchitecture(), max_iter=2, random_state=0
    ),
    "convolutional": OrderedAutoencoder(
        4, architecture=ConvArchitecture((2, 4), (3,)), max_iter=2, random_state=0
    ),
    "logistic": OrderedAutoencoder(output_activation="logistic", loss="log_loss", **STEPS),
}


@pytest.fixture(scope="module")
def rows():
    """Curved rows of eight columns between 0 and 1."""
    t = np.random.default_rng(0).normal(size=(120, 2))
    X = np.column_stack([t, t**2, np.sin(2 * t), t.prod(axis=1), t.sum(axis=1)])
    return (X - X.min(axis=0)) / np.ptp(X, axis=0)


@pytest.fixture(scope="module")
def fitted(rows):
    return {way: clone(model).fit(rows) for way, model in WAYS.items()}


@pytest.fixture
def n_trainings(monkeypatch):
    """The trainings so far, one number for each."""
    done = []
    train = OrderedAutoencoder._train_by_steps
    monkeypatch.setattr(
        OrderedAutoencoder, "_train_by_steps",
        lambda self, *given: done.append(1) or train(self, *given),
    )  # fmt: skip
    return done


def over_pca(X, n_components, seed):
    """Squared error of held-out rows over PCA's, of one fit cut at each size."""
    train, test = train_test_split(StandardScaler().fit_transform(X), random_state=seed)
    model, pca = OrderedAutoencoder(random_state=seed).fit(train), PCA().fit(train)
    codes, linear = model.transform(test), pca.transform(test)
    return [
        np.square(model.inverse_transform(codes[:, :k]) - test).sum()
        / np.square(linear[:, :k] @ pca.components_[:k] + pca.mean_ - test).sum()
        for k in n_components
    ]


class TestOrder:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("k", [1, 3])
    def test_the_codes_of_a_truncated_model_are_the_first_columns(self, way, k, fitted, rows):
        model = fitted[way]
        assert_array_equal(model.truncate(k).transform(rows), model.transform(rows)[:, :k])

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("k", [1, 3])
    def test_codes_of_any_prefix_are_decoded(self, way, k, fitted, rows):
        model, cut = fitted[way], fitted[way].truncate(k)
        decoded = model.inverse_transform(model.transform(rows)[:, :k])
        assert_array_equal(decoded, cut.inverse_transform(cut.transform(rows)))
        assert_allclose(decoded, cut.reconstruct(rows), rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("solver", ["auto", "adamw"])
    def test_the_start_is_pca_at_every_size(self, solver, rows):
        few = rows[:12] if solver == "auto" else rows
        model = OrderedAutoencoder(solver=solver, max_iter=1, learning_rate_init=1e-30).fit(few)
        for k in range(1, 6):
            expected = PCA(k).fit(few).explained_variance_ratio_.sum()
            assert model.truncate(k).score(few) == pytest.approx(expected, rel=1e-4)

    def test_a_model_that_was_cut_in_fit_is_the_one_that_is_truncated(self, fitted, rows):
        cut = clone(WAYS["steps"]).set_params(n_components=2).fit(rows)
        assert_array_equal(cut.reconstruct(rows), fitted["steps"].truncate(2).reconstruct(rows))
        assert cut.max_components_ == 8

    def test_only_the_numbers_that_are_missing_are_guessed(self, fitted, rows):
        module = fitted["closed form"].module_
        z = module.whole_code(module.standardize(module.source.near.new_tensor(rows)))
        assert_array_equal(module.complete(z[:, :5])[:, :5].detach(), z[:, :5].detach())

    @pytest.mark.parametrize("k", [0, 9, 2.5])
    def test_truncate_refuses_what_it_does_not_have(self, k, fitted):
        with pytest.raises(ValueError, match="truncate"):
            fitted["steps"].truncate(k)

    def test_too_many_columns_of_a_code_are_refused(self, fitted, rows):
        with pytest.raises(ValueError, match="X has 9 columns, but inverse_transform takes the 8"):
            fitted["steps"].inverse_transform(np.zeros((1, 9)))

    @pytest.mark.parametrize("whiten", [False, True])
    def test_partial_fit_keeps_prefixes_in_the_order_of_all_rows_so_far(self, whiten):
        """A first call whose axes have another order, and other signs."""
        X = np.random.default_rng(0).normal(size=(600, 4)) * [4, 3, 2, 1]
        model = OrderedAutoencoder(3, whiten=whiten, learning_rate_init=1e-12, random_state=0)
        model.partial_fit(X[:50] * [-1, -5, 1, 1]).partial_fit(X[50:])
        X_so_far = np.concatenate([X[:50] * [-1, -5, 1, 1], X[50:]])
        codes = PCA(3, whiten=whiten).fit_transform(X_so_far)
        assert_allclose(model.transform(X_so_far), codes, atol=0.02)
        back = model.inverse_transform(model.transform(X)[:, :1])
        assert_allclose(back, model.truncate(1).reconstruct(X), rtol=1e-5, atol=1e-5)

    def test_truncating_leaves_the_model_as_it_was(self, rows):
        model = OrderedAutoencoder(**STEPS).fit(rows)
        before = model.transform(rows)
        model.truncate(2).partial_fit(rows)
        assert_array_equal(model.transform(rows), before)


class TestExplained:
    @pytest.mark.parametrize("way", ["steps", "closed form"])
    def test_shares_of_a_cut_model_are_the_first_of_them(self, way, fitted):
        model = fitted[way]
        cut = model.truncate(3)
        for name in ("explained_variance_ratio_", "explained_variance_", "components_"):
            assert_array_equal(getattr(cut, name), getattr(model, name)[:3])

    def test_without_held_out_rows_they_add_up_to_the_score_of_the_training_rows(self, rows):
        model = OrderedAutoencoder(4, validation_fraction=0, **STEPS).fit(rows)
        for k in (1, 3, 4):
            explained = model.explained_variance_ratio_[:k].sum()
            assert explained == pytest.approx(model.truncate(k).score(rows), abs=1e-5)

    def test_weights_count_in_them(self, rows):
        weight = np.arange(1, 121)
        model = OrderedAutoencoder(4, validation_fraction=0, **STEPS).fit(rows, None, weight)
        explained = model.explained_variance_ratio_.sum()
        assert explained == pytest.approx(model.score(rows, None, weight), abs=1e-5)

    def test_in_closed_form_they_are_those_of_new_rows(self):
        X, new = train_test_split(load_digits().data, random_state=0)
        model = OrderedAutoencoder(random_state=0).fit(X)
        for k in (1, 5, 8):
            explained = model.explained_variance_ratio_[:k].sum()
            assert explained == pytest.approx(model.truncate(k).score(new), abs=0.03)

    @pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
    def test_a_share_takes_the_fewest_that_explain_it(self, share):
        X = load_digits().data
        model = OrderedAutoencoder(share, random_state=0).fit(X)
        assert model.explained_variance_ratio_.sum() >= share
        assert model.explained_variance_ratio_[:-1].sum() < share
        assert model.n_components_ < PCA(share).fit(X).n_components_
        assert model.n_components == share

    @pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
    def test_never_more_than_pca_needs(self, share):
        X = np.random.default_rng(0).normal(size=(60, 7))
        model = OrderedAutoencoder(share, random_state=0).fit(X)
        assert model.n_components_ <= PCA(share).fit(X).n_components_

    def test_partial_fit_goes_on_at_the_size_that_was_settled(self, rows):
        model = OrderedAutoencoder(0.8, **STEPS).fit(rows)
        size = model.n_components_
        assert model.partial_fit(rows).n_components_ == size
        assert not hasattr(model, "explained_variance_ratio_")


class TestMaxComponents:
    @pytest.mark.parametrize(
        ("n_components", "shape", "expected"),
        [(None, (40, 6), 6), (2, (40, 6), 6), (8, (40, 6), 8), (3, (5, 9), 5), (2, (150, 70), 64)],
    )
    def test_auto_is_64_or_what_there_is_or_what_is_asked_for(self, n_components, shape, expected):
        X = np.random.default_rng(0).normal(size=shape)
        model = OrderedAutoencoder(n_components, random_state=0).fit(X)
        assert model.max_components_ == expected
        assert model.transform(X).shape[1] == (n_components or expected)

    def test_more_components_than_are_trained_are_refused(self, rows):
        with pytest.raises(ValueError, match="n_components=4 is above max_components=3"):
            OrderedAutoencoder(4, max_components=3).fit(rows)

    @pytest.mark.parametrize(
        ("change", "match"),
        [({"n_components": None}, "n_components is 2"), ({"max_components": 6}, "max_comp.* is 4")],
    )
    def test_a_fit_goes_on_at_the_size_that_it_has(self, change, match, rows):
        model = OrderedAutoencoder(
            2, max_components=4, warm_start=True, max_iter=2, random_state=0
        ).fit(rows)
        with pytest.raises(ValueError, match=match):
            model.set_params(**change).fit(rows)
        with pytest.raises(ValueError, match=match):
            model.partial_fit(rows)


class TestMemory:
    def test_a_search_trains_once_for_each_fold(self, rows, tmp_path, n_trainings):
        model = OrderedAutoencoder(memory=str(tmp_path), **STEPS)
        grid = {"orderedautoencoder__n_components": [1, 2, 4]}
        pipeline = make_pipeline(StandardScaler(), model, LogisticRegression())
        search = GridSearchCV(pipeline, grid, cv=3).fit(rows, rows[:, 0] > 0.5)
        assert len(n_trainings) == 4  # and one for all rows
        again = GridSearchCV(pipeline.set_params(orderedautoencoder__memory=None), grid, cv=3)
        expected = again.fit(rows, rows[:, 0] > 0.5).cv_results_["mean_test_score"]
        assert_array_equal(search.cv_results_["mean_test_score"], expected)

    @pytest.mark.parametrize("solver", ["auto", "adamw"])
    def test_what_is_recalled_is_what_was_trained(self, solver, rows, tmp_path):
        model = OrderedAutoencoder(memory=Memory(tmp_path, verbose=0), random_state=0, max_iter=2)
        first, again = (clone(model).set_params(solver=solver).fit(rows) for _ in range(2))
        assert joblib.hash(first.__getstate__()) == joblib.hash(again.__getstate__())

    @pytest.mark.parametrize(
        "change", [{"random_state": 1}, {"max_iter": 2}, {"max_components": 5}, {"alpha": 0.5}]
    )
    def test_other_parameters_are_another_training(self, change, rows, tmp_path, n_trainings):
        model = OrderedAutoencoder(memory=tmp_path, **STEPS).fit(rows)
        clone(model).set_params(**change).fit(rows)
        assert len(n_trainings) == 2

    def test_other_rows_or_weights_are_another_training(self, rows, tmp_path, n_trainings):
        model = OrderedAutoencoder(memory=tmp_path, **STEPS)
        model.fit(rows).fit(rows[:-1]).fit(rows, sample_weight=np.arange(1, 121))
        assert len(n_trainings) == 3

    def test_without_a_seed_nothing_is_kept_and_it_is_said(self, rows, tmp_path, n_trainings):
        model = OrderedAutoencoder(memory=tmp_path, **STEPS).set_params(random_state=None)
        for _ in range(2):
            with pytest.warns(UserWarning, match="Set random_state to an integer"):
                model.fit(rows)
        assert len(n_trainings) == 2

    def test_an_interrupted_training_is_not_kept(self, rows, tmp_path, monkeypatch):
        model = OrderedAutoencoder(memory=tmp_path, **STEPS)

        def interrupt(*given):
            raise KeyboardInterrupt

        monkeypatch.setattr(OrderedAutoencoder, "_train_by_steps", interrupt)
        with pytest.raises(KeyboardInterrupt):
            model.fit(rows)
        monkeypatch.undo()
        assert len(model.fit(rows).loss_curve_) == 3


class TestQuality:
    @pytest.mark.parametrize(("load", "bound"), [(load_breast_cancer, 0.95), (load_digits, 0.75)])
    def test_below_pca_at_each_size_on_tables_that_scikit_learn_ships(self, load, bound):
        ratios = over_pca(load().data, (2, 4, 8), 0)
        assert max(ratios) <= 1.02
        assert np.mean(ratios) < bound

    @pytest.mark.parametrize("shape", [(150, 20), (40, 6), (30, 100)])
    def test_noise_stays_with_pca(self, shape):
        assert max(over_pca(np.random.default_rng(0).normal(size=shape), (1, 2, 4), 0)) <= 1.01

    def test_sparse_rows_are_those_that_they_stand_for(self, rows):
        model = OrderedAutoencoder(random_state=0)
        dense, thin = clone(model).fit(rows), clone(model).fit(sparse.csr_array(rows))
        assert_allclose(thin.reconstruct(rows), dense.reconstruct(rows), rtol=1e-3, atol=1e-4)


class TestShareOfOneSize:
    def test_the_fewest_that_explain_it_by_bisection(self):
        X = load_digits().data
        model = AutoencoderTransformer(0.7, random_state=0).fit(X)
        assert model.n_components_ < PCA(0.7).fit(X).n_components_
        assert model.transform(X).shape[1] == model.n_components_
        assert model.n_components == 0.7
        assert model.score(X) > 0.7

    def test_numbers_of_numpy_are_shares_too(self, rows):
        model = AutoencoderTransformer(np.float64(0.5), max_iter=1, random_state=0).fit(rows)
        assert 1 <= model.n_components_ <= PCA(0.5).fit(rows).n_components_

    @pytest.mark.parametrize("share", [0.0, 1.0, -0.5])
    @pytest.mark.parametrize("kind", [AutoencoderTransformer, OrderedAutoencoder])
    def test_a_share_is_between_zero_and_one(self, kind, share, rows):
        with pytest.raises(ValueError, match="or a number > 0 and < 1"):
            kind(share).fit(rows)

    def test_a_denoiser_says_where_to_find_a_number(self, rows):
        with pytest.raises(ValueError, match=r"AutoencoderTransformer\(0.9\).fit\(X\).n_compone"):
            DenoisingAutoencoder(0.9).fit(rows)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["transform", "inverse_transform", "reconstruct"])
def test_the_graph_of_a_truncated_model(part, fitted, rows):
    onnxruntime = pytest.importorskip("onnxruntime")
    model = fitted["steps"].truncate(3)
    X = model.transform(rows) if part == "inverse_transform" else rows.astype(np.float32)
    session = onnxruntime.InferenceSession(to_onnx(model, part).SerializeToString())
    (result,) = session.run(None, {session.get_inputs()[0].name: X})
    assert_allclose(result, getattr(model, part)(X), rtol=1e-4, atol=1e-5)


def test_a_state_that_keeps_more_than_it_has_is_refused(fitted):
    state = {**fitted["steps"].__getstate__(), "max_components_": 3}
    with pytest.raises(ValueError, match="is not the saved state of a OrderedAutoencoder"):
        OrderedAutoencoder().__setstate__(state)


@pytest.mark.parametrize("is_fitted", [True, False])
def test_the_curve_of_all_sizes_is_drawn_from_one_fit(is_fitted, rows, n_trainings):
    pytest.importorskip("matplotlib").use("agg")
    X, new = rows[:90], rows[90:]
    model = OrderedAutoencoder(**STEPS)
    if is_fitted:
        model.fit(X)
    display = ComponentsCurveDisplay.from_estimator(model, X, X_test=new, n_components=(1, 4, 2))
    assert len(n_trainings) == 1
    assert display.errors.shape == display.pca_errors.shape == (3,)
    assert hasattr(model, "module_") == is_fitted
