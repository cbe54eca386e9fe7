"""The Mahalanobis distance from a centre, column by column."""

import torch
from torch import nn

from skae.architectures._outline import OUTLINED


class Ellipsoid(nn.Module):
    """A Gaussian distribution of rows: some axes with a variance of their own, one for all others.

    Whitened rows have the squared Mahalanobis distance as their sum of squares. The product is the
    symmetric one, of all that whiten the one that leaves each number nearest to the column that it
    came from, so that its square is that column's part of the distance (Garthwaite and Koch,
    "Evaluating the contributions of individual variables to a quadratic form", 2016).

    Parameters
    ----------
    centre : torch.Tensor of shape (n_features,)
        Where the distance is zero.
    axes : torch.Tensor of shape (rank, n_features)
        Orthonormal rows.
    deviations : torch.Tensor of shape (rank,)
        The standard deviation along each of them.
    rest : torch.Tensor of shape ()
        The standard deviation in every other direction.

    Examples
    --------
    >>> parts = [[0.0, 0.0]], [[1.0, 0.0]], [4.0], 0.5
    >>> centre, axes, deviations, rest = map(torch.tensor, parts)
    >>> Ellipsoid(centre[0], axes, deviations, rest).whiten(torch.tensor([[8.0, 1.0]]))
    tensor([[2., 2.]])
    """

    centre: torch.Tensor
    axes: torch.Tensor
    deviations: torch.Tensor
    rest: torch.Tensor

    def __init__(
        self,
        centre: torch.Tensor,
        axes: torch.Tensor,
        deviations: torch.Tensor,
        rest: torch.Tensor,
    ):
        super().__init__()
        for name, value in vars_of(centre, axes, deviations, rest).items():
            self.register_buffer(name, value)

    @classmethod
    def outline(cls, rank: int, n_features: int) -> "Ellipsoid":
        """Names and shapes of one, without memory."""
        shapes = (n_features,), (rank, n_features), (rank,), ()
        return cls(*(torch.empty(shape, **OUTLINED).double() for shape in shapes))

    def whiten(self, rows: torch.Tensor) -> torch.Tensor:
        """Turn rows into those whose sum of squares is the squared distance.

        Parameters
        ----------
        rows : torch.Tensor of shape (n, n_features)
            In any floating-point dtype.

        Returns
        -------
        whitened : torch.Tensor of shape (n, n_features)
            In the dtype of the ellipsoid.
        """
        centred = rows.to(self.centre.dtype) - self.centre
        along = centred @ self.axes.T
        return (centred + (along * (self.rest / self.deviations - 1)) @ self.axes) / self.rest


def vars_of(*values: torch.Tensor) -> dict[str, torch.Tensor]:
    """The parts of an ellipsoid by name."""
    return dict(zip(("centre", "axes", "deviations", "rest"), values, strict=True))
