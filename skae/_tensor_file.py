"""Arrays and their description in one safetensors file, with a checksum and without code."""

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save


def write_tensor_file(
    path: str | os.PathLike, arrays: dict[str, np.ndarray], description: Any
) -> None:
    """Write a file that is there whole or not at all, whenever the process is killed.

    The bytes go to a file of another name beside it, are flushed to the disk, and only then get
    the name; a killed write leaves the old file, and one that ends in ``.partial``.

    Parameters
    ----------
    path : path-like
        The file; its folder has to exist. An old file is replaced.
    arrays : dict of str to ndarray
        Floats and integers.
    description : object
        Anything that JSON holds.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.safetensors"
    ...     write_tensor_file(path, {"weight": np.ones(2)}, {"kind": "example"})
    ...     read_tensor_file(path)
    ({'weight': array([1., 1.])}, {'kind': 'example'})
    """
    path = Path(path)
    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    text = json.dumps(description)
    metadata = {"skae": text, "sha256": _checksum(arrays, text)}
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(save(arrays, metadata))
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    _flush_folder(path.parent)


def read_tensor_file(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], Any]:
    """Read what ``write_tensor_file`` wrote.

    Parameters
    ----------
    path : path-like
        The file; nothing in it is trusted.

    Returns
    -------
    arrays : dict of str to ndarray
        The arrays.
    description : object
        What JSON made of the description.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is torn, altered, or was not written by skae.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is not a whole safetensors file: {error}") from error
    if not {"skae", "sha256"} <= metadata.keys():
        raise ValueError(f"{path} holds arrays, but no model or checkpoint of skae.")
    if _checksum(arrays, metadata["skae"]) != metadata["sha256"]:
        raise ValueError(f"{path} was altered or damaged: its checksum does not fit.")
    try:
        return arrays, json.loads(metadata["skae"])
    except RecursionError as error:
        raise ValueError(f"{path} has a description that is nested too deep.") from error


def _checksum(arrays: dict[str, np.ndarray], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _flush_folder(folder: Path) -> None:
    """Make the new name itself outlive a power cut, where folders can be flushed."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
