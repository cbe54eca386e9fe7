"""The covariance of all columns, from rows with gaps, by EM: a ridge regression of each on others.

A normal distribution of incomplete rows (Little and Rubin, "Statistical Analysis with Missing
Data", 1987) with ``ridge`` rows beside them in which columns know nothing of each other (Schafer,
"Analysis of Incomplete Multivariate Data", 1997). The conditional mean of a cell is then a ridge
regression on the known cells of its row.
"""

import torch

from skae.architectures import FactorModel, blocks

SETTLED = 2e-3
"""Rounds end where no covariance changes by more, of columns with variance one."""

BLOCK_CELLS = 2**18


def fit_covariance(
    x: torch.Tensor,
    observed: torch.Tensor,
    ridge: float,
    n_rounds: int,
    start: FactorModel | None = None,
) -> FactorModel:
    """Fit a normal distribution to the observed cells.

    Parameters
    ----------
    x : torch.Tensor of float64 of shape (..., n, n_features)
        Rows whose columns have mean zero and variance one, with any number in the gaps. Leading
        dimensions are tables of their own, to each of which a model is fitted.
    observed : torch.Tensor of bool of shape (..., n, n_features)
        The cells that are known.
    ridge : float
        Rows that say that columns know nothing of each other.
    n_rounds : int
        Rounds at most.
    start : FactorModel or None
        Where to begin: at a model of another ridge.

    Returns
    -------
    model : FactorModel
        With a factor for each column, loadings without doubt, and the ridge as noise: loadings
        times themselves and noise are the covariance.

    Examples
    --------
    >>> t = torch.linspace(-1, 1, 50, dtype=torch.float64)
    >>> x = torch.stack([t, -t], 1) / t.std()
    >>> model = fit_covariance(x, torch.ones(50, 2, dtype=torch.bool), 0.1, 5)
    >>> covariance = model.loadings @ model.loadings.T + model.noise.diag()
    >>> bool(covariance[0, 1] < -0.95)
    True
    """
    n, n_features = x.shape[-2:]
    counts = observed.sum(-2).clamp(min=1)
    variance = (torch.where(observed, x, 0).square().sum(-2) / counts).clamp(min=1e-4)
    mean, covariance = torch.zeros_like(variance), torch.diag_embed(variance)
    if start is not None:
        mean = start.mean
        covariance = start.loadings @ start.loadings.mT + torch.diag_embed(start.noise)
    noise = ridge * variance / (n + ridge)
    for _ in range(n_rounds):
        step, moments = _expect(x, observed, mean, covariance)
        explained = moments / (n + ridge)
        last, covariance = covariance, explained + torch.diag_embed(noise)
        mean = mean + step
        if bool((covariance - last).abs().max() < SETTLED):
            break
    variances, axes = torch.linalg.eigh(explained)
    loadings = axes * variances.clamp(min=0).sqrt().unsqueeze(-2)
    return FactorModel(mean, loadings, x.new_zeros(*loadings.shape, n_features), noise)


def _expect(
    x: torch.Tensor, observed: torch.Tensor, mean: torch.Tensor, covariance: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Expected mean of the rows, from the last one on, and sum of squares around it."""
    n, n_features = x.shape[-2:]
    total, moments = torch.zeros_like(mean), torch.zeros_like(covariance)
    for rows in blocks(n, max(16, BLOCK_CELLS // n_features**2)):
        known = observed[..., rows, :]
        weights = known.to(x.dtype)
        both = weights.unsqueeze(-1) * weights.unsqueeze(-2)
        # Columns that a row lacks are columns of their own there.
        blank = torch.diag_embed(1 - weights)
        root = torch.linalg.cholesky(covariance.unsqueeze(-3) * both + blank)
        inverse = torch.cholesky_inverse(root) - blank
        deviations = torch.where(known, x[..., rows, :] - mean.unsqueeze(-2), 0)
        towards = (inverse @ deviations.unsqueeze(-1)).squeeze(-1)
        filled = torch.where(known, deviations, towards @ covariance)
        total += filled.sum(-2)
        # What the known cells take away of the doubt about the others.
        taken = covariance @ inverse.sum(-3) @ covariance
        moments += filled.mT @ filled + filled.shape[-2] * covariance - taken
    step = total / n
    return step, moments - n * step.unsqueeze(-1) * step.unsqueeze(-2)
