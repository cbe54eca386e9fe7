"""Each solver takes the steps of torch's own optimiser of that name."""

import pytest
import torch
from torch import nn

from skae._training.optimizers import SCHEDULES, SOLVERS, clip_gradients, make_optimizer

REFERENCES = {
    "adam": lambda weights, alpha: torch.optim.Adam(weights, lr=0.1, weight_decay=alpha),
    "adamw": lambda weights, alpha: torch.optim.AdamW(weights, lr=0.1, weight_decay=alpha),
    "sgd": lambda weights, alpha: torch.optim.SGD(
        weights, lr=0.1, momentum=0.9, nesterov=True, weight_decay=alpha
    ),
}


def make_net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 5)).double()


def loss_of(net):
    u = torch.linspace(-1, 1, 30, dtype=torch.float64).reshape(6, 5)
    return (net(u) - u).square().mean()


def test_every_solver_has_a_reference():
    assert REFERENCES.keys() == SOLVERS.keys()


@pytest.mark.parametrize("alpha", [0.0, 0.01])
@pytest.mark.parametrize("solver", SOLVERS)
def test_steps_are_those_of_torch(solver, alpha):
    ours, theirs = make_net(), make_net()
    optimizer = make_optimizer(ours, solver, alpha)
    reference = REFERENCES[solver](theirs.parameters(), alpha)
    for _ in range(5):
        optimizer.update(torch.autograd.grad(loss_of(ours), list(ours.parameters())), 0.1, {}, {})
        reference.zero_grad()
        loss_of(theirs).backward()
        reference.step()
    for weight, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(weight, expected)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_weight_that_the_loss_does_not_know_stays(solver):
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = make_optimizer(nn.ParameterList([used, unused]), solver, alpha=0.01)
    optimizer.update([torch.ones(2), None], 0.1, {}, {})
    assert (used < 1).all()
    assert (unused == 1).all()


@pytest.mark.parametrize("solver", ["adam", "adamw"])
def test_each_weight_takes_its_share_of_the_rate(solver):
    slow, fast = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    optimizer = make_optimizer(nn.ParameterList([slow, fast]), solver, alpha=0.0)
    optimizer.update([torch.ones(2), torch.ones(2)], 0.1, {slow: 0.5}, {})
    torch.testing.assert_close(fast.detach(), torch.full((2,), -0.1))
    torch.testing.assert_close(slow.detach(), torch.full((2,), -0.05))


def test_each_weight_has_its_own_decay():
    kept, shrunk, usual = (nn.Parameter(torch.ones(2)) for _ in range(3))
    optimizer = make_optimizer(nn.ParameterList([kept, shrunk, usual]), "adamw", alpha=1.0)
    decays = {kept: 0.0, shrunk: 4.0}
    optimizer.update([torch.zeros(2)] * 3, 0.1, {shrunk: 0.5}, decays)
    for weight, expected in ((kept, 1.0), (shrunk, 1 - 0.1 * 0.5 * 4), (usual, 0.9)):
        torch.testing.assert_close(weight.detach(), torch.full((2,), expected))


def test_gradients_are_clipped_together():
    long, short = [torch.tensor([3.0]), None, torch.tensor([4.0])], [torch.tensor([0.5])]
    clip_gradients(long)
    clip_gradients(short)
    assert [gradient.item() for gradient in long if gradient is not None] == pytest.approx(
        [0.6, 0.8]
    )
    assert short == [torch.tensor([0.5])]


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_within_the_peak(name):
    course = [SCHEDULES[name](step / 1000) for step in range(1001)]
    assert max(course) == pytest.approx(1, abs=1e-4)
    assert min(course) >= 0
    assert (course[-1] < 1e-6) == (name != "constant")
