import os

import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer


def test_a_worker_that_dies_ends_the_search(X):
    class Deadly:
        def build(self, n_features, n_components, generator):
            os._exit(1)

    model = AutoencoderTransformer(architecture=Deadly())
    with pytest.raises(TerminatedWorkerError):
        GridSearchCV(model, {"n_components": [2, 4]}, cv=2, n_jobs=2).fit(X)
