import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.decomposition import PCA

from skae._linear import axes as axes_module
from skae._linear.axes import principal_axes


@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("max_gram_features", [2048, 1], ids=["covariance", "wide"])
@pytest.mark.parametrize("n_components", [1, 3, 12])
def test_agrees_with_pca(convert, max_gram_features, n_components, monkeypatch):
    monkeypatch.setattr(axes_module, "MAX_GRAM_FEATURES", max_gram_features)
    X = np.random.default_rng(0).normal(size=(40, 12)) * np.arange(1, 13) + 100
    axes = principal_axes(convert(X), n_components, seed=0)
    pca = PCA(n_components).fit(X)
    assert_allclose(axes.mean, X.mean(axis=0))
    assert axes.total_variance == pytest.approx(X.var(axis=0).sum())
    assert_allclose(axes.variances * 40 / 39, pca.explained_variance_, rtol=1e-6)
    assert_allclose(np.abs(axes.components @ pca.components_.T), np.eye(n_components), atol=1e-5)


def test_rank_is_what_the_data_have():
    X = np.outer(np.arange(6.0), np.ones(4))
    assert len(principal_axes(X, 4, seed=0).variances) == 1
    assert len(principal_axes(np.zeros((6, 4)), 4, seed=0).variances) == 0


@pytest.mark.parametrize("smallest", [1.0, 1e-4], ids=["in float32", "once more in float64"])
def test_large_data_have_the_axes_of_float64(smallest, monkeypatch):
    rng = np.random.default_rng(0)
    deviations = np.geomspace(1, smallest, 6) * 10
    X = (rng.normal(size=(500, 6)) * deviations @ rng.normal(size=(6, 40)) + 50).astype(np.float32)
    exact = principal_axes(X, 6, seed=0)
    monkeypatch.setattr(axes_module, "LARGE_PRODUCT", 0)
    large = principal_axes(X, 6, seed=0, dtype="float32")
    assert_allclose(large.variances, exact.variances, rtol=1e-5)
    assert_allclose(np.abs(large.components @ exact.components.T), np.eye(6), atol=1e-4)


@pytest.mark.parametrize("kind", ["noise", "steep"])
def test_few_axes_of_wide_data_explain_what_those_of_pca_do(kind, monkeypatch):
    monkeypatch.setattr(axes_module, "MAX_GRAM_FEATURES", 1)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 400)) + 10
    if kind == "steep":
        X *= np.geomspace(1, 1e-8, 400)
    axes = principal_axes(X, 5, seed=0)
    best = PCA(5, svd_solver="full").fit(X).explained_variance_.sum()
    found = np.square((X - X.mean(axis=0)) @ axes.components.T).sum() / 299
    assert_allclose(axes.components @ axes.components.T, np.eye(5), atol=1e-12)
    assert axes.variances.sum() * 300 / 299 == pytest.approx(found)
    assert found > 0.98 * best if kind == "noise" else found == pytest.approx(best)
