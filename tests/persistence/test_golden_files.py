"""Files of every format that there ever was are opened."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skae._base.state import FORMAT_VERSION
from skae.persistence import load_model
from tests.data.make import FOLDER

FILES = sorted(path for path in FOLDER.glob("format-*/*") if path.suffix != ".npz")

# The version of skae that wrote them is another one by and by, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:This .* was saved by skae")


def expected(path):
    return np.load(path.with_name("codes.npz"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_old_files_open_with_the_same_output(path):
    model = pickle.loads(path.read_bytes()) if path.suffix == ".pickle" else load_model(path)
    kept = expected(path)
    method = model.predict if path.stem == "pipeline" else model.transform
    # Another kind of CPU rounds in another way.
    assert_allclose(method(kept["X"]), kept[path.name], rtol=1e-4, atol=1e-5)


def test_no_format_is_missing():
    for version in range(1, FORMAT_VERSION + 1):
        names = {path.name for path in (FOLDER / f"format-{version}").iterdir()}
        described = set(np.load(FOLDER / f"format-{version}" / "codes.npz")) - {"X"}
        assert names == described | {"codes.npz"}
