"""What training minimises where each prefix of a code has to be a good code."""

import math

import numpy as np
import torch

from skae._rows.batches import Batch, Batches
from skae._training.objective import Objective
from skae.architectures import NestedAutoencoder

LEAST_SHARE = 1e-3
"""PCA's error of a size counts as this share of the variance at least: at full rank it is zero."""

CUT_ROWS = 1.25
"""Rows that are decoded from cut codes, for each that is decoded from its whole code."""

SMALL_SIZES = 0.2
"""A size has rows in proportion to this power of 1 / size: the smallest gain least from others."""

WEIGHT_OF_SIZES = 0.35
"""A cut row counts by this power of 1 / PCA's error of its size in training. The larger a code, the
smaller are its errors; unweighted, the small sizes would have most of the gradient."""


class PrefixObjective(Objective):
    """The loss of whole codes and of cut ones: nested dropout, with the rows shared out by size.

    Every row is decoded twice, from its whole code and from the first numbers of it (Rippel,
    Gelbart and Adams, "Learning ordered representations with nested dropout", ICML 2014). Rows come
    in random order, so that a size has the rows at its place in the batch: nothing is drawn.

    The rows that are held out are decoded at several sizes, and each size counts by 1 / PCA's error
    of it, so that none is sacrificed for another.

    Parameters
    ----------
    module : NestedAutoencoder
        The module that is trained.
    loss, mixed : object
        As in ``Objective``.

    Examples
    --------
    >>> from torch import nn
    >>> module = NestedAutoencoder(
    ...     nn.Linear(2, 2), nn.Linear(2, 2), torch.zeros(2), 1.0, torch.eye(2), torch.eye(2))
    >>> module.start_on_linear_path()
    >>> u = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
    >>> PrefixObjective(module, "squared_error").prefix_losses(Batch(u, u), [1, 2]).tolist()
    [[0.5, 2.0], [0.0, 0.0]]
    """

    module: NestedAutoencoder

    def __init__(self, module: NestedAutoencoder, loss: str, mixed: bool = False):
        super().__init__(module, loss, mixed)
        sizes = module.sizes
        weights = _linear_errors(module)[torch.tensor([*sizes, module.to_code.shape[1]])]
        self.training_weights = weights**-WEIGHT_OF_SIZES / (weights**-WEIGHT_OF_SIZES).mean()
        # Every third size is enough to compare epochs by.
        self.judged = [*range(0, len(sizes), 3), len(sizes)]
        self.judging_weights = 1 / weights[self.judged]
        self.judging_weights /= self.judging_weights.sum()

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch, a scalar to minimise."""
        module, n, n_sizes = self.module, len(batch.source), len(self.module.sizes)
        order, shares = self._rows_to_cut(n, batch.source.device)
        with self.lowered(batch, self.mixed):
            code = module.whole_code(batch.source, batch.linear_code)
            cut = module.complete_each(
                [code[rows, :size] for rows, size in zip(shares, module.sizes, strict=True)]
            )
        # One pass through the decoder, whole codes first.
        n_rows = [n, *map(len, shares)]
        totals = [n] + [len(order)] * n_sizes
        weights = [
            self.training_weights[number - 1].expand(n_rows[number]) / totals[number]
            for number in range(1 + n_sizes)
        ]
        twice = torch.cat([torch.arange(n, device=order.device), order])
        return (
            self._losses(batch.take(twice), torch.cat([code, cut]), self.mixed)
            @ torch.cat(weights)
            / 2
        )

    def _rows_to_cut(
        self, n: int, device: torch.device
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """Numbers of the rows that are cut, and the same for each size, which has one at least."""
        sizes = torch.tensor(self.module.sizes, dtype=torch.float64, device="cpu")
        if not len(sizes):
            return torch.arange(0, device=device), ()
        law = sizes**-SMALL_SIZES
        law /= law.sum()
        n_cut = max(math.ceil(CUT_ROWS * n), math.ceil(1 / float(law.min())))
        order = torch.arange(n_cut, device=device) % n
        ends = (law.cumsum(0) * n_cut).round().long()[:-1]
        return order, order.tensor_split(ends)

    def row_losses(self, batch: Batch) -> torch.Tensor:
        """Return the loss of each row in full precision, over several sizes."""
        sizes = [*self.module.sizes, self.module.to_code.shape[1]]
        losses = self.prefix_losses(batch, [sizes[number] for number in self.judged])
        return self.judging_weights @ losses

    def prefix_losses(self, batch: Batch, sizes: list[int]) -> torch.Tensor:
        """Return losses of shape (n_sizes, n), of each row at each size of its code."""
        code = self.module.whole_code(batch.source, batch.linear_code)
        return torch.stack([self._losses(batch, code[:, :size], False) for size in sizes])

    def _losses(self, batch: Batch, code: torch.Tensor, mixed: bool) -> torch.Tensor:
        """The loss of each row, times its weight where it has one."""
        with self.lowered(batch, mixed):
            reconstruction = self.module.rows(code)
        if batch.mask is not None:
            reconstruction = torch.where(batch.mask, reconstruction, batch.target)
        losses = torch.vmap(self.compare)(code, reconstruction, batch.target)
        return losses if batch.weights is None else losses * batch.weights


@torch.no_grad()
def explained_shares(objective: PrefixObjective, batches: Batches) -> np.ndarray:
    """The share of the variance of some rows that each further number of their codes explains.

    Parameters
    ----------
    objective : PrefixObjective
        Of a trained module.
    batches : Batches
        The rows.

    Returns
    -------
    shares : ndarray of float64 of shape (n_components,)
        They add up to the score of these rows; one below zero is a number that harms.
    """
    module = objective.module.eval()
    squared = PrefixObjective(module, "squared_error")
    sizes = list(range(1, module.to_code.shape[1] + 1))
    errors, targets, weights = torch.zeros(len(sizes)).double(), [], []
    for batch in batches:
        errors += squared.prefix_losses(batch, sizes).double().sum(dim=1).cpu()
        targets.append(batch.target.double().cpu())
        n = len(batch.target)
        weights.append(torch.ones(n) if batch.weights is None else batch.weights.cpu())
    target, weight = torch.cat(targets), torch.cat(weights).double()
    mean = weight @ target / weight.sum()
    variance = float(weight @ (target - mean).square().mean(dim=1))
    scores = 1 - errors.numpy() / (variance or 1.0)
    return np.diff(scores, prepend=0.0)


def _linear_errors(module: NestedAutoencoder) -> torch.Tensor:
    """PCA's mean squared error of a cell at each size, from 0 on, in standard units."""
    assert module.from_code is not None
    explained = module.from_code.square().mean(dim=1).cumsum(dim=0)
    errors = torch.cat([explained.new_zeros(1), explained]).neg_().add_(1.0)
    return errors.clamp_(min=LEAST_SHARE)
