"""An autoencoder whose code may be cut anywhere: what was cut is guessed from what is left."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import gelu

from skae.architectures._module import Autoencoder
from skae.architectures._outline import OUTLINED, initialize

N_GUESSING_UNITS = 256
"""In each of two hidden layers: what few numbers tell of the others is curved."""


def prefix_sizes(n_components: int) -> list[int]:
    """The sizes at which codes are cut in training: 1, 2, 3, 4, 6, 8, 12 and so on.

    Parameters
    ----------
    n_components : int
        Columns of the whole code.

    Returns
    -------
    sizes : list of int
        Those below it; each is half as much again as the one before, or a third.

    Examples
    --------
    >>> prefix_sizes(20)
    [1, 2, 3, 4, 6, 8, 12, 16]
    """

    def all_sizes() -> Iterator[int]:
        power = 1
        while True:
            yield power
            if power > 1:
                yield power * 3 // 2
            power *= 2

    sizes: list[int] = []
    for size in all_sizes():
        if size >= n_components:
            return sizes
        sizes.append(size)
    return sizes


class NestedAutoencoder(Autoencoder):
    """An autoencoder that decodes each prefix of its code.

    The first numbers of a code tell something of the others. For each of a few sizes the numbers
    that were cut are guessed from those that are left; the decoder is given both.
    A size in between keeps all of its numbers, and takes the guess of the next smaller size for
    the others. A guess starts at zero, which is the mean, so that a module on its linear path is
    PCA at every size.

    Parameters
    ----------
    encoder, decoder, mean, scale, to_code, from_code, target_mean, target_scale, \
            output_activation : object
        As in ``Autoencoder``; the linear path has to be there.

    Attributes
    ----------
    n_kept : int
        Columns that ``code`` returns; all of them unless it is set.
    guesses : Guesses
        For each size of ``prefix_sizes``.

    Examples
    --------
    >>> nested = NestedAutoencoder(
    ...     nn.Linear(3, 2), nn.Linear(2, 3), torch.zeros(3), 1.0, torch.eye(3, 2), torch.eye(2, 3))
    >>> nested.start_on_linear_path()
    >>> with torch.no_grad():
    ...     nested.rows(torch.tensor([[5.0]])), nested.rows(torch.tensor([[5.0, 6.0]]))
    (tensor([[5., 0., 0.]]), tensor([[5., 6., 0.]]))
    """

    to_code: torch.Tensor

    has_order = True

    def __init__(self, *parts: Any, **named_parts: Any):
        super().__init__(*parts, **named_parts)
        width = self.to_code.shape[1]
        self.n_kept = width
        self.sizes = prefix_sizes(width)
        self.guesses = Guesses(self.sizes, width)
        if not self.to_code.is_meta:
            initialize(self.guesses, torch.Generator("cpu").manual_seed(0))
            for layer in self.guesses.last:
                nn.init.zeros_(layer.weight)

    def code(self, u: torch.Tensor, linear_code: torch.Tensor | None = None) -> torch.Tensor:
        """Map standardised source rows to the numbers of their codes that are kept."""
        return self.whole_code(u, linear_code)[:, : self.n_kept]

    def whole_code(self, u: torch.Tensor, linear_code: torch.Tensor | None = None) -> torch.Tensor:
        """Map standardised source rows to all numbers of their codes.

        Parameters
        ----------
        u : torch.Tensor of shape (n, n_features)
            Rows from ``standardize``.
        linear_code : torch.Tensor of shape (n, n_components), default=None
            ``u @ to_code``, where it is known already.

        Returns
        -------
        code : torch.Tensor of shape (n, n_components)
            Their codes.
        """
        return super().code(u, linear_code)

    def rows(self, z: torch.Tensor) -> torch.Tensor:
        """Map codes, or the first numbers of codes, to standardised target rows."""
        return super().rows(self.complete(z))

    def complete(self, z: torch.Tensor) -> torch.Tensor:
        """Guess the numbers that are missing at the end of codes.

        Parameters
        ----------
        z : torch.Tensor of shape (n, n_left)
            The first numbers of codes.

        Returns
        -------
        z : torch.Tensor of shape (n, n_components)
            The same numbers, and guesses behind them.
        """
        n_left, width = z.shape[1], self.to_code.shape[1]
        if n_left == width:
            return z
        number = max(i for i, size in enumerate(self.sizes) if size <= n_left)
        size = self.sizes[number]
        (guess,) = self.guesses({number: z[:, :size]})
        return torch.cat([z, guess[:, n_left - size :]], dim=1)

    def complete_each(self, prefixes: Sequence[torch.Tensor]) -> torch.Tensor:
        """Complete codes of all of ``sizes`` together.

        Parameters
        ----------
        prefixes : sequence of torch.Tensor of shape (n_of_size, size)
            The first numbers of codes, for each size in turn.

        Returns
        -------
        z : torch.Tensor of shape (n, n_components)
            What ``complete`` makes of each, one below the other.
        """
        guesses = self.guesses(dict(enumerate(prefixes)))
        parts = [torch.cat(pair, dim=1) for pair in zip(prefixes, guesses, strict=True)]
        return torch.cat(parts) if parts else self.to_code.new_empty(0, self.to_code.shape[1])


class Guesses(nn.Module):
    """Guesses the numbers that were cut from codes, for each size at which they may be cut.

    Each size has a network of its own, of two hidden layers.

    Parameters
    ----------
    sizes : sequence of int
        Numbers that are left.
    width : int
        Numbers of a whole code.

    Examples
    --------
    >>> guesses = Guesses([1, 2], width=3).to_empty(device="cpu")
    >>> [guess.shape for guess in guesses({0: torch.zeros(5, 1), 1: torch.zeros(4, 2)})]
    [torch.Size([5, 2]), torch.Size([4, 1])]
    """

    first: Sequence[nn.Linear]
    second: Sequence[nn.Linear]
    last: Sequence[nn.Linear]

    def __init__(self, sizes: Sequence[int], width: int):
        super().__init__()
        units = N_GUESSING_UNITS
        self.first = nn.ModuleList(  # type: ignore[assignment]
            nn.Linear(size, units, **OUTLINED) for size in sizes
        )
        self.second = nn.ModuleList(  # type: ignore[assignment]
            nn.Linear(units, units, **OUTLINED) for _ in sizes
        )
        self.last = nn.ModuleList(  # type: ignore[assignment]
            nn.Linear(units, width - size, **OUTLINED) for size in sizes
        )

    def forward(self, prefixes: Mapping[int, torch.Tensor]) -> list[torch.Tensor]:
        """Guess what is missing behind the first numbers of codes, by the places of their sizes."""
        return [
            self.last[number](self.hidden(number, prefix)).to(prefix.dtype)
            for number, prefix in prefixes.items()
        ]

    def hidden(self, number: int, prefix: torch.Tensor) -> torch.Tensor:
        """Return the units before the last layer of a size, of shape (n, 256)."""
        return gelu(self.second[number](gelu(self.first[number](prefix))))
