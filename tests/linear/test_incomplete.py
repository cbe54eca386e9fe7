"""Linear models of rows with gaps: what they are without gaps, side by side, and averaged."""

import pytest
import torch

from skae._linear.covariance import fit_covariance
from skae._linear.factors import fit_factors
from skae._linear.incomplete import Kind, _choose, _hide, fit_linear_models


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    factors, loadings, noise = (
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((120, 2), (2, 5), (120, 5))
    )
    x = factors @ loadings + 0.3 * noise
    return (x - x.mean(0)) / x.std(0, correction=0)


@pytest.fixture
def observed(rows):
    return torch.rand(rows.shape, generator=torch.Generator().manual_seed(1)) > 0.3


def covariance_of(model):
    return model.loadings @ model.loadings.T + model.noise.diag()


def test_without_gaps_the_covariance_is_that_of_the_rows_and_a_ridge(rows):
    model = fit_covariance(rows, torch.ones_like(rows, dtype=torch.bool), 5.0, 3)
    expected = (rows.T @ rows + 5 * torch.eye(5)) / (len(rows) + 5)
    torch.testing.assert_close(covariance_of(model), expected)


def test_a_covariance_does_not_depend_on_its_start(rows, observed):
    model = fit_covariance(rows, observed, 1.0, 500)
    other = fit_covariance(rows, observed, 1.0, 500, fit_factors(rows, observed, 2, 5))
    torch.testing.assert_close(covariance_of(model), covariance_of(other), atol=0.03, rtol=0)


@pytest.mark.parametrize(
    "fit", [lambda x, o: fit_factors(x, o, 2, 7), lambda x, o: fit_covariance(x, o, 2.0, 7)]
)
def test_tables_side_by_side_have_the_models_of_each(rows, observed, fit):
    tables, known = torch.stack([rows, rows.flip(0)]), torch.stack([observed, observed.flip(1)])
    both = fit(tables, known)
    mean, _ = both.condition(tables, known)
    for number in range(2):
        # Rounds end where all tables have settled, so that one alone may end before.
        alone, _ = fit(tables[number], known[number]).condition(tables[number], known[number])
        torch.testing.assert_close(mean[number], alone, atol=0.02, rtol=0)


def test_columns_with_gaps_are_hidden_more_often():
    observed = torch.ones(4000, 4, dtype=torch.bool)
    observed[:1600, 0] = False
    kept = _hide(observed, torch.Generator().manual_seed(0))
    shares = (observed & ~kept).double().sum(0) / observed.sum(0)
    assert shares[0] > 3 * shares[1:].max()
    assert abs(float((observed & ~kept).sum() / observed.sum()) - 0.1) < 0.02
    whole = _hide(torch.ones(4000, 4, dtype=torch.bool), torch.Generator().manual_seed(0))
    assert (~whole).double().mean(0).sub(0.1).abs().max() < 0.02


def test_models_whose_errors_cancel_are_averaged():
    generator = torch.Generator().manual_seed(0)
    one, two = torch.randn(2, 1000, generator=generator, dtype=torch.float64)
    straight, other, worse = (
        Kind("factors", False, 1), Kind("factors", False, 2), Kind("covariance", False, 1)
    )  # fmt: skip
    chosen = _choose({straight: one, other: two, worse: 3 * one})
    assert set(chosen) == {straight, other}


def test_the_average_restores_cells_that_are_not_known(rows, observed):
    fitted = fit_linear_models(rows, observed, torch.Generator().manual_seed(0))
    assert float(fitted.weights.sum()) == pytest.approx(1)
    assert (fitted.weights.diff() <= 0).all()
    answers = [model.expect(rows, observed) for model in fitted.models]
    average = sum(w * answer for w, answer in zip(fitted.weights, answers, strict=True))
    missed = fitted.models[0].marginals.restore(average) - rows
    # A tenth of the variance is noise; of two known cells or none, little can be said.
    assert missed[~observed].square().mean() < 0.3
