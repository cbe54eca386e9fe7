"""The MNIST digits, bundled in part or fetched whole."""

import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from skae.datasets._idx import read_idx

SAMPLE = Path(__file__).parent / "data"
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
SHA256 = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
PARTS = {"train": ("train",), "test": ("t10k",), "all": ("train", "t10k")}


def load_mnist_sample(
    *, subset: str = "all", return_X_y: bool = False, as_frame: bool = False
) -> Any:
    """Load the bundled sample of MNIST: 5,000 training and 1,000 test images.

    500 and 100 images of each digit, drawn from the original training and test images.

    Parameters
    ----------
    subset : {"all", "train", "test"}, default="all"
        Which images; "all" has the training images first.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` and not a Bunch.
    as_frame : bool, default=False
        Whether data and target are pandas objects.

    Returns
    -------
    mnist : Bunch or tuple
        As :func:`fetch_mnist` returns it.

    Examples
    --------
    >>> from skae.datasets import load_mnist_sample
    >>> X, y = load_mnist_sample(subset="train", return_X_y=True)
    >>> X.shape, X.dtype, float(X.min()), float(X.max())
    ((5000, 784), dtype('float32'), 0.0, 1.0)
    """
    return _bunch(SAMPLE, subset, return_X_y, as_frame)


def fetch_mnist(
    *,
    data_home: str | os.PathLike | None = None,
    subset: str = "all",
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load all of MNIST, 60,000 training and 10,000 test images, downloading it once.

    The four IDX files are looked for in the folder that the environment variable
    ``SKAE_DATA`` names, then in ``data_home``, then downloaded with pooch
    (``pip install skae[data]``) and checked against their SHA-256.

    Parameters
    ----------
    data_home : path-like, default=None
        Folder of downloaded data; None is scikit-learn's ``get_data_home()``.
    subset : {"all", "train", "test"}, default="all"
        Which images; "all" has the training images first.
    download_if_missing : bool, default=True
        Whether to download what is not there; False raises OSError instead.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` and not a Bunch.
    as_frame : bool, default=False
        Whether data and target are pandas objects.
    n_retries : int, default=3
        Downloads to try again after a failed one.
    delay : float, default=1.0
        Seconds between the tries.

    Returns
    -------
    mnist : Bunch
        ``data``, ndarray or DataFrame of shape (n, 784), float32 in [0, 1]; ``target``, ndarray
        or Series of shape (n,), int64; ``feature_names``, ``target_names``, ``DESCR`` and
        ``frame`` (None without ``as_frame``). A tuple ``(data, target)`` with ``return_X_y``.

    Raises
    ------
    OSError
        If a file is missing and may not be, or cannot be, downloaded; or is damaged.

    Notes
    -----
    LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998). Licence:
    Creative Commons Attribution-Share Alike 3.0.

    Examples
    --------
    >>> from skae.datasets import fetch_mnist
    >>> mnist = fetch_mnist(subset="test")  # doctest: +SKIP
    >>> mnist.data.shape  # doctest: +SKIP
    (10000, 784)
    """
    _check_subset(subset)
    names = [name for name in SHA256 if name.startswith(PARTS[subset])]
    local = os.environ.get("SKAE_DATA")
    if local and all((Path(local) / name).is_file() for name in names):
        return _bunch(Path(local), subset, return_X_y, as_frame)
    folder = Path(get_data_home(data_home)) / "mnist"
    if not all((folder / name).is_file() for name in names):
        if not download_if_missing:
            raise OSError(
                f"MNIST is not in {folder}. Set download_if_missing=True, or the environment "
                "variable SKAE_DATA to a folder that holds its four IDX files."
            )
        _download(folder, names, n_retries, delay)
    return _bunch(folder, subset, return_X_y, as_frame)


def _check_subset(subset: str) -> None:
    if subset not in PARTS:
        raise ValueError(f"subset must be one of {', '.join(map(repr, PARTS))}. Got {subset!r}.")


def _download(folder: Path, names: list[str], n_retries: int, delay: float) -> None:
    try:
        pooch = import_module("pooch")
    except ImportError as error:
        raise ImportError(
            "Downloading MNIST needs pooch: pip install 'skae[data]'. Or set the environment "
            "variable SKAE_DATA to a folder that holds its four IDX files."
        ) from error
    for name in names:
        for tries_left in reversed(range(n_retries + 1)):
            try:
                pooch.retrieve(MIRROR + name, f"sha256:{SHA256[name]}", name, folder)
                break
            except (OSError, ValueError) as error:
                if not tries_left:
                    raise OSError(f"Could not download {MIRROR}{name}: {error}") from error
                time.sleep(delay)


def _bunch(folder: Path, subset: str, return_X_y: bool, as_frame: bool) -> Any:
    _check_subset(subset)
    images = [read_idx(folder / f"{part}-images-idx3-ubyte.gz") for part in PARTS[subset]]
    labels = [read_idx(folder / f"{part}-labels-idx1-ubyte.gz") for part in PARTS[subset]]
    data: Any = np.concatenate(images).reshape(-1, 784) / np.float32(255)
    target: Any = np.concatenate(labels).astype(np.int64)
    feature_names = [f"pixel_{row}_{column}" for row in range(28) for column in range(28)]
    frame = None
    if as_frame:
        pandas = import_module("pandas")
        data = pandas.DataFrame(data, columns=feature_names)
        target = pandas.Series(target, name="digit")
        frame = data.assign(digit=target)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        feature_names=feature_names,
        target_names=[str(digit) for digit in range(10)],
        DESCR=(SAMPLE / "NOTICE.md").read_text(),
        frame=frame,
    )
