import os
import sys

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skae import AutoencoderTransformer

sql = pytest.importorskip("pyspark.sql")


@pytest.fixture(scope="module")
def spark():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = sql.SparkSession.builder.master("local[2, 2]")  # two workers, two tries
        session = builder.config("spark.ui.enabled", "false").getOrCreate()
        yield session
        session.stop()


def test_the_codes_of_a_table_are_those_of_its_rows(spark, run_recipe):
    names = run_recipe("Tables in Spark")
    codes, model = names["codes"].toPandas(), names["model"]
    assert list(codes.columns) == list(model.get_feature_names_out())
    assert_allclose(codes, model.transform(names["frame"]), rtol=1e-4, atol=1e-5)


def test_blocks_of_a_worker_that_died_are_run_again(spark, X, tmp_path):
    frame = pd.DataFrame(X, columns=[f"pixel{number}" for number in range(X.shape[1])])
    model = AutoencoderTransformer(2, hidden_layer_sizes=(8,), max_iter=2, random_state=0)
    model.set_output(transform="pandas").fit(frame)
    died = str(tmp_path / "died")

    def encode(frames):
        for frame in frames:
            if not os.path.exists(died):
                open(died, "w").close()
                os._exit(1)
            yield model.transform(frame)

    schema = ", ".join(f"{name} float" for name in model.get_feature_names_out())
    codes = spark.createDataFrame(frame).mapInPandas(encode, schema).toPandas()
    assert os.path.exists(died)
    assert_allclose(codes, model.transform(frame), rtol=1e-4, atol=1e-5)
