"""Rows that an ellipsoid cannot tell from others, and who can."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from skae._linear.ellipsoids import fit_trimmed_ellipsoid
from skae._linear.neighbours import advantage, strangers

RNG = np.random.default_rng(0)
CROWDS = RNG.choice([-3.0, 3.0], size=(300, 4)) + 0.3 * RNG.normal(size=(300, 4))
ROUND = RNG.normal(size=(300, 4)) * [1, 2, 3, 4]


def ellipsoid_of(rows):
    return fit_trimmed_ellipsoid(rows, np.ones(len(rows)), 0, 0.8)[0]


def generator():
    return torch.Generator().manual_seed(0)


def from_nearest(rows):
    """The squared distance to the nearest row of others."""

    def measure(x):
        squares = np.square(x[:, None] - rows).sum(axis=2)
        squares[squares == 0] = np.inf
        return squares.min(axis=1)

    return measure


@pytest.mark.parametrize("rows", [CROWDS, ROUND], ids=["crowds", "round"])
def test_strangers_are_as_far_out_as_rows(rows):
    ellipsoid = ellipsoid_of(rows)
    found, index = strangers(ellipsoid, rows, generator())
    squares = (ellipsoid.whiten(torch.from_numpy(x)).square().sum(dim=1) for x in (found, rows))
    one, other = squares
    assert_allclose(one, other[index])


def test_strangers_lie_where_rows_do():
    flat = RNG.normal(size=(100, 2)) @ RNG.normal(size=(2, 6)) + 5
    found, _ = strangers(ellipsoid_of(flat), flat, generator())
    assert np.linalg.matrix_rank(found - flat.mean(axis=0), tol=1e-6) == 2


def test_equal_rows_have_strangers_like_them():
    found, _ = strangers(ellipsoid_of(np.ones((10, 3))), np.ones((10, 3)), generator())
    assert_allclose(found, 1)


@pytest.mark.parametrize(("rows", "least", "most"), [(CROWDS, 0.95, 1), (ROUND, 0, 0.2)],
                         ids=["crowds", "round"])  # fmt: skip
def test_neighbours_know_of_crowds_alone(rows, least, most):
    measure, ones = from_nearest(rows), np.ones(len(rows))
    found = advantage(measure, measure(rows), ellipsoid_of(rows), rows, ones, generator())
    assert least <= found <= most
