"""What each noise does to a batch."""

import pytest
import torch
from sklearn.base import clone

from skae.corruption import (
    CORRUPTIONS,
    Gaussian,
    Impulse,
    Masking,
    Poisson,
    SaltAndPepper,
    Speckle,
    Swap,
    make_corruption,
)

BATCH = torch.linspace(0.1, 0.9, 400 * 50).reshape(400, 50)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def share_changed(corruption):
    return float((corruption(BATCH, generator()) != BATCH).float().mean())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_all_draw_from_the_generator_alone_and_leave_the_batch(name):
    corruption = make_corruption(name, "auto", low=0.0, high=1.0, deviation=0.2)
    before, state = BATCH.clone(), torch.get_rng_state()
    first, again, other = (corruption(BATCH, generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(BATCH, before)
    assert torch.equal(torch.get_rng_state(), state)
    assert (first.shape, first.dtype) == (BATCH.shape, BATCH.dtype)
    assert clone(corruption).get_params() == corruption.get_params()


@pytest.mark.parametrize("kind", [Masking, SaltAndPepper, Impulse, Swap])
def test_level_is_the_probability_of_a_cell(kind):
    assert share_changed(kind(0.3)) == pytest.approx(0.3, abs=0.02)
    assert share_changed(kind(0.0)) == 0
    assert share_changed(kind(1.0)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("level", [0.1, 2.0])
def test_gaussian_level_is_a_standard_deviation(level):
    noise = Gaussian(level)(BATCH, generator()) - BATCH
    assert float(noise.std()) == pytest.approx(level, rel=0.02)
    assert float(noise.mean()) == pytest.approx(0, abs=0.02 * level)


def test_speckle_grows_with_the_value():
    factor = Speckle(0.5)(BATCH, generator()) / BATCH
    assert float(factor.mean()) == pytest.approx(1, abs=0.02)
    assert float(factor.std()) == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 5.0)])
def test_poisson_variance_is_the_mean(low, high):
    batch = torch.full((200, 200), (low + high) / 2)
    counts = (Poisson(10, low, high)(batch, generator()) - low) / (high - low) * 10
    assert torch.allclose(counts, counts.round(), atol=1e-4)
    assert float(counts.mean()) == pytest.approx(5, rel=0.02)
    assert float(counts.var()) == pytest.approx(5, rel=0.05)


def test_salt_and_pepper_are_the_ends_of_the_range():
    noisy = SaltAndPepper(1.0, low=-2.0, high=3.0)(BATCH, generator())
    assert set(noisy.unique().tolist()) == {-2.0, 3.0}
    assert float((noisy == 3).float().mean()) == pytest.approx(0.5, abs=0.02)


def test_impulse_is_uniform_over_the_range():
    noisy = Impulse(1.0, low=-2.0, high=3.0)(BATCH, generator())
    assert float(noisy.min()) == pytest.approx(-2, abs=0.01)
    assert float(noisy.max()) == pytest.approx(3, abs=0.01)
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.05)


def test_swap_takes_the_value_of_another_row():
    rows = torch.arange(100.0).unsqueeze(1) + 1000 * torch.arange(7.0)
    noisy = Swap(1.0)(rows, generator())
    assert not (noisy == rows).any()
    assert torch.equal((noisy / 1000).floor(), (rows / 1000).floor())
    assert torch.equal(Swap(1.0)(rows[:1], generator()), rows[:1])


@pytest.mark.parametrize("groups", [(0, 1, 1, 1, 2, 2), [9, 4, 4, 4, 0, 0]])
def test_columns_of_a_group_are_swapped_as_a_whole(groups):
    words = torch.eye(3)[torch.arange(300) % 3], torch.eye(2)[torch.arange(300) % 2]
    rows = torch.cat([torch.arange(300.0).unsqueeze(1), *words], dim=1)
    noisy = Swap(0.5, groups)(rows, generator())
    for first, end in ((1, 4), (4, 6)):
        assert torch.equal(noisy[:, first:end].sum(1), torch.ones(300))
        assert (noisy[:, first:end] != rows[:, first:end]).any()
    assert float((noisy[:, 0] != rows[:, 0]).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_a_group_takes_the_place_of_no_draw_where_each_column_is_its_own():
    alone, grouped = Swap(0.3)(BATCH, generator()), Swap(0.3, range(50))(BATCH, generator())
    assert torch.equal(alone, grouped)


@pytest.mark.parametrize("groups", [(0, 1), "ab", (0.5,) * 50, [[0], [1]]])
def test_groups_that_cannot_be_are_refused(groups):
    with pytest.raises(ValueError, match="one whole number for each of 50 columns"):
        Swap(0.3, groups)(BATCH, generator())


@pytest.mark.parametrize("kind", [Gaussian, Masking])
def test_a_range_gives_each_row_its_own_level(kind):
    noisy = kind((0.0, 1.0))(torch.ones(300, 400), generator())
    strength = (noisy != 1).float().mean(1) if kind is Masking else noisy.std(1)
    assert float(strength.min()) < 0.1
    assert float(strength.max()) > 0.9
    assert float(strength.mean()) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("corruption", "words"),
    [
        (Gaussian(-1), "Gaussian noise must be a number >= 0"),
        (Masking(1.5), "<= 1, or two such numbers"),
        (Swap((0.5, 0.1)), r"Got \(0.5, 0.1\)"),
        (Impulse((0.1, 0.2, 0.3)), "low, high"),
        (Speckle("much"), "Got 'much'"),
        (Poisson(0), "must be above 0"),
        (Gaussian(float("nan")), "Got nan"),
    ],
)
def test_a_level_that_cannot_be_is_refused(corruption, words):
    with pytest.raises(ValueError, match=words):
        corruption(BATCH, generator())
