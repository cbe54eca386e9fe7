"""Linear models of rows with gaps: several are fitted, and averaged by the cells that they restore.

Factor analysis of several ranks and covariances with several ridges, each of straight columns and
of bent ones. Some observed cells are hidden, and models are added to the average one after the
other, some of them twice, as long as the hidden cells are restored better (Caruana and others,
"Ensemble selection from libraries of models", ICML 2004).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch

from skae._linear.covariance import fit_covariance
from skae._linear.factors import fit_factors
from skae._linear.marginals import fit_marginals
from skae._rows.gaps import hiding_weights
from skae.architectures import BentFactors, FactorModel, Marginals

HIDDEN_SHARE = 0.1
"""Share of the observed cells that is hidden."""

MOST_HIDDEN_SHARE = 0.3
"""Of one column."""

FEW_HIDDEN_CELLS = 2_000
MOST_HIDINGS = 5
"""Small tables hide cells as many times as it takes to hide that many."""

RANKS = (1, 2, 4, 8, 16, 32, 64)

CHEAP_RANK = 8
CLEAR_GAIN = 0.99
"""From this rank on a larger one is tried as long as the last one's error is below this share of
the one before."""

RIDGES = (20.0, 5.0, 1.0)
MOST_WORK = 1e7
"""Covariances are fitted where rows times the cube of the columns are no more."""

N_CHOICES = 5
"""Models that are averaged, counted as often as they are chosen."""

PRICE_OF_BENDS = 0.03
"""Bends have to gain three per cent: where cells are missing for what they are, those that are left
do not show how a column is bent."""

N_TRIAL_ROUNDS = 20
N_ROUNDS = 60

MOST_ROWS = (2_000, 10_000)
"""Rows that are taken to choose models, and to fit them: they have few numbers."""


class Kind(NamedTuple):
    """A linear model to be tried."""

    name: str
    """``"factors"`` or ``"covariance"``."""
    bends: bool
    size: float
    """Rank or ridge."""


@dataclass(frozen=True)
class LinearModels:
    """Linear models of incomplete rows, and what each counts.

    Attributes
    ----------
    models : list of BentFactors
        The heaviest is the first.
    weights : torch.Tensor of float64 of shape (n_models,)
        In sum one.
    kinds : list of Kind
        What they are.
    errors : dict of Kind to float
        Mean squared error of the hidden cells, in standard units, for each one tried.
    """

    models: list[BentFactors]
    weights: torch.Tensor
    kinds: list[Kind]
    errors: dict[Kind, float]


def fit_linear_models(
    x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
) -> LinearModels:
    """Choose models by cells that are hidden, and fit them to all observed cells.

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
    fitted : LinearModels
        In float64.

    Examples
    --------
    >>> t = torch.linspace(0, 1, 50, dtype=torch.float64)
    >>> x = torch.stack([t, 2 * t, 3 * t], 1)
    >>> observed = torch.ones(50, 3, dtype=torch.bool)
    >>> fitted = fit_linear_models(x, observed, torch.Generator())
    >>> bool(min(fitted.errors.values()) < 0.01)
    True
    """
    some = _draw_rows(len(x), MOST_ROWS[0], generator)
    missed = _try_models(x[some], observed[some], generator)
    weights = _choose(missed)
    most = _draw_rows(len(x), MOST_ROWS[1], generator)
    # Ranges are those of all rows, and bends the same in each model.
    marginals = {
        bends: fit_marginals(x, observed, bends=bends) for bends in {kind.bends for kind in weights}
    }
    models = []
    for kind in weights:
        units = marginals[kind.bends]
        bent = units.bend(torch.where(observed[most], x[most], units.centre))
        models.append(BentFactors(units, _fit(kind, bent, observed[most], N_ROUNDS)))
    errors = {kind: float(rest.square().mean()) for kind, rest in missed.items()}
    shares = torch.tensor(list(weights.values()), dtype=torch.float64)
    return LinearModels(models, shares / shares.sum(), list(weights), errors)


def _draw_rows(n_rows: int, n_most: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randperm(n_rows, generator=generator)[:n_most].sort().values


def _fit(
    kind: Kind,
    bent: torch.Tensor,
    observed: torch.Tensor,
    n_rounds: int,
    start: FactorModel | None = None,
) -> FactorModel:
    if kind.name == "factors":
        return fit_factors(bent, observed, int(kind.size), n_rounds)
    return fit_covariance(bent, observed, kind.size, n_rounds, start)


def _choose(missed: dict[Kind, torch.Tensor]) -> dict[Kind, int]:
    """How often each model is chosen for the average, the most frequent first."""
    kinds, rests = list(missed), torch.stack(list(missed.values()))
    are_bent = torch.tensor([kind.bends for kind in kinds], dtype=rests.dtype)
    chosen: list[Kind] = []
    total = torch.zeros_like(rests[0])
    for n_chosen in range(1, N_CHOICES + 1):
        errors = ((total + rests) / n_chosen).square().mean(1)
        n_bent = are_bent + sum(kind.bends for kind in chosen)
        best = int((errors * (1 + PRICE_OF_BENDS * n_bent / n_chosen)).argmin())
        chosen.append(kinds[best])
        total = total + rests[best]
    counts = {kind: chosen.count(kind) for kind in chosen}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _try_models(
    x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
) -> dict[Kind, torch.Tensor]:
    """What each model misses of the hidden cells, in standard units."""
    most = min(x.shape) - 1
    ranks = sorted({min(rank, most) for rank in RANKS}) if most > 0 else []
    hidings = [_hide(observed, generator) for _ in range(_number_of_hidings(observed))]
    if not ranks or not any(bool((observed & ~kept).any()) for kept in hidings):
        return {Kind("factors", False, 1): torch.ones(1, dtype=x.dtype)}
    trial = _Trial(x, observed, hidings)
    missed: dict[Kind, torch.Tensor] = {}
    last = float("inf")
    for rank in ranks:
        for bends in (True, False):
            kind = Kind("factors", bends, rank)
            missed[kind] = trial.miss(kind)
        # Each rank is twice the last, and takes four times as long; small ones cost nothing.
        error = min(float(missed[Kind("factors", b, rank)].square().mean()) for b in (True, False))
        if rank >= CHEAP_RANK and error > CLEAR_GAIN * last:
            break
        last = error
    if len(x) * x.shape[1] ** 3 <= MOST_WORK:
        for bends in (True, False):
            for ridge in RIDGES:
                kind = Kind("covariance", bends, ridge)
                missed[kind] = trial.miss(kind)
    return missed


def _number_of_hidings(observed: torch.Tensor) -> int:
    n_hidden = HIDDEN_SHARE * float(observed.sum())
    return max(1, min(MOST_HIDINGS, round(FEW_HIDDEN_CELLS / max(1.0, n_hidden))))


def _hide(observed: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The cells that are left; every column keeps one."""
    chances = (HIDDEN_SHARE * hiding_weights(observed)).clamp(max=MOST_HIDDEN_SHARE)
    drawn = torch.rand(observed.shape, generator=generator, dtype=chances.dtype)
    kept = observed & (drawn >= chances)
    lost = ~kept.any(0)
    kept[:, lost] = observed[:, lost]
    return kept


class _Trial:
    """Models fitted to what is left of rows, and compared with what was hidden.

    All hidings are tables side by side, to which one call fits a model each.

    Parameters
    ----------
    x, observed : torch.Tensor of shape (n, n_features)
        Rows and their known cells.
    hidings : list of torch.Tensor of bool
        Cells that are left, each time.
    """

    def __init__(self, x: torch.Tensor, observed: torch.Tensor, hidings: list[torch.Tensor]):
        # One unit for all hidings: what is left of a nearly constant column may have none.
        self.scale = fit_marginals(x, observed, bends=False).scale.repeat(len(hidings))
        self.x = x.repeat(1, len(hidings))
        self.kept = torch.cat(hidings, 1)
        self.hidden = observed.repeat(1, len(hidings)) & ~self.kept
        self.tables = len(hidings), x.shape[1]
        self.units: dict[bool, tuple[Marginals, torch.Tensor]] = {}
        self.last: dict[bool, FactorModel] = {}

    def miss(self, kind: Kind) -> torch.Tensor:
        """What a model misses of the hidden cells, in standard units."""
        if kind.bends not in self.units:
            marginals = fit_marginals(self.x, self.kept, bends=kind.bends)
            bent = marginals.bend(torch.where(self.kept, self.x, marginals.centre))
            self.units[kind.bends] = marginals, self._apart(bent)
        marginals, bent = self.units[kind.bends]
        kept = self._apart(self.kept)
        # A covariance begins at that of the last model, which was a simpler one.
        model = _fit(kind, bent, kept, N_TRIAL_ROUNDS, self.last.get(kind.bends))
        self.last[kind.bends] = model
        mean, variance = (self._beside(part) for part in model.condition(bent, kept))
        return ((marginals.expect(mean, variance) - self.x) / self.scale)[self.hidden]

    def _apart(self, cells: torch.Tensor) -> torch.Tensor:
        return cells.unflatten(1, self.tables).transpose(0, 1).contiguous()

    def _beside(self, tables: torch.Tensor) -> torch.Tensor:
        return tables.transpose(0, 1).flatten(1)
