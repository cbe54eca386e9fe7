"""Factor analysis of rows with gaps, by variational EM.

Loadings are known by a distribution (Ilin and Raiko, "Practical approaches to principal component
analysis in the presence of missing values", JMLR 2010): a factor that few cells speak of shrinks,
so that further rounds and factors do not overfit. After each round the factors are made standard
normal again, which takes the place of many rounds (Liu, Rubin and Wu, "Parameter expansion to
accelerate EM", 1998).
"""

from dataclasses import dataclass

import torch

from skae._linear.marginals import fit_marginals
from skae.architectures import FactorModel, Marginals, blocks

HIDDEN_SHARE = 0.1
"""Share of the observed cells that ranks and bends are chosen by."""

FEW_HIDDEN_CELLS = 2_000
MOST_HIDINGS = 5
"""Small tables hide cells as many times as it takes to hide that many."""

RANKS = (1, 2, 4, 8, 16, 32, 64)

CHEAP_RANK = 8
CLEAR_GAIN = 0.99
"""From this rank on a larger one is tried as long as the last one's error is below this share of
the one before."""

PRICES = {"straight": 1.0, "bent": 1.02}
"""Bends have to gain two per cent: where cells are missing for what they are, those that are left
do not show how a column is bent."""

N_TRIAL_ROUNDS = 20
N_ROUNDS = 60

SETTLED = 5e-3
"""Rounds end where no column's noise changes by a larger share."""

MOST_ROWS = (2_000, 10_000)
"""Rows that are taken to choose a model, and to fit it: it has few numbers."""

SHRINKAGE = 0.05
"""Rows with the variance of the whole column that the noise of each is fitted to beside its own."""

LEAST_NOISE = 1e-4
"""A column's noise, as a share of its variance."""


@dataclass(frozen=True)
class FactorAnalysis:
    """A linear model of incomplete rows.

    Attributes
    ----------
    marginals : Marginals
        Units and bends of the columns.
    factors : FactorModel
        The model of the bent columns.
    errors : dict of (str, int) to float
        Mean squared error of the hidden cells, in standard units, for each bend and rank tried.
    """

    marginals: Marginals
    factors: FactorModel
    errors: dict[tuple[str, int], float]


def fit_factor_analysis(
    x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
) -> FactorAnalysis:
    """Choose rank and bends by cells that are hidden, and fit to all observed cells.

    Parameters
    ----------
    x : torch.Tensor of float64 of shape (n, n_features)
        Rows; each column has an observed cell.
    observed : torch.Tensor of bool of shape (n, n_features)
        The cells that are known.
    generator : torch.Generator
        Draws rows and hidden cells.

    Returns
    -------
    fitted : FactorAnalysis
        In float64.

    Examples
    --------
    >>> t = torch.linspace(0, 1, 50, dtype=torch.float64)
    >>> x = torch.stack([t, 2 * t, 3 * t], 1)
    >>> observed = torch.ones(50, 3, dtype=torch.bool)
    >>> fitted = fit_factor_analysis(x, observed, torch.Generator())
    >>> bool(min(fitted.errors.values()) < 0.01)
    True
    """
    some = _draw_rows(len(x), MOST_ROWS[0], generator)
    errors = _try_models(x[some], observed[some], generator)
    kind, rank = min(errors, key=lambda tried: errors[tried] * PRICES[tried[0]])
    most = _draw_rows(len(x), MOST_ROWS[1], generator)
    # Ranges are those of all rows.
    marginals = fit_marginals(x, observed, bends=kind == "bent")
    bent = marginals.bend(torch.where(observed, x, marginals.centre))
    factors = fit_factors(bent[most], observed[most], rank, N_ROUNDS)
    return FactorAnalysis(marginals, factors, errors)


def _draw_rows(n_rows: int, n_most: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randperm(n_rows, generator=generator)[:n_most].sort().values


def _try_models(
    x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
) -> dict[tuple[str, int], float]:
    """Errors of hidden cells, for bent columns by rank, and for straight ones at the best rank."""
    most = min(x.shape) - 1
    ranks = sorted({min(rank, most) for rank in RANKS}) if most > 0 else []
    hidings = [_hide(observed, generator) for _ in range(_number_of_hidings(observed))]
    if not ranks or not any(bool((observed & ~kept).any()) for kept in hidings):
        return {("straight", 1): 1.0}
    # One unit for all hidings: what is left of a nearly constant column may have none.
    scale = fit_marginals(x, observed, bends=False).scale
    errors: dict[tuple[str, int], float] = {}
    last = float("inf")
    for rank in ranks:
        errors["bent", rank] = _error_of_hidden(x, scale, observed, hidings, "bent", rank)
        # Each rank is twice the last, and takes four times as long; small ones cost nothing.
        if rank >= CHEAP_RANK and errors["bent", rank] > CLEAR_GAIN * last:
            break
        last = errors["bent", rank]
    best = min(errors, key=lambda tried: errors[tried])[1]
    for _, rank in list(errors):
        if rank == best or rank <= CHEAP_RANK:
            error = _error_of_hidden(x, scale, observed, hidings, "straight", rank)
            errors["straight", rank] = error
    return errors


def _number_of_hidings(observed: torch.Tensor) -> int:
    n_hidden = HIDDEN_SHARE * float(observed.sum())
    return max(1, min(MOST_HIDINGS, round(FEW_HIDDEN_CELLS / max(1.0, n_hidden))))


def _hide(observed: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The cells that are left; every column keeps one."""
    kept = observed & (torch.rand(observed.shape, generator=generator) >= HIDDEN_SHARE)
    lost = ~kept.any(0)
    kept[:, lost] = observed[:, lost]
    return kept


def _error_of_hidden(
    x: torch.Tensor,
    scale: torch.Tensor,
    observed: torch.Tensor,
    hidings: list[torch.Tensor],
    kind: str,
    rank: int,
) -> float:
    """Mean squared error of the cells that are observed and not kept."""
    squares = []
    for kept in hidings:
        marginals = fit_marginals(x, kept, bends=kind == "bent")
        bent = marginals.bend(torch.where(kept, x, marginals.centre))
        factors = fit_factors(bent, kept, rank, N_TRIAL_ROUNDS)
        answers = marginals.expect(*factors.condition(bent, kept))
        squares.append(((answers - x) / scale)[observed & ~kept].square())
    return float(torch.cat(squares).mean())


def fit_factors(x: torch.Tensor, observed: torch.Tensor, rank: int, n_rounds: int) -> FactorModel:
    """Fit a factor model to the observed cells.

    Parameters
    ----------
    x : torch.Tensor of float64 of shape (n, n_features)
        Rows whose columns have mean zero and variance one, with any number in the gaps.
    observed : torch.Tensor of bool of shape (n, n_features)
        The cells that are known.
    rank : int
        Number of factors.
    n_rounds : int
        Rounds at most.

    Returns
    -------
    model : FactorModel
        In float64.
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
    n, n_features = x.shape
    filled = torch.where(observed, x, 0)
    variances, axes = torch.linalg.eigh(filled.T @ filled / n)
    loadings = x.new_zeros(n_features, rank)
    kept = min(rank, n_features)
    share = observed.to(x.dtype).mean(0)
    loadings[:, :kept] = (
        axes[:, -kept:] * variances[-kept:].clamp(min=0).sqrt() / share.sqrt()[:, None]
    ).flip(1)
    return FactorModel(
        x.new_zeros(n_features),
        loadings,
        x.new_zeros(n_features, rank, rank),
        x.new_full((n_features,), 0.5),
    )


def _round(
    model: FactorModel, x: torch.Tensor, observed: torch.Tensor
) -> tuple[FactorModel, torch.Tensor, torch.Tensor]:
    """One round of EM: the next model, and mean and covariance of the factors under the last."""
    n_features, rank = model.loadings.shape
    products = x.new_zeros(n_features, (rank + 1) ** 2)
    towards = x.new_zeros(n_features, rank + 1)
    total = x.new_zeros(rank + 1, rank + 1)
    for rows in blocks(len(x), model.rows_at_once):
        z, root = model.factors(x[rows], observed[rows])
        weights = observed[rows].to(x.dtype)
        # The last column stands for the mean.
        z = torch.cat([z, z.new_ones(len(z), 1)], 1)
        squares = z.unsqueeze(2) * z.unsqueeze(1)
        squares[:, :rank, :rank] += torch.cholesky_inverse(root)
        total += squares.sum(0)
        products += weights.T @ squares.flatten(1)
        towards += (weights * x[rows]).T @ z
    squares_of_x = torch.where(observed, x, 0).square().sum(0)
    found = _regress(products.unflatten(1, (rank + 1, rank + 1)), towards, squares_of_x, model)
    mean = total[:rank, rank] / len(x)
    return found, mean, total[:rank, :rank] / len(x) - torch.outer(mean, mean)


def _regress(
    products: torch.Tensor, towards: torch.Tensor, squares: torch.Tensor, model: FactorModel
) -> FactorModel:
    """Regress each column on the factors, of prior variance one, and a mean."""
    rank, n = model.rank, products[:, -1, -1]
    penalised = products.clone()
    penalised.diagonal(dim1=1, dim2=2)[:, :rank] += model.noise[:, None]
    root = torch.linalg.cholesky(penalised)
    found = torch.cholesky_solve(towards.unsqueeze(2), root).squeeze(2)
    doubt = torch.cholesky_inverse(root) * model.noise[:, None, None]
    rest = squares - 2 * (found * towards).sum(1)
    rest += ((found.unsqueeze(2) * found.unsqueeze(1) + doubt) * products).sum((1, 2))
    variance = (squares / n).clamp(min=LEAST_NOISE)
    noise = (rest + SHRINKAGE * variance) / (n + SHRINKAGE)
    noise = torch.maximum(noise, LEAST_NOISE * variance)
    return FactorModel(found[:, rank], found[:, :rank], doubt[:, :rank, :rank], noise)


def _standardized(model: FactorModel, mean: torch.Tensor, covariance: torch.Tensor) -> FactorModel:
    """The same model with factors of mean zero and covariance one."""
    jitter = 1e-9 * torch.eye(model.rank, dtype=mean.dtype)
    root = torch.linalg.cholesky(covariance + jitter)
    return FactorModel(
        model.mean + model.loadings @ mean,
        model.loadings @ root,
        root.T @ model.doubt @ root,
        model.noise,
    )
