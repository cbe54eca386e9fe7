"""Random sequences of calls keep what an estimator promises."""

import pickle

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skae import AutoencoderTransformer, DenoisingAutoencoder

X = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
PARAMETERS = {
    "n_components": [1, 2, 7, 0], "hidden_layer_sizes": [(), (4,)], "init": ["pca", "random"],
    "dtype": ["float32", "float64"], "warm_start": [True, False], "max_iter": [1, 2],
    "validation_fraction": [0, 0.2], "learning_rate_init": ["auto", 1e30], "loss": ["huber", "no"],
    "solver": ["adam", "sgd"], "output_activation": ["identity", "logistic"],
}  # fmt: skip


class Life(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = AutoencoderTransformer(2, hidden_layer_sizes=(4,), max_iter=1, random_state=0)

    def is_fitted(self):
        return self.model.__sklearn_is_fitted__()

    @rule(denoising=st.booleans())
    def begin_anew(self, denoising):
        kind = DenoisingAutoencoder if denoising else AutoencoderTransformer
        self.model = kind(2, hidden_layer_sizes=(4,), max_iter=1, random_state=0)

    @rule(name=st.sampled_from(sorted(PARAMETERS)), data=st.data())
    def set_params(self, name, data):
        before = self.codes()
        self.model.set_params(**{name: data.draw(st.sampled_from(PARAMETERS[name]))})
        self.assert_codes(before)

    @rule(whole=st.booleans(), columns=st.sampled_from([5, 5, 5, 3]), broken=st.booleans())
    def train(self, whole, columns, broken):
        rows = X[:, :columns].copy()
        if broken:
            rows[0, 0] = np.nan
        before, n_iter = self.codes(), getattr(self.model, "n_iter_", 0)
        warm = not whole or self.model.warm_start
        try:
            (self.model.fit if whole else self.model.partial_fit)(rows)
        except ValueError:
            # A cold fit may leave no model where training failed, but never another one.
            if warm or self.is_fitted():
                self.assert_codes(before)
        else:
            assert self.is_fitted()
            assert self.model.n_features_in_ == columns
            if not whole and before is not None:
                assert self.model.n_iter_ == n_iter + 1

    @precondition(is_fitted)
    @rule()
    def pickle(self):
        before = self.codes()
        self.model = pickle.loads(pickle.dumps(self.model))
        self.assert_codes(before)

    @rule()
    def clone(self):
        copy = clone(self.model)
        assert not copy.__sklearn_is_fitted__()
        assert repr(copy.get_params()) == repr(self.model.get_params())

    @invariant()
    def codes_are_finite(self):
        if self.is_fitted():
            codes = self.codes()
            assert codes.shape == (len(X), self.model._n_features_out)
            assert np.isfinite(codes).all()
            assert np.isfinite(self.model.score(X[:, : self.model.n_features_in_]))

    def codes(self):
        return self.model.transform(X[:, : self.model.n_features_in_]) if self.is_fitted() else None

    def assert_codes(self, expected):
        if expected is not None:
            assert_array_equal(self.codes(), expected, strict=True)


Life.TestCase.settings = settings(stateful_step_count=15)
TestLife = Life.TestCase
