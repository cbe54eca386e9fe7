"""Ordered codes in closed form, for tables of few rows: what the first components tell of the rest.

The code is PCA's. For each size at which it may be cut, the components behind the cut are regressed
on those before it: a ridge regression on a network whose hidden units keep their random weights, as
in ``ridge.py``. Its penalty is chosen by the error on rows that were left out in turn; where the
gain over PCA is not clear at a size, nothing is guessed there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from skae._linear.path import pca_path
from skae._linear.ridge import FEWEST_ROWS, N_FOLDS, Regression, is_clear
from skae._linear.seen import merge_equal_rows
from skae._rows.tensors import as_tensor
from skae.architectures import NestedAutoencoder

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""What is tried; a feature is a hidden unit over the root of their number."""

BIAS = 0.5
"""The spread of hidden biases, which put the bends of the units at different places."""


@dataclass(frozen=True)
class Judgement:
    """What left-out rows say of one size and one penalty.

    Attributes
    ----------
    gains : torch.Tensor of float64 of shape (n_samples,)
        The squared error of each row that the guess takes away.
    by_component : torch.Tensor of float64 of shape (n_missing,)
        The same for each component behind the cut, over all rows.
    """

    gains: torch.Tensor
    by_component: torch.Tensor


class GuessFit:
    """Fits the guesses of a module on its linear path.

    Parameters
    ----------
    module : NestedAutoencoder
        On its linear path, PCA of X. Trained in place, by ``fit``.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows; made dense.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts.
    generator : torch.Generator
        Of hidden biases and folds.

    Attributes
    ----------
    u : torch.Tensor of shape (n_samples, n_features)
        The rows in standard units.
    penalties : list of float or None
        For each size the one with the least error on left-out rows; None where PCA is not clearly
        worse.
    explained : ndarray of float64 of shape (n_components,)
        The share of the variance of left-out rows that each further component explains.
    """

    def __init__(
        self,
        module: NestedAutoencoder,
        X: Any,
        weights: np.ndarray | None,
        generator: torch.Generator,
    ):
        self.module = module
        rows, counts = merge_equal_rows(X, weights)
        x = as_tensor(rows, "cpu")
        self.u = module.standardize(x)
        self.weights = torch.from_numpy(counts).to(self.u).unsqueeze(1)
        self._bend(generator)
        self.penalties: list[float | None] = [None] * len(module.sizes)
        if len(x) >= FEWEST_ROWS:
            self._judge(x, generator)
        else:
            assert module.from_code is not None
            self.explained = module.from_code.square().mean(dim=1).double().numpy()

    @torch.no_grad()
    def fit(self) -> None:
        """Set the last layers of the guesses that are worth it."""
        code = self.u @ self.module.to_code
        for number, (size, penalty) in enumerate(
            zip(self.module.sizes, self.penalties, strict=True)
        ):
            if penalty is None:
                continue
            regression = Regression(self._features(number, code), self.weights)
            coefficients, intercept = regression.fit(code[:, size:], regression.factor(penalty))
            last = self.module.guesses.last[number]
            last.weight.copy_(coefficients.T / last.in_features**0.5)
            last.bias.copy_(intercept)

    @torch.no_grad()
    def _bend(self, generator: torch.Generator) -> None:
        for layer in [*self.module.guesses.first, *self.module.guesses.second]:
            bends = torch.randn(layer.bias.shape, generator=generator, device="cpu")
            layer.bias.copy_(BIAS * bends)

    @torch.no_grad()
    def _features(self, number: int, code: torch.Tensor) -> torch.Tensor:
        hidden = self.module.guesses.hidden(number, code[:, : self.module.sizes[number]])
        return hidden / hidden.shape[1] ** 0.5

    def _judge(self, x: torch.Tensor, generator: torch.Generator) -> None:
        """Choose the penalties, by rows that are left out in turn."""
        n_samples, n_features = x.shape
        n_components = self.module.to_code.shape[1]
        sizes = self.module.sizes
        judgements = [
            {
                penalty: Judgement(
                    torch.zeros(n_samples).double(), torch.zeros(n_components - size).double()
                )
                for penalty in PENALTIES
            }
            for size in sizes
        ]
        errors = torch.zeros(n_components).double()
        for left_out in torch.randperm(n_samples, generator=generator).chunk(N_FOLDS):
            errors += self._judge_by(x, left_out, judgements)
        for number, tried in enumerate(judgements):
            best = max(tried, key=lambda penalty: float(tried[penalty].gains.mean()))
            if is_clear(tried[best].gains):
                self.penalties[number] = best
        # A size in between has the guess of the next smaller one, but for what it keeps itself.
        for number, (size, penalty) in enumerate(zip(sizes, self.penalties, strict=True)):
            if penalty is not None:
                larger = sizes[number + 1] if number + 1 < len(sizes) else n_components
                by_component = judgements[number][penalty].by_component
                for n_kept in range(size, larger):
                    errors[n_kept - 1] -= by_component[n_kept - size :].sum()
        variance = float(self.weights.sum()) * n_features
        self.explained = np.diff(1 - errors.numpy() / variance, prepend=0.0)

    def _judge_by(
        self,
        x: torch.Tensor,
        left_out: torch.Tensor,
        judgements: Sequence[dict[float, Judgement]],
    ) -> torch.Tensor:
        """Judge by some rows; PCA's error of them at each size, added up."""
        kept = torch.ones(len(x), dtype=torch.bool)
        kept[left_out] = False
        # PCA of the kept rows alone: left-out rows are new to all that they are asked.
        dtype, width = self.weights.dtype, self.module.to_code.shape[1]
        kept_weights = self.weights[kept].squeeze(1).double().numpy()
        path = pca_path(x[kept].numpy(), width, 0, kept_weights, str(dtype).split(".")[1])
        to_code, from_code = (torch.from_numpy(part).to(dtype) for part in path.products(width))
        u = ((x - torch.from_numpy(path.mean)) / path.scale).to(dtype)
        code = u @ to_code
        new, known = code[left_out], code[kept]
        # In the standard units of the module, and as often as the row counts.
        unit = self.weights[left_out] * (path.scale / float(self.module.source.scale)) ** 2
        squares = (unit * from_code.square().sum(dim=1)).double()
        for number, (size, tried) in enumerate(zip(self.module.sizes, judgements, strict=True)):
            regression = Regression(self._features(number, known), self.weights[kept])
            features, missing = self._features(number, new), new[:, size:].double()
            for penalty, judgement in tried.items():
                fitted = regression.fit(known[:, size:], regression.factor(penalty))
                guess = (features @ fitted[0] + fitted[1]).double()
                gain = squares[:, size:] * (missing.square() - (missing - guess).square())
                judgement.gains[left_out] = gain.sum(dim=1)
                judgement.by_component.add_(gain.sum(dim=0))
        total = (unit * u[left_out].square().sum(dim=1, keepdim=True)).double().sum()
        return total - (squares * new.double().square()).sum(dim=0).cumsum(dim=0)
