"""What training minimises where a code has to tell of a target as well."""

import torch
from torch.nn import functional

from skae._rows.batches import Batch, Batches, Pairs
from skae._rows.tensors import rows_at_once
from skae._training.objective import Objective
from skae.architectures import HeadedAutoencoder

AS_GOOD = 0.02
"""A target is told as well if, by a standard error, no more than this share is missed beside."""


class SupervisedObjective(Objective):
    """The loss of the reconstruction, and times a weight what the head misses of the target.

    Rows whose target is not known have the first part alone.

    Parameters
    ----------
    module : HeadedAutoencoder
        The module that is trained.
    loss, mixed : object
        As in ``Objective``.
    label_counts : torch.Tensor of shape (n_classes,) or (1,)
        What the cross-entropy of each class counts, or half the squared error of standardised
        numbers, where the whole variance of the rows is about one.

    Examples
    --------
    >>> from torch import nn
    >>> module = HeadedAutoencoder(nn.Linear(2, 1), nn.Linear(1, 2), torch.zeros(2), 1.0)
    >>> for parameter in module.parameters():
    ...     _ = nn.init.zeros_(parameter)
    >>> module.add_head(torch.zeros(2, 1), torch.zeros(2))
    >>> objective = SupervisedObjective(module, "squared_error", False, torch.ones(2))
    >>> u = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
    >>> objective.row_losses(Batch(u, u, labels=torch.tensor([0, -1]))).tolist()
    [1.69..., 4.0]
    """

    module: HeadedAutoencoder

    def __init__(
        self,
        module: HeadedAutoencoder,
        loss: str,
        mixed: bool,
        label_counts: torch.Tensor,
    ):
        super().__init__(module, loss, mixed)
        self.label_counts = label_counts

    def __call__(self, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch, a scalar to minimise."""
        code, reconstruction = self._run(batch, self.mixed)
        missed = self._missed(code, batch)
        if batch.weights is None:
            return self.compare(code, reconstruction, batch.target) + missed.mean()
        losses = torch.vmap(self.compare)(code, reconstruction, batch.target)
        return ((losses + missed) * batch.weights).mean()

    def row_losses(self, batch: Batch) -> torch.Tensor:
        """Return the loss of each row in full precision, times its weight where it has one."""
        code, reconstruction = self._run(batch, mixed=False)
        losses = torch.vmap(self.compare)(code, reconstruction, batch.target)
        losses = losses + self._missed(code, batch)
        return losses if batch.weights is None else losses * batch.weights

    def missed(self, batch: Batch) -> torch.Tensor:
        """What the head misses of each row's target in full precision, as it counts in the loss."""
        missed = self._missed(self.module.code(batch.source, batch.linear_code), batch)
        return missed if batch.weights is None else missed * batch.weights

    def in_data_units(self, loss: float) -> float:
        """Return a loss as it is: a sum of two parts has no unit of the data."""
        return loss

    def _missed(self, code: torch.Tensor, batch: Batch) -> torch.Tensor:
        """What the head misses of each row's target; nothing where it is not known."""
        assert self.module.head is not None
        assert batch.labels is not None
        said, labels = self.module.head(code), batch.labels
        if labels.ndim == 1:
            return functional.cross_entropy(
                said, labels, self.label_counts, ignore_index=-1, reduction="none"
            )
        known = ~labels.isnan()
        errors = said - torch.where(known, labels, said.detach()).to(said)
        return self.label_counts / 2 * errors.square().mean(dim=1)


@torch.no_grad()
def losses_and_missed(
    objective: SupervisedObjective, pairs: Pairs, rows: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Judge a module by rows that are held out.

    Parameters
    ----------
    objective : SupervisedObjective
        Has the module.
    pairs : Pairs
        All rows.
    rows : torch.Tensor of int64 of shape (n,)
        The numbers of those that judge.

    Returns
    -------
    losses, missed : torch.Tensor of float64 of shape (n,)
        Whole losses of these rows, and what is missed of their target.
    """
    batches = list(Batches(pairs, rows, rows_at_once(pairs.source.shape[1]), objective.module))
    losses = objective.losses_of_rows(batches).cpu()
    return losses, torch.cat([objective.missed(batch) for batch in batches]).cpu().double()


def tells_as_much(missed: torch.Tensor, before: torch.Tensor) -> bool:
    """Say whether rows that are held out show that a target is told no worse than before.

    Parameters
    ----------
    missed, before : torch.Tensor of float64 of shape (n,)
        From ``SupervisedObjective.missed``.

    Returns
    -------
    tells_as_much : bool
        Few rows cannot tell whether a code is as good as another: what they leave open is no yes.

    Examples
    --------
    >>> before = torch.linspace(0, 1, 50)
    >>> tells_as_much(0.9 * before, before), tells_as_much(1.1 * before, before)
    (True, False)
    """
    gains = before - missed
    least = gains.mean() - gains.std() / len(gains) ** 0.5
    return bool(least >= -AS_GOOD * before.mean())
