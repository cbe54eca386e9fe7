"""What a user's first tables get from the defaults: the closed form, and never less than PCA."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.callbacks import ReconstructionMonitor
from skae.plotting import LossCurveDisplay
from tests.new_estimator import SparseAutoencoder


def by_ridge(model):
    return model.module_.encoder[0].out_features == 256


def over_pca(X, n_components, seed, **parameters):
    """Squared error of held-out rows over PCA's."""
    train, test = train_test_split(X, random_state=seed)
    model = AutoencoderTransformer(n_components, random_state=seed, **parameters).fit(train)
    pca = PCA(n_components).fit(train)
    error = np.square(pca.inverse_transform(pca.transform(test)) - test).sum()
    return -model.score_samples(test).sum(dtype=float) / error


class TestQuality:
    @pytest.mark.parametrize(
        ("load", "n_components", "bound"),
        [(load_wine, 2, 0.95), (load_breast_cancer, 4, 0.9), (load_digits, 8, 0.55)],
    )
    def test_below_pca_on_tables_that_scikit_learn_ships(self, load, n_components, bound):
        X = StandardScaler().fit_transform(load().data)
        ratios = [over_pca(X, n_components, seed) for seed in range(3)]
        assert np.mean(ratios) < bound
        assert max(ratios) <= 1.02

    def test_a_tenth_of_the_error_of_pca_on_a_curved_surface(self, X):
        assert over_pca(X, 2, 0) < 0.1

    @pytest.mark.parametrize("n_components", [1, 2, 4])
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize(
        "make",
        [
            lambda rng: rng.normal(size=(150, 20)),
            lambda rng: (
                rng.normal(size=(200, 3)) @ rng.normal(size=(3, 10))
                + 0.3 * rng.normal(size=(200, 10))
            ),
            lambda rng: np.column_stack([rng.normal(size=(150, 5)) * 3, rng.normal(size=(150, 9))]),
            lambda rng: rng.standard_t(1.5, size=(200, 8)),
            lambda rng: rng.normal(size=(40, 6)),
            lambda rng: rng.normal(size=(30, 100)),
        ],
        ids=["noise", "flat", "five in noise", "heavy tails", "few rows", "wide"],
    )
    def test_where_there_is_nothing_to_bend_for_pca_is_kept(self, make, n_components, seed):
        assert over_pca(make(np.random.default_rng(seed)), n_components, seed) <= 1.01

    @pytest.mark.parametrize("n_samples", [2, 3, 10, 19])
    def test_too_few_rows_to_judge_by(self, n_samples):
        X = np.random.default_rng(0).normal(size=(n_samples, 4))
        model = AutoencoderTransformer(2, random_state=0).fit(X)
        assert model.best_iter_ == 0
        pca = PCA(2).fit(X)
        assert_allclose(
            model.reconstruct(X), pca.inverse_transform(pca.transform(X)), rtol=1e-4, atol=1e-4
        )

    def test_more_components_than_rank_and_constant_columns(self):
        rng = np.random.default_rng(0)
        X = np.column_stack([rng.normal(size=(60, 2)) @ rng.normal(size=(2, 4)), np.full(60, 7.0)])
        model = AutoencoderTransformer(5, solver="ridge", random_state=0).fit(X)
        assert_allclose(model.reconstruct(X), X, atol=1e-3)
        constant = AutoencoderTransformer(2, solver="ridge").fit(np.full((30, 3), 7.0))
        assert_array_equal(constant.reconstruct(np.full((2, 3), 7.0)), np.full((2, 3), 7.0))

    @pytest.mark.parametrize("unit", [1e-15, 1e-6, 1e6, 1e15])
    def test_units_make_no_difference(self, unit, X):
        one, other = (
            AutoencoderTransformer(2, random_state=0).fit(X * factor) for factor in (1.0, unit)
        )
        assert other.score(X * unit) == pytest.approx(one.score(X), abs=1e-3)


class TestWhen:
    @pytest.mark.parametrize(
        "parameters",
        [
            {"hidden_layer_sizes": (32,)}, {"max_iter": 2}, {"batch_size": 16},
            {"learning_rate_init": 0.001}, {"alpha": 0.1}, {"solver": "adam"}, {"init": "random"},
            {"loss": "huber"}, {"early_stopping": True, "max_iter": 2}, {"warm_start": True},
            {"validation_fraction": 0, "max_iter": 2}, {"precision": "mixed"},
        ],
        ids=repr,
    )  # fmt: skip
    def test_who_asks_for_steps_gets_steps(self, parameters, X):
        model = AutoencoderTransformer(2, random_state=0).set_params(**parameters)
        model.set_params(max_iter=parameters.get("max_iter", "auto"))
        assert not model._trains_by_ridge(X)

    def test_defaults_of_a_small_table(self, X):
        model = AutoencoderTransformer(2, random_state=0).fit(X)
        assert by_ridge(model)
        assert model.n_iter_ == model.best_iter_ == len(model.loss_curve_) == 12
        assert not hasattr(model, "validation_loss_curve_")

    @pytest.mark.parametrize("shape", [(2001, 8), (2000, 1200)])
    def test_larger_tables_are_trained_by_steps(self, shape):
        assert not AutoencoderTransformer(2)._trains_by_ridge(np.zeros(shape, np.float32))

    @pytest.mark.parametrize("kind", [DenoisingAutoencoder, SparseAutoencoder])
    def test_estimators_with_hooks_of_their_own_are_trained_by_steps(self, kind, X):
        assert not kind(2)._trains_by_ridge(X)

    def test_a_subclass_with_hooks_refuses_it(self, X):
        class Plain(AutoencoderTransformer):
            def _make_objective(self, module):
                return super()._make_objective(module)

        with pytest.raises(ValueError, match="is not for Plain, which has its own _make_objective"):
            Plain(2, solver="ridge").fit(X)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"init": "random"}, "needs init='pca' .now 'random'"),
            ({"loss": "huber"}, "needs loss='squared_error'"),
            ({"warm_start": True}, "needs warm_start=False"),
            ({"checkpoint": "fit"}, "needs checkpoint=None"),
            ({"hidden_layer_sizes": (8, 4)}, r"one hidden layer, but hidden_layer_sizes is \(8, 4"),
            ({"hidden_layer_sizes": ()}, r"one hidden layer, but hidden_layer_sizes is \(\)"),
        ],
    )
    def test_what_the_closed_form_cannot_do_is_refused(self, parameters, message, X):
        with pytest.raises(ValueError, match=message):
            AutoencoderTransformer(2, solver="ridge", **parameters).fit(X)

    def test_a_denoiser_is_told_which_solvers_it_has(self, X):
        with pytest.raises(ValueError, match="'solver' parameter of DenoisingAutoencoder"):
            DenoisingAutoencoder(2, solver="ridge").fit(X)


class TestAtHome:
    @pytest.mark.parametrize("solver", ["auto", "ridge"])
    def test_partial_fit_goes_on_from_it_by_steps(self, solver, X):
        model = AutoencoderTransformer(2, solver=solver, random_state=0).fit(X)
        before = model.score(X)
        for _ in range(3):
            model.partial_fit(X)
        assert by_ridge(model)
        assert model.n_iter_ == 15
        assert model.score(X) > before - 0.01

    def test_the_same_bits_for_the_same_seed(self, X):
        one, other = (AutoencoderTransformer(2, random_state=0).fit(X) for _ in range(2))
        assert_array_equal(one.transform(X), other.transform(X))

    def test_sparse_rows_are_as_dense_ones(self, X):
        one = AutoencoderTransformer(2, random_state=0).fit(X)
        other = AutoencoderTransformer(2, random_state=0).fit(sparse.csr_array(X))
        assert_allclose(other.transform(X), one.transform(X), atol=1e-3)

    def test_float64_is_a_little_more_exact(self, X):
        single, double = (
            AutoencoderTransformer(2, dtype=dtype, random_state=0).fit(X)
            for dtype in ("float32", "float64")
        )
        assert double.transform(X).dtype == np.float64
        assert double.score(X) == pytest.approx(single.score(X), abs=1e-3)

    @pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "identity", "silu", "elu"])
    def test_every_activation(self, activation, X):
        assert over_pca(X, 2, 0, activation=activation) <= 1.001

    def test_max_iter_counts_rounds(self, X):
        model = AutoencoderTransformer(2, solver="ridge", max_iter=3, random_state=0).fit(X)
        assert model.n_iter_ == 3

    def test_rows_that_count_more_are_reconstructed_better(self, X):
        two = np.vstack([X, X[:, ::-1]])
        is_first = np.arange(len(two)) < len(X)
        errors = []
        for heavy in (is_first, ~is_first):
            model = AutoencoderTransformer(3, random_state=0)
            model.fit(two, sample_weight=np.where(heavy, 100.0, 1.0))
            errors.append(-model.score_samples(two))
        assert errors[0][is_first].sum() < 0.8 * errors[1][is_first].sum()
        assert errors[1][~is_first].sum() < 0.8 * errors[0][~is_first].sum()

    def test_callbacks_lines_and_pictures(self, X, capsys):
        pytest.importorskip("matplotlib").use("agg")
        monitor = ReconstructionMonitor()
        model = AutoencoderTransformer(2, random_state=0, verbose=2).set_callbacks(monitor).fit(X)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("Epoch 1/12: training loss")
        assert len(lines) == 12
        rows = monitor.get_logs().data
        assert [row["training_loss"] for row in rows] == model.loss_curve_
        assert len(LossCurveDisplay.from_estimator(model).training) == 12

    def test_a_callback_may_stop_it(self, X):
        class Stop:
            def setup(self, estimator, context): ...
            def teardown(self, estimator, context): ...
            def on_fit_task_begin(self, estimator, context): ...
            def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
                self.score = fitted_estimator.score(X)
                return context.task_id == 3

        stop = Stop()
        model = AutoencoderTransformer(2, random_state=0).set_callbacks(stop).fit(X)
        assert model.n_iter_ == 4
        assert stop.score == model.score(X)

    def test_an_interruption_keeps_the_rounds_so_far(self, X, monkeypatch):
        from skae._training.rounds import Rounds

        class Interrupting:
            def initialize(self): ...
            def on_train_begin(self, net): ...
            def on_epoch_begin(self, net): ...
            def on_train_end(self, net): ...
            def on_epoch_end(self, net):
                assert isinstance(net, Rounds)
                if len(net.history) == 2:
                    raise KeyboardInterrupt

        monkeypatch.setattr("skae._base.training.progress_callback", lambda _: Interrupting())
        model = AutoencoderTransformer(2, random_state=0)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X)
        assert model.n_iter_ == 2
        assert np.isfinite(model.transform(X)).all()

    def test_a_search_of_the_latent_size(self):
        X, y = load_iris(return_X_y=True)
        pipeline = make_pipeline(
            StandardScaler(), AutoencoderTransformer(random_state=0), LogisticRegression()
        )
        grid = {"autoencodertransformer__n_components": [1, 2, 3]}
        begun = time.monotonic()
        search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
        assert time.monotonic() - begun < 60
        assert search.best_score_ > 0.9

    def test_one_thread_is_used_and_no_setting_changed(self, X, monkeypatch):
        """Not in the calling thread after the fit, and not in another one meanwhile."""
        seen = []

        class Look:
            def setup(self, estimator, context): ...
            def teardown(self, estimator, context): ...
            def on_fit_task_begin(self, estimator, context): ...
            def on_fit_task_end(self, estimator, context):
                with ThreadPoolExecutor(1) as pool:
                    other = pool.submit(torch.get_num_threads).result()
                seen.append((torch.get_num_threads(), other))

        n_threads = torch.get_num_threads()
        torch.set_num_threads(3)
        try:
            AutoencoderTransformer(2, max_iter="auto").set_callbacks(Look()).fit(X)
            assert torch.get_num_threads() == 3
        finally:
            torch.set_num_threads(n_threads)
        assert seen[0] == (1, 3)

    def test_cloned_and_refitted(self, X):
        model = AutoencoderTransformer(2, random_state=0).fit(X)
        assert_array_equal(clone(model).fit(X).transform(X), model.transform(X))


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_copies_of_rows_are_no_evidence(load):
    """Repeated rows are worth what a weight says of them, in each fold."""
    X = StandardScaler().fit_transform(load().data)
    train, test = train_test_split(X, test_size=0.4, random_state=0)
    thrice = AutoencoderTransformer(4, random_state=0).fit(np.repeat(train, 3, axis=0))
    weighted = AutoencoderTransformer(4, random_state=0)
    weighted.fit(train, sample_weight=np.full(len(train), 3.0))
    assert thrice.best_iter_ == weighted.best_iter_
    assert_allclose(thrice.score(test), weighted.score(test), rtol=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_a_bootstrap_is_never_worse_than_pca(seed):
    X = StandardScaler().fit_transform(load_wine().data)
    drawn = np.random.default_rng(seed).integers(0, len(X), len(X))
    left_out = np.setdiff1d(np.arange(len(X)), drawn)
    model = AutoencoderTransformer(4, random_state=0).fit(X[drawn])
    pca = PCA(4).fit(X[drawn])
    error = np.square(pca.inverse_transform(pca.transform(X[left_out])) - X[left_out]).sum()
    assert -model.score_samples(X[left_out]).sum(dtype=float) < 1.001 * error
