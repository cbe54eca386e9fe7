"""Batches by index from one resident array, dense or sparse."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from scipy import sparse

Pair = tuple[torch.Tensor, torch.Tensor]


def as_tensor(X: Any, device: str) -> Any:
    """X as a tensor on the device without a copy where it can be; sparse X stays as it is."""
    if sparse.issparse(X):
        return X
    if not X.flags.writeable:
        X = np.asarray(_Writable(X))
    return torch.from_numpy(X).to(device)


def gather(X: Any, rows: torch.Tensor | slice, device: str) -> torch.Tensor:
    """Take rows of X as one dense tensor on the device; only these rows of a sparse X are dense."""
    if isinstance(X, torch.Tensor):
        taken = X[rows]
        return taken if taken.device.type == device else taken.to(device)
    index = rows if isinstance(rows, slice) else rows.cpu().numpy()
    return torch.from_numpy(X[index].toarray()).to(device)


class Batches:
    """An iterable over (input, target) pairs of standardised rows, one epoch each time.

    Parameters
    ----------
    X : torch.Tensor or CSR array of shape (n_samples, n_features)
        The data; never copied whole.
    rows : torch.Tensor of int64
        The rows to take.
    batch_size : int
        Rows of a batch; the last batch of an epoch may have fewer.
    standardize : callable
        Maps a batch in the units of the data to standardised units.
    device : str
        Where the batches are wanted.
    generator : torch.Generator, or None
        Shuffles the rows anew for each epoch; None keeps their order.
    """

    def __init__(
        self,
        X: Any,
        rows: torch.Tensor,
        batch_size: int,
        standardize: Callable[[torch.Tensor], torch.Tensor],
        device: str = "cpu",
        generator: torch.Generator | None = None,
    ):
        self.X = X
        self.rows = rows
        self.batch_size = batch_size
        self.standardize = standardize
        self.device = device
        self.generator = generator

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[Pair]:
        rows = self.rows
        if self.generator is not None:
            rows = rows[torch.randperm(len(rows), generator=self.generator)]
        for batch_rows in rows.split(self.batch_size):
            batch = self.standardize(gather(self.X, batch_rows, self.device))
            yield batch, batch


class _Writable:
    """A view of a read-only array that torch takes without a warning; nobody writes to it."""

    def __init__(self, array: np.ndarray):
        pointer, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (pointer, False)}
        self.array = array
