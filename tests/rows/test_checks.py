"""Rows that are refused: what they hold, and what to do about it."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline

from skae import AutoencoderImputer, AutoencoderTransformer, DenoisingAutoencoder

WORDS = {"width": [1.0, 2.0, 3.0], "colour": ["1", "red", "2"]}
DATES = {"width": [1.0, 2.0, 3.0], "day": pd.to_datetime(["2020-01-01"] * 3)}


@pytest.mark.parametrize("estimator", [AutoencoderTransformer(), DenoisingAutoencoder()])
@pytest.mark.parametrize(
    ("images", "remedy"),
    [
        (np.zeros((5, 4, 4)), r"shape \(5, 4, 4\): make each image one row with X\.reshape"),
        (np.zeros((5, 4, 4, 3)), r"shape \(5, 4, 4, 3\): .* X\.reshape\(len\(X\), -1\)"),
        (np.zeros((5, 4, 4)).tolist(), r"numpy\.reshape\(X, \(len\(X\), -1\)\)"),
    ],
)
def test_images_are_told_to_be_rows(estimator, images, remedy):
    with pytest.raises(ValueError, match=remedy):
        estimator.fit(images)


def test_images_are_told_to_be_rows_after_fit_too(X):
    model = AutoencoderTransformer(2, hidden_layer_sizes=(), max_iter=1).fit(X)
    for method in (model.transform, model.score, model.reconstruct, model.partial_fit):
        with pytest.raises(ValueError, match=r"Found array with dim 3.*X\.reshape"):
            method(X.reshape(-1, 2, 4))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (pd.DataFrame(WORDS), "Column 'colour' of X holds 'red'"),
        (pd.DataFrame(WORDS).astype({"colour": "category"}), "Column 'colour' of X holds 'red'"),
        (pl.DataFrame(WORDS), "Column 'colour' of X holds 'red'"),
        (np.array([[1, "red"], [2, "blue"]], object), "Column 1 of X holds 'red'"),
        ([["1", "red"], ["2", "blue"]], "Column 1 of X holds 'red'"),
    ],
)
def test_a_column_of_words_is_named_with_the_page_about_it(table, column):
    with pytest.raises(ValueError, match=rf"string to float.*{column}.*mixed_tables\.md"):
        AutoencoderTransformer().fit(table)


def test_gaps_are_told_who_fills_them(X):
    X = X.copy()
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"(?s)contains NaN.*AutoencoderImputer of skae fills"):
        AutoencoderTransformer().fit(X)
    with pytest.raises(ValueError, match="contains NaN") as refused:
        AutoencoderImputer(missing_values=-99.0).fit(X)
    assert "of skae fills" not in str(refused.value)


def test_a_column_of_dates_is_named():
    with pytest.raises(TypeError, match=r"Column 'day' of X holds Timestamp.*words and dates"):
        AutoencoderTransformer().fit(pd.DataFrame(DATES))


@pytest.mark.parametrize(
    "X", [np.full((3, 2), np.nan), np.zeros(3), np.zeros((0, 2)), [[1], [2, 3]]]
)
def test_other_misfits_keep_the_words_of_scikit_learn(X):
    with pytest.raises(ValueError, match=r"NaN|Expected 2D|0 sample|inhomogeneous") as caught:
        make_pipeline(AutoencoderTransformer()).fit(X)
    assert "mixed_tables" not in str(caught.value)


def test_numbers_that_are_written_as_words_are_numbers():
    coder = AutoencoderTransformer(1, hidden_layer_sizes=(), max_iter=1, random_state=0)
    numbers = np.array([[1.0], [2.0], [4.0]])
    np.testing.assert_array_equal(
        coder.fit_transform(numbers.astype(str)), coder.fit_transform(numbers)
    )
