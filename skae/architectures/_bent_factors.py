"""A linear model of rows with gaps whose columns are bent."""

from typing import Any

import torch
from torch import nn

from skae.architectures._factors import FactorModel
from skae.architectures._marginals import Marginals


class BentFactors(nn.Module):
    """Factors of bent columns.

    Parameters
    ----------
    marginals : Marginals
        Units and bends of the columns.
    factors : FactorModel
        The model of the bent columns.

    Examples
    --------
    >>> zero, one = torch.zeros(2), torch.ones(2)
    >>> marginals = Marginals(zero, one, one, zero, one, -3 * one, 3 * one)
    >>> factors = FactorModel(zero, torch.ones(2, 1), torch.zeros(2, 1, 1), 0.01 * one)
    >>> model = BentFactors(marginals, factors)
    >>> model.expect(torch.tensor([[2.0, 0.0]]), torch.tensor([[True, False]]))[0, 1].round()
    tensor(2.)
    """

    def __init__(self, marginals: Marginals, factors: FactorModel):
        super().__init__()
        self.marginals = marginals
        self.factors = factors

    def bend(self, x: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
        """Turn rows with any number in the gaps into about standard normal ones."""
        return self.marginals.bend(torch.where(observed, x, self.marginals.centre))

    def expect(self, x: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
        """What the observed cells of a row let one expect of all cells, in standard units.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data, with any number in the gaps.
        observed : torch.Tensor of bool of shape (n, n_features)
            The cells that are known.

        Returns
        -------
        expected : torch.Tensor of shape (n, n_features)
            Of known cells too, as if they were to be drawn once more.
        """
        mean, variance = self.factors.condition(self.bend(x, observed), observed)
        return self.marginals.expect_standard(mean, variance)

    def draw(
        self, x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw all cells, in standard units; parameters are those of ``expect``."""
        bent = self.bend(x, observed)
        return self.marginals.straighten(self.factors.draw(bent, observed, generator))


def outline_bent_factors(n_features: int, rank: int) -> BentFactors:
    """Build the names and shapes of such a model, without numbers.

    Parameters
    ----------
    n_features : int
        Columns.
    rank : int
        Number of factors.

    Returns
    -------
    outline : BentFactors
        On torch's meta device.
    """

    def empty(*shape: int) -> Any:
        return torch.empty(shape, dtype=torch.float64, device="meta")

    marginals = Marginals(*(empty(n_features) for _ in range(7)))
    shapes = (n_features,), (n_features, rank), (n_features, rank, rank), (n_features,)
    return BentFactors(marginals, FactorModel(*(empty(*shape) for shape in shapes)))
