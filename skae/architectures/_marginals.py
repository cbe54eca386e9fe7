"""Columns bent towards a normal distribution, and the way back for means and for draws."""

import numpy as np
import torch
from torch import nn

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def yeo_johnson(x: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    """Bend columns by their powers; one leaves them as they are (Yeo and Johnson, 2000).

    Parameters
    ----------
    x : torch.Tensor of shape (n, n_features)
        Standardised cells.
    power : torch.Tensor of shape (n_features,)
        The power of each column.

    Returns
    -------
    bent : torch.Tensor of shape (n, n_features)
        In the same order.

    Examples
    --------
    >>> x = torch.tensor([[-1.0], [3.0]])
    >>> yeo_johnson(x, torch.tensor([0.5])).squeeze()
    tensor([-1.2190,  2.0000])
    """
    above, below = x.clamp(min=0), (-x).clamp(min=0)
    return _box_cox(above, power) - _box_cox(below, 2 - power)


def yeo_johnson_back(bent: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    """Undo ``yeo_johnson``; what is out of its reach becomes infinite."""
    above, below = bent.clamp(min=0), (-bent).clamp(min=0)
    return _box_cox_back(above, power) - _box_cox_back(below, 2 - power)


def _box_cox(x: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    # ((1 + x)**power - 1) / power, with all digits where the power is near zero.
    logs, safe = torch.log1p(x), torch.where(power == 0, 1.0, power)
    return torch.where(power == 0, logs, torch.expm1(safe * logs) / safe)


def _box_cox_back(y: torch.Tensor, power: torch.Tensor) -> torch.Tensor:
    safe = torch.where(power == 0, 1.0, power)
    logs = torch.where(power == 0, y, torch.log1p((safe * y).clamp(min=-1)) / safe)
    return torch.expm1(logs)


class Marginals(nn.Module):
    """Scales and bends of the columns of a table.

    Parameters
    ----------
    centre, scale : torch.Tensor of shape (n_features,)
        Mean and standard deviation of the observed cells of each column.
    power : torch.Tensor of shape (n_features,)
        How a column is bent; one is straight.
    bent_centre, bent_scale : torch.Tensor of shape (n_features,)
        Mean and standard deviation of the bent column.
    low, high : torch.Tensor of shape (n_features,)
        The range of the standardised column that was observed.

    Examples
    --------
    >>> zero, one = torch.zeros(1), torch.ones(1)
    >>> marginals = Marginals(10 * one, 2 * one, one, zero, one, -one, one)
    >>> marginals.bend(torch.tensor([[12.0]]))
    tensor([[1.]])
    >>> marginals.expect(torch.tensor([[0.0]]), torch.tensor([[1e-4]]))
    tensor([[10.]])
    """

    centre: torch.Tensor
    scale: torch.Tensor
    power: torch.Tensor
    bent_centre: torch.Tensor
    bent_scale: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor

    def __init__(
        self,
        centre: torch.Tensor,
        scale: torch.Tensor,
        power: torch.Tensor,
        bent_centre: torch.Tensor,
        bent_scale: torch.Tensor,
        low: torch.Tensor,
        high: torch.Tensor,
    ):
        super().__init__()
        self.register_buffer("centre", centre)
        self.register_buffer("scale", scale)
        self.register_buffer("power", power)
        self.register_buffer("bent_centre", bent_centre)
        self.register_buffer("bent_scale", bent_scale)
        self.register_buffer("low", low)
        self.register_buffer("high", high)

    def bend(self, x: torch.Tensor) -> torch.Tensor:
        """Turn cells in the units of the data into about standard normal ones."""
        # A cell far out of what was seen says no more than one at some distance from it.
        width = self.high - self.low
        u = torch.clamp((x - self.centre) / self.scale, self.low - width, self.high + width)
        return (yeo_johnson(u, self.power) - self.bent_centre) / self.bent_scale

    def straighten(self, bent: torch.Tensor) -> torch.Tensor:
        """Turn cells back, in standard units; none leaves the range that was observed."""
        u = yeo_johnson_back(bent * self.bent_scale + self.bent_centre, self.power)
        return torch.clamp(u, self.low, self.high)

    def expect(self, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
        """Expected cells, in the units of the data, of normal ones."""
        return self.restore(self.expect_standard(mean, variance))

    def expect_standard(self, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
        """Expected cells, in standard units.

        Parameters
        ----------
        mean, variance : torch.Tensor of shape (n, n_features)
            Of bent cells.

        Returns
        -------
        expected : torch.Tensor of shape (n, n_features)
            A mean of bent cells is the middle of a column, not its mean: it is taken after the way
            back, by quadrature. Of a straight column the mean is the mean.
        """
        deviation, expected = variance.sqrt(), torch.zeros_like(mean)
        for node, weight in zip(_NODES.tolist(), _WEIGHTS.tolist(), strict=True):
            expected += weight * self.straighten(mean + node * deviation)
        # Nodes that are cut off at one end alone, as those of rare ones among zeros, would move it.
        return torch.where(self.power == 1, self.straighten(mean), expected)

    def restore(self, u: torch.Tensor) -> torch.Tensor:
        """Turn standard units into those of the data."""
        return u * self.scale + self.centre
