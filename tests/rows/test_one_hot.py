"""Columns that are the categories of one are found in the rows."""

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skae import DenoisingAutoencoder
from skae._rows.one_hot import one_hot_groups
from skae.corruption import Swap
from skae.persistence import load_safetensors, save_safetensors


@pytest.fixture
def mixed():
    """A number, three categories, a switch and two categories."""
    rng = np.random.default_rng(0)
    words = [rng.integers(0, 3, 200), rng.integers(0, 2, 200)]
    first, second = (OneHotEncoder(sparse_output=False).fit_transform(w[:, None]) for w in words)
    return np.hstack([rng.normal(size=(200, 1)), first, rng.random((200, 1)) < 0.5, second])


GROUPS = (0, 1, 1, 1, 2, 3, 3)


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: X,
        lambda X: X.astype(np.float32),
        lambda X: StandardScaler().fit_transform(X),
        lambda X: 5 - X[:, ::1] * [1, -1, -1, -1, -1, -1, -1],
        sparse.csr_array,
    ],
    ids=["as they are", "float32", "standardised", "moved", "sparse"],
)
def test_categories_are_found_in_any_units(mixed, convert):
    assert one_hot_groups(convert(mixed)) == GROUPS


def test_many_rows_are_read_in_blocks(mixed):
    assert one_hot_groups(np.tile(mixed, (50, 1))) == GROUPS


def test_a_row_of_no_category_or_of_two_makes_them_columns_of_their_own(mixed):
    mixed[0, 1:4], mixed[1, 5:] = 0, 1
    assert one_hot_groups(mixed) is None


@pytest.mark.parametrize(
    "X",
    [
        np.random.default_rng(0).normal(size=(50, 4)),
        np.random.default_rng(0).integers(0, 2, size=(50, 30)),
        np.zeros((5, 3)),
        np.eye(4)[:, :3],
    ],
    ids=["numbers", "independent switches", "constant", "one category left out"],
)
def test_other_columns_have_no_groups(X):
    assert one_hot_groups(X) is None


def test_a_denoiser_finds_them(mixed):
    model = DenoisingAutoencoder(2, noise="swap", hidden_layer_sizes=(8,), max_iter=1).fit(mixed)
    assert model.corruption_.groups == GROUPS


def test_a_saved_denoiser_keeps_them(mixed, tmp_path):
    model = DenoisingAutoencoder(2, noise="swap", hidden_layer_sizes=(8,), max_iter=1).fit(mixed)
    save_safetensors(model, tmp_path / "model.safetensors")
    assert load_safetensors(tmp_path / "model.safetensors").corruption_.groups == GROUPS


def test_noise_of_an_earlier_file_has_none():
    noise = Swap(0.5)
    del noise.__dict__["groups"]
    assert noise(torch.zeros(3, 2), torch.Generator()).shape == (3, 2)
