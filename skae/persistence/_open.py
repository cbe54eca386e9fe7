"""Opening a model whatever it was saved as, with nothing in it run."""

import os
from pathlib import Path
from typing import Any

from skae.persistence._classes import SKOPS_TRUSTED_TYPES
from skae.persistence._safetensors import load_safetensors


def load_model(path: str | os.PathLike) -> Any:
    """Load a model from a .skops or a .safetensors file.

    Parameters
    ----------
    path : path-like
        The file. Of the classes that it may name, those of skae and those that skops knows of
        scikit-learn, NumPy and SciPy are built; another one is an error. Pickle is not read.

    Returns
    -------
    model : object
        An estimator, or a Pipeline around one.

    Raises
    ------
    ValueError
        If the file is damaged, names other classes, or has another suffix.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> load_model("model.pickle")
    Traceback (most recent call last):
    ValueError: model.pickle has the suffix '.pickle'; .skops and .safetensors can be opened.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        return load_safetensors(path)
    if path.suffix != ".skops":
        raise ValueError(
            f"{path} has the suffix {path.suffix!r}; .skops and .safetensors can be opened."
        )
    import skops.io

    try:
        return skops.io.load(path, trusted=SKOPS_TRUSTED_TYPES)
    except OSError:
        raise
    except Exception as error:
        # What its parser makes of a damaged file is of any type.
        raise ValueError(f"{path} is not a model that can be opened: {error}") from error
