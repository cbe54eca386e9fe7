"""The closed form: regressions, codes that move to better places, and the choice of the penalty."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from torch import nn

from skae._linear.path import pca_path
from skae._linear.ridge import DAMPING, Alternation, HiddenUnits, Regression


def rows(n, m, seed=0):
    return torch.randn(n, m, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def units(n_inputs, n_units=20, activation=None):
    weight, bias = rows(n_units, n_inputs, 1), rows(n_units, 1, 2).squeeze(1)
    return HiddenUnits(weight, bias, activation or nn.GELU())


def alternation(X, n_components=1):
    path = pca_path(X, n_components, 0)
    to_code, from_code = map(torch.from_numpy, path.products(n_components))
    u = torch.from_numpy((X - path.mean) / path.scale)
    weights = u.new_ones(len(u), 1)
    parts = units(X.shape[1]), units(n_components)
    return Alternation(u, weights, to_code, from_code, *parts)


@pytest.mark.parametrize("n_rows", [50, 8], ids=["more rows than units", "fewer"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_regression_is_that_of_scikit_learn(n_rows, weighted, penalty):
    features, target = rows(n_rows, 12), rows(n_rows, 3, 1)
    weights = rows(n_rows, 1, 2).abs() if weighted else torch.ones(n_rows, 1, dtype=torch.float64)
    regression = Regression(features, weights)
    coefficients, intercept = regression.fit(target, regression.factor(penalty))
    expected = Ridge(penalty).fit(features.numpy(), target.numpy(), weights.squeeze(1).numpy())
    assert_allclose(coefficients.T, expected.coef_, atol=1e-8)
    assert_allclose(intercept, expected.intercept_, atol=1e-8)


def test_whole_numbers_as_weights_are_repeated_rows():
    features, target, times = rows(30, 5), rows(30, 2, 1), torch.arange(30) % 4 + 1
    weighted = Regression(features, times.double().unsqueeze(1))
    repeated = Regression(
        features.repeat_interleave(times, 0), torch.ones(int(times.sum()), 1, dtype=torch.float64)
    )
    ours = weighted.fit(target, weighted.factor(0.1))
    theirs = repeated.fit(target.repeat_interleave(times, 0), repeated.factor(0.1))
    for one, other in zip(ours, theirs, strict=True):
        assert_allclose(one, other, atol=1e-10)


@pytest.mark.parametrize("activation", [nn.GELU(), nn.Tanh(), nn.ReLU(), nn.ELU(), nn.Identity()])
def test_slopes_are_derivatives(activation):
    hidden, inputs, step = units(3, activation=activation), rows(7, 3), 1e-6
    features, slopes = hidden.features_and_slopes(inputs)
    assert_allclose(features, hidden.features(inputs))
    moved = HiddenUnits(hidden.weight, hidden.bias + step, activation)
    assert_allclose((moved.features(inputs) - features) / step, slopes, atol=1e-5)


@pytest.fixture
def parabola():
    t = np.random.default_rng(0).uniform(-1, 1, 200)
    return np.column_stack([2 * t, t**2, t**3]) + 0.02 * np.random.default_rng(1).normal(
        size=(200, 3)
    )


def test_a_step_brings_codes_to_better_places(parabola):
    fitted = alternation(parabola)
    for _ in fitted.rounds(0.1, 0):
        pass
    code, (features, slopes) = fitted.linear_code, fitted.first_features

    def error(code):
        coefficients, intercept = fitted.decoding
        v = code @ fitted.from_code + fitted.decoder.features(code) @ coefficients + intercept
        return (v - fitted.u).square().sum(1)

    coefficients, intercept = fitted.decoding
    missing = fitted.u - code @ fitted.from_code - features @ coefficients - intercept
    better = error(code + fitted._steps(slopes, missing))
    assert better.mean() < error(code).mean()
    assert (better <= error(code) + 1e-3).double().mean() > 0.95


@pytest.mark.parametrize("n_features", [5, 40], ids=["fewer columns than units", "more"])
def test_a_step_is_damped_gauss_newton(n_features):
    fitted = alternation(rows(30, n_features).numpy(), 2)
    for _ in fitted.rounds(0.1, 0):
        pass
    coefficients, _ = fitted.decoding

    def decode(code):
        return (code @ fitted.from_code + fitted.decoder.features(code[None]) @ coefficients)[0]

    codes, missing = fitted.linear_code, rows(30, n_features, 3)
    expected = []
    for code, aim in zip(codes, missing, strict=True):
        jacobian = torch.autograd.functional.jacobian(decode, code)
        products = jacobian.T @ jacobian
        products += DAMPING * products.diagonal().mean() * torch.eye(2)
        expected.append(torch.linalg.solve(products, jacobian.T @ aim))
    assert_allclose(fitted._steps(fitted.first_features[1], missing), torch.stack(expected))


def test_blocks_of_rows_make_no_difference(parabola, monkeypatch):
    whole = list(alternation(parabola).rounds(0.1, 3))
    monkeypatch.setattr("skae._linear.ridge.BLOCK_CELLS", 20 * 7)
    assert_allclose(list(alternation(parabola).rounds(0.1, 3)), whole, rtol=1e-8)


def test_the_error_falls_round_by_round_to_that_of_the_noise(parabola):
    losses = list(alternation(parabola).rounds(0.03, 8))
    linear = alternation(parabola).linear_loss()
    assert losses[-1] < 0.05 * linear
    assert losses[-1] <= losses[0]


def test_an_endless_penalty_is_pca(parabola):
    fitted = alternation(parabola)
    (loss,) = fitted.rounds(1e12, 1)
    assert loss == pytest.approx(fitted.linear_loss(), rel=1e-6)


def test_a_new_penalty_begins_anew(parabola):
    fitted = alternation(parabola)
    first = list(fitted.rounds(0.1, 2))
    list(fitted.rounds(0.01, 3))
    assert list(fitted.rounds(0.1, 2)) == first
