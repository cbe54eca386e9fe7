import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV

from skae import AutoencoderTransformer


def test_rounds_of_more_epochs(run_recipe):
    search = run_recipe("Short fits first")["search"]
    assert search.n_resources_ == [5, 10, 20]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_["autoencodertransformer__n_components"] > 2
    assert search.best_estimator_[0].n_iter_ == 20
    assert search.best_score_ > 0.8


def test_rounds_of_more_rows(X):
    model = AutoencoderTransformer(max_iter=5, random_state=0)
    search = HalvingGridSearchCV(
        model, {"n_components": [2, 4, 8, 16]}, min_resources=100, factor=2, cv=3, random_state=0
    ).fit(X)
    assert search.n_resources_ == [100, 200, 400]
    assert search.best_params_ == {"n_components": 16}
    assert search.best_score_ == pytest.approx(search.cv_results_["mean_test_score"].max())
