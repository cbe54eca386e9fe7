"""The module that is trained: encoder and decoder, each beside the linear path."""

import torch
from torch import nn

_LAST_LAYERS = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d,
    nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip


class Autoencoder(nn.Module):
    """An encoder and a decoder, each a nonlinear correction to a fixed linear map.

    With ``u = (x - mean) / scale``, the standardised row, the module computes::

        code            z = u @ to_code   + encoder(u)
        reconstruction  v = z @ from_code + decoder(z)

    and ``target_mean + target_scale * v`` is the reconstruction in the units of the data. A
    scale is one number for all columns, so that the squared error keeps its meaning. Source
    and target differ where noisy rows are turned into clean ones.

    Parameters
    ----------
    encoder, decoder : torch.nn.Module
        The two networks.
    mean : torch.Tensor of shape (n_features,)
        Mean of the rows that are encoded in training.
    scale : float
        Root mean square deviation of their cells from ``mean``.
    to_code : torch.Tensor of shape (n_features, n_components), or None
        Encoder half of the linear path; None leaves the path out.
    from_code : torch.Tensor of shape (n_components, n_features), or None
        Decoder half of the linear path.
    target_mean : torch.Tensor of shape (n_features,), or None
        Mean of the rows that are reconstructed; None takes ``mean``.
    target_scale : float or None
        Root mean square deviation of their cells; None takes ``scale``.
    output_activation : {"identity", "logistic"}, default="identity"
        "logistic" keeps the reconstruction in (0, 1). Its argument is four times the distance
        of the identity's output from one half, the line that touches the curve there.

    Examples
    --------
    >>> import torch
    >>> autoencoder = Autoencoder(
    ...     nn.Linear(3, 1), nn.Linear(1, 3), torch.zeros(3), 1.0, torch.eye(3, 1), torch.eye(1, 3))
    >>> autoencoder.start_on_linear_path()
    >>> with torch.no_grad():
    ...     autoencoder.decode(autoencoder.encode(torch.tensor([[1.0, 2.0, 3.0]])))
    tensor([[1., 0., 0.]])
    """

    mean: torch.Tensor
    scale: torch.Tensor
    target_mean: torch.Tensor
    target_scale: torch.Tensor
    to_code: torch.Tensor | None
    from_code: torch.Tensor | None

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        mean: torch.Tensor,
        scale: float,
        to_code: torch.Tensor | None = None,
        from_code: torch.Tensor | None = None,
        target_mean: torch.Tensor | None = None,
        target_scale: float | None = None,
        output_activation: str = "identity",
    ):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.register_buffer("mean", mean)
        self.register_buffer("scale", torch.tensor(scale, dtype=mean.dtype))
        target_mean = mean.clone() if target_mean is None else target_mean
        target_scale = scale if target_scale is None else target_scale
        self.register_buffer("target_mean", target_mean)
        self.register_buffer("target_scale", torch.tensor(target_scale, dtype=mean.dtype))
        self.register_buffer("to_code", to_code)
        self.register_buffer("from_code", from_code)
        self.output_activation = output_activation

    def start_on_linear_path(self) -> None:
        """Make both corrections zero, so that the module is its linear path."""
        assert self.to_code is not None, "there is no linear path to start on"
        n_features, n_components = self.to_code.shape
        self.encoder = _start_at_zero(self.encoder, self.mean.new_ones(1, n_features))
        self.decoder = _start_at_zero(self.decoder, self.mean.new_ones(1, n_components))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Map rows in the units of the data, (n, n_features), to codes, (n, n_components)."""
        return self._encode(self.standardize(x))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """Map codes, (n, n_components), to rows in the units of the data, (n, n_features)."""
        return self.unstandardize(self._decode(code))

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        """Turn standardised source rows into standardised target rows: what training compares."""
        return self._decode(self._encode(u))

    def standardize(self, x: torch.Tensor) -> torch.Tensor:
        """Centre source rows and divide them by their one scale."""
        return (x - self.mean).div_(self.scale)

    def standardize_target(self, x: torch.Tensor) -> torch.Tensor:
        """Centre target rows and divide them by their one scale."""
        return (x - self.target_mean).div_(self.target_scale)

    def unstandardize(self, v: torch.Tensor) -> torch.Tensor:
        """Undo ``standardize_target``."""
        return torch.addcmul(self.target_mean, v, self.target_scale)

    def _encode(self, u: torch.Tensor) -> torch.Tensor:
        code = self.encoder(u)
        return code if self.to_code is None else torch.addmm(code, u, self.to_code)

    def _decode(self, code: torch.Tensor) -> torch.Tensor:
        v = self.decoder(code)
        if self.from_code is not None:
            v = torch.addmm(v, code, self.from_code)
        if self.output_activation == "logistic":
            x = torch.sigmoid(4 * (self.unstandardize(v) - 0.5))
            v = self.standardize_target(x)
        return v


class _Gate(nn.Module):
    """A network times one trained number that starts at zero (ReZero, Bachlechner et al., 2020)."""

    def __init__(self, network: nn.Module, probe: torch.Tensor):
        super().__init__()
        self.network = network
        self.gate = nn.Parameter(probe.new_zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gate * self.network(x)


def _start_at_zero(network: nn.Module, probe: torch.Tensor) -> nn.Module:
    """Zero the last layer, or put a gate behind a network that does not end in a plain layer."""
    leaves = [module for module in network.modules() if not list(module.children())]
    while leaves and isinstance(leaves[-1], nn.Identity | nn.Flatten | nn.Unflatten):
        leaves.pop()
    if leaves and isinstance(leaves[-1], _LAST_LAYERS):
        last = leaves[-1]
        kept = {name: value.clone() for name, value in last.state_dict().items()}
        with torch.no_grad():
            for parameter in last.parameters():
                parameter.zero_()
            # The order of registration need not be the order of computation: ask the network.
            if not network(probe).any():
                return network
        last.load_state_dict(kept)
    return _Gate(network, probe)
