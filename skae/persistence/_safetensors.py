"""Estimators as safetensors files: weights and JSON, no code."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from skae._base.estimator import BaseAutoencoder
from skae._base.state import FORMAT_VERSION
from skae._tensor_file import read_tensor_file, write_tensor_file
from skae.persistence._classes import BUILDING_BLOCKS, ESTIMATORS

FITTED = "fitted."
"""Prefix of arrays that are not weights of the module."""

NAMES_OF_CLASSES = "biuU"
"""The kinds of arrays, beside floats and objects, that hold the names of classes: bools, whole
numbers and words."""


def save_safetensors(estimator: BaseAutoencoder, path: str | os.PathLike) -> None:
    """Save an estimator as one safetensors file.

    The weights have the names of ``module_.state_dict()``, so plain torch reads them with
    ``safetensors.torch.load_file``; other arrays begin with "fitted.". Parameters and curves are
    JSON in the metadata, with a checksum of it all. The file is written whole or not at all.

    Parameters
    ----------
    estimator : AutoencoderTransformer or DenoisingAutoencoder
        Fitted or not.
    path : path-like
        The file to write; an old one is replaced.

    Raises
    ------
    ValueError
        If the estimator, or one of its parameters, is more than data: a class or a function of
        the user's, a ``RandomState``.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skae import AutoencoderTransformer
    >>> X = np.random.default_rng(0).normal(size=(50, 4))
    >>> model = AutoencoderTransformer(2, max_iter=1, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_safetensors(model, f"{folder}/model.safetensors")
    ...     copy = load_safetensors(f"{folder}/model.safetensors")
    >>> bool((copy.transform(X) == model.transform(X)).all())
    True
    """
    kind = type(estimator)
    if ESTIMATORS.get(kind.__name__) is not kind:
        raise ValueError(
            f"save_safetensors saves {' and '.join(ESTIMATORS)}, not {kind.__name__}. Save a "
            "Pipeline or a class of your own with skops or pickle."
        )
    state = estimator.__getstate__()
    # Callbacks are code, and belong to the process that set them.
    state.pop("_skl_callbacks", None)
    arrays = state.pop("weights", {})
    description = {}
    for name, value in state.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            arrays[FITTED + name] = value
        else:
            description[name] = _encode(name, value)
    write_tensor_file(path, arrays, {"class": kind.__name__, "attributes": description})


def load_safetensors(path: str | os.PathLike) -> Any:
    """Load an estimator that ``save_safetensors`` saved.

    Parameters
    ----------
    path : path-like
        The file. It may come from anywhere: no code in it is run, and nothing is built before
        its checksum, names, shapes and values were checked.

    Returns
    -------
    estimator : AutoencoderTransformer or DenoisingAutoencoder
        With the parameters and, where it was fitted, the weights that it had.

    Raises
    ------
    ValueError
        If the file is damaged, of a newer format, or holds no estimator of skae.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> load_safetensors("nothing.safetensors")
    Traceback (most recent call last):
    FileNotFoundError: No such file or directory: nothing.safetensors
    """
    arrays, description = read_tensor_file(path)
    try:
        estimator: Any = ESTIMATORS[description["class"]]()
        state = {name: _decode(value) for name, value in description["attributes"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{path} holds no estimator that skae (format {FORMAT_VERSION}) knows: {error!r}."
        ) from error
    # Arrays with the prefix are attributes, the others are the weights of the module.
    weights = {}
    for name, array in arrays.items():
        if name.startswith(FITTED):
            state[name.removeprefix(FITTED)] = array
        else:
            weights[name] = array
    if weights:
        state["weights"] = weights
    estimator.__setstate__(state)
    return estimator


def _encode(name: str, value: Any) -> Any:
    """Make JSON of a value; a type that JSON lacks becomes an object of one key."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_encode(name, item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [_encode(name, item) for item in value]}
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return {"pairs": [[_encode(name, part) for part in pair] for pair in value.items()]}
    if isinstance(value, dict):
        return {"dict": {str(key): _encode(name, item) for key, item in value.items()}}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return {"names": [_encode(name, item) for item in value]}
    if isinstance(value, np.ndarray) and value.dtype.kind in NAMES_OF_CLASSES:
        return {"array": [value.dtype.str, value.tolist()]}
    if isinstance(value, Path):
        return {"path": str(value)}
    kind = type(value)
    if BUILDING_BLOCKS.get(kind.__name__) is kind:
        return {kind.__name__: _encode(name, value.get_params(deep=False))}
    raise ValueError(
        f"{name}={value!r} is more than data, so a safetensors file cannot hold it. Save with "
        "skops or pickle, or replace it (an int for random_state, a noise or an architecture of "
        "skae)."
    )


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((word, content),) = value.items()
    if word == "tuple":
        return tuple(map(_decode, content))
    if word == "dict":
        return {key: _decode(item) for key, item in content.items()}
    if word == "names":
        return np.array(content, dtype=object)
    if word == "pairs":
        return {_decode(key): _decode(item) for key, item in content}
    if word == "array":
        kind, values = content
        if np.dtype(kind).kind not in NAMES_OF_CLASSES:
            raise ValueError(f"an array of {kind!r}")
        return np.array(values, dtype=kind)
    if word == "path":
        return Path(content)
    return BUILDING_BLOCKS[word](**_decode(content))
