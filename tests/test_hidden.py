"""Hidden units as the features of a step: what reaches the autoencoder inside."""

import numpy as np
import sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skae import AutoencoderTransformer, HiddenFeatures

IRIS, SPECIES = load_iris(return_X_y=True)
WEIGHTS = np.where(SPECIES == 0, 100.0, 1.0)


def test_weights_reach_the_autoencoder():
    model = HiddenFeatures(AutoencoderTransformer(2, random_state=0))
    model.fit(IRIS, sample_weight=WEIGHTS)
    np.testing.assert_allclose(
        model.estimator_.mean_, np.average(IRIS, axis=0, weights=WEIGHTS), rtol=1e-6
    )


def test_weights_are_routed_to_those_that_ask_for_them():
    expected = {True: np.average(IRIS, axis=0, weights=WEIGHTS), False: IRIS.mean(axis=0)}
    with sklearn.config_context(enable_metadata_routing=True):
        for asks, mean in expected.items():
            inner = AutoencoderTransformer(2, random_state=0).set_fit_request(sample_weight=asks)
            classifier = LogisticRegression(max_iter=1000).set_fit_request(sample_weight=True)
            chain = make_pipeline(HiddenFeatures(inner), classifier)
            chain.fit(IRIS, SPECIES, sample_weight=WEIGHTS)
            np.testing.assert_allclose(chain[0].estimator_.mean_, mean, rtol=1e-6)
