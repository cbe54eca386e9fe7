"""Steps and their size: torch's own optimisers, and the course of the learning rate.

An optimiser here is given the gradients, takes its step, and does nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import cos, pi
from typing import Any

import torch
from torch.optim.adam import adam

Gradients = Sequence[torch.Tensor | None]
"""One for each parameter; None where the loss does not depend on it."""

PerWeight = Mapping[torch.nn.Parameter, float]
"""A number for some of the weights: the share of the learning rate that each takes, where others
take all of it, or its decay, where others have the optimiser's."""

MAX_GRADIENT_NORM = 1.0

WARM_UP = 0.1
"""Share of the training in which the rate of "one_cycle" rises."""


class Adam(torch.optim.Adam):
    """Fused Adam (Kingma and Ba, ICLR 2015), or AdamW, without the bookkeeping of ``step``.

    In nets of 64 units that bookkeeping, and that of ``zero_grad``, take a tenth of the time.
    """

    def update(
        self, gradients: Gradients, learning_rate: float, shares: PerWeight, decays: PerWeight
    ) -> None:
        """Take a step along the gradients."""
        (group,) = self.param_groups
        # One call of the fused kernel for all weights that are treated alike.
        alike: dict[tuple[float, float], list[Any]] = {}
        for parameter, gradient in zip(group["params"], gradients, strict=True):
            if gradient is not None:
                moved = parameter, gradient, self._moments(parameter)
                decay = decays.get(parameter, group["weight_decay"])
                alike.setdefault((shares.get(parameter, 1.0), decay), []).append(moved)
        with torch.no_grad():
            for (share, decay), weights in alike.items():
                adam(
                    [parameter for parameter, _, _ in weights],
                    [gradient for _, gradient, _ in weights],
                    [moments["exp_avg"] for _, _, moments in weights],
                    [moments["exp_avg_sq"] for _, _, moments in weights],
                    [],
                    [moments["step"] for _, _, moments in weights],
                    fused=True,
                    decoupled_weight_decay=group["decoupled_weight_decay"],
                    amsgrad=False,
                    beta1=group["betas"][0],
                    beta2=group["betas"][1],
                    lr=learning_rate * share,
                    weight_decay=decay,
                    eps=group["eps"],
                    maximize=False,
                )

    def _moments(self, parameter: torch.Tensor) -> dict[str, torch.Tensor]:
        moments = self.state[parameter]
        if not moments:
            moments["step"] = torch.zeros((), device=parameter.device)
            moments["exp_avg"] = torch.zeros_like(parameter)
            moments["exp_avg_sq"] = torch.zeros_like(parameter)
        return moments


class SGD(torch.optim.SGD):
    """Stochastic gradient descent with Nesterov momentum, the same for all weights."""

    def update(
        self, gradients: Gradients, learning_rate: float, shares: PerWeight, decays: PerWeight
    ) -> None:
        """Take a step along the gradients."""
        (group,) = self.param_groups
        group["lr"] = learning_rate
        for parameter, gradient in zip(group["params"], gradients, strict=True):
            parameter.grad = gradient
        self.step()
        self.zero_grad()


Optimizer = Adam | SGD

SOLVERS: dict[str, Callable[..., Optimizer]] = {
    "adam": Adam,
    "adamw": partial(Adam, decoupled_weight_decay=True),
    "sgd": partial(SGD, momentum=0.9, nesterov=True),
}


def make_optimizer(module: torch.nn.Module, solver: str, alpha: float) -> Optimizer:
    """Build the fused optimiser of the weights of a module that are not frozen."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return SOLVERS[solver](trained, weight_decay=alpha, fused=True)


def clip_gradients(gradients: Gradients) -> None:
    """Shorten the gradient of all weights to a norm of at most one, in place.

    As ``torch.nn.utils.clip_grad_norm_``, in half the time on a CPU: short gradients, nearly
    all, are left alone instead of being multiplied by one. Elsewhere to ask for the norm would
    be to wait for the device, so all are multiplied.
    """
    present = [gradient for gradient in gradients if gradient is not None]
    if present and present[0].device.type != "cpu":
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(present)))
        torch._foreach_mul_(present, (MAX_GRADIENT_NORM / norm).clamp_(max=1.0))
        return
    flat = [gradient.flatten() for gradient in present]
    norm = sum(float(torch.dot(gradient, gradient)) for gradient in flat) ** 0.5
    if norm > MAX_GRADIENT_NORM:
        torch._foreach_mul_(present, MAX_GRADIENT_NORM / norm)


def constant(progress: float) -> float:
    """Stay at the peak; ``progress`` of the training is in [0, 1]."""
    return 1.0


def cosine(progress: float) -> float:
    """Fall from the peak to zero along half a cosine (Loshchilov and Hutter, 2017)."""
    return (1 + cos(pi * progress)) / 2


def one_cycle(progress: float) -> float:
    """Rise to the peak, then fall to zero, both along half a cosine (Smith and Topin, 2018)."""
    if progress < WARM_UP:
        return 0.04 + 0.96 * (1 - cosine(progress / WARM_UP))
    return cosine((progress - WARM_UP) / (1 - WARM_UP))


SCHEDULES = {"constant": constant, "cosine": cosine, "one_cycle": one_cycle}
