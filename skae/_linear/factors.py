"""Factor analysis of rows with gaps, by variational EM.

Loadings are known by a distribution (Ilin and Raiko, "Practical approaches to principal component
analysis in the presence of missing values", JMLR 2010): a factor that few cells speak of shrinks,
so that further rounds and factors do not overfit. After each round the factors are made standard
normal again, which takes the place of many rounds (Liu, Rubin and Wu, "Parameter expansion to
accelerate EM", 1998).
"""

import torch

from skae.architectures import FactorModel, blocks

SETTLED = 5e-3
"""Rounds end where no column's noise changes by a larger share."""

SHRINKAGE = 0.05
"""Rows with the variance of the whole column that the noise of each is fitted to beside its own."""

LEAST_NOISE = 1e-4
"""A column's noise, as a share of its variance."""


def fit_factors(x: torch.Tensor, observed: torch.Tensor, rank: int, n_rounds: int) -> FactorModel:
    """Fit a factor model to the observed cells.

    Parameters
    ----------
    x : torch.Tensor of float64 of shape (..., n, n_features)
        Rows whose columns have mean zero and variance one, with any number in the gaps. Leading
        dimensions are tables of their own, to each of which a model is fitted.
    observed : torch.Tensor of bool of shape (..., n, n_features)
        The cells that are known.
    rank : int
        Number of factors.
    n_rounds : int
        Rounds at most.

    Returns
    -------
    model : FactorModel
        In float64, with the same leading dimensions.
    """
    model = _start(x, observed, rank)
    for _ in range(n_rounds):
        noise = model.noise
        model = _standardized(*_round(model, x, observed))
        if bool(((model.noise - noise).abs() <= SETTLED * noise).all()):
            break
    return model


def _start(x: torch.Tensor, observed: torch.Tensor, rank: int) -> FactorModel:
    """Principal axes of the rows with zeros in the gaps."""
    *tables, n, n_features = x.shape
    filled = torch.where(observed, x, 0)
    variances, axes = torch.linalg.eigh(filled.mT @ filled / n)
    loadings = x.new_zeros(*tables, n_features, rank)
    kept = min(rank, n_features)
    share = observed.to(x.dtype).mean(-2)
    roots = variances[..., -kept:].clamp(min=0).sqrt().unsqueeze(-2)
    found = axes[..., -kept:] * roots / share.sqrt().unsqueeze(-1)
    loadings[..., :kept] = found.flip(-1)
    return FactorModel(
        x.new_zeros(*tables, n_features),
        loadings,
        x.new_zeros(*tables, n_features, rank, rank),
        x.new_full((*tables, n_features), 0.5),
    )


def _round(
    model: FactorModel, x: torch.Tensor, observed: torch.Tensor
) -> tuple[FactorModel, torch.Tensor, torch.Tensor]:
    """One round of EM: the next model, and mean and covariance of the factors under the last."""
    *tables, n, n_features = x.shape
    rank = model.rank
    products = x.new_zeros(*tables, n_features, (rank + 1) ** 2)
    towards = x.new_zeros(*tables, n_features, rank + 1)
    total = x.new_zeros(*tables, rank + 1, rank + 1)
    for rows in blocks(n, model.rows_at_once):
        cells, known = x[..., rows, :], observed[..., rows, :]
        z, covariance = model.factors(cells, known)
        weights = known.to(x.dtype)
        # The last column stands for the mean.
        z = torch.cat([z, z.new_ones(*z.shape[:-1], 1)], -1)
        squares = z.unsqueeze(-1) * z.unsqueeze(-2)
        squares[..., :rank, :rank] += covariance
        total += squares.sum(-3)
        products += weights.mT @ squares.flatten(-2)
        towards += (weights * cells).mT @ z
    squares_of_x = torch.where(observed, x, 0).square().sum(-2)
    found = _regress(products.unflatten(-1, (rank + 1, rank + 1)), towards, squares_of_x, model)
    mean = total[..., :rank, rank] / n
    outer = mean.unsqueeze(-1) * mean.unsqueeze(-2)
    return found, mean, total[..., :rank, :rank] / n - outer


def _regress(
    products: torch.Tensor, towards: torch.Tensor, squares: torch.Tensor, model: FactorModel
) -> FactorModel:
    """Regress each column on the factors, of prior variance one, and a mean."""
    rank, n = model.rank, products[..., -1, -1]
    penalised = products.clone()
    penalised.diagonal(dim1=-2, dim2=-1)[..., :rank] += model.noise.unsqueeze(-1)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(penalised))
    found = (inverse @ towards.unsqueeze(-1)).squeeze(-1)
    doubt = inverse * model.noise[..., None, None]
    rest = squares - 2 * (found * towards).sum(-1)
    rest += ((found.unsqueeze(-1) * found.unsqueeze(-2) + doubt) * products).sum((-2, -1))
    variance = (squares / n).clamp(min=LEAST_NOISE)
    noise = (rest + SHRINKAGE * variance) / (n + SHRINKAGE)
    noise = torch.maximum(noise, LEAST_NOISE * variance)
    return FactorModel(found[..., rank], found[..., :rank], doubt[..., :rank, :rank], noise)


def _standardized(model: FactorModel, mean: torch.Tensor, covariance: torch.Tensor) -> FactorModel:
    """The same model with factors of mean zero and covariance one."""
    jitter = 1e-9 * torch.eye(model.rank, dtype=mean.dtype)
    root = torch.linalg.cholesky(covariance + jitter)
    return FactorModel(
        model.mean + (model.loadings @ mean.unsqueeze(-1)).squeeze(-1),
        model.loadings @ root,
        root.mT.unsqueeze(-3) @ model.doubt @ root.unsqueeze(-3),
        model.noise,
    )
