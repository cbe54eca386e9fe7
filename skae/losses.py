"""What training minimises: functions of (reconstruction, target), each a mean over all cells."""

from collections.abc import Callable

import torch
from torch.nn import functional

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

__all__ = ["LOSSES", "Loss", "absolute_error", "huber", "log_loss", "squared_error"]


def squared_error(reconstruction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean squared error, the loss that PCA minimises among linear maps.

    Parameters
    ----------
    reconstruction, target : torch.Tensor of shape (n, n_features)
        What is compared, in standard units.

    Returns
    -------
    loss : torch.Tensor of shape ()
        The mean over all cells.

    Examples
    --------
    >>> import torch
    >>> squared_error(torch.zeros(2), torch.tensor([1.0, 3.0])).item()
    5.0
    """
    return functional.mse_loss(reconstruction, target)


def absolute_error(reconstruction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean absolute error, for data with outlying cells.

    Parameters
    ----------
    reconstruction, target : torch.Tensor of shape (n, n_features)
        What is compared, in standard units.

    Returns
    -------
    loss : torch.Tensor of shape ()
        The mean over all cells.

    Examples
    --------
    >>> import torch
    >>> absolute_error(torch.zeros(2), torch.tensor([1.0, 3.0])).item()
    2.0
    """
    return functional.l1_loss(reconstruction, target)


def huber(reconstruction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Squared below one unit of error, absolute above it (Huber, 1964).

    One unit is the root mean square deviation of the training data.

    Parameters
    ----------
    reconstruction, target : torch.Tensor of shape (n, n_features)
        What is compared, in standard units.

    Returns
    -------
    loss : torch.Tensor of shape ()
        The mean over all cells.

    Examples
    --------
    >>> import torch
    >>> huber(torch.zeros(2), torch.tensor([1.0, 3.0])).item()
    1.5
    """
    return functional.huber_loss(reconstruction, target)


def log_loss(reconstruction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy, for data and reconstructions in [0, 1].

    Parameters
    ----------
    reconstruction, target : torch.Tensor of shape (n, n_features)
        What is compared, in the units of the data.

    Returns
    -------
    loss : torch.Tensor of shape ()
        The mean over all cells.

    Examples
    --------
    >>> import torch
    >>> round(log_loss(torch.tensor([0.5]), torch.tensor([1.0])).item(), 4)
    0.6931
    """
    tiny = torch.finfo(reconstruction.dtype).eps
    # Both may leave the interval by a rounding error on their way through standard units.
    return functional.binary_cross_entropy(reconstruction.clamp(tiny, 1 - tiny), target.clamp(0, 1))


LOSSES: dict[str, Loss] = {
    "squared_error": squared_error,
    "absolute_error": absolute_error,
    "huber": huber,
    "log_loss": log_loss,
}
