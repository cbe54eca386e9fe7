"""Centre and scale of rows, kept in float64 whatever the weights of the networks are."""

from collections.abc import Callable
from typing import Any, Self

import torch
from torch import nn

FAR = 16
"""An offset of this many scales costs float32 more than one of its seven digits."""

TINY, HUGE = 1e-30, 1e30
"""Scales beyond these leave float32 too little room for what lies far from the mean."""


def is_far(mean: torch.Tensor, scale: float) -> bool:
    """Whether float32 loses digits of rows with these means and this scale.

    Parameters
    ----------
    mean : torch.Tensor of shape (n_features,)
        Column means.
    scale : float
        Root mean square deviation of the cells from them.

    Returns
    -------
    far : bool
        True where a column is further from zero than 16 scales, or the scale is no number between
        1e-30 and 1e30.

    Examples
    --------
    >>> is_far(torch.tensor([0.0, 1.7e9]), 10.0), is_far(torch.tensor([0.0, 5.0]), 10.0)
    (True, False)
    """
    return not TINY < scale < HUGE or bool((mean.abs() > FAR * scale).any())


class Standard(nn.Module):
    """Rows in the units of the data, and the same in standard units.

    Standard units are those of the networks: ``u = (x - mean) / scale`` has their dtype. Where an
    offset would cost digits, rows of float64 are centred before the cast to float32; from rows of
    float32 the nearest float32 of the mean is subtracted, which makes no rounding, and then what
    that lacks of the mean.

    Parameters
    ----------
    mean : torch.Tensor of shape (n_features,)
        Column means.
    scale : float
        Root mean square deviation of the cells from them.

    Attributes
    ----------
    is_far : bool
        Whether numbers of float32 cannot hold the units of the data as well as the standard ones:
        some column is further from zero than 16 scales, or the scale itself is beyond 1e-30 or
        1e30. Restored rows are in float64 then.

    Examples
    --------
    >>> standard = Standard(torch.tensor([1.7e9, 0.0], dtype=torch.float64), 2.0).float()
    >>> rows = torch.tensor([[1.7e9 + 1, 3.0]], dtype=torch.float64)
    >>> standard.apply_to(rows), standard.restore(standard.apply_to(rows)).tolist()
    (tensor([[0.5000, 1.5000]]), [[1700000001.0, 3.0]])
    """

    mean: torch.Tensor
    scale: torch.Tensor
    near: torch.Tensor
    rest: torch.Tensor
    unit: torch.Tensor

    def __init__(self, mean: torch.Tensor, scale: float):
        super().__init__()
        mean = mean.double()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", mean.new_full((), scale))
        # The same in the dtype of the networks, and what this lacks of the mean.
        for name in ("near", "rest", "unit"):
            self.register_buffer(name, mean.new_empty(()), persistent=False)
        self._derive(mean.dtype, mean.device)

    def apply_to(self, x: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Centre rows and divide them by their one scale.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data, in float64 or in the dtype of the networks.
        out : torch.Tensor of shape (n, n_features), default=None
            Where to put the result; x itself, for instance. Rows of another dtype than the
            networks' have no use for it.

        Returns
        -------
        u : torch.Tensor of shape (n, n_features)
            The same with mean square one, on the training rows.
        """
        if x.dtype != self.near.dtype:
            if self.is_far:
                return torch.sub(x, self.mean).div_(self.scale).to(self.near.dtype)
            x = out = x.to(self.near.dtype)
        u = torch.sub(x, self.near, out=out)
        if self.is_far:
            u.sub_(self.rest)
        return u.div_(self.unit)

    def undo(self, u: torch.Tensor) -> torch.Tensor:
        """Undo ``apply_to`` in the dtype of the networks, for a loss in the units of the data."""
        return torch.addcmul(self.near, u, self.unit)

    def restore(self, u: torch.Tensor) -> torch.Tensor:
        """Undo ``apply_to``, in float64 where float32 would lose digits.

        Parameters
        ----------
        u : torch.Tensor of shape (n, n_features)
            Rows in standard units.

        Returns
        -------
        x : torch.Tensor of shape (n, n_features)
            The same in the units of the data.
        """
        return torch.addcmul(self.mean, u.double(), self.scale) if self.is_far else self.undo(u)

    def move(self, mean: torch.Tensor, scale: float) -> None:
        """Take another mean and another scale."""
        self.mean, self.scale = mean.clone().double(), mean.new_full((), scale, dtype=torch.float64)
        self._derive(self.near.dtype, mean.device)

    def _apply(self, fn: Callable, recurse: bool = True) -> Self:
        # Devices and dtypes are for what the networks multiply with.
        kept = {name: self._buffers.pop(name) for name in ("mean", "scale")}
        try:
            super()._apply(fn, recurse)
        finally:
            self._buffers.update(kept)
        self._derive(self.near.dtype, self.near.device)
        return self

    def _load_from_state_dict(self, *arguments: Any) -> None:
        super()._load_from_state_dict(*arguments)
        self._derive(self.near.dtype, self.mean.device)

    def _derive(self, dtype: torch.dtype, device: torch.device) -> None:
        if device.type != "mps":  # Apple's GPUs know no float64
            self.mean, self.scale = self.mean.to(device), self.scale.to(device)
        self.near, self.unit = self.mean.to(device, dtype), self.scale.to(device, dtype)
        self.rest = (self.mean - self.near.to(self.mean)).to(device, dtype)
        self.is_far = False
        if dtype != torch.float64 and not self.mean.is_meta:
            self.is_far = is_far(self.mean, float(self.scale))
