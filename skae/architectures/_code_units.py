"""Codes as the networks know them, with variance one, and in the units of the data."""

import torch
from torch import nn


class CodeUnits(nn.Module):
    """The way from whitened codes to those that users see, and back.

    The linear path makes codes whose columns have variance one, so that a network meets numbers
    of about one whatever the data are. Users get them stretched, so that the linear path is that
    of PCA and a distance between codes is one between reconstructions. Where ``partial_fit`` has
    turned the path towards what the networks had learned, they are turned back as well.

    Parameters
    ----------
    scale : torch.Tensor of shape (n_components,), or None
        What a code's column is multiplied by, above zero; None leaves codes whitened.
    turn : torch.Tensor of shape (n_components, n_components), default=None
        An orthogonal matrix, by which codes are multiplied before that; None leaves it out.

    Examples
    --------
    >>> units = CodeUnits(torch.tensor([3.0, 2.0]), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> units.apply_to(torch.tensor([[1.0, -1.0]]))
    tensor([[-3.,  2.]])
    >>> units.undo(torch.tensor([[-3.0, 2.0]]))
    tensor([[ 1., -1.]])
    """

    scale: torch.Tensor | None
    turn: torch.Tensor | None

    def __init__(self, scale: torch.Tensor | None, turn: torch.Tensor | None = None):
        super().__init__()
        self.register_buffer("scale", scale)
        self.register_buffer("turn", turn)

    def apply_to(self, code: torch.Tensor) -> torch.Tensor:
        """Turn whitened codes of shape (n, n_components) into those that users see.

        The first numbers of codes are enough where the turn changes signs alone.
        """
        n = code.shape[1]
        code = code if self.turn is None else code @ self.turn[:n, :n]
        return code if self.scale is None else code * self.scale[:n]

    def undo(self, code: torch.Tensor) -> torch.Tensor:
        """Turn codes that users have into whitened ones."""
        n = code.shape[1]
        code = code if self.scale is None else code / self.scale[:n]
        return code if self.turn is None else code @ self.turn[:n, :n].T
