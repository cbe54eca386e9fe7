import copy

import pytest
import torch
from torch import nn

from skae.architectures import Autoencoder, DenseArchitecture


class OutOfOrder(nn.Module):
    """The last layer registered is not the last one computed."""

    def __init__(self):
        super().__init__()
        self.second = nn.Linear(3, 3)
        self.first = nn.Linear(3, 3)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


@pytest.mark.parametrize(
    "network",
    [
        nn.Linear(3, 3),
        nn.Sequential(nn.Linear(3, 5), nn.GELU(), nn.Linear(5, 3)),
        nn.Sequential(nn.Linear(3, 3), nn.Sigmoid()),
        nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3)),
        nn.Identity(),
        OutOfOrder(),
    ],
    ids=lambda network: type(network).__name__,
)
def test_any_network_starts_at_zero_and_can_leave_it(network):
    path = torch.eye(3)
    autoencoder = Autoencoder(network, nn.Linear(3, 3), torch.zeros(3), 1.0, path, path)
    autoencoder.start_on_linear_path()
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(autoencoder.encode(x), x)
    (autoencoder.encode(x) ** 2).sum().backward()
    assert any(p.grad is not None and p.grad.any() for p in autoencoder.encoder.parameters())


class Bounded(nn.Sequential):
    """Ends in a product that autograd keeps."""

    def forward(self, x):
        return super().forward(x).tanh()


@pytest.mark.parametrize("output_activation", ["identity", "logistic"])
@pytest.mark.parametrize(
    "decoder",
    [
        nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 4)),
        nn.Sequential(nn.Linear(2, 4), nn.Sigmoid()),
        Bounded(nn.Linear(2, 4)),
        nn.Sequential(Bounded(nn.Linear(2, 4))),
        nn.Linear(2, 4),
    ],
    ids=lambda network: type(network).__name__,
)
def test_gradients_are_those_of_finite_differences(decoder, output_activation):
    generator = torch.Generator().manual_seed(0)
    encoder, _ = DenseArchitecture((5,), "tanh").build(4, 2, generator)
    path = torch.eye(4, 2), torch.eye(2, 4)
    autoencoder = Autoencoder(
        encoder, copy.deepcopy(decoder), torch.full((4,), 0.5), 2.0, *path,
        output_activation=output_activation,
    ).double()  # fmt: skip
    u = torch.randn(3, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(autoencoder, u)
    linear_code = (u @ autoencoder.to_code).detach()
    torch.testing.assert_close(autoencoder(u, linear_code), autoencoder(u))


def test_an_empty_decoder_leaves_the_linear_path():
    autoencoder = Autoencoder(
        nn.Sequential(), nn.Sequential(), torch.zeros(2), 1.0, torch.eye(2), torch.eye(2)
    )
    x = torch.tensor([[1.0, 2.0]])
    torch.testing.assert_close(autoencoder(x), 4 * x)
    assert x.tolist() == [[1.0, 2.0]]


def test_standardize_and_back():
    autoencoder = Autoencoder(nn.Identity(), nn.Identity(), torch.tensor([1.0, 2.0]), 4.0)
    x = torch.tensor([[5.0, -2.0]])
    torch.testing.assert_close(autoencoder.standardize(x), torch.tensor([[1.0, -1.0]]))
    torch.testing.assert_close(autoencoder.unstandardize(autoencoder.standardize(x)), x)


@pytest.mark.parametrize("hidden", [(), (7,), (9, 5)])
def test_dense_decoder_mirrors_the_encoder(hidden):
    encoder, decoder = DenseArchitecture(hidden).build(11, 3, torch.Generator())
    widths = [(m.in_features, m.out_features) for m in encoder if isinstance(m, nn.Linear)]
    mirrored = [(m.out_features, m.in_features) for m in decoder if isinstance(m, nn.Linear)]
    assert widths == mirrored[::-1]
    assert not isinstance(encoder[-1], nn.GELU)


def test_dense_weights_come_from_the_generator_alone():
    def build(seed):
        return DenseArchitecture().build(4, 2, torch.Generator().manual_seed(seed))[0][0].weight

    state = torch.get_rng_state()
    assert torch.equal(build(0), build(0))
    assert not torch.equal(build(0), build(1))
    assert torch.equal(torch.get_rng_state(), state)
