"""Scales and bends of columns, fitted to their observed cells."""

from collections.abc import Callable

import torch

from skae.architectures import Marginals, yeo_johnson

POWERS = (-3.0, 5.0)
"""The strongest bends to either side."""

N_STEPS = 24
"""Steps of the search for a power; each leaves 62 % of the interval."""

MOST_STEPS_INWARDS = 60
"""Each twice the last one; the first is a rounding."""

GOLDEN = (5**0.5 - 1) / 2


def fit_marginals(x: torch.Tensor, observed: torch.Tensor, *, bends: bool) -> Marginals:
    """Fit scales, ranges and, where asked for, bends.

    Parameters
    ----------
    x : torch.Tensor of float64 of shape (n, n_features)
        Rows; each column has an observed cell.
    observed : torch.Tensor of bool of shape (n, n_features)
        The cells that are known.
    bends : bool
        Whether columns are bent; else they stay straight.

    Returns
    -------
    marginals : Marginals
        In float64.

    Examples
    --------
    >>> x = torch.tensor([[1.0], [2.0], [4.0], [8.0], [16.0], [32.0]], dtype=torch.float64)
    >>> bool(fit_marginals(x, torch.isfinite(x), bends=True).power < 0)
    True
    """
    centre, scale = _moments(x, observed)
    u = torch.where(observed, (x - centre) / scale, 0)
    power = _most_likely_powers(u, observed) if bends else torch.ones_like(centre)
    low = torch.where(observed, u, torch.inf).amin(0)
    high = torch.where(observed, u, -torch.inf).amax(0)
    # The way back to the units of the data may round beyond what was seen.
    seen = torch.where(observed, x, torch.inf).amin(0), torch.where(observed, x, -torch.inf).amax(0)
    low = _within(low, 1, lambda end: end * scale + centre >= seen[0])
    high = _within(high, -1, lambda end: end * scale + centre <= seen[1])
    return Marginals(centre, scale, power, *_moments(yeo_johnson(u, power), observed), low, high)


def _within(
    end: torch.Tensor, sign: int, is_within: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """The end of a range, moved inwards by roundings until it is within."""
    step = torch.finfo(end.dtype).eps * end.abs().clamp(min=torch.finfo(end.dtype).tiny)
    for _ in range(MOST_STEPS_INWARDS):
        beyond = ~is_within(end)
        if not beyond.any():
            break
        end, step = torch.where(beyond, end + sign * step, end), 2 * step
    return end


def _moments(x: torch.Tensor, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    n = observed.sum(0)
    # From the first observed cell on, so that equal cells have no deviation by rounding.
    first = x.gather(0, observed.int().argmax(0, keepdim=True))
    deviations = torch.where(observed, x - first, 0)
    mean = deviations.sum(0) / n
    squares = torch.where(observed, deviations - mean, 0).square().sum(0) / n
    scale = squares.sqrt()
    return first.squeeze(0) + mean, torch.where(scale > 0, scale, 1.0)


def _most_likely_powers(u: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
    """Powers of the greatest likelihood, which has one peak: a golden-section search."""
    low = torch.full(u.shape[1:], POWERS[0], dtype=u.dtype)
    high = torch.full(u.shape[1:], POWERS[1], dtype=u.dtype)
    slopes = torch.where(observed, torch.sign(u) * torch.log1p(u.abs()), 0).sum(0)

    def likelihood(power: torch.Tensor) -> torch.Tensor:
        _, scale = _moments(yeo_johnson(u, power), observed)
        return -observed.sum(0) * scale.log() + (power - 1) * slopes

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    of_left, of_right = likelihood(left), likelihood(right)
    for _ in range(N_STEPS):
        goes_left = of_left > of_right
        low, high = torch.where(goes_left, low, left), torch.where(goes_left, right, high)
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        of_left, of_right = likelihood(left), likelihood(right)
    return (low + high) / 2
