"""An autoencoder that knows how far out a row is: along its model, off its model, from its kind."""

from typing import Any, Self

import torch
from torch import nn

from skae.architectures._ellipsoid import Ellipsoid
from skae.architectures._few_rows import rows_enough
from skae.architectures._module import Autoencoder

N_NEAREST = 3
"""Distances to so many of the nearest references count, beside that of a reference to itself."""

ITSELF = 1e-12
"""A reference is a row itself up to this square of their distance, as a share of the row's."""


class Distances(nn.Module):
    """Three squared distances of a row, and what each is divided by.

    Parameters
    ----------
    linear : Ellipsoid
        Of rows in scaled columns: probabilistic PCA.
    references : torch.Tensor of shape (n_references, n_features), or None
        Scaled training rows; the distances to the nearest ones count. None leaves them out.
    code, residual : Ellipsoid, or None
        Of codes, and of what the network's reconstruction leaves over; None leaves the network
        out.
    units : torch.Tensor of shape (3,)
        What each of the three distances is divided by before they are added up.
    """

    def __init__(
        self,
        linear: Ellipsoid,
        references: torch.Tensor | None,
        code: Ellipsoid | None,
        residual: Ellipsoid | None,
        units: torch.Tensor,
    ):
        super().__init__()
        self.linear, self.code, self.residual = linear, code, residual
        self.references: torch.Tensor | None
        self.units: torch.Tensor
        self.register_buffer("references", references)
        self.register_buffer("units", units)


class OutlierAutoencoder(Autoencoder):
    """An autoencoder of scaled columns that measures how far out rows are.

    Means, linear path and networks are those of columns that were divided by ``column_scale``;
    ``encode``, ``decode`` and ``reconstruct`` take and return rows in the units of the data.

    Parameters
    ----------
    encoder, decoder, mean, scale, to_code, from_code, target_mean, target_scale, \
            output_activation : object
        As in ``Autoencoder``.

    Attributes
    ----------
    column_scale : torch.Tensor of shape (n_features,)
        What columns are divided by; one until it is set.
    distances : Distances or None
        What makes a row an outlier; None until it is known.
    """

    column_scale: torch.Tensor

    def __init__(self, *parts: Any, **named_parts: Any):
        super().__init__(*parts, **named_parts)
        self.register_buffer("column_scale", torch.ones_like(self.source.near))
        self.distances: Distances | None = None

    @classmethod
    def from_weights(
        cls,
        architecture: Any,
        n_features: int,
        n_components: int,
        weights: dict[str, torch.Tensor],
        output_activation: str = "identity",
    ) -> Self:
        """Build the module that has these weights, as ``Autoencoder`` does."""
        own = {name: value for name, value in weights.items() if name.startswith("distances.")}
        others = {name: value for name, value in weights.items() if name not in own}
        module = super().from_weights(
            architecture, n_features, n_components, others, output_activation
        )
        if own:
            distances = _outline(own, n_features, n_components)
            expected = {f"distances.{name}": t for name, t in distances.state_dict().items()}
            if own.keys() != expected.keys():
                raise ValueError(f"too many or too few: {min(own.keys() ^ expected.keys())}")
            for name, outline in expected.items():
                if own[name].shape != outline.shape or own[name].dtype != outline.dtype:
                    raise ValueError(f"{name} is {tuple(own[name].shape)} of {own[name].dtype}")
            copies = {name.removeprefix("distances."): t.clone() for name, t in own.items()}
            distances.load_state_dict(copies, assign=True)
            module.distances = distances
        return module

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Map rows in the units of the data to codes."""
        return super().encode(self.scaled(x))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """Map codes to rows in the units of the data."""
        return super().decode(code) * self.column_scale

    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        """Encode rows and decode them, in the units of the data."""
        return super().reconstruct(self.scaled(x)) * self.column_scale

    def scaled(self, x: torch.Tensor) -> torch.Tensor:
        """Divide the columns of rows of shape (n, n_features) by their scales."""
        return x / self.column_scale

    def outlyingness(self, x: torch.Tensor) -> torch.Tensor:
        """Measure how far out rows are.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        outlyingness : torch.Tensor of shape (n, 1)
            The weighted sum of distances: about one for a typical training row.
        """
        return self.outlyingness_of_scaled(self.scaled(x))

    def outlyingness_of_scaled(self, x: torch.Tensor) -> torch.Tensor:
        """Measure the same of rows whose columns were divided by their scales already."""
        return self._parts(x).sum(dim=1, keepdim=True)

    def parts(self, x: torch.Tensor) -> torch.Tensor:
        """Say how much each column adds to the outlyingness of rows.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        parts : torch.Tensor of shape (n, n_features)
            At least zero.
        """
        return self._parts(self.scaled(x))

    def _parts(self, x: torch.Tensor) -> torch.Tensor:
        assert self.distances is not None
        n = x.shape[0]
        if not torch.compiler.is_exporting():
            x = rows_enough(x)
        squares = zip(self.distances_of(x), self.distances.units, strict=True)
        return sum(part / unit for part, unit in squares if part is not None)[:n]

    def squares(self, x: torch.Tensor) -> torch.Tensor:
        """Three squared distances of scaled rows, (n, 3); zero for one that is left out."""
        zeros = x.new_zeros(len(x), dtype=torch.float64)
        parts = self.distances_of(x)
        return torch.stack([zeros if part is None else part.sum(dim=1) for part in parts], dim=1)

    def code_and_residual(self, x: torch.Tensor) -> torch.Tensor:
        """The code of scaled rows beside what it leaves over of them, in standard units."""
        u = self.standardize(x)
        code = self.code(u)
        return torch.cat([code, u - self.rows(code)], dim=1)

    def distances_of(self, x: torch.Tensor) -> list[torch.Tensor | None]:
        """Three squared distances of scaled rows, each as parts of columns; None is left out."""
        distances = self.distances
        assert distances is not None
        whitened = distances.linear.whiten(x)
        found: list[torch.Tensor | None] = [whitened.square(), None, None]
        if distances.references is not None:
            # About the centre: products of rows far from zero have no digits for their distances.
            centre = distances.linear.centre
            found[1] = _from_nearest(x.to(whitened.dtype) - centre, distances.references - centre)
        if distances.code is not None and distances.residual is not None:
            found[2] = self._off_model(x, distances.code, distances.residual)
        return found

    def _off_model(self, x: torch.Tensor, code: Ellipsoid, residual: Ellipsoid) -> torch.Tensor:
        """The network's distance: the code's, and that of what the code leaves over."""
        u = self.standardize(x)
        z = self.code(u)
        v = self.rows(z)
        off = residual.whiten(u - v).square()
        along = code.whiten(z).square().sum(dim=1, keepdim=True)
        # A code is no column: columns share its distance by how far they were decoded from the
        # centre's, squared. The least number makes equal shares of none.
        centre = self.rows(rows_enough(code.centre.to(v.dtype)[None]))[:1]
        moved = (v - centre).to(off.dtype)
        shares = moved.square() + torch.finfo(off.dtype).tiny ** 0.5
        return off + along * shares / shares.sum(dim=1, keepdim=True)


def _from_nearest(rows: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
    """Mean squared distances from the nearest references, column by column."""
    nearness = rows @ references.T - references.square().sum(dim=1) / 2
    n = min(N_NEAREST + 1, len(references))
    squares = (rows[:, None] - references[nearness.topk(n, dim=1).indices]).square()
    # One too many: a row itself where it is among them, as training rows may be, or the farthest.
    sums = squares.sum(dim=2)
    least, nearest = sums.min(dim=1)
    is_itself = least <= ITSELF * rows.square().sum(dim=1)
    left_out = torch.where(is_itself, nearest, sums.argmax(dim=1))
    is_kept = torch.arange(n, device=rows.device) != left_out[:, None]
    return (squares * is_kept[:, :, None]).sum(dim=1) / (n - 1)


def _outline(own: dict[str, torch.Tensor], n_features: int, n_components: int) -> Distances:
    """Distances of the kinds that were saved, of the sizes that they have to be."""

    def ellipsoid(part: str, width: int) -> Ellipsoid | None:
        axes = own.get(f"distances.{part}.axes")
        if axes is None or axes.ndim != 2 or len(axes) > width:
            return None
        return Ellipsoid.outline(len(axes), width)

    references = own.get("distances.references")
    linear = ellipsoid("linear", n_features)
    if linear is None:
        raise ValueError("distances.linear.axes is missing, or no matrix")
    if references is not None:
        if references.ndim != 2 or len(references) < 2:
            raise ValueError(f"distances.references has shape {tuple(references.shape)}")
        references = torch.empty(len(references), n_features, dtype=torch.float64, device="meta")
    code, residual = ellipsoid("code", n_components), ellipsoid("residual", n_features)
    units = torch.empty(3, dtype=torch.float64, device="meta")
    return Distances(linear, references, code, residual, units)
