"""The module that fills gaps: factor analysis of bent columns, and a network that corrects it."""

from itertools import pairwise
from typing import Any, Self

import torch
from torch import nn

from skae.architectures._dense import ACTIVATIONS, DenseArchitecture
from skae.architectures._factors import FactorModel
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
    """Fills rows: their expected cells by factor analysis, and a share of a network's correction.

    Parameters
    ----------
    marginals : Marginals
        Units and bends of the columns.
    factors : FactorModel
        The model of the bent columns.
    correction : Autoencoder
        From ``build_correction``.
    share : torch.Tensor of shape ()
        How much of its corrections is added, from 0 to 1.
    """

    share: torch.Tensor

    output_activation = "identity"
    """Part of every saved state."""

    def __init__(
        self,
        marginals: Marginals,
        factors: FactorModel,
        correction: Autoencoder,
        share: torch.Tensor,
    ):
        super().__init__()
        self.marginals = marginals
        self.factors = factors
        self.correction = correction
        self.register_buffer("share", share)

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
        loadings = weights.get("factors.loadings")
        if loadings is None or loadings.ndim != 2 or not 0 < loadings.shape[1] <= max(1, n_filled):
            raise ValueError("'factors.loadings' has another shape")
        outline = cls._outline(architecture, n_filled, loadings.shape[1])
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
    def _outline(cls, architecture: DenseArchitecture, n_features: int, rank: int) -> Self:
        def empty(*shape: int) -> torch.Tensor:
            return torch.empty(shape, dtype=torch.float64, device="meta")

        return cls(
            Marginals(*(empty(n_features) for _ in range(7))),
            FactorModel(
                empty(n_features),
                empty(n_features, rank),
                empty(n_features, rank, rank),
                empty(n_features),
            ),
            _outline_correction(architecture, n_features, "meta"),
            empty(),
        )

    def _refuse_bad_values(self) -> None:
        scales = self.marginals.scale, self.marginals.bent_scale, self.factors.noise
        if not all(bool((scale > 0).all()) for scale in scales):
            raise ValueError("a scale or a noise is not above zero")
        if not 0 <= float(self.share) <= 1:
            raise ValueError(f"'share' is {float(self.share)}")

    def answers(self, x: torch.Tensor, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What factor analysis expects of all cells, and what the network is given.

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
        bent = self.marginals.bend(torch.where(observed, x, self.marginals.centre))
        mean, variance = self.factors.condition(bent, observed)
        filled = torch.where(observed, bent, mean)
        inputs = torch.cat([filled, observed.to(filled.dtype)], 1).float()
        return self.marginals.expect_standard(mean, variance), inputs

    def fill(self, x: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
        """Fill the gaps of rows; parameters are those of ``answers``."""
        expected, inputs = self.answers(x, observed)
        return torch.where(observed, x, self._finish(expected, inputs))

    def draw(
        self, x: torch.Tensor, observed: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Fill the gaps with draws; parameters are those of ``answers``, and their source."""
        _, inputs = self.answers(x, observed)
        bent = self.marginals.bend(torch.where(observed, x, self.marginals.centre))
        drawn = self.marginals.straighten(self.factors.draw(bent, observed, generator))
        return torch.where(observed, x, self._finish(drawn, inputs))

    def _finish(self, u: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Add the correction, within the range that was observed, in the units of the data."""
        if self.share > 0:
            u = u + self.share * self.correction(inputs).double()
        return self.marginals.restore(torch.clamp(u, self.marginals.low, self.marginals.high))
