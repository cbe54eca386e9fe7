"""Gaps are filled by what the other cells say; what is observed stays as it is."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.impute import SimpleImputer

from skae import (
    AutoencoderImputer,
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    OrderedAutoencoder,
)
from tests.persistence.models import WAYS

QUICK = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}


@pytest.fixture
def X(X):
    """Few rows and columns: most tests are about other things than the fit."""
    return X[:80, [0, 1, 4, 5, 7]]


@pytest.fixture
def gappy(X):
    """A third of the cells of each row at random, and one row that is all gaps."""
    gappy = X.copy()
    gappy[np.random.default_rng(1).random(X.shape) < 0.3] = np.nan
    gappy[3] = np.nan
    return gappy


@cache
def fitted(cells, n_columns):
    """One fit for all tests: what they get is a copy of it."""
    rows = np.frombuffer(cells, np.float32).reshape(-1, n_columns)
    return AutoencoderImputer(**QUICK).fit(rows)


@pytest.fixture
def model(gappy):
    return copy.deepcopy(fitted(gappy.astype(np.float32).tobytes(), gappy.shape[1]))


def error(filled, X, gappy):
    return np.square((filled - X) / X.std(axis=0))[np.isnan(gappy)].mean()


def half_hidden():
    """Breast cancer as MIWAE's notebook hides half of its cells."""
    X = load_breast_cancer().data
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    gappy = X.copy()
    gappy.flat[np.random.RandomState(1234).choice(X.size, X.size // 2, replace=False)] = np.nan
    return X, gappy


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_observed_cells_stay_bit_for_bit(gappy, dtype):
    gappy = gappy.astype(dtype) * 1e5 + 1 / 3
    filled = AutoencoderImputer(**QUICK).fit_transform(gappy)
    assert filled.dtype == dtype
    known = ~np.isnan(gappy)
    assert_array_equal(filled[known], gappy[known], strict=True)
    assert np.isfinite(filled).all()


def test_complete_rows_stay_as_they_are(model, X):
    assert_array_equal(model.transform(X), X, strict=True)


def test_it_is_far_better_than_means(X, gappy):
    filled = AutoencoderImputer(random_state=0).fit_transform(gappy)
    means = SimpleImputer().fit_transform(gappy)
    assert error(filled, X, gappy) < 0.5 * error(means, X, gappy)


@pytest.mark.slow
def test_without_a_network_it_beats_the_published_error():
    X, gappy = half_hidden()
    filled = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit_transform(gappy)
    assert error(filled, X, gappy) < 0.21


@pytest.mark.slow
def test_the_network_is_kept_where_columns_are_curved_and_left_where_they_are_not():
    rng = np.random.default_rng(0)
    t = rng.uniform(-2, 2, size=(1500, 1))
    curved = np.hstack([t, t**2, np.sin(3 * t), np.cos(2 * t)])
    curved += 0.05 * rng.normal(size=(1500, 4))
    straight = t @ rng.normal(size=(1, 4)) + rng.normal(size=(1500, 4))
    for X, is_kept in ((curved, True), (straight, False)):
        share = AutoencoderImputer(random_state=0).fit(X).module_.share
        assert (share > 0.2) == is_kept


def test_no_network_is_linear_models_alone(gappy):
    model = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit(gappy)
    assert model.n_iter_ == 0
    assert model.module_.share == 0


def test_filled_cells_stay_in_the_range_that_was_seen(model, gappy):
    filled = model.transform(np.where(np.isnan(gappy), np.nan, 1e6 * gappy))
    cells = np.isnan(gappy)
    low, high = (np.broadcast_to(f(gappy, axis=0), cells.shape) for f in (np.nanmin, np.nanmax))
    assert (filled[cells] >= low[cells] - 1e-5).all()
    assert (filled[cells] <= high[cells] + 1e-5).all()


def test_rows_are_filled_each_by_itself(model, gappy):
    one_by_one = np.vstack([model.transform(row[None]) for row in gappy[:20]])
    np.testing.assert_allclose(one_by_one, model.transform(gappy)[:20], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-20, 1e20])
def test_units_make_no_difference(gappy, scale):
    columns = scale * np.arange(1, 6.0)
    filled, scaled = (
        AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit_transform(rows)
        for rows in (gappy.astype(float), gappy * columns)
    )
    np.testing.assert_allclose(scaled / columns, filled, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "X",
    [
        np.array([[1.0, np.nan], [np.nan, 2.0]]),
        np.array([[np.nan], [3.0]]),
        np.array([[1.0, 2.0, np.nan]]),
        np.array([[5.0, np.nan], [5.0, 1.0], [np.nan, 1.0]] * 20),
        np.vstack([np.eye(30), np.full((1, 30), np.nan)]),
    ],
    ids=["two rows", "one column", "one row", "constant columns", "mostly zeros"],
)
def test_odd_tables_are_filled(X):
    if not np.isnan(X).all(axis=0).any():
        assert np.isfinite(AutoencoderImputer(**QUICK).fit_transform(X)).all()
    kept = AutoencoderImputer(keep_empty_features=True, **QUICK).fit_transform(X)
    assert kept.shape == X.shape
    assert np.isfinite(kept).all()


def test_constant_columns_are_filled_with_their_constant():
    X = np.column_stack([np.full(50, 0.1), np.arange(50.0)])
    X[::7, 0] = np.nan
    assert (AutoencoderImputer(**QUICK).fit_transform(X)[:, 0] == 0.1).all()


@pytest.mark.parametrize("keeps", [False, True])
def test_columns_without_values_are_treated_as_in_scikit_learn(gappy, keeps):
    gappy[:, 2] = np.nan
    ours = AutoencoderImputer(keep_empty_features=keeps, add_indicator=True, **QUICK).fit(gappy)
    theirs = SimpleImputer(keep_empty_features=keeps, add_indicator=True).fit(gappy)
    assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())
    assert ours.transform(gappy).shape == theirs.transform(gappy).shape
    if keeps:
        assert (ours.transform(gappy)[:, 2] == 0).all()


def test_other_marks_than_nan(gappy):
    marked = np.where(np.isnan(gappy), -99, gappy)
    ours = AutoencoderImputer(missing_values=-99, **QUICK).fit_transform(marked)
    assert_array_equal(ours, AutoencoderImputer(**QUICK).fit_transform(gappy))
    with pytest.raises(ValueError, match="contains NaN"):
        AutoencoderImputer(missing_values=-99, **QUICK).fit(gappy)


@pytest.mark.parametrize("kind", [float, np.float32, np.float64])
def test_a_mark_that_float32_rounds_is_found_in_every_method(kind, gappy):
    marked = np.where(np.isnan(gappy), -999.9, gappy).astype(np.float32)
    model = AutoencoderImputer(missing_values=kind(-999.9), **QUICK).fit(marked)
    assert not (model.transform(marked) == np.float32(-999.9)).any()


def test_indicators_lead_back_to_the_gaps(gappy):
    model = AutoencoderImputer(add_indicator=True, **QUICK).fit(gappy)
    assert_array_equal(model.inverse_transform(model.transform(gappy)), gappy, strict=True)


def test_there_is_no_way_back_without_indicators(model, X):
    with pytest.raises(AttributeError) as raised:
        model.inverse_transform(X)
    assert "Set add_indicator=True before fit" in str(raised.value.__cause__)


def test_frames_keep_their_names(gappy):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(gappy, columns=list("abcde"))
    model = AutoencoderImputer(add_indicator=True, **QUICK).set_output(transform="pandas")
    filled = model.fit_transform(frame)
    assert list(filled)[:5] == list(frame)
    assert list(filled)[5] == "missingindicator_a"


def test_draws_vary_as_much_as_cells_do():
    rng = np.random.default_rng(0)
    t = rng.normal(size=(1000, 1))
    X = t @ np.array([[1.0, 0.8, 0.6]]) + 0.5 * rng.normal(size=(1000, 3))
    gappy = np.where(rng.random(X.shape) < 0.3, np.nan, X)
    model = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit(gappy)
    draws = model.sample(gappy, 99, random_state=0)
    cells = np.isnan(gappy)
    low, high = np.sort(draws[:, cells], axis=0)[[4, 94]]
    # Between the 5th and the 95th of 99 draws lies nine tenths of what comes next.
    assert 0.86 < np.mean((X[cells] >= low) & (X[cells] <= high)) < 0.94
    assert_array_equal(draws[:, ~cells], np.broadcast_to(X[~cells], (99, (~cells).sum())))
    assert abs(draws.mean(axis=0) - model.transform(gappy))[cells].mean() < 0.1


def test_draws_follow_their_seed(model, gappy):
    one, same, other = (model.sample(gappy, 2, random_state=seed) for seed in (0, 0, 1))
    assert_array_equal(one, same)
    assert (one != other).any()


def test_scores_are_shares_of_variance(gappy, X):
    model = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit(gappy)
    assert 0.3 < model.score(X) < 1
    assert model.score(np.random.default_rng(0).permuted(X, axis=0)) < 0.1


def test_a_seed_gives_the_same_bits_in_threads(gappy):
    expected = AutoencoderImputer(**QUICK).fit_transform(gappy)
    with ThreadPoolExecutor(2) as pool:
        fits = pool.map(lambda _: AutoencoderImputer(**QUICK).fit_transform(gappy), range(2))
        for filled in fits:
            assert_array_equal(filled, expected)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_saved(way, gappy, tmp_path):
    gappy[:, 2] = np.nan
    model = AutoencoderImputer(add_indicator=True, **QUICK).fit(gappy)
    again = WAYS[way](model, tmp_path)
    assert_array_equal(again.transform(gappy), model.transform(gappy), strict=True)
    assert_array_equal(
        again.sample(gappy, 2, random_state=0), model.sample(gappy, 2, random_state=0)
    )
    assert repr(again) == repr(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kept_features_": [0, 99]}, "kept_features_ is"),
        ({"_has_values": [0, 1]}, "its columns are"),
        ({"indicated_features_": [1, 0]}, "ascending order"),
        ({"n_factors_": 0}, "n_factors_ must be"),
        ({"_n_features_out": 3}, "do not fit"),
        ({"architecture_": None}, "architecture_ must be"),
    ],
)
def test_states_that_cannot_be_are_refused(model, change, message):
    with pytest.raises(ValueError, match=message):
        AutoencoderImputer().__setstate__({**model.__getstate__(), **change})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("models.0.factors.noise", -1.0), ("share", 2.0), ("models.0.marginals.scale", 0.0),
        ("models.0.marginals.power", np.nan), ("weights", 0.3), ("weights", -1.0),
    ],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused(model, name, value):
    state = model.__getstate__()
    weights = {**state["weights"], name: np.full_like(state["weights"][name], value)}
    with pytest.raises(ValueError, match="do not fit"):
        AutoencoderImputer().__setstate__({**state, "weights": weights})


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("missing_values", "?"), ("add_indicator", 1), ("hidden_layer_sizes", (0,)),
        ("activation", "relu6"), ("max_iter", 0), ("device", 3),
    ],
)  # fmt: skip
def test_wrong_values_are_named(gappy, parameter, value):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter of AutoencoderImputer must"):
        AutoencoderImputer(**{parameter: value}).fit(gappy)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (sparse.csr_array(np.eye(4)), "[Ss]parse"),
        (np.full((3, 2), np.nan), "no value that is not missing"),
        (np.array([[1.0, np.inf]]), "infinity"),
        (np.array([[1.0, 1e200], [2.0, np.nan]]), "holds 1e.200"),
        ([["red", 1.0]], "OneHotEncoder"),
    ],
)
def test_what_cannot_be_filled_is_named(X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        AutoencoderImputer(**QUICK).fit(X)


@pytest.mark.parametrize(
    "estimator",
    [
        AutoencoderTransformer(2), DenoisingAutoencoder(2), OrderedAutoencoder(2),
        AutoencoderOutlierDetector(2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)  # fmt: skip
def test_other_estimators_name_it_where_rows_have_gaps(gappy, X, estimator):
    name = type(estimator).__name__
    remedy = rf"^Input X contains NaN. {name} .*make_pipeline\(AutoencoderImputer\(\), {name}\("
    with pytest.raises(ValueError, match=remedy):
        estimator.fit(gappy)
    fitted = estimator.set_params(max_iter=1, solver="adamw", random_state=0).fit(X)
    for rows in (gappy.astype("float32"), gappy.astype("float64")):
        with pytest.raises(ValueError, match=remedy):
            fitted.transform(rows)


def test_a_fit_that_fails_leaves_the_model_as_it_was(model, gappy):
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match="infinity"):
        model.fit(np.full((3, 2), np.inf))
    assert pickle.dumps(model) == before


def test_grids_may_hold_values_of_numpy(gappy):
    model = AutoencoderImputer(**QUICK)
    numpys = clone(model).set_params(
        hidden_layer_sizes=np.array([8]), max_iter=np.int64(2), missing_values=np.float64("nan")
    )
    assert_array_equal(numpys.fit_transform(gappy), model.fit_transform(gappy))


@pytest.mark.parametrize("share", [0.03, 0.1, 0.5])
def test_a_switch_without_company_is_filled_by_its_mean(share):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random(400) < share, rng.normal(size=400)]).astype(float)
    X[rng.random(400) < 0.2, 0] = np.nan
    model = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit(X)
    filled = model.transform(X)[np.isnan(X[:, 0]), 0]
    assert_allclose(filled.mean(), np.nanmean(X[:, 0]), rtol=0.2)
    assert model.score(X) > -0.05


def test_no_filled_cell_leaves_the_range_by_a_rounding():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.random((40, 3)) * [1, 0.3, 7]
        X[:, 2] = np.maximum(0, X[:, 2] - 2)
        X[rng.random(X.shape) < 0.3] = np.nan
        filled = AutoencoderImputer(hidden_layer_sizes=(), random_state=0).fit_transform(X)
        assert (filled >= np.nanmin(X, axis=0)).all()
        assert (filled <= np.nanmax(X, axis=0)).all()


def test_a_column_that_was_one_value_does_not_decide_the_score():
    X = load_iris().data
    train, test = X[:100], X[100:]
    model = AutoencoderImputer(hidden_layer_sizes=(), random_state=0)
    alone = model.fit(train).score(test)
    beside = model.fit(np.c_[train, np.zeros(100)]).score(np.c_[test, np.full(50, 1e6)])
    assert 0.1 < beside < 1
    assert abs(beside - alone) < 0.3
