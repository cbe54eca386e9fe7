"""What training minimises, for a batch, for each row, and in the units of the data."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import torch

from skae._rows.batches import Batch
from skae.architectures import Autoencoder
from skae.losses import LOSSES

UNITS = {"squared_error": 2, "absolute_error": 1}
"""The power of the data's unit that a loss has; the others are plain numbers."""


class Objective:
    """The loss between reconstruction and target, in standard units.

    A subclass overrides ``compare``; rows, weights, masks and precision follow from it.

    Parameters
    ----------
    module : Autoencoder
        The module that is trained.
    loss : str
        A key of ``skae.losses.LOSSES``.
    mixed : bool, default=False
        Whether encoder and decoder multiply in bfloat16 in training.

    Examples
    --------
    >>> from torch import nn
    >>> module = Autoencoder(nn.Linear(2, 1), nn.Linear(1, 2), torch.zeros(2), 10.0)
    >>> for parameter in module.parameters():
    ...     _ = nn.init.zeros_(parameter)
    >>> objective, u = Objective(module, "squared_error"), torch.tensor([[1.0, 1.0], [2.0, 2.0]])
    >>> objective(Batch(u, u)).item(), objective.row_losses(Batch(u, u)).tolist()
    (2.5, [1.0, 4.0])
    >>> objective.in_data_units(2.5)
    250.0
    """

    def __init__(self, module: Autoencoder, loss: str, mixed: bool = False):
        self.module = module
        self.loss = loss
        self.mixed = mixed

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch, a scalar to minimise."""
        code, reconstruction = self._run(batch, self.mixed)
        if batch.weights is None:
            return self.compare(code, reconstruction, batch.target)
        losses = torch.vmap(self.compare)(code, reconstruction, batch.target)
        return (losses * batch.weights).mean()

    def row_losses(self, batch: Batch) -> torch.Tensor:
        """Return the loss of each row in full precision, times its weight where it has one."""
        losses = torch.vmap(self.compare)(*self._run(batch, mixed=False), batch.target)
        return losses if batch.weights is None else losses * batch.weights

    @torch.no_grad()
    def losses_of_rows(self, batches: Iterable[Batch]) -> torch.Tensor:
        """Return the loss of each row of batches, in float64, without training on them."""
        self.module.eval()
        return torch.cat([self.row_losses(batch) for batch in batches]).double()

    def compare(
        self, code: torch.Tensor, reconstruction: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        """Compare reconstructions with their targets; for rows this is the mean of their losses.

        Parameters
        ----------
        code : torch.Tensor of shape (n, n_components) or (n_components,)
            What the rows were encoded to, for a loss that depends on it.
        reconstruction, target : torch.Tensor of shape (n, n_features) or (n_features,)
            In standard units.

        Returns
        -------
        loss : torch.Tensor of shape ()
            A mean over all cells.
        """
        if self.loss == "log_loss":
            # A probability is one in the units of the data alone.
            reconstruction, target = map(self.module.unstandardize, (reconstruction, target))
        return LOSSES[self.loss](reconstruction, target)

    def in_data_units(self, loss: float) -> float:
        """Convert a mean loss from standard units to those of the data."""
        return loss * float(self.module.target.scale) ** UNITS.get(self.loss, 0)

    def lowered(self, batch: Batch, mixed: bool) -> AbstractContextManager:
        """A block in which the networks multiply in bfloat16, where that is asked for."""
        # Autocast belongs to the thread and the block: nothing global changes. Its cache would
        # outlive the step, and the weights in it, inside a caller's own autocast.
        kind = batch.source.device.type
        lower = torch.autocast(kind, torch.bfloat16, cache_enabled=False) if mixed else None
        return lower or nullcontext()

    def _run(self, batch: Batch, mixed: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Code and reconstruction of a batch."""
        with self.lowered(batch, mixed):
            code = self.module.code(batch.source, batch.linear_code)
            reconstruction = self.module.rows(code)
        if batch.mask is not None:
            # A cell that does not count is as it should be.
            reconstruction = torch.where(batch.mask, reconstruction, batch.target)
        return code, reconstruction
