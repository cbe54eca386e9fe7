"""Training in closed form, for tables of few rows: alternating ridge regressions, cross-fitted.

A network whose hidden units keep their random weights is linear in what is left to train (Rahimi
and Recht, "Random features for large-scale kernel machines", NeurIPS 2007), so its last layer is a
ridge regression. Encoder and decoder take turns, as in principal curves (Hastie and Stuetzle,
1989): given the codes, the decoder is the regression of the rows on them; given the decoder, each
row has a better code nearby, and the encoder is the regression of these codes on the rows.

An endless penalty leaves PCA, where it begins. The penalty is chosen by the error on rows that were
left out in turn, so that no row is lost, and PCA is kept where the gain over it is not clear.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from skae._linear.path import pca_path
from skae._linear.seen import merge_equal_rows
from skae._rows.tensors import as_tensor
from skae.architectures import Autoencoder

PENALTIES = (0.03, 0.1, 0.3)
"""Penalties of the decoder that are tried. A feature is a hidden unit over the root of their
number, so that the squares of a row's features sum to about one."""

ENCODER_SHARE = 0.3
"""The encoder's penalty as a share of the decoder's."""

N_TRIAL_ROUNDS = 2
N_FOLDS = 5

FEWEST_ROWS = 20
"""PCA is kept with fewer rows: a fifth of them is not evidence against it."""

CLEAR_GAIN = 2.0
"""PCA is left from this mean gain on, in standard errors of the mean over rows."""

LUCKY_SHARE = 0.02
"""The gain has to be clear without the rows that gain most, this share of all."""

DAMPING = 0.1
"""A code stays this far behind its best place, as a share of the decoder's mean squared slope
there."""

BLOCK_CELLS = 2**22


@dataclass(frozen=True)
class HiddenUnits:
    """The hidden layer of a network: random weights that are not trained.

    Attributes
    ----------
    weight : torch.Tensor of shape (n_units, n_inputs)
        One row for each unit.
    bias : torch.Tensor of shape (n_units,)
        What is added before the activation.
    activation : torch.nn.Module
        Applied to each number.
    """

    weight: torch.Tensor
    bias: torch.Tensor
    activation: nn.Module

    def features(self, inputs: torch.Tensor) -> torch.Tensor:
        """The units' values over the root of their number."""
        return self.activation(self._sums(inputs)) / len(self.bias) ** 0.5

    def features_and_slopes(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same, and how fast each grows with its weighted sum."""
        sums = self._sums(inputs).requires_grad_()
        with torch.enable_grad():
            features = self.activation(sums) / len(self.bias) ** 0.5
            (slopes,) = torch.autograd.grad(features.sum(), sums)
        return features.detach(), slopes

    def _sums(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, inputs, self.weight.T)


class Regression:
    """Ridge regression on the same features; the intercept is not penalised.

    Parameters
    ----------
    features : torch.Tensor of shape (n, n_units)
        What is regressed on.
    weights : torch.Tensor of shape (n, 1)
        What each row counts.
    """

    def __init__(self, features: torch.Tensor, weights: torch.Tensor):
        self.roots = weights.sqrt()
        self.shares = weights / weights.sum()
        self.mean = (features * self.shares).sum(0)
        self.centred = (features - self.mean).mul_(self.roots)
        n, n_units = features.shape
        # Whichever is smaller: the products of the units, or those of the rows.
        self.is_wide = n_units > n
        self.products = (
            self.centred @ self.centred.T if self.is_wide else self.centred.T @ self.centred
        )

    def factor(self, penalty: float) -> torch.Tensor:
        """What ``fit`` needs of a penalty of the squared coefficients."""
        penalised = self.products.clone()
        diagonal = penalised.diagonal()
        # Rows far out make products whose rounding errors are larger than the penalty.
        rounding = torch.finfo(diagonal.dtype).eps * float(diagonal.sum())
        diagonal.add_(penalty + rounding)
        return torch.linalg.cholesky(penalised)

    def fit(self, target: torch.Tensor, factor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return coefficients of shape (n_units, n_targets) and the intercept."""
        mean = (target * self.shares).sum(0)
        centred = (target - mean).mul_(self.roots)
        if self.is_wide:
            coefficients = self.centred.T @ torch.cholesky_solve(centred, factor)
        else:
            coefficients = torch.cholesky_solve(self.centred.T @ centred, factor)
        return coefficients, mean - self.mean @ coefficients


class Alternation:
    """Encoder and decoder of some rows, fitted in turns.

    Parameters
    ----------
    u : torch.Tensor of shape (n, n_features)
        Standardised rows.
    weights : torch.Tensor of shape (n, 1)
        What each row counts.
    to_code, from_code : torch.Tensor
        The linear path, PCA of these rows.
    encoder, decoder : HiddenUnits
        The hidden layers of the two networks.
    """

    def __init__(
        self,
        u: torch.Tensor,
        weights: torch.Tensor,
        to_code: torch.Tensor,
        from_code: torch.Tensor,
        encoder: HiddenUnits,
        decoder: HiddenUnits,
    ):
        self.u, self.weights = u, weights
        self.to_code, self.from_code = to_code, from_code
        self.encoder, self.decoder = encoder, decoder
        self.linear_code = u @ to_code
        # What every penalty begins with.
        self.encoder_features = encoder.features(u)
        self.encoder_regression = Regression(self.encoder_features, weights)
        self.first_features = decoder.features_and_slopes(self.linear_code)
        self.first_regression = Regression(self.first_features[0], weights)

    def rounds(self, penalty: float, n_rounds: int) -> Iterator[float]:
        """Begin anew with a penalty; yields the mean squared error after each round."""
        encoder_factor = self.encoder_regression.factor(ENCODER_SHARE * penalty)
        code, (features, slopes) = self.linear_code, self.first_features
        regression = self.first_regression
        missing = self.u - code @ self.from_code
        self.decoding = regression.fit(missing, regression.factor(penalty))
        for _ in range(n_rounds):
            # The encoder aims at the codes that suit the decoder better.
            missing -= _linear(features, self.decoding)
            target = code + self._steps(slopes, missing) - self.linear_code
            self.encoding = self.encoder_regression.fit(target, encoder_factor)
            code = self.linear_code + _linear(self.encoder_features, self.encoding)
            # The decoder aims at what the linear path leaves over at these codes.
            features, slopes = self.decoder.features_and_slopes(code)
            regression = Regression(features, self.weights)
            missing = self.u - code @ self.from_code
            self.decoding = regression.fit(missing, regression.factor(penalty))
            yield self._mean_square(missing - _linear(features, self.decoding))

    def linear_loss(self) -> float:
        """Mean squared error of the linear path alone."""
        return self._mean_square(self.u - self.linear_code @ self.from_code)

    def reconstruct(self, u: torch.Tensor) -> torch.Tensor:
        """Encode and decode other rows that are standardised in the same way."""
        code = u @ self.to_code + _linear(self.encoder.features(u), self.encoding)
        return code @ self.from_code + _linear(self.decoder.features(code), self.decoding)

    def _steps(self, slopes: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        """One damped Gauss-Newton step of each row's code towards its nearest reconstruction."""
        coefficients, _ = self.decoding
        from_code = self.from_code
        if from_code.shape[1] > len(coefficients) + len(from_code):
            # Of wide rows only those directions matter that some code can reach.
            within, _ = torch.linalg.qr(torch.cat([coefficients, from_code]).T)
            coefficients, from_code = coefficients @ within, from_code @ within
            missing = missing @ within
        n_components, n_features = from_code.shape
        steps = missing.new_empty(len(missing), n_components)
        size = max(1, BLOCK_CELLS // (n_components * max(n_features, len(coefficients))))
        for start in range(0, len(missing), size):
            rows = slice(start, start + size)
            # (n, n_components, n_features): how the reconstruction moves with each number.
            moves = slopes[rows].unsqueeze(1) * self.decoder.weight.T
            jacobian = (moves @ coefficients).add_(from_code)
            products = jacobian @ jacobian.mT
            diagonal = products.diagonal(dim1=1, dim2=2)
            diagonal.add_(DAMPING * diagonal.mean(1, keepdim=True).clamp(min=1e-12))
            towards = jacobian @ missing[rows].unsqueeze(2)
            steps[rows] = torch.linalg.solve(products, towards).squeeze(2)
        return steps

    def _mean_square(self, errors: torch.Tensor) -> float:
        rows = errors.square().mean(1, keepdim=True)
        return float((rows * self.weights).sum() / self.weights.sum())


class RidgeFit:
    """Trains a module with one hidden layer in each network, or leaves it at PCA.

    Parameters
    ----------
    module : Autoencoder
        On its linear path, PCA of X; its networks are linear layer, activation, linear layer.
        Trained in place.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows; made dense.
    weights : ndarray of float64 of shape (n_samples,), or None
        What each row counts.
    generator : torch.Generator
        Of hidden biases and folds.

    Attributes
    ----------
    penalty : float or None
        The one with the least error on left-out rows; None where PCA is not clearly worse.

    Examples
    --------
    >>> from skae import AutoencoderTransformer
    >>> t = np.linspace(-1, 1, 200)
    >>> X = np.column_stack([t, t**2, t**3])
    >>> model = AutoencoderTransformer(1, solver="ridge", random_state=0).fit(X)
    >>> bool(model.score(X) > 0.99), bool(model.best_iter_ > 0)
    (True, True)
    """

    def __init__(
        self, module: Autoencoder, X: Any, weights: np.ndarray | None, generator: torch.Generator
    ):
        assert module.to_code is not None
        assert module.from_code is not None
        rows, counts = merge_equal_rows(X, weights)
        x = as_tensor(rows, "cpu")
        self.module = module
        self.path = module.to_code.cpu(), module.from_code.cpu()
        self.u = module.standardize(x)
        self.weights = torch.from_numpy(counts).to(self.u.dtype).unsqueeze(1)
        # Biases put the bends of the units at different places; the weights are random already.
        self.units = [_hidden_units(net, generator) for net in (module.encoder, module.decoder)]
        self.penalty = _choose_penalty(
            x,
            float(module.source.scale),
            self.weights,
            module.to_code.shape[1],
            self.units,
            generator,
        )

    def rounds(self, n_rounds: int) -> Iterator[float]:
        """Set the weights of the module round by round; yields the mean loss of a cell.

        Where PCA is kept there is one round, which changes nothing.
        """
        whole = Alternation(self.u, self.weights, *self.path, *self.units)
        if self.penalty is None:
            yield whole.linear_loss()
            return
        for loss in whole.rounds(self.penalty, n_rounds):
            for network, units, fitted in zip(
                (self.module.encoder, self.module.decoder),
                self.units,
                (whole.encoding, whole.decoding),
                strict=True,
            ):
                _set_weights(network, units, fitted)
            yield loss


def _choose_penalty(
    x: torch.Tensor,
    scale: float,
    weights: torch.Tensor,
    n_components: int,
    units: list[HiddenUnits],
    generator: torch.Generator,
) -> float | None:
    """The penalty with the least error on left-out rows; None where PCA is not clearly worse."""
    n_samples, n_features = x.shape
    if n_samples < FEWEST_ROWS or n_components >= n_features:
        return None
    gains = {penalty: torch.zeros(n_samples, dtype=torch.float64) for penalty in PENALTIES}
    dtype = str(weights.dtype).removeprefix("torch.")
    for left_out in torch.randperm(n_samples, generator=generator).chunk(N_FOLDS):
        kept = torch.ones(n_samples, dtype=torch.bool)
        kept[left_out] = False
        # PCA of the kept rows alone: left-out rows are new to all that they judge.
        kept_weights = weights[kept].squeeze(1).double().numpy()
        path = pca_path(x[kept].numpy(), n_components, 0, kept_weights, dtype)
        to_code, from_code = (
            torch.from_numpy(product).to(weights.dtype) for product in path.products(n_components)
        )
        u = ((x - torch.from_numpy(path.mean)) / path.scale).to(weights.dtype)
        fitted = Alternation(u[kept], weights[kept], to_code, from_code, *units)
        u = u[left_out]
        unit = (path.scale / scale) ** 2 * weights[left_out].squeeze(1).double()
        start = (u @ to_code @ from_code - u).square().sum(1)
        for penalty in list(gains):
            for _ in fitted.rounds(penalty, N_TRIAL_ROUNDS):
                pass
            gain = unit * (start - (fitted.reconstruct(u) - u).square().sum(1)).double()
            gains[penalty][left_out] = gain
            # A gain has to be there in each fold, so one without ends the trial of a penalty.
            if not gain.mean() > 0:
                del gains[penalty]
        if not gains:
            return None
    best = max(gains, key=lambda penalty: float(gains[penalty].mean()))
    return best if is_clear(gains[best]) else None


def is_clear(gains: torch.Tensor) -> bool:
    """Whether a mean gain is more than luck, and more than that of a few rows far out."""
    n_lucky = math.ceil(LUCKY_SHARE * len(gains))
    others = gains.sort().values[:-n_lucky]
    return all(
        bool(some.mean() > CLEAR_GAIN * some.std() / len(some) ** 0.5) for some in (gains, others)
    )


def _linear(features: torch.Tensor, fitted: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    coefficients, intercept = fitted
    return torch.addmm(intercept, features, coefficients)


def _hidden_units(network: Any, generator: torch.Generator) -> HiddenUnits:
    first, activation, _ = network
    bias = torch.randn(first.bias.shape, generator=generator, dtype=first.bias.dtype, device="cpu")
    return HiddenUnits(first.weight.detach(), bias, activation)


@torch.no_grad()
def _set_weights(
    network: Any, hidden: HiddenUnits, fitted: tuple[torch.Tensor, torch.Tensor]
) -> None:
    first, _, last = network
    coefficients, intercept = fitted
    first.bias.copy_(hidden.bias)
    last.weight.copy_(coefficients.T / len(hidden.bias) ** 0.5)
    last.bias.copy_(intercept)
