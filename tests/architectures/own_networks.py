"""Networks as users write them: each does something that ours do not."""

import torch
from sklearn.base import BaseEstimator
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

WIDTH = 6


class Function(nn.Module):
    """A layer that is a function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Own(BaseEstimator):
    """Builds with one of the functions in ``BUILDERS``; layers draw from the global generator."""

    def __init__(self, name):
        self.name = name

    def build(self, n_features, n_components, generator):
        return BUILDERS[self.name](n_features, n_components)


class OwnWithOutline(Own):
    """The same with an outline, which shares its weights in the same way."""

    def outline(self, n_features, n_components):
        with torch.device("meta"):
            return BUILDERS[self.name](n_features, n_components)


def both(kind):
    """The same kind of network as encoder and decoder."""
    return lambda n_features, n_components: (
        kind(n_features, n_components),
        kind(n_components, n_features),
    )


def between(*layers, first=()):
    """Encoder and decoder with new layers of these kinds after the hidden one, and before it."""
    return both(
        lambda n_in, n_out: nn.Sequential(
            *(make() for make in first),
            nn.Linear(n_in, WIDTH),
            *(make() for make in layers),
            nn.Linear(WIDTH, n_out),
        )
    )


def function(f):
    return lambda: Function(f)


def relu_(x):
    return x.relu_()


def add_one_(x):
    x += 1
    return x


def add_one(x):
    return x + 1


def always_dropped(x):
    return functional.dropout(x, 0.5)


class Dropped(nn.Module):
    """Dropout by the functional form, in training alone."""

    def forward(self, x):
        return functional.dropout(x, 0.3, self.training)


class OwnGenerator(nn.Module):
    """Draws from a generator of its own, after training too."""

    def __init__(self):
        super().__init__()
        self.generator = torch.Generator("cpu").manual_seed(0)

    def forward(self, x):
        return x + torch.rand(x.shape, generator=self.generator, device="cpu").to(x)


class Transposed(nn.Module):
    """The decoder of an encoder with one hidden layer, by its weights."""

    def __init__(self, first, second, n_features, share):
        super().__init__()
        self.share = share
        if share == "parameter":
            self.weights = nn.ParameterList([second.weight, first.weight])
        elif share == "submodule":
            self.first, self.second = first, second
        elif share == "list":
            self.hidden = [first, second]
        elif share == "parameters in a list":
            self.hidden = [second.weight, first.weight]
        else:
            self.weights = nn.ParameterList(
                [nn.Parameter(layer.weight.detach().clone()) for layer in (second, first)]
            )
        self.inner_bias = nn.Parameter(torch.zeros(len(first.weight)))
        self.bias = nn.Parameter(torch.zeros(n_features))

    def forward(self, z):
        if self.share == "submodule":
            second, first = self.second.weight, self.first.weight
        elif self.share == "list":
            second, first = self.hidden[1].weight, self.hidden[0].weight
        elif self.share == "parameters in a list":
            second, first = self.hidden
        else:
            second, first = self.weights
        return torch.relu(z @ second + self.inner_bias) @ first + self.bias


def tied(share):
    """A decoder with the weights of the encoder, transposed; ``untied`` has copies of them."""

    def build(n_features, n_components):
        first, second = nn.Linear(n_features, 32), nn.Linear(32, n_components)
        encoder = nn.Sequential(first, nn.ReLU(), second)
        return encoder, Transposed(first, second, n_features, share)

    return build


class Twice(nn.Module):
    """One layer, used twice."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.into = nn.Linear(n_in, 32)
        self.out = nn.Linear(32, n_out)
        self.again = nn.Linear(32, 32)

    def forward(self, x):
        return self.out(torch.tanh(self.again(torch.tanh(self.again(self.into(x))))))


class Gated(nn.Module):
    """Has a weight of the name that our gate has."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.gate = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.gate * self.linear(x).tanh()


class Keeps(nn.Module):
    """Keeps a tensor from its first call on."""

    def __init__(self):
        super().__init__()
        self.kept = None

    def forward(self, x):
        if self.kept is None:
            self.kept = torch.ones(x.shape[1]).to(x)
        return x * self.kept


class Recurrent(nn.Module):
    """Reads the columns of a row one after the other."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.cells = nn.GRU(1, 4, num_layers=2, batch_first=True, dropout=0.2)
        self.out = nn.Linear(4, n_out)

    def forward(self, x):
        return self.out(self.cells(x[:, :, None])[0][:, -1])


class Recomputed(nn.Module):
    """Runs its layers again on the way back, with the same draws."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_in, WIDTH), nn.Dropout(0.3), nn.Linear(WIDTH, n_out)
        )

    def forward(self, x):
        return checkpoint(self.layers, x, use_reentrant=False)


class Counted(nn.Module):
    """Counts its calls in a buffer, after training too."""

    def __init__(self):
        super().__init__()
        self.register_buffer("n_calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        self.n_calls += 1
        return x


def one_for_both(n_features, n_components):
    """A network that is encoder and decoder at once."""
    into, out = nn.Linear(n_features, n_features), nn.Linear(n_features, n_features)
    network = nn.Sequential(into, nn.ReLU(), out)
    return network, network


def square_pair(n_features, n_components):
    """Two plain networks with one weight."""
    encoder, decoder = (
        nn.Sequential(nn.Linear(a, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, b))
        for a, b in ((n_features, n_components), (n_components, n_features))
    )
    decoder[2].weight = encoder[2].weight
    return encoder, decoder


def zero_after(function):
    def build(n_in, n_out):
        layer = nn.Linear(n_in, n_out)
        nn.init.zeros_(layer.weight)
        return nn.Sequential(Function(function), layer)

    return both(build)


def squeezed(n_features, n_components):
    encoder, decoder = between()(n_features, n_components)
    return encoder, nn.Sequential(decoder, Function(torch.squeeze))


def attention(n_features, n_components):
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    parts = nn.Linear(n_features, 8), nn.Unflatten(1, (2, 4)), layer, nn.Flatten()
    return nn.Sequential(*parts, nn.Linear(8, n_components)), nn.Linear(n_components, n_features)


def hooked(n_features, n_components):
    """Plain layers with a hook that writes to what they get."""
    networks = between(nn.ReLU)(n_features, n_components)
    for network in networks:
        network.register_forward_pre_hook(lambda module, inputs: inputs[0].mul_(0.5))
    return networks


TIES = ("parameter", "submodule", "list", "parameters in a list")

BUILDERS = {
    "plain": between(nn.ReLU),
    "relu": between(nn.ReLU, first=[nn.ReLU]),
    "relu in place": between(lambda: nn.ReLU(inplace=True), first=[lambda: nn.ReLU(inplace=True)]),
    "relu_": between(function(relu_), first=[function(relu_)]),
    "add one": between(first=[function(add_one)]),
    "add one in place": between(first=[function(add_one_)]),
    "batch norm": between(lambda: nn.BatchNorm1d(WIDTH), nn.ReLU),
    "batch norm, no statistics": between(lambda: nn.BatchNorm1d(WIDTH, track_running_stats=False)),
    "dropout": between(lambda: nn.Dropout(0.3), nn.ReLU),
    "functional dropout": between(Dropped),
    "alpha dropout": between(nn.SELU, lambda: nn.AlphaDropout(0.2)),
    "rrelu": between(nn.RReLU),
    "always dropped": between(function(always_dropped)),
    "always dropped, then zero": zero_after(always_dropped),
    "own generator": between(OwnGenerator),
    "centred": between(function(lambda x: x - x.mean(0))),
    "centred, then zero": zero_after(lambda x: x - x.mean(0)),
    "counted": between(function(lambda x: x / len(x))),
    "softmax of rows": between(lambda: nn.Softmax(dim=0)),
    "squeezed": squeezed,
    "lazy": both(lambda n_in, n_out: nn.Sequential(nn.LazyLinear(WIDTH), nn.LazyLinear(n_out))),
    "attention": attention,
    "weight norm": both(lambda *ends: nn.utils.parametrizations.weight_norm(nn.Linear(*ends))),
    "spectral norm": both(lambda *ends: nn.utils.parametrizations.spectral_norm(nn.Linear(*ends))),
    "gated": both(Gated),
    "recurrent": both(Recurrent),
    "recomputed": both(Recomputed),
    "counts its calls": between(Counted),
    "hooked": hooked,
    "makes tensors": between(function(lambda x: x * torch.linspace(0.1, 0.7, WIDTH))),
    "makes numbers": between(function(lambda x: x * torch.tensor([0.1]) + torch.full((1,), 0.3))),
    "keeps": between(Keeps),
    "twice": both(Twice),
    "square pair": square_pair,
    "one for both": one_for_both,
    **{f"tied by {share}": tied(share) for share in TIES},
    "untied": tied("nothing"),
}
