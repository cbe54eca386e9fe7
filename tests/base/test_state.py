"""What a subclass of a user's adds to the state goes to every file and comes back."""

import inspect
from functools import cached_property

import numpy as np
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn.base import OutlierMixin, clone

from skae import AutoencoderTransformer, DenoisingAutoencoder
from tests.persistence.models import WAYS

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}


class Detector(OutlierMixin, AutoencoderTransformer):
    """With a default on the class, a cached property, a further parameter and private data."""

    threshold_ = None
    _quantiles = ()

    def __init__(
        self, n_components=2, *, contamination=0.1, hidden_layer_sizes=(6,), max_iter=2,
        random_state=None,
    ):  # fmt: skip
        super().__init__(
            n_components, hidden_layer_sizes=hidden_layer_sizes, max_iter=max_iter,
            random_state=random_state,
        )  # fmt: skip
        self.contamination = contamination

    @cached_property
    def spread(self):
        return float(self.explained_variance_.sum())

    def _finish(self, X, y):
        scores = self.score_samples(X)
        self._quantiles = tuple(np.quantile(scores, [0.05, 0.95]).tolist())
        self.threshold_ = float(np.quantile(scores, self.contamination))

    def predict(self, X):
        return np.where(self.score_samples(X) < self.threshold_, -1, 1)


class DenoisingDetector(Detector, DenoisingAutoencoder):
    """The same around the other estimator: its parameters are at their defaults."""

    def __init__(self, n_components=2, *, contamination=0.1, max_iter=2, random_state=None):
        DenoisingAutoencoder.__init__(
            self, n_components, hidden_layer_sizes=(6,), max_iter=max_iter,
            random_state=random_state,
        )  # fmt: skip
        self.contamination = contamination


KINDS = [Detector, DenoisingDetector]


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"by_safetensors"}))
@pytest.mark.parametrize("kind", KINDS)
def test_a_subclass_keeps_what_it_adds(kind, way, X, tmp_path):
    model = kind(contamination=0.3, random_state=0).fit(X)
    assert model.spread > 0
    copied = WAYS[way](model, tmp_path)
    assert vars(copied).keys() == vars(model).keys()
    assert copied.threshold_ == model.threshold_ is not None
    assert copied._quantiles == model._quantiles
    assert vars(copied)["spread"] == model.spread
    assert copied.contamination == 0.3
    assert_array_equal(copied.predict(X), model.predict(X))


@pytest.mark.slow
def test_through_the_processes_of_loky(X):
    models = Parallel(n_jobs=2)(delayed(Detector(random_state=0).fit)(X) for _ in range(2))
    assert all(model.threshold_ is not None for model in models)
    assert (models[0].predict(X) == -1).mean() == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder, *KINDS])
def test_no_state_hides_a_method_or_what_the_family_has(kind, X):
    state = clone(kind(max_iter=2, random_state=0)).fit(X).__getstate__()
    own = set(state) | set(kind._get_param_names())
    names = [name for name in dir(kind) if name not in own and not name.startswith("__")]
    harmless = {"threshold_", "_quantiles", "spread"}
    assert len(set(names) - harmless) > 40
    for name in set(names) - harmless:
        if inspect.getattr_static(kind, name) is None:
            continue
        with pytest.raises(ValueError, match="attribute"):
            kind().__setstate__({**state, name: 3})
