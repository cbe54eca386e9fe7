import os
import signal
import time

import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV

from skae import AutoencoderTransformer

distributed = pytest.importorskip("distributed")
da = pytest.importorskip("dask.array")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


def test_search_and_blocks_equal_those_without_dask(cluster, run_recipe, X):
    names = run_recipe("Several machines", address=cluster.scheduler_address)
    with names["client"]:
        search, model = names["search"], names["model"]
        serial = GridSearchCV(model, {"n_components": [2, 4, 8]}, cv=3).fit(X)
        assert_allclose(
            search.cv_results_["mean_test_score"], serial.cv_results_["mean_test_score"], rtol=1e-5
        )
        assert search.best_params_ == serial.best_params_
        codes = search.best_estimator_.transform(X)
        assert_allclose(names["codes"], codes, rtol=1e-4, atol=1e-5)
        assert names["codes"].dtype == codes.dtype


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_blocks_of_a_killed_worker_are_run_again(cluster, X):
    model = AutoencoderTransformer(4, max_iter=2, random_state=0).fit(X)

    def encode(block):
        time.sleep(0.1)
        return model.transform(block)

    with distributed.Client(cluster) as client:
        rows = da.from_array(X, chunks=(20, -1))
        codes = client.compute(rows.map_blocks(encode, dtype="float32", meta=X[:0]))
        time.sleep(0.5)
        assert not codes.done()
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        assert_allclose(codes.result(timeout=120), model.transform(X), rtol=1e-4, atol=1e-5)
