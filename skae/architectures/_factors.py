"""Factor analysis of rows with gaps: what the observed cells say of the others."""

from typing import Any

import torch
from torch import nn

BLOCK_CELLS = 2**18
"""Rows are taken in blocks whose products of factors stay in a processor's cache."""


class FactorModel(nn.Module):
    """Rows ``mean + loadings @ z + noise`` with standard normal factors z, known with some doubt.

    All tensors may have leading dimensions: models of as many tables, side by side.

    Parameters
    ----------
    mean : torch.Tensor of shape (n_features,)
        Mean of each column.
    loadings : torch.Tensor of shape (n_features, rank)
        What each factor adds to a column; their expected value.
    doubt : torch.Tensor of shape (n_features, rank, rank)
        Covariance of the loadings of a column, since few cells tell little of them.
    noise : torch.Tensor of shape (n_features,)
        Variance of what is left over in each column.

    Examples
    --------
    >>> model = FactorModel(
    ...     torch.zeros(2), torch.ones(2, 1), torch.zeros(2, 1, 1), torch.tensor([1.0, 1.0]))
    >>> known = torch.tensor([[True, False]])
    >>> mean, variance = model.condition(torch.tensor([[4.0, 0.0]]), known)
    >>> round(mean[0, 1].item(), 5), round(variance[0, 1].item(), 5)
    (2.0, 1.5)
    """

    mean: torch.Tensor
    loadings: torch.Tensor
    doubt: torch.Tensor
    noise: torch.Tensor

    def __init__(
        self, mean: torch.Tensor, loadings: torch.Tensor, doubt: torch.Tensor, noise: torch.Tensor
    ):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("loadings", loadings)
        self.register_buffer("doubt", doubt)
        self.register_buffer("noise", noise)

    @property
    def rank(self) -> int:
        """Number of factors."""
        return self.loadings.shape[-1]

    @property
    def rows_at_once(self) -> int:
        """Rows of a block."""
        return max(16, BLOCK_CELLS // max(1, self.rank) ** 2)

    def factors(self, x: torch.Tensor, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the observed cells of rows say of their factors.

        Parameters
        ----------
        x : torch.Tensor of shape (..., n, n_features)
            Rows; what stands in cells that are not observed makes no difference. Leading dimensions
            are those of the model's tensors, which may hold several models.
        observed : torch.Tensor of bool of shape (..., n, n_features)
            The cells that are known.

        Returns
        -------
        expected : torch.Tensor of shape (..., n, rank)
            Mean of the factors, given the cells.
        covariance : torch.Tensor of shape (..., n, rank, rank)
            Their covariance.
        """
        root, towards = self._precision(x, observed)
        covariance = torch.cholesky_inverse(root)
        return (covariance @ towards.unsqueeze(-1)).squeeze(-1), covariance

    def condition(
        self, x: torch.Tensor, observed: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and variance of each cell, given the observed cells of its row.

        Parameters are those of ``factors``.

        Returns
        -------
        mean, variance : torch.Tensor of shape (..., n, n_features)
            Of all cells, as if those that are observed were to be drawn once more.
        """
        mean, variance = torch.empty_like(x), torch.empty_like(x)
        for rows in blocks(x.shape[-2], self.rows_at_once):
            z, covariance = self.factors(x[..., rows, :], observed[..., rows, :])
            mean[..., rows, :] = z @ self.loadings.mT + self.mean.unsqueeze(-2)
            # Of loadings that are in doubt and of factors that are.
            squares = (z.unsqueeze(-1) * z.unsqueeze(-2)).flatten(-2)
            variance[..., rows, :] = covariance.flatten(-2) @ self._squares().mT
            variance[..., rows, :] += squares @ self.doubt.flatten(-2).mT
        return mean, variance.add_(self.noise.unsqueeze(-2))

    def draw(
        self, x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw rows, given their observed cells; parameters are those of ``factors``."""
        drawn = torch.empty_like(x)
        for rows in blocks(len(x), self.rows_at_once):
            root, towards = self._precision(x[rows], observed[rows])
            z = torch.cholesky_solve(towards.unsqueeze(2), root).squeeze(2)
            z += _solve_upper(root.mT, _normal(z, generator))
            squares = (z.unsqueeze(2) * z.unsqueeze(1)).flatten(1)
            variance = (squares @ self.doubt.flatten(1).T).add_(self.noise)
            mean = torch.addmm(self.mean, z, self.loadings.T)
            drawn[rows] = mean + variance.sqrt() * _normal(mean, generator)
        return drawn

    def _precision(
        self, x: torch.Tensor, observed: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The lower root of the inverse covariance of the factors, and that times their mean."""
        weights = observed.to(self.noise.dtype)
        noise = self.noise.unsqueeze(-1)
        precision = (weights @ (self._squares() / noise)).unflatten(-1, (self.rank, self.rank))
        precision.diagonal(dim1=-2, dim2=-1).add_(1)
        deviations = torch.where(observed, x - self.mean.unsqueeze(-2), 0)
        return torch.linalg.cholesky(precision), deviations @ (self.loadings / noise)

    def _squares(self) -> torch.Tensor:
        """Expected products of each column's loadings, of shape (..., n_features, rank * rank)."""
        products = self.loadings.unsqueeze(-1) * self.loadings.unsqueeze(-2)
        return (products + self.doubt).flatten(-2)


def blocks(n_rows: int, size: int) -> Any:
    """Slices of so many rows each, in order."""
    return (slice(start, start + size) for start in range(0, n_rows, size))


def _solve_upper(upper: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return torch.linalg.solve_triangular(upper, right.unsqueeze(2), upper=True).squeeze(2)


def _normal(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    # Drawn on the CPU, so that all devices draw the same.
    drawn = torch.randn(like.shape, generator=generator, dtype=like.dtype, device="cpu")
    return drawn.to(like.device)
