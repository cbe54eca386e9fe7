"""Noise for denoising autoencoders: what is done to a clean batch before it is encoded.

A corruption is any callable ``(batch, generator) -> batch``. Those here take a ``level``: a
number, or a pair ``(low, high)`` from which a number is drawn anew for each row, so that one
model learns every strength in between (blind denoising).
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from sklearn.base import BaseEstimator

from skae._checks import is_real, is_sequence, plain

Corrupt = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Level = float | Sequence[float]

__all__ = [
    "CORRUPTIONS",
    "Corruption",
    "Gaussian",
    "Impulse",
    "Masking",
    "Poisson",
    "SaltAndPepper",
    "Speckle",
    "Swap",
]


class Corruption(BaseEstimator):
    """What the corruptions share: a level, drawn for each row where it is a range.

    Parameters
    ----------
    level : float or (float, float)
        Strength of the noise; its unit is the subclass's.

    Examples
    --------
    A corruption is an estimator, so a grid search reaches its level:

    >>> issubclass(Gaussian, Corruption), Gaussian((0.1, 0.5)).get_params()
    (True, {'level': (0.1, 0.5)})
    """

    _max_level = float("inf")
    _plain_parameters: tuple[str, ...] = ("level",)
    """Those that are taken as plain values, see ``skae._checks.plain``."""

    def __init__(self, level: Level = 0.2):
        self.level = level

    def __call__(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return a corrupted copy of a batch.

        Parameters
        ----------
        batch : torch.Tensor of shape (n, n_features)
            Clean rows in the units of the data; left as they are.
        generator : torch.Generator
            The only source of randomness, on the batch's device.

        Returns
        -------
        corrupted : torch.Tensor of shape (n, n_features)
            The noisy rows.

        Raises
        ------
        ValueError
            If ``level`` is not what this noise can have.
        """
        noise = plain(self)
        low, high = noise._bounds()
        level: Any = low
        if high > low:
            level = low + (high - low) * _uniform(batch[:, :1], generator)
        return noise._corrupt(batch, level, generator)

    def _bounds(self) -> tuple[float, float]:
        level: Any = self.level
        low, high = level if is_sequence(level) and len(level) == 2 else (level, level)
        if not (is_real(low) and is_real(high) and 0 <= low <= high <= self._max_level):
            below = "" if self._max_level == float("inf") else f" and <= {self._max_level:g}"
            raise ValueError(
                f"The level (noise_level) of {type(self).__name__} noise must be a number >= 0"
                f"{below}, or two such numbers (low, high). Got {self.level!r} instead."
            )
        return float(low), float(high)

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        raise NotImplementedError


class Gaussian(Corruption):
    """Add normal noise; ``level`` is its standard deviation, in the units of the data.

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Standard deviation.

    Examples
    --------
    >>> import torch
    >>> Gaussian(0.5)(torch.zeros(2, 3), torch.Generator()).shape
    torch.Size([2, 3])
    """

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(
            batch.shape, generator=generator, dtype=batch.dtype, device=batch.device
        )
        return noise.mul_(level).add_(batch)


class Speckle(Corruption):
    """Multiply by normal noise of mean one; ``level`` is its standard deviation.

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Standard deviation of the factor.

    Examples
    --------
    >>> import torch
    >>> Speckle(0.5)(torch.zeros(1, 3), torch.Generator())
    tensor([[0., 0., 0.]])
    """

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(
            batch.shape, generator=generator, dtype=batch.dtype, device=batch.device
        )
        return noise.mul_(level).add_(1).mul_(batch)


class Masking(Corruption):
    """Set cells to zero; ``level`` is the probability of a cell (Vincent et al., ICML 2008).

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Probability, at most 1.

    Examples
    --------
    >>> import torch
    >>> Masking(1.0)(torch.ones(1, 3), torch.Generator())
    tensor([[0., 0., 0.]])
    """

    _max_level = 1

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        return torch.where(_uniform(batch, generator) < level, 0, batch)


class Swap(Corruption):
    """Replace cells by the same column's value in another row of the batch.

    Every column keeps its own distribution, so it suits tables whose columns differ in scale and
    kind. ``level`` is the probability of a cell.

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Probability, at most 1; with ``groups`` that of a group.
    groups : sequence of int of length n_features, or None, default=None
        A number for each column. Columns of one number are swapped as a whole: the columns of 0
        and 1 that are the categories of one word. None swaps each column on its own. An
        autoencoder with ``noise="swap"`` finds the groups in the rows that it is fitted to.

    Examples
    --------
    >>> import torch
    >>> Swap(1.0)(torch.tensor([[1.0], [2.0]]), torch.Generator())
    tensor([[2.],
            [1.]])
    >>> rows = torch.tensor([[5.0, 1.0, 0.0], [6.0, 0.0, 1.0], [7.0, 0.0, 1.0]])
    >>> Swap(0.5, groups=(0, 1, 1))(rows, torch.Generator())[:, 1:].sum(1)
    tensor([1., 1., 1.])
    """

    _max_level = 1
    _plain_parameters = ("level", "groups")

    groups: Sequence[int] | None = None
    """Noises in files of earlier versions have no groups."""

    def __init__(self, level: Level = 0.2, groups: Sequence[int] | None = None):
        super().__init__(level)
        self.groups = groups

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        n_rows, n_columns = batch.shape
        group = self._group_of_each(n_columns)
        if n_rows == 1:
            return batch.clone()
        # One draw for each group, which all of its columns follow.
        like = batch if group is None else batch[:, : int(group.max()) + 1]
        steps = torch.randint(1, n_rows, like.shape, generator=generator, device=batch.device)
        swapped = _uniform(like, generator) < level
        if group is not None:
            group = group.to(batch.device)
            steps, swapped = steps[:, group], swapped[:, group]
        own = torch.arange(n_rows, device=batch.device).unsqueeze(1)
        return torch.where(swapped, batch.gather(0, (own + steps) % n_rows), batch)

    def _group_of_each(self, n_columns: int) -> torch.Tensor | None:
        """Numbers from 0 without gaps, for each column."""
        groups = self.groups
        if groups is None:
            return None
        are_numbers = is_sequence(groups) and all(isinstance(group, int) for group in groups)
        if not (are_numbers and len(groups) == n_columns):
            raise ValueError(
                f"The groups of Swap noise must be one whole number for each of {n_columns} "
                f"columns. Got {groups!r} instead. Use the same number for the columns that are "
                "swapped as a whole, such as (0, 1, 1), or None."
            )
        return torch.tensor(groups).unique(return_inverse=True)[1]


class _InRange(Corruption):
    """A corruption that needs to know between which values the data lie."""

    _plain_parameters = ("level", "low", "high")

    def __init__(self, level: Level = 0.2, low: float = 0.0, high: float = 1.0):
        super().__init__(level)
        self.low = low
        self.high = high


class SaltAndPepper(_InRange):
    """Set cells to the lowest or the highest value; ``level`` is the probability of a cell.

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Probability, at most 1; half of it for each of the two values.
    low, high : float, default=0.0 and 1.0
        The two values.

    Examples
    --------
    >>> import torch
    >>> SaltAndPepper(1.0)(torch.full((1, 3), 0.5), torch.Generator().manual_seed(0))
    tensor([[0., 1., 0.]])
    """

    _max_level = 1

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        draw = _uniform(batch, generator)
        salted = torch.where(draw < level, self.high, batch)
        return torch.where(draw < level / 2, self.low, salted)


class Impulse(_InRange):
    """Replace cells by a uniform value of the data's range; ``level`` is the probability.

    Parameters
    ----------
    level : float or (float, float), default=0.2
        Probability, at most 1.
    low, high : float, default=0.0 and 1.0
        Bounds of the uniform values.

    Examples
    --------
    >>> import torch
    >>> Impulse(1.0, low=2.0, high=2.0)(torch.zeros(1, 3), torch.Generator())
    tensor([[2., 2., 2.]])
    """

    _max_level = 1

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        chosen = _uniform(batch, generator) < level
        values = _uniform(batch, generator).mul_(self.high - self.low).add_(self.low)
        return torch.where(chosen, values, batch)


class Poisson(_InRange):
    """Replace cells by a count of particles; ``level`` is the expected count at ``high``.

    The noise of photographs in little light, where fewer counts mean more noise. Cells below
    ``low`` count as ``low``.

    Parameters
    ----------
    level : float or (float, float), default=10
        Expected count (the peak) at the value ``high``, above 0; lower is noisier.
    low, high : float, default=0.0 and 1.0
        Values of no count and of the peak.

    Examples
    --------
    >>> import torch
    >>> Poisson(10)(torch.zeros(1, 3), torch.Generator())
    tensor([[0., 0., 0.]])
    """

    def __init__(self, level: Level = 10.0, low: float = 0.0, high: float = 1.0):
        super().__init__(level, low, high)

    def _bounds(self) -> tuple[float, float]:
        low, high = super()._bounds()
        if low == 0:
            raise ValueError(
                "The level (noise_level) of Poisson noise must be above 0, or a range above 0. "
                f"Got {self.level!r} instead."
            )
        return low, high

    def _corrupt(self, batch: torch.Tensor, level: Any, generator: torch.Generator) -> torch.Tensor:
        if self.high <= self.low:
            return batch.clone()
        unit = (self.high - self.low) / level
        expected = ((batch - self.low) / unit).clamp_(min=0)
        return torch.poisson(expected, generator=generator).mul_(unit).add_(self.low)


CORRUPTIONS: dict[str, type[Corruption]] = {
    "gaussian": Gaussian,
    "masking": Masking,
    "salt_and_pepper": SaltAndPepper,
    "impulse": Impulse,
    "speckle": Speckle,
    "poisson": Poisson,
    "swap": Swap,
}

AUTO_LEVELS: dict[str, tuple[float, float]] = {
    "gaussian": (0.0, 2.0),
    "masking": (0.0, 0.5),
    "salt_and_pepper": (0.0, 0.4),
    "impulse": (0.0, 0.4),
    "speckle": (0.0, 1.0),
    "poisson": (2.0, 50.0),
    "swap": (0.15, 0.15),
}


def make_corruption(
    noise: str,
    noise_level: Level | str,
    *,
    low: float,
    high: float,
    deviation: float,
    groups: Sequence[int] | None = None,
) -> Corruption:
    """Build a corruption from its name.

    Parameters
    ----------
    noise : str
        A key of ``CORRUPTIONS``.
    noise_level : float, (float, float) or "auto"
        Its level. "auto" takes a range that is usual for this noise; for "gaussian" that is
        from nothing to twice the deviation of the data.
    low, high : float
        The least and the greatest value of the data.
    deviation : float
        Root mean square deviation of the cells from their column means.
    groups : sequence of int of length n_features, or None, default=None
        Of columns that "swap" swaps as a whole.

    Returns
    -------
    corruption : Corruption
        Ready to be called.

    Examples
    --------
    >>> make_corruption("impulse", 0.1, low=0, high=255, deviation=80)
    Impulse(high=255, level=0.1, low=0)
    """
    level = noise_level
    if noise_level == "auto":
        unit = deviation if noise == "gaussian" else 1.0
        level = tuple(unit * bound for bound in AUTO_LEVELS[noise])
    kind = CORRUPTIONS[noise]
    if issubclass(kind, _InRange):
        return kind(level, low, high)  # type: ignore[arg-type]
    if kind is Swap:
        return Swap(level, groups)  # type: ignore[arg-type]
    return kind(level)  # type: ignore[arg-type]


def _uniform(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return torch.rand(like.shape, generator=generator, dtype=like.dtype, device=like.device)
