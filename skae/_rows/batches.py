"""Pairs of rows, and batches of them by index from one resident array, dense or sparse."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch

from skae._rows.tensors import gather, rows_at_once
from skae.architectures import Autoencoder, Standard

MAX_CELLS_KEPT = 2**24
"""Linear codes are kept up to this many cells, 64 MB in float32."""


class Batch(NamedTuple):
    """What one step of training is given, in standard units.

    Attributes
    ----------
    source : torch.Tensor of shape (n, n_features)
        The rows to encode.
    target : torch.Tensor of shape (n, n_features)
        The rows that their reconstruction is compared with; may be ``source`` itself.
    linear_code : torch.Tensor of shape (n, n_components), or None
        What the encoder half of the linear path makes of the source, where it is known.
    weights : torch.Tensor of shape (n,), or None
        What each row counts in the loss, one on average over all rows; None counts them alike.
    mask : torch.Tensor of bool of shape (n, n_features), or None
        The cells that count in the loss; None counts them all.
    labels : torch.Tensor of shape (n,) or (n, n_targets), or None
        What the code is to tell of each row.
    """

    source: torch.Tensor
    target: torch.Tensor
    linear_code: torch.Tensor | None = None
    weights: torch.Tensor | None = None
    mask: torch.Tensor | None = None
    labels: torch.Tensor | None = None

    def take(self, rows: torch.Tensor) -> "Batch":
        """The batch of the rows of these numbers."""
        target = self.target.index_select(0, rows)
        source = target if self.source is self.target else self.source.index_select(0, rows)
        extras = (None if part is None else part.index_select(0, rows) for part in self[2:])
        return Batch(source, target, *extras)


@dataclass(frozen=True)
class Pairs:
    """What is encoded, and what its reconstruction is compared with, in the units of the data.

    Attributes
    ----------
    source : torch.Tensor or CSR array of shape (n_samples, n_features)
        The rows to encode; copied whole only where they have another dtype than the networks.
    target : torch.Tensor or CSR array of shape (n_samples, n_features), or None
        The rows to reconstruct; None takes the source.
    corruption : callable or None
        ``(batch, generator) -> batch``, what is done to a batch before it is encoded.
    device : str
        Where batches are wanted.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts, in any unit, above zero; None counts them alike.
    mask : torch.Tensor of bool of shape (n_samples, n_features), or None
        The cells of the target that count; None counts them all.
    labels : torch.Tensor of shape (n_samples,) or (n_samples, n_targets), or None
        Numbers of classes, -1 where a row's is not known; or standardised numbers, NaN where one is
        not known.
    linear_code : torch.Tensor of shape (n_samples, n_components), or None
        What the encoder half of the linear path makes of the source; None where batches are to
        find out for themselves.
    is_standard : bool
        Whether source and target are in standard units already.
    """

    source: Any
    target: Any = None
    corruption: Callable[[torch.Tensor, torch.Generator], torch.Tensor] | None = None
    device: str = "cpu"
    weights: np.ndarray | None = None
    mask: torch.Tensor | None = None
    labels: torch.Tensor | None = None
    linear_code: torch.Tensor | None = None
    is_standard: bool = False

    def in_standard_units(self, module: Autoencoder) -> Self:
        """The same, standardised once for all epochs, where that is no copy more than a cast.

        Rows of float64 lose digits in a cast to float32 and none in standard units. Noise is made
        in the units of the data, so rows that are corrupted wait for their batch; so do sparse
        rows, which are not sparse about their mean.
        """
        tensors = [rows for rows in (self.source, self.target) if rows is not None]
        is_dense = all(isinstance(rows, torch.Tensor) for rows in tensors)
        if self.corruption is not None or not is_dense:
            return self
        if self.source.dtype == module.source.near.dtype:
            return self
        source = self._standardize(module.source, self.source)
        target = None if self.target is None else self._standardize(module.target, self.target)
        return replace(self, source=source, target=target, is_standard=True)

    def with_linear_code(self, module: Autoencoder) -> Self:
        """The same with linear codes, which no epoch needs to compute again.

        Without them where there is no linear path, where every epoch corrupts the rows anew, or
        where they would take much memory.
        """
        (n_samples, n_features), to_code = self.source.shape, module.to_code
        if self.corruption is not None or to_code is None:
            return self
        if n_samples * to_code.shape[1] > MAX_CELLS_KEPT:
            return self
        code = to_code.new_empty(n_samples, to_code.shape[1])
        size = rows_at_once(n_features)
        for start in range(0, n_samples, size):
            rows = slice(start, start + size)
            source = gather(self.source, rows, self.device)
            source = source if self.is_standard else module.standardize(source)
            torch.mm(source, to_code, out=code[rows])
        return replace(self, linear_code=code)

    def take(
        self, rows: torch.Tensor | slice, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Corrupted source and clean target of some rows; one tensor where they are the same."""
        source = gather(self.source, rows, self.device)
        target = source if self.target is None else gather(self.target, rows, self.device)
        if self.corruption is not None:
            # A user's corruption may write to its batch; the target stays clean.
            source = self.corruption(source.clone(), generator)
        return source, target

    def _standardize(self, standard: Standard, X: torch.Tensor) -> torch.Tensor:
        result = torch.empty(X.shape, dtype=standard.near.dtype, device=self.device)
        size = rows_at_once(X.shape[1])
        for start in range(0, len(X), size):
            rows = slice(start, start + size)
            result[rows] = standard.apply_to(X[rows].to(standard.mean.device))
        return result


def split_rows(
    n_samples: int, held_out_share: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the numbers of the rows to train on, and of those to choose the weights by."""
    rows = torch.randperm(n_samples, generator=generator, device="cpu")
    n_held_out = min(math.ceil(held_out_share * n_samples), n_samples - 1)
    return rows[n_held_out:].sort().values, rows[:n_held_out].sort().values


class Batches:
    """An iterable over batches of standardised rows, one epoch each time.

    Parameters
    ----------
    pairs : Pairs
        The data.
    rows : torch.Tensor of int64
        The rows to take.
    batch_size : int
        Rows of a batch. The last batch of an epoch may have fewer; a single row that is left over
        joins the batch before, since some networks cannot be trained on one.
    module : Autoencoder
        Standardises the batches.
    order : torch.Generator, or None
        Shuffles the rows anew for each epoch; None keeps their order.
    noise_seed : int
        Seed of the corruption.
    same_noise : bool, default=False
        Whether every epoch sees the same corruption, so that epochs can be compared.
    """

    def __init__(
        self,
        pairs: Pairs,
        rows: torch.Tensor,
        batch_size: int,
        module: Autoencoder,
        *,
        order: torch.Generator | None = None,
        noise_seed: int = 0,
        same_noise: bool = False,
    ):
        self.pairs = pairs
        self.rows = rows
        self.batch_size = batch_size
        self.module = module
        self.order = order
        self.noise = torch.Generator(pairs.device).manual_seed(noise_seed)
        self.same_noise = same_noise
        self.weights: torch.Tensor | None = None
        if pairs.weights is not None:
            # One on average, so that the learning rate means what it means without weights.
            weights = pairs.weights / pairs.weights[rows.numpy()].mean()
            self.weights = torch.from_numpy(weights).to(module.source.near)

    def __len__(self) -> int:
        n_whole, n_left = divmod(len(self.rows), self.batch_size)
        return max(1, n_whole + (n_left > 1))

    def __iter__(self) -> Iterator[Batch]:
        if self.same_noise:
            self.noise.manual_seed(self.noise.initial_seed())
        rows = self.rows
        if self.order is not None:
            rows = rows[torch.randperm(len(rows), generator=self.order, device="cpu")]
        # The whole index at once: a GPU would wait for each batch's own.
        n_before = (len(self) - 1) * self.batch_size
        sizes = [self.batch_size] * (len(self) - 1) + [len(rows) - n_before]
        for batch_rows in rows.to(self.pairs.device).split(sizes):
            source, target = self.pairs.take(batch_rows, self.noise)
            if self.pairs.is_standard:
                u, v = source, target
            elif target is source:
                # Rows that were just copied, and belong to nobody else.
                u = v = self.module.standardize(source, out=source)
            else:
                u, v = self.module.standardize(source), self.module.standardize_target(target)
            pairs = self.pairs
            extras = pairs.linear_code, self.weights, pairs.mask, pairs.labels
            yield Batch(
                u, v, *(None if x is None else x.index_select(0, batch_rows) for x in extras)
            )
