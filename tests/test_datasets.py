import gzip
import subprocess
import sys

import numpy as np
import pytest

from skae.datasets import _mnist, fetch_mnist, load_mnist_sample


@pytest.mark.parametrize(("subset", "n"), [("train", 5000), ("test", 1000), ("all", 6000)])
def test_sample_is_stratified(subset, n):
    sample = load_mnist_sample(subset=subset)
    assert sample.data.shape == (n, 784)
    assert sample.data.dtype == np.float32
    assert (sample.data.min(), sample.data.max()) == (0, 1)
    np.testing.assert_array_equal(np.bincount(sample.target), np.full(10, n // 10))


def test_sample_is_small_and_comes_with_its_licence():
    files = list(_mnist.SAMPLE.iterdir())
    assert sum(file.stat().st_size for file in files) < 1.2e6
    assert "Attribution-Share Alike" in load_mnist_sample(subset="test").DESCR


def test_as_frame():
    frame = load_mnist_sample(subset="test", as_frame=True).frame
    assert frame.shape == (1000, 785)
    assert frame.columns[-1] == "digit"


def test_fetch_prefers_the_local_folder(mnist_folder, monkeypatch):
    monkeypatch.setenv("SKAE_DATA", str(mnist_folder))
    X, y = fetch_mnist(return_X_y=True, download_if_missing=False)
    assert X.shape == (70000, 784)
    # The means of the pixels, as the distribution's own page states them.
    assert 255 * X[:60000].mean(dtype=float) == pytest.approx(33.3184, abs=1e-3)
    assert 255 * X[60000:].mean(dtype=float) == pytest.approx(33.7912, abs=1e-3)
    assert len(y) == 70000


@pytest.fixture
def no_local_mnist(monkeypatch):
    monkeypatch.delenv("SKAE_DATA", raising=False)


def test_missing_files_may_not_be_downloaded(tmp_path, no_local_mnist):
    with pytest.raises(OSError, match="SKAE_DATA"):
        fetch_mnist(data_home=tmp_path, download_if_missing=False)


def test_download_checks_the_hash_and_tries_again(tmp_path, no_local_mnist, monkeypatch):
    """The mirror is a local folder whose files are MNIST-like, but not MNIST."""
    pytest.importorskip("pooch")
    tries = []

    def retrieve(url, known_hash, fname, path):
        tries.append(fname)
        assert known_hash == f"sha256:{_mnist.SHA256[fname]}"
        raise ValueError("SHA256 hash does not match")

    monkeypatch.setattr("pooch.retrieve", retrieve)
    with pytest.raises(OSError, match="hash does not match"):
        fetch_mnist(data_home=tmp_path, subset="test", n_retries=2, delay=0)
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "gzip"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x05abc", mtime=0), "states the shape"),
        (gzip.compress(b"\0\0\x0d\x01\0\0\0\x01a", mtime=0), "not an IDX file"),
        (gzip.compress(b"\0\0\x08\x03\0\0", mtime=0), "header"),
        (gzip.compress(bytes(999), mtime=0)[:-9], "truncated"),
    ],
)
def test_damaged_file(tmp_path, content, message):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(OSError, match=message):
        _mnist.read_idx(path)


def test_unknown_subset():
    with pytest.raises(ValueError, match="'valid'"):
        load_mnist_sample(subset="valid")


def test_import_needs_no_torch():
    # In a namespace of its own, because `import skae` itself brings the estimators.
    code = (
        "import sys, types; package = types.ModuleType('skae')\n"
        f"package.__path__ = [{str(_mnist.SAMPLE.parents[1])!r}]\n"
        "sys.modules['skae'] = package\n"
        "import skae.datasets; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
