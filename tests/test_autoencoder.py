"""What a user of AutoencoderTransformer relies on."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from joblib import Parallel, delayed
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skae import AutoencoderTransformer
from skae.architectures import DenseArchitecture

SMALL = {"hidden_layer_sizes": (16,), "max_iter": 10, "random_state": 0}


def small(n_components=2, **parameters):
    return AutoencoderTransformer(n_components, **{**SMALL, **parameters})


def pca_error(X, n_components):
    pca = PCA(n_components).fit(X)
    return np.square(pca.inverse_transform(pca.transform(X)) - X).sum()


class TestLinearPath:
    @pytest.mark.parametrize("n_components", [1, 3, 8])
    def test_start_is_pca(self, X, n_components):
        """A rate of almost nothing leaves the model where it starts."""
        start = small(n_components, learning_rate_init=1e-12, max_iter=1).fit(X)
        assert_allclose(
            -start.score_samples(X).sum(), pca_error(X.astype(float), n_components),
            rtol=1e-3, atol=1e-5 * len(X),
        )  # fmt: skip
        pca = PCA(n_components).fit(X)
        assert_allclose(start.explained_variance_, pca.explained_variance_, rtol=1e-3)
        alignment = np.abs(np.sum(start.components_ * pca.components_, axis=1))
        assert_allclose(alignment, 1, atol=1e-3)

    @pytest.mark.parametrize("width", [16, 2048])
    @pytest.mark.parametrize("learning_rate_init", ["auto", 1.0])
    def test_never_ends_above_its_start(self, X, width, learning_rate_init):
        model = small(
            hidden_layer_sizes=(width,), learning_rate_init=learning_rate_init, max_iter=3
        ).fit(X)
        kept = [model.initial_validation_loss_, *model.validation_loss_curve_][model.best_iter_]
        assert kept <= model.initial_validation_loss_

    def test_linear_autoencoder_reaches_pca_subspace(self, X):
        model = AutoencoderTransformer(
            2, hidden_layer_sizes=(), activation="identity", init="random", max_iter=300,
            learning_rate_init=0.02, batch_size=32, random_state=0,
        ).fit(X)  # fmt: skip
        assert -model.score_samples(X).sum() <= 1.02 * pca_error(X, 2)

    def test_beats_pca_on_curved_data(self, X):
        model = AutoencoderTransformer(random_state=0).fit(X[::2])
        pca = PCA(2).fit(X[::2])
        error = np.square(pca.inverse_transform(pca.transform(X[1::2])) - X[1::2]).sum()
        assert -model.score_samples(X[1::2]).sum() < 0.5 * error

    def test_leaves_a_start_where_the_gradient_is_nearly_zero(self):
        """What PCA leaves over is almost unrelated to its components, until the net has grown."""
        rng = np.random.default_rng(0)
        X = np.tanh(rng.normal(size=(2000, 8)) @ rng.normal(size=(8, 64)))
        X += 0.1 * rng.normal(size=X.shape)
        model = AutoencoderTransformer(8, max_iter=16, random_state=0).fit(X)
        assert -model.score_samples(X).sum() < 0.5 * pca_error(X, 8)

    def test_more_components_than_rank(self):
        X = np.random.default_rng(0).normal(size=(5, 3))
        model = small(7).fit(X)
        assert not model.components_[3:].any()
        assert model.transform(X).shape == (5, 7)

    @pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array])
    def test_wide_data(self, convert):
        rng = np.random.default_rng(0)
        dense = (rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3000))).astype(np.float32)
        model = small(3, max_iter=1).fit(convert(dense))
        assert model.score(convert(dense)) > 0.999

    def test_columns_of_very_different_scale(self):
        """The small column is what one component leaves over; it must not drown in rounding."""
        rng = np.random.default_rng(0)
        X = np.column_stack([1e5 * rng.normal(size=300), *rng.normal(size=(3, 300))])
        model = small(1, learning_rate_init=1e-12, max_iter=1).fit(X)
        assert -model.score_samples(X).sum() < 1.02 * pca_error(X, 1)


class TestPrecision:
    @pytest.mark.parametrize("init", ["pca", "random"])
    def test_mixed_costs_no_quality(self, X, init):
        full, mixed = (
            small(init=init, max_iter=40, precision=precision).fit(X)
            for precision in ("full", "mixed")
        )
        assert mixed.score(X) == pytest.approx(full.score(X), abs=0.01)
        assert mixed.transform(X).dtype == np.float32

    def test_mixed_multiplies_in_bfloat16_but_for_the_linear_path(self, X):
        """Whatever the device, asked for directly: codes differ by a rounding of the correction."""
        module = small().fit(X).module_
        u = module.standardize(torch.from_numpy(X))
        with torch.no_grad():
            full = module(u)
            with torch.autocast("cpu", torch.bfloat16):
                mixed = module(u)
            correction = full - (module.encoder(u) + u @ module.to_code) @ module.from_code
        assert mixed.dtype == torch.float32
        assert not torch.equal(full, mixed)
        assert (full - mixed).abs().max() < 0.05 * correction.abs().max()

    def test_mixed_needs_float32(self, X):
        with pytest.raises(ValueError, match=r"precision='mixed' needs dtype='float32'.*float64"):
            small(precision="mixed", dtype="float64").fit(X)


class TestScores:
    def test_score_is_the_cumulative_explained_variance(self, X):
        start = small(3, learning_rate_init=1e-12, max_iter=1).fit(X)
        assert start.score(X) == pytest.approx(
            PCA(3).fit(X).explained_variance_ratio_.sum(), abs=1e-4
        )

    def test_score_samples_is_minus_the_squared_error(self, X):
        model = small().fit(X)
        error = np.square(model.reconstruct(X) - X).sum(axis=1)
        assert_allclose(model.score_samples(X), -error, rtol=1e-4, atol=1e-6)

    def test_inverse_transform_of_transform_is_reconstruct(self, X):
        model = small().fit(X)
        assert_allclose(
            model.inverse_transform(model.transform(X)), model.reconstruct(X), rtol=1e-5, atol=1e-6
        )

    def test_constant_data(self):
        X = np.full((10, 3), 7.0)
        model = small().fit(X)
        assert_array_equal(model.reconstruct(X), X)
        assert model.score(X) == 1


class TestTraining:
    def test_early_stopping(self, X):
        model = small(early_stopping=True, n_iter_no_change=2, tol=10.0, max_iter=50).fit(X)
        assert model.n_iter_ == 3
        assert len(model.loss_curve_) == len(model.validation_loss_curve_) == 3

    @pytest.mark.parametrize(("max_iter", "n_iter"), [("auto", 67), (70, 70)])
    def test_ends_after_a_third_of_its_own_epochs_where_pca_is_kept(self, max_iter, n_iter):
        X = np.random.default_rng(0).normal(size=(200, 4)) * [9, 3, 1, 1]
        model = small(max_iter=max_iter, hidden_layer_sizes=(8,)).fit(X)
        assert model.best_iter_ == 0
        assert model.n_iter_ == n_iter

    def test_takes_all_of_its_own_epochs_where_there_is_a_gain(self):
        t = np.linspace(-1, 1, 200)
        model = small(1, max_iter="auto", hidden_layer_sizes=(8,)).fit(np.column_stack([t, t**2]))
        assert model.best_iter_ > 0
        assert model.n_iter_ == 200

    def test_no_held_out_rows(self, X):
        model = small(validation_fraction=0).fit(X)
        assert model.best_iter_ == model.n_iter_ == 10

    @pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
    @pytest.mark.parametrize("solver", ["adam", "adamw", "sgd"])
    @pytest.mark.parametrize("learning_rate", ["constant", "cosine", "one_cycle"])
    def test_every_loss_falls(self, X, loss, solver, learning_rate):
        model = small(
            loss=loss, solver=solver, learning_rate=learning_rate, init="random", max_iter=30
        ).fit(X)
        assert min(model.validation_loss_curve_) < model.initial_validation_loss_

    def test_log_loss_stays_in_the_unit_interval(self):
        X = (np.random.default_rng(0).uniform(size=(100, 6)) > 0.5).astype(float)
        model = small(loss="log_loss", output_activation="logistic").fit(X)
        reconstruction = model.reconstruct(X)
        assert reconstruction.min() >= 0
        assert reconstruction.max() <= 1
        assert model.validation_loss_curve_[-1] < np.log(2)

    def test_loss_curve_is_in_the_units_of_the_data(self, X):
        one = small().fit(X)
        hundred = small().fit(X * 128)
        assert_allclose(
            np.array(hundred.loss_curve_), 128**2 * np.array(one.loss_curve_), rtol=1e-2
        )

    def test_warm_start_continues(self, X):
        model = small(warm_start=True).fit(X)
        before = model.score(X)
        module = model.module_
        assert model.fit(X).module_ is module
        assert model.score(X) >= before - 0.01

    def test_partial_fit_learns_across_batches(self, X):
        model = small(max_iter=1)
        for _ in range(30):
            for start in range(0, 200, 100):
                model.partial_fit(X[start : start + 100])
        assert model.n_iter_ == 60
        assert -model.score_samples(X).sum() < pca_error(X, 2)

    def test_verbose_prints_a_line_an_epoch(self, X, capsys):
        small(verbose=1, max_iter=2).fit(X)
        lines = capsys.readouterr().out.splitlines()
        assert [line.split(":")[0] for line in lines] == ["Epoch 1/2", "Epoch 2/2"]

    def test_interruption_keeps_the_weights_and_is_raised(self, X, monkeypatch):
        from skae._training.epochs import RefuseDivergence

        def interrupt(self, net, **kwargs):
            if len(net.history) == 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(RefuseDivergence, "on_epoch_end", interrupt)
        model = small()
        with pytest.raises(KeyboardInterrupt):
            model.fit(X)
        assert model.n_iter_ == 3
        assert np.isfinite(model.transform(X)).all()

    def test_user_architecture_parameters_can_be_searched(self, X):
        model = small(architecture=DenseArchitecture((4,)))
        search = GridSearchCV(
            model, {"architecture__hidden_layer_sizes": [(4,), (8, 4)]}, cv=2
        ).fit(X)
        assert search.best_estimator_.module_.encoder[0].in_features == 8


class TestReproducibility:
    def test_same_bits_whatever_ran_before_and_in_threads_and_workers(self, X):
        model = small(max_iter=3)
        expected = model.fit(X).transform(X)
        torch.manual_seed(3)
        np.random.seed(3)
        torch.rand(7)
        assert_array_equal(clone(model).fit(X).transform(X), expected)

        def refit(_):
            return clone(model).fit(X).transform(X)

        with ThreadPoolExecutor(8) as pool:
            for codes in pool.map(refit, range(16)):
                assert_array_equal(codes, expected)
        n_threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as loky's workers have
        try:
            expected = refit(0)
        finally:
            torch.set_num_threads(n_threads)
        for codes in Parallel(n_jobs=2)(delayed(refit)(i) for i in range(2)):
            assert_array_equal(codes, expected)

    def test_other_seeds_differ(self, X):
        assert not np.array_equal(
            small(random_state=0).fit(X).transform(X), small(random_state=1).fit(X).transform(X)
        )

    def test_global_state_is_untouched(self, X):
        torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
        threads, dtype, grad = (
            torch.get_num_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
        )
        small(random_state=None).set_params(random_state=0).fit(X).transform(X)
        assert_array_equal(torch.get_rng_state(), torch_state)
        assert_array_equal(np.random.get_state()[1], numpy_state)
        assert (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()) == (
            threads,
            dtype,
            grad,
        )

    def test_inference_leaves_the_estimator_alone(self, X):
        model = small().fit(X)
        before = pickle.dumps(model)
        model.transform(X), model.inverse_transform(model.transform(X)), model.score(X)
        assert pickle.dumps(model) == before

    @pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
    def test_copies_are_equal(self, X, copy_of):
        model = small().fit(X)
        assert_array_equal(copy_of(model).transform(X), model.transform(X))


class TestInput:
    @pytest.mark.parametrize(
        ("convert", "tolerance"),
        [
            (np.asfortranarray, 1e-5),
            (lambda X: X[::-1].copy()[::-1], 1e-5),
            (lambda X: X.astype(np.float64), 1e-5),
            # Sums run in another order, and ten epochs enlarge the last bits.
            (sparse.csr_array, 1e-2),
        ],
        ids=["Fortran", "negative stride", "float64", "CSR"],
    )
    def test_layout_makes_no_difference(self, X, convert, tolerance):
        expected = small().fit(X).transform(X)
        codes = small().fit(convert(X)).transform(convert(X))
        assert_allclose(codes, expected, atol=tolerance)

    def test_read_only_input_is_neither_copied_nor_warned_about(self, X, recwarn):
        X.flags.writeable = False
        small().fit(X).transform(X)
        assert not [warning for warning in recwarn if "writ" in str(warning.message)]

    def test_sparse_rows_are_never_densified_whole(self, monkeypatch):
        X = sparse.random_array(
            (2000, 300), density=0.01, format="csr", random_state=0, dtype=np.float32
        )
        largest = 0
        densify = sparse.csr_array.toarray

        def watch(self, *args, **kwargs):
            nonlocal largest
            largest = max(largest, self.shape[0])
            return densify(self, *args, **kwargs)

        monkeypatch.setattr(sparse.csr_array, "toarray", watch)
        monkeypatch.setattr("skae._linear.moments.BLOCK_CELLS", 300 * 100)
        monkeypatch.setattr("skae._rows.tensors.MAX_CELLS_AT_ONCE", 300 * 100)
        small(batch_size=100).fit(X).transform(X)
        assert largest <= 100

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("n_components", 0), ("n_components", 2.5), ("n_components", True),
            ("hidden_layer_sizes", (0,)), ("hidden_layer_sizes", 5), ("activation", "swish"),
            ("architecture", "dense"), ("init", "svd"), ("output_activation", "relu"),
            ("loss", "mse"), ("solver", "lbfgs"), ("alpha", -1), ("batch_size", 0),
            ("batch_size", "all"), ("learning_rate", "adaptive"), ("learning_rate_init", 0),
            ("learning_rate_init", float("nan")), ("max_iter", 0), ("shuffle", "yes"), ("tol", -1),
            ("n_iter_no_change", 0), ("early_stopping", 1), ("validation_fraction", 1),
            ("warm_start", None), ("verbose", -1), ("device", "abacus"), ("dtype", "float16"),
            ("precision", "half"),
        ],
    )  # fmt: skip
    def test_wrong_parameter_is_named_with_its_value(self, X, name, value):
        with pytest.raises(
            ValueError,
            match=f"'{name}' parameter.*{value!r}".replace("(", r"\(").replace(")", r"\)"),
        ):
            small().set_params(**{name: value}).fit(X)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_values_that_are_no_numbers(self, X, bad):
        X = X.astype(np.float64)
        X[3, 4] = bad
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            small().fit(X)

    @pytest.mark.parametrize(
        "kind", [np.array, sparse.csr_array, pd.DataFrame], ids=lambda k: k.__name__
    )
    @pytest.mark.parametrize("bad", [np.inf, -np.inf])
    def test_an_infinite_cell_is_named(self, X, bad, kind):
        X = X.astype(np.float64)
        model = small().fit(kind(X).rename(columns=str) if kind is pd.DataFrame else kind(X))
        X[3, 4] = bad
        rows = kind(X).rename(columns=str) if kind is pd.DataFrame else kind(X)
        name = "'4'" if kind is pd.DataFrame else "4"
        for method in (model.transform, clone(model).fit):
            with pytest.raises(ValueError, match=f"Column {name} of X is infinite in row 3"):
                method(rows)

    def test_divergence_is_an_error_that_says_what_to_lower(self, X):
        with pytest.raises(ValueError, match=r"diverged.*epoch.*learning_rate_init"):
            small(learning_rate_init=1e30, init="random", validation_fraction=0).fit(X)

    def test_combinations_that_cannot_work(self, X):
        with pytest.raises(ValueError, match="output_activation='logistic'"):
            small(loss="log_loss").fit(X)
        with pytest.raises(ValueError, match="validation_fraction"):
            small(early_stopping=True, validation_fraction=0).fit(X)
        with pytest.raises(ValueError, match="MinMaxScaler"):
            small(output_activation="logistic").fit(X - 5)

    def test_wrong_width_of_codes(self, X):
        with pytest.raises(ValueError, match=r"3 columns.* 2 columns"):
            small().fit(X).inverse_transform(np.zeros((4, 3)))

    def test_not_fitted(self, X):
        with pytest.raises(NotFittedError):
            small().transform(X)


class TestAtHome:
    def test_pipeline_and_grid_search_in_two_workers(self):
        X, y = load_iris(return_X_y=True)
        pipeline = make_pipeline(StandardScaler(), small(), LogisticRegression())
        search = GridSearchCV(
            pipeline, {"autoencodertransformer__n_components": [1, 2, 3]}, n_jobs=2
        ).fit(X, y)
        assert search.best_score_ > 0.85

    def test_search_without_a_scorer(self, X):
        search = GridSearchCV(small(), {"n_components": [1, 4]}, cv=2).fit(X)
        assert search.best_params_ == {"n_components": 4}
        assert len(cross_val_score(small(), X, cv=3)) == 3

    def test_halving_over_epochs(self, X):
        search = HalvingGridSearchCV(
            small(), {"n_components": [1, 2]}, resource="max_iter", max_resources=8, cv=2
        ).fit(X)
        assert search.best_params_["n_components"] == 2

    def test_column_transformer_and_union(self, X):
        columns = ColumnTransformer([("left", small(), [0, 1, 2]), ("right", small(1), [3, 4, 5])])
        assert columns.fit_transform(X).shape == (200, 3)
        assert make_union(small(), PCA(1)).fit_transform(X).shape == (200, 3)

    def test_after_a_one_hot_encoder(self):
        letters = np.random.default_rng(0).choice(list("abc"), size=(60, 3))
        assert make_pipeline(OneHotEncoder(), small()).fit_transform(letters).shape == (60, 2)

    def test_pandas_in_pandas_out(self, X):
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame(X, columns=list("abcdefgh"))
        codes = small().set_output(transform="pandas").fit_transform(frame)
        assert list(codes.columns) == ["autoencodertransformer0", "autoencodertransformer1"]


def test_beats_pca_on_digits_with_defaults():
    X = load_digits(return_X_y=True)[0]
    model = AutoencoderTransformer(8, max_iter=30, random_state=0).fit(X[:1300])
    pca = PCA(8).fit(X[:1300])
    error = np.square(pca.inverse_transform(pca.transform(X[1300:])) - X[1300:]).sum()
    assert -model.score_samples(X[1300:]).sum() < 0.7 * error


class PartlyFrozen(torch.nn.Module):
    """An encoder whose first layer is not trained, and that has a layer it never calls."""

    def __init__(self, n_features, n_components):
        super().__init__()
        self.first = torch.nn.Linear(n_features, 8).requires_grad_(False)
        self.spare = torch.nn.Linear(2, 2)
        self.last = torch.nn.Linear(8, n_components)

    def forward(self, u):
        return self.last(torch.tanh(self.first(u)))


class PartlyFrozenArchitecture:
    def build(self, n_features, n_components, generator):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            encoder = PartlyFrozen(n_features, n_components)
            return encoder, torch.nn.Linear(n_components, n_features)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_frozen_and_unused_weights_stay(X, solver):
    model = small(architecture=PartlyFrozenArchitecture(), init="random", solver=solver).fit(X)
    built, _ = PartlyFrozenArchitecture().build(8, 2, None)
    trained = model.module_.encoder.state_dict()
    moved = {name for name, value in built.state_dict().items() if (trained[name] != value).any()}
    assert moved == {"last.weight", "last.bias"}
