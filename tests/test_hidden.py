"""Hidden units as the features of a step: what reaches the autoencoder inside."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skae import (
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    HiddenFeatures,
    OrderedAutoencoder,
    SupervisedAutoencoder,
)
from skae.persistence import load_model

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


@pytest.mark.parametrize(
    "estimator",
    [
        AutoencoderTransformer(2), DenoisingAutoencoder(2), OrderedAutoencoder(2),
        OrderedAutoencoder(2, max_components=3), AutoencoderOutlierDetector(n_components=2),
        SupervisedAutoencoder(2),
    ],
    ids=repr,
)  # fmt: skip
def test_every_autoencoder_has_hidden_units(estimator):
    model = HiddenFeatures(estimator.set_params(max_iter=2, random_state=0))
    found = model.fit(IRIS, SPECIES).transform(IRIS)
    assert found.shape == (150, len(model.get_feature_names_out()))
    np.testing.assert_allclose(found.var(axis=0).mean(), 1, rtol=1e-4)


def test_rows_of_weight_zero_are_no_part_of_the_scale():
    weights = (np.arange(150) < 100).astype(float)
    inner = AutoencoderTransformer(2, max_iter=2, random_state=0)
    weighted = HiddenFeatures(inner).fit(IRIS, sample_weight=weights)
    without = HiddenFeatures(inner).fit(IRIS[:100])
    np.testing.assert_allclose(weighted.scale_, without.scale_, rtol=1e-5)


def test_names_of_columns_are_those_of_the_autoencoder():
    frame = load_iris(as_frame=True).data
    inner = AutoencoderTransformer(2, max_iter=2)
    assert list(HiddenFeatures(inner).fit(frame).feature_names_in_) == list(frame)
    assert not hasattr(HiddenFeatures(inner).fit(IRIS), "feature_names_in_")


def test_files_open_without_naming_types(tmp_path):
    skops = pytest.importorskip("skops.io")
    model = HiddenFeatures(DenoisingAutoencoder(2, max_iter=2)).fit(IRIS)
    skops.dump(model, tmp_path / "model.skops")
    again = load_model(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.transform(IRIS), model.transform(IRIS))


def test_a_state_that_hides_a_method_is_refused():
    model = HiddenFeatures(DenoisingAutoencoder(2))
    model.transform = "data"
    with pytest.raises(ValueError, match="not the saved state of a HiddenFeatures"):
        pickle.loads(pickle.dumps(model))
