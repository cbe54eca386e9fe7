"""A table with everything in it as numbers, and back."""

import pickle
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer, DenoisingAutoencoder, TableEncoder, make_table_pipeline

pandas = pytest.importorskip("pandas")
pytest.importorskip("skrub")

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0}
N = 60
CELLS = np.random.default_rng(0)
COLUMNS = {
    "number": CELLS.normal(1e6, 5, N),
    "whole": CELLS.integers(-5, 90, N),
    "byte": CELLS.integers(0, 255, N).astype(np.uint8),
    "gaps": np.where(np.arange(N) % 4, CELLS.normal(size=N), np.nan),
    "nullable": pandas.array([None if n % 7 == 0 else n % 5 for n in range(N)], dtype="Int64"),
    "switch": np.arange(N) % 3 == 0,
    "maybe": pandas.array([None if n % 7 == 0 else n % 2 == 0 for n in range(N)], dtype="boolean"),
    "word": ["red", "green", "blue"] * (N // 3),
    "missing word": ["red", None, "blue"] * (N // 3),
    "category": pandas.Categorical(["low", "high"] * (N // 2), ["high", "low", "never"]),
    "many words": [f"word {n % 50}" for n in range(N)],
    "many gaps": [None if n % 9 == 0 else f"word {n}" for n in range(N)],
    "day": pandas.date_range("2024-01-01", periods=N),
    "time": pandas.date_range("2024-01-01 07:30", periods=N, freq="97s", tz="Europe/Berlin"),
    "duration": pandas.to_timedelta(np.arange(N) * 60, unit="s"),
    "no day": [None if n % 5 == 0 else pandas.Timestamp(2020, 1, 1 + n % 28) for n in range(N)],
    "constant": [3] * N,
    "nothing": [np.nan] * N,
    "far": 10**15 + np.arange(N) * 1000,
}  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return pandas.DataFrame(COLUMNS)


@pytest.fixture
def small():
    return pandas.DataFrame({name: COLUMNS[name] for name in ("number", "gaps", "word", "day")})


@pytest.mark.parametrize("name", COLUMNS)
def test_every_kind_of_column_comes_back(table, name):
    encoder = TableEncoder().fit(table[[name]])
    encoded = encoder.transform(table[[name]])
    back = encoder.inverse_transform(encoded)
    assert np.isfinite(encoded).all()
    assert back[name].dtype == table[name].dtype
    if table[name].dtype.kind == "f":
        np.testing.assert_allclose(back[name], table[name], rtol=1e-6, atol=1e-6)
    else:
        pandas.testing.assert_series_equal(back[name], table[name])


@pytest.mark.parametrize(
    ("words", "kind", "values"),
    [
        (["1.5", "N/A", "2"] * 4, "numbers", [1.5, np.nan, 2]),
        (["$1,200", "$80.5", "$3"] * 4, "numbers", [1200, 80.5, 3]),
        (["5 %", "10 %", "100 %"] * 4, "numbers", [5, 10, 100]),
        (["$1,200", "N/A", "$3"] * 4, "numbers", [1200, np.nan, 3]),
        (["$4,280", "$5,620", None] * 4, "numbers", [4280, 5620, np.nan]),
        (["1,200", "2,300", "N/A"] * 4, "numbers", [1200, 2300, np.nan]),
        (["1200 €", "-2300 €", "€ 7"] * 4, "numbers", [1200, -2300, 7]),
        (["2019 %", "1999", "2001"] * 4, "numbers", [2019, 1999, 2001]),
        (["4280", "5620", "1990"] * 4, "numbers", [4280, 5620, 1990]),
        (["54,6 %", "7 %", "1.200 %"] * 4, "numbers", [54.6, 7, 1200]),
        (["0,346", "1,25", "N/A"] * 4, "numbers", [0.346, 1.25, np.nan]),
        (["1 234,5", "2\u00a0345,6 €", "700"] * 4, "numbers", [1234.5, 2345.6, 700]),
        (["1'234.50", "2\u2019345", "-700"] * 4, "numbers", [1234.5, 2345, -700]),
        (["35 000", "9 800", "N/A"] * 4, "numbers", [35_000, 9800, np.nan]),
        (["$1,200", "($ 80.5)", "(1,003)"] * 4, "numbers", [1200, -80.5, -1003]),
        (["555 123", "560 001", "N/A"] * 4, "categories", ["555 123", "560 001", None]),
        (["(1)", "(2)", "(3)"] * 4, "categories", ["(1)", "(2)", "(3)"]),
        (["12 34", "1 2", "N/A"] * 4, "categories", ["12 34", "1 2", None]),
        (["CHF 12.50", "CHF -3", None] * 4, "numbers", [12.5, -3, np.nan]),
        (["12.50 EUR", "700 EUR", "N/A"] * 4, "numbers", [12.5, 700, np.nan]),
        (["$(13.25)", "\u22125.5", "$1,200"] * 4, "numbers", [-13.25, -5.5, 1200]),
        (["$12", "¥1500", "N/A"] * 4, "categories", ["$12", "¥1500", None]),
        (["007", "0110", "N/A"] * 4, "categories", ["007", "0110", None]),
        (["1999", "2005", "N/A"] * 4, "dates", pandas.to_datetime(["1999", "2005", None])),
        (["$1", "two", "N/A"] * 4, "categories", ["$1", "two", None]),
        (["2024-05-01", "2024-06-30", None] * 4, "dates",
         pandas.to_datetime(["2024-05-01", "2024-06-30", None])),
        ([True, None, False] * 4, "categories", pandas.array([True, None, False])),
        ([1, "a", None] * 4, "categories", ["1", "a", None]),
    ],
)  # fmt: skip
def test_numbers_and_dates_in_words_are_read(words, kind, values):
    frame = pandas.DataFrame({"x": pandas.Series(words, dtype=object)})
    encoder = TableEncoder().fit(frame)
    back = encoder.inverse_transform(encoder.transform(frame))["x"][:3]
    assert encoder.kinds_ == {"x": kind}
    pandas.testing.assert_series_equal(
        back, pandas.Series(values, name="x"), check_dtype=False, rtol=1e-6, atol=1e-4
    )


TWELVE = [str(n) for n in range(12)]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        *(([*TWELVE, gap, gap], "numbers") for gap in (
            "-", "--", ".", "na", "n.a.", "missing", "unknown", "not available", "#DIV/0!", "?"
        )),
        (["1.5", "2.5", "-3e5", "$4", "5 %", "unknown"], "numbers"),
        (["1,5", "2,5", "-3", "4", "5", "unknown"], "numbers"),
        ([*TWELVE, "na", "-", "missing"], "numbers"),
        ([1, 2, 3.5, 4, 5, "na"], "numbers"),
        ([*TWELVE, "na", "-", "missing", "unknown"], "categories"),
        ([*TWELVE, "12+"], "categories"),
        ([*TWELVE, "inf", "na"], "categories"),
        ([*TWELVE, "X", "Y", "MT"], "categories"),
        ([*TWELVE, "thirteen or more"], "categories"),
        ([*TWELVE, *["low"] * 13], "categories"),
        (["01", "02", "03", "04", "05", "na"], "categories"),
        (["1", "2", "3", "4", "none of us"], "categories"),
        (pandas.Categorical([*TWELVE, "na"]), "categories"),
    ],
)  # fmt: skip
def test_a_few_words_among_numbers_are_gaps(words, kind):
    frame = pandas.DataFrame({"x": words})
    assert TableEncoder().fit(frame).kinds_ == {"x": kind}


@pytest.mark.parametrize("name", sorted(COLUMNS.keys() - {"constant", "nothing"}))
def test_every_column_counts_alike(table, name):
    variance = TableEncoder().fit_transform(table[[name]]).var(axis=0).sum()
    assert 0.9 < variance < 1.0001


def test_groups_and_names_say_which_column_a_number_is_of(small):
    encoder = TableEncoder().fit(small)
    assert list(encoder.groups_) == [0, 1, 1, 2, 2, 2, 3]
    assert list(encoder.get_feature_names_out()) == [
        "number", "gaps", "gaps_missing", "word_blue", "word_green", "word_red", "day_seconds"
    ]  # fmt: skip
    assert list(encoder.set_output(transform="pandas").transform(small)) == list(
        encoder.get_feature_names_out()
    )


def test_the_largest_number_is_the_category(small):
    encoder = TableEncoder().fit(small)
    encoded = encoder.transform(small[:1])
    encoded[0, 3:6] = 0.1, 0.3, 0.2
    assert encoder.inverse_transform(encoded)["word"][0] == "green"


def test_what_training_has_not_seen(small):
    encoder = TableEncoder().fit(small.dropna())
    other = small[:2].assign(word=["violet", None], number=[np.nan, 7.0])
    encoded = encoder.transform(other)
    assert np.isfinite(encoded).all()
    assert not encoded[:, encoder.groups_ == 2].any()


def test_columns_are_found_by_name(small):
    encoder = TableEncoder().fit(small)
    shuffled = small[["word", "day", "gaps", "number"]].assign(other=1)
    np.testing.assert_array_equal(encoder.transform(shuffled), encoder.transform(small))


def test_a_frame_of_polars(small):
    polars = pytest.importorskip("polars")
    encoder = TableEncoder().fit(polars.from_pandas(small))
    np.testing.assert_allclose(
        encoder.transform(small), TableEncoder().fit_transform(small), atol=1e-6
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="word"), "X has no column 'word'"),
        (lambda f: f.assign(gaps=np.inf), "The column 'gaps' holds inf in row 0. Replace it"),
        (lambda f: f.assign(word=[["red"]] * N), "The cells of 'word' hold several values each"),
        (lambda f: f.set_axis(["a", "a", "b", "c"], axis=1), "Two columns of X are named 'a'"),
    ],
)
def test_what_is_refused(small, change, words):
    with pytest.raises(ValueError, match=words):
        TableEncoder().fit(small).transform(change(small))


def test_rows_of_another_width_are_refused(small):
    with pytest.raises(ValueError, match="TableEncoder wrote 7 columns"):
        TableEncoder().fit(small).inverse_transform(np.zeros((2, 5)))


def test_words_without_skrub_are_refused_by_name(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "skrub", None)
    with pytest.raises(ImportError, match=r"columns word hold words.*pip install 'skae\[tables\]'"):
        TableEncoder().fit(small)
    assert TableEncoder().fit_transform(small.drop(columns="word")).shape == (N, 4)


class TestPipeline:
    @pytest.mark.parametrize(
        "estimator", [AutoencoderTransformer(2, **SMALL), DenoisingAutoencoder(2, **SMALL), PCA(2)]
    )
    def test_from_the_table_to_the_table(self, small, estimator):
        model = make_table_pipeline(estimator).fit(small)
        back = model.inverse_transform(model.transform(small))
        assert back.dtypes.to_dict() == small.dtypes.to_dict()
        assert set(back["word"]) <= {"red", "green", "blue"}

    def test_swap_noise_swaps_words_as_a_whole(self, small):
        model = make_table_pipeline(DenoisingAutoencoder(2, noise="swap", **SMALL)).fit(small)
        groups = np.array(model[-1].corruption_.groups)
        assert len(set(groups[3:6])) == 1
        assert len(set(groups)) == 5

    def test_a_search_over_it(self, small):
        model = make_table_pipeline(AutoencoderTransformer(**SMALL))
        search = GridSearchCV(model, {"autoencodertransformer__n_components": [1, 2]}, cv=2)
        assert search.fit(small).best_params_ == {"autoencodertransformer__n_components": 2}

    def test_pickles_and_clones(self, small):
        model = make_table_pipeline(AutoencoderTransformer(2, **SMALL)).fit(small)
        codes = model.transform(small)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(small), codes)
        np.testing.assert_allclose(clone(model).fit_transform(small), codes, atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "UInt8", "Int16", "Int64"])
def test_whole_numbers_come_back_to_the_last_one(dtype):
    kind = np.iinfo(dtype.lower())
    low, high = (kind.min, kind.max) if kind.bits < 64 else (-7, 7)
    frame = pandas.DataFrame({"x": pandas.array([low, 1, high, 0], dtype=dtype)})
    encoder = TableEncoder().fit(frame)
    pandas.testing.assert_frame_equal(encoder.inverse_transform(encoder.transform(frame)), frame)


@pytest.mark.parametrize(
    "cells",
    [
        pandas.array(["1412-05-17", "9999-12-31", "2020-06-01"], dtype="datetime64[s]"),
        pandas.array(["2024-05-01 12:00:30.125", "2024-05-01 12:00:31.5", None],
                     dtype="datetime64[us]"),
        pandas.array(["2024-05-01 12:00", "2024-07-01 13:00", None],
                     dtype="datetime64[ns, Europe/Rome]"),
        pandas.to_timedelta([3.25, 20.5, None], unit="ms"),
        pandas.to_timedelta([3, 20, None], unit="D"),
    ],
    ids=["far years", "milliseconds", "a zone", "short durations", "days"],
)  # fmt: skip
def test_dates_and_durations_come_back(cells):
    frame = pandas.DataFrame({"x": cells})
    encoder = TableEncoder().fit(frame)
    back = encoder.inverse_transform(encoder.transform(frame))
    pandas.testing.assert_frame_equal(back, frame)
