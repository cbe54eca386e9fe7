import pytest
from numpy.testing import assert_allclose

pytest.importorskip("pyspark")


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch):
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")


def test_the_codes_of_a_table_are_those_of_its_rows(run_recipe):
    names = run_recipe("Tables in Spark")
    model, frame = names["model"], names["frame"]
    try:
        codes = names["codes"].toPandas()
    finally:
        names["spark"].stop()
    assert list(codes.columns) == list(model.get_feature_names_out())
    assert_allclose(codes, model.transform(frame), rtol=1e-4, atol=1e-5)
