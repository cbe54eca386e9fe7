"""The IDX format of the original MNIST distribution: a magic number, the shape, the bytes."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

_UNSIGNED_BYTE = 0x08


def read_idx(path: Path) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    array : ndarray of uint8
        In the shape that the file states.

    Raises
    ------
    OSError
        If the file is not a gzipped IDX file of bytes, or holds fewer or more than it states.
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (EOFError, zlib.error) as error:
        raise OSError(f"{path} is truncated or damaged ({error}). Download it again.") from error
    if len(content) < 4 or content[:3] != bytes([0, 0, _UNSIGNED_BYTE]):
        raise OSError(f"{path} is not an IDX file of unsigned bytes.")
    n_axes = content[3]
    start = 4 + 4 * n_axes
    if len(content) < start:
        raise OSError(f"{path} ends inside its header. Download it again.")
    shape = struct.unpack(f">{n_axes}I", content[4:start])
    data = np.frombuffer(content, np.uint8, offset=start)
    if data.size != np.prod(shape, dtype=object):
        raise OSError(f"{path} states the shape {shape} but holds {data.size} bytes.")
    return data.reshape(shape)
