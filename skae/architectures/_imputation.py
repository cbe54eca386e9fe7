"""The module that fills gaps: linear models of bent columns, and a network that corrects them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self, cast

import torch
from torch import nn

from skae.architectures._bent_factors import BentFactors, outline_bent_factors
from skae.architectures._dense import ACTIVATIONS, DenseArchitecture
from skae.architectures._marginals import Marginals
from skae.architectures._module import Autoencoder
from skae.architectures._outline import OUTLINED, initialize


def build_correction(
    architecture: DenseArchitecture, n_features: int, generator: torch.Generator
) -> Autoencoder:
    """Build a network from filled rows and what was observed of them to corrections, all zero.

    Parameters
    ----------
    architecture : DenseArchitecture
        Its hidden layers are those of the network, from the rows to the corrections.
    n_features : int
        Columns of the rows.
    generator : torch.Generator
        The only source of randomness for the weights.

    Returns
    -------
    correction : Autoencoder
        From twice as many columns to as many; without a linear path, which is the factor model.
    """
    correction = _outline_correction(architecture, n_features, "cpu")
    initialize(correction.encoder, generator)
    initialize(correction.decoder, generator)
    nn.init.zeros_(correction.decoder.get_parameter("0.weight"))
    return correction.eval()


def _outline_correction(
    architecture: DenseArchitecture, n_features: int, device: str
) -> Autoencoder:
    widths = [2 * n_features, *architecture.hidden_layer_sizes]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out, **OUTLINED), ACTIVATIONS[architecture.activation]()]
    return Autoencoder(
        nn.Sequential(*layers),
        nn.Sequential(nn.Linear(widths[-1], n_features, **OUTLINED)),
        torch.zeros(2 * n_features, device=device),
        1.0,
        target_mean=torch.zeros(n_features, device=device),
        target_scale=1.0,
    )


class Imputation(nn.Module):
    """Fills rows: what linear models expect on average, and a share of a network's correction.

    Parameters
    ----------
    models : list of BentFactors
        Linear models of the rows, in one unit; the heaviest is the first.
    weights : torch.Tensor of shape (n_models,)
        What each counts; in sum one.
    correction : Autoencoder
        From ``build_correction``.
    share : torch.Tensor of shape ()
        How much of its corrections is added, from 0 to 1.
    """

    weights: torch.Tensor
    share: torch.Tensor

    output_activation = "identity"
    """Part of every saved state."""

    def __init__(
        self,
        models: Sequence[BentFactors],
        weights: torch.Tensor,
        correction: Autoencoder,
        share: torch.Tensor,
    ):
        super().__init__()
        self.models = nn.ModuleList(models)
        self.register_buffer("weights", weights)
        self.correction = correction
        self.register_buffer("share", share)

    @property
    def linear(self) -> list[BentFactors]:
        """The linear models."""
        return cast(list[BentFactors], list(self.models))

    @property
    def marginals(self) -> Marginals:
        """Units and ranges, which are those of all models; and the bends of the heaviest."""
        return self.linear[0].marginals

    @classmethod
    def from_weights(
        cls,
        architecture: Any,
        n_features: int,
        n_filled: int,
        weights: dict[str, torch.Tensor],
        output_activation: str = "identity",
    ) -> Self:
        """Build the module that has these weights.

        Parameters
        ----------
        architecture : DenseArchitecture
            Its hidden layers are those of the network.
        n_features, n_filled : int
            Columns of the table, and those of them that are filled.
        weights : dict of str to torch.Tensor
            The ``state_dict`` of such a module.
        output_activation : str
            "identity".

        Returns
        -------
        module : Imputation
            On the CPU, in evaluation mode.

        Raises
        ------
        ValueError
            If names, shapes, dtypes or values are not those of such a module.
        """
        if type(architecture) is not DenseArchitecture or output_activation != "identity":
            raise ValueError("its architecture is not dense")
        if not 0 < n_filled <= n_features:
            raise ValueError(f"it fills {n_filled} of {n_features} columns")
        architecture.outline(1, 1)  # refuses layers that cannot be
        ranks: list[int] = []
        while (loadings := weights.get(f"models.{len(ranks)}.factors.loadings")) is not None:
            if loadings.ndim != 2 or not 0 < loadings.shape[1] <= n_filled:
                raise ValueError(f"'models.{len(ranks)}.factors.loadings' has another shape")
            ranks.append(loadings.shape[1])
        if not ranks:
            raise ValueError("it has no linear model")
        outline = cls._outline(architecture, n_filled, ranks)
        expected = outline.state_dict()
        if expected.keys() != weights.keys():
            raise ValueError(f"{min(expected.keys() ^ weights.keys())!r} is missing or unknown")
        for name, tensor in expected.items():
            if tensor.shape != weights[name].shape or tensor.dtype != weights[name].dtype:
                raise ValueError(f"{name!r} has another shape or dtype")
        outline.load_state_dict(weights, assign=True)
        outline._refuse_bad_values()
        return outline.eval()

    @classmethod
    def _outline(cls, architecture: DenseArchitecture, n_features: int, ranks: list[int]) -> Self:
        def empty(*shape: int) -> torch.Tensor:
            return torch.empty(shape, dtype=torch.float64, device="meta")

        return cls(
            [outline_bent_factors(n_features, rank) for rank in ranks],
            empty(len(ranks)),
            _outline_correction(architecture, n_features, "meta"),
            empty(),
        )

    def _refuse_bad_values(self) -> None:
        for model in self.linear:
            scales = model.marginals.scale, model.marginals.bent_scale, model.factors.noise
            if not all(bool((scale > 0).all()) for scale in scales):
                raise ValueError("a scale or a noise is not above zero")
        if not bool((self.weights > 0).all()) or abs(float(self.weights.sum()) - 1) > 1e-9:
            raise ValueError("'weights' are not shares of one")
        if not 0 <= float(self.share) <= 1:
            raise ValueError(f"'share' is {float(self.share)}")

    def answers(self, x: torch.Tensor, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the linear models expect of all cells, and what the network is given.

        Parameters
        ----------
        x : torch.Tensor of float64 of shape (n, n_features)
            Rows in the units of the data, with any number in the gaps.
        observed : torch.Tensor of bool of shape (n, n_features)
            The cells that are known.

        Returns
        -------
        expected : torch.Tensor of shape (n, n_features)
            In standard units.
        inputs : torch.Tensor of float32 of shape (n, 2 * n_features)
            Bent rows with expected cells in the gaps, and what was observed.
        """
        expected = torch.zeros_like(x)
        for weight, model in zip(self.weights, self.linear, strict=True):
            expected += weight * model.expect(x, observed)
        return expected, self._inputs(x, observed, expected)

    def fill(self, x: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
        """Fill the gaps of rows; parameters are those of ``answers``."""
        expected, inputs = self.answers(x, observed)
        return torch.where(observed, x, self._finish(expected, inputs))

    def draw(
        self, x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Fill the gaps with draws; parameters are those of ``answers``, and their source."""
        _, inputs = self.answers(x, observed)
        # Each row is drawn from one of the models, by their weights.
        chosen = torch.multinomial(self.weights, len(x), replacement=True, generator=generator)
        drawn = torch.empty_like(x)
        for number, model in enumerate(self.linear):
            rows = chosen == number
            drawn[rows] = model.draw(x[rows], observed[rows], generator)
        return torch.where(observed, x, self._finish(drawn, inputs))

    def _inputs(
        self, x: torch.Tensor, observed: torch.Tensor, expected: torch.Tensor
    ) -> torch.Tensor:
        units = self.marginals
        filled = units.bend(torch.where(observed, x, units.restore(expected)))
        return torch.cat([filled, observed.to(filled.dtype)], 1).float()

    def _finish(self, u: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Add the correction, within the range that was observed, in the units of the data."""
        if self.share > 0:
            u = u + self.share * self.correction(inputs).double()
        return self.marginals.restore(torch.clamp(u, self.marginals.low, self.marginals.high))
