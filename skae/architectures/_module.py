"""The module that is trained: encoder and decoder, each beside the linear path."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

import torch
from torch import nn

from skae.architectures._gate import Gate, start_at_zero
from skae.architectures._outline import OUTLINED
from skae.architectures._standard import Standard


class Autoencoder(nn.Module):
    """An encoder and a decoder, each a nonlinear correction to a fixed linear map.

    With ``u = (x - mean) / scale``, the standardised row, the module computes::

        code            z = u @ to_code   + encoder(u)
        reconstruction  v = z @ from_code + decoder(z)

    and ``target_mean + target_scale * v`` is the reconstruction in the units of the data. A
    scale is one number for all columns, so that the squared error keeps its meaning; means and
    scales are in float64. Source and target differ where noisy rows are turned into clean ones.
    Under ``torch.autocast`` the two networks multiply in the lower precision and the linear path
    does not: what it leaves to correct may be smaller than a rounding of it.

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
        self.source = Standard(mean, scale)
        self.target = Standard(
            mean if target_mean is None else target_mean,
            scale if target_scale is None else target_scale,
        )
        for standard in (self.source, self.target):
            standard.to(mean.dtype)
        self.register_buffer("to_code", to_code)
        self.register_buffer("from_code", from_code)
        self.output_activation = output_activation

    @classmethod
    def from_weights(
        cls,
        architecture: Any,
        n_features: int,
        n_components: int,
        weights: dict[str, torch.Tensor],
        output_activation: str = "identity",
    ) -> Self:
        """Build the module that has these weights.

        Parameters
        ----------
        architecture : object
            What built encoder and decoder. Where it has a method ``outline``, as ours have, no
            memory is allocated before the shapes were compared.
        n_features, n_components : int
            Columns of the data and of the code.
        weights : dict of str to torch.Tensor
            The ``state_dict`` of such a module.
        output_activation : {"identity", "logistic"}, default="identity"
            As in the constructor.

        Returns
        -------
        autoencoder : Autoencoder
            On the CPU, in evaluation mode, with copies of the weights.

        Raises
        ------
        ValueError
            If names, shapes or dtypes are not those of such a module.

        Examples
        --------
        >>> from skae.architectures import DenseArchitecture
        >>> pair = DenseArchitecture((4,)).build(3, 1, torch.Generator())
        >>> weights = Autoencoder(*pair, torch.zeros(3), 1.0).state_dict()
        >>> Autoencoder.from_weights(DenseArchitecture((4,)), 3, 1, weights).encoder[0].weight.shape
        torch.Size([4, 3])
        """
        if _outlines_what_it_builds(type(architecture)):
            encoder, decoder = architecture.outline(n_features, n_components)
        else:
            generator = torch.Generator().manual_seed(0)
            encoder, decoder = architecture.build(n_features, n_components, generator)
        # The parts of the module that the weights tell of: a linear path, gates.
        mean = torch.empty(n_features, **OUTLINED)
        to_code = from_code = None
        if "to_code" in weights:
            to_code = torch.empty(n_features, n_components, **OUTLINED)
            from_code = torch.empty(n_components, n_features, **OUTLINED)
        if "encoder.gate" in weights:
            encoder = Gate(encoder, mean)
        if "decoder.gate" in weights:
            decoder = Gate(decoder, mean)
        module = cls(
            encoder, decoder, mean, 1.0, to_code, from_code, output_activation=output_activation
        )
        # All but means and scales has one dtype, that of the weights of the networks.
        module.to(_dtype_of(weights))
        # Names, shapes and dtypes are compared before anything takes memory.
        expected = module.state_dict()
        if weights.keys() != expected.keys():
            names = ", ".join(sorted(weights.keys() ^ expected.keys())[:3])
            raise ValueError(f"too many or too few: {names}")
        for name, outline in expected.items():
            value = weights[name]
            if value.shape != outline.shape or value.dtype != outline.dtype:
                raise ValueError(
                    f"{name} is {tuple(value.shape)} of {value.dtype} in place of "
                    f"{tuple(outline.shape)} of {outline.dtype}"
                )
        # In the memory layout of the outline: channels last makes other roundings.
        copies = {
            name: torch.empty_like(outline, dtype=weights[name].dtype, device="cpu").copy_(
                weights[name]
            )
            for name, outline in expected.items()
        }
        module.load_state_dict(copies, assign=True)
        return module.eval()

    def start_on_linear_path(self) -> None:
        """Make both corrections zero, so that the module is its linear path."""
        assert self.to_code is not None, "there is no linear path to start on"
        n_features, n_components = self.to_code.shape
        self.encoder = start_at_zero(self.encoder, self.source.near.new_ones(1, n_features))
        self.decoder = start_at_zero(self.decoder, self.source.near.new_ones(1, n_components))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Map rows to codes.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        code : torch.Tensor of shape (n, n_components)
            Their codes.
        """
        return self.code(self.standardize(x))

    def decode(self, code: torch.Tensor) -> torch.Tensor:
        """Map codes to rows.

        Parameters
        ----------
        code : torch.Tensor of shape (n, n_components)
            Codes, as ``encode`` returns them.

        Returns
        -------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.
        """
        return self.target.restore(self.rows(code))

    def forward(self, u: torch.Tensor, linear_code: torch.Tensor | None = None) -> torch.Tensor:
        """Turn standardised source rows into standardised target rows: what training compares.

        Parameters
        ----------
        u : torch.Tensor of shape (n, n_features)
            Rows from ``standardize``.
        linear_code : torch.Tensor of shape (n, n_components), default=None
            ``u @ to_code``, where it is known already.

        Returns
        -------
        v : torch.Tensor of shape (n, n_features)
            Rows for ``unstandardize``.
        """
        return self.rows(self.code(u, linear_code))

    def code(self, u: torch.Tensor, linear_code: torch.Tensor | None = None) -> torch.Tensor:
        """Map standardised source rows to codes.

        Parameters
        ----------
        u : torch.Tensor of shape (n, n_features)
            Rows from ``standardize``.
        linear_code : torch.Tensor of shape (n, n_components), default=None
            ``u @ to_code``, where it is known already.

        Returns
        -------
        code : torch.Tensor of shape (n, n_components)
            Their codes.
        """
        code = self.encoder(u).to(u.dtype)
        if linear_code is not None:
            return code + linear_code
        if self.to_code is None:
            return code
        with _in_full_precision(u):
            return torch.addmm(code, u, self.to_code)

    def rows(self, z: torch.Tensor) -> torch.Tensor:
        """Map codes to standardised target rows.

        Parameters
        ----------
        z : torch.Tensor of shape (n, n_components)
            Codes, as ``code`` returns them.

        Returns
        -------
        v : torch.Tensor of shape (n, n_features)
            Rows for ``unstandardize``.
        """
        v = self.decoder(z).to(z.dtype)
        if self.from_code is not None:
            # v is as large as the batch: where autograd does not keep it, it becomes the sum.
            add_product = torch.Tensor.addmm_ if _ends_in_product(self.decoder) else torch.addmm
            with _in_full_precision(z):
                v = add_product(v, z, self.from_code)
        if self.output_activation == "logistic":
            x = torch.sigmoid(4 * (self.unstandardize(v) - 0.5))
            v = self.standardize_target(x)
        return v

    def standardize(self, x: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Centre source rows and divide them by their one scale.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.
        out : torch.Tensor of shape (n, n_features), default=None
            Where to put the result; x itself, for instance.

        Returns
        -------
        u : torch.Tensor of shape (n, n_features)
            The same with mean square one, on the training rows.
        """
        return self.source.apply_to(x, out)

    def standardize_target(self, x: torch.Tensor) -> torch.Tensor:
        """Centre target rows and divide them by their one scale.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        v : torch.Tensor of shape (n, n_features)
            The same with mean square one, on the training rows.
        """
        return self.target.apply_to(x)

    def unstandardize(self, v: torch.Tensor) -> torch.Tensor:
        """Undo ``standardize_target``.

        Parameters
        ----------
        v : torch.Tensor of shape (n, n_features)
            Standardised target rows.

        Returns
        -------
        x : torch.Tensor of shape (n, n_features)
            The same in the units of the data.
        """
        return self.target.undo(v)


def _in_full_precision(x: torch.Tensor) -> AbstractContextManager:
    """Leave autocast, whoever entered it; where nobody did, there is nothing to pay."""
    kind = x.device.type
    return torch.autocast(kind, enabled=False) if torch.is_autocast_enabled(kind) else nullcontext()


def _ends_in_product(network: nn.Module) -> bool:
    """Whether it returns a product as it is, of which the way back needs the factors alone."""
    # Not isinstance: the forward of a subclass may do something else with it.
    return type(network) is nn.Sequential and len(network) > 0 and type(network[-1]) is nn.Linear


def _outlines_what_it_builds(kind: type) -> bool:
    """Whether the class has an ``outline`` that is not older than its ``build``."""
    for base in kind.__mro__:
        if "outline" in vars(base):
            return True
        if "build" in vars(base):
            return False
    return False


def _dtype_of(weights: dict[str, torch.Tensor]) -> torch.dtype:
    """The dtype that the networks and the linear path were saved in."""
    statistics = ("source.", "target.")
    return next(
        (
            value.dtype
            for name, value in weights.items()
            if value.is_floating_point() and not name.startswith(statistics)
        ),
        torch.float32,
    )
