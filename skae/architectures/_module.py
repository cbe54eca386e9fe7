"""The module that is trained: encoder and decoder, each beside the linear path."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

import torch
from torch import nn

from skae.architectures._code_units import CodeUnits
from skae.architectures._foreign import call_foreign, is_plain, seeded
from skae.architectures._gate import start_at_zero
from skae.architectures._modes import in_full_precision
from skae.architectures._outline import OUTLINED
from skae.architectures._saved import module_of_weights
from skae.architectures._standard import Standard
from skae.architectures._trial import try_network


class Autoencoder(nn.Module):
    """An encoder and a decoder, each a nonlinear correction to a fixed linear map.

    With ``u = (x - mean) / scale``, the standardised row, the module computes::

        code            z = u @ to_code   + encoder(u)
        reconstruction  v = z @ from_code + decoder(z)

    and ``target_mean + target_scale * v`` is the reconstruction in the units of the data. A
    scale is one number for all columns, so that the squared error keeps its meaning; means and
    scales are in float64. Source and target differ where noisy rows are turned into clean ones.
    ``encode`` and ``decode`` are in the units of the data on both sides, ``code`` and ``rows`` are
    what the networks see.
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

    Attributes
    ----------
    code_units : CodeUnits or None
        What ``encode`` makes of a code; None leaves it as it is.
    is_plain : bool
        Whether both networks are made of layers that are known to write to nothing that they are
        given and to draw nothing. Others are given copies, and may draw in ``drawing_from``.

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

    has_order = False
    """Whether a code's columns have an order, so that no other axes of the same space will do."""

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
        self.code_units: CodeUnits | None = None
        self.output_activation = output_activation
        self._look_at_networks()

    def _look_at_networks(self) -> None:
        """Decide once how they are called."""
        self._encoder_is_plain = is_plain(self.encoder)
        self._decoder_is_plain = is_plain(self.decoder)
        self.is_plain = self._encoder_is_plain and self._decoder_is_plain

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
        # Weights that were made in inference mode could never be trained again.
        with torch.inference_mode(False):
            return module_of_weights(
                cls, architecture, n_features, n_components, weights, output_activation
            )

    def add_outlines(self, n_components: int, weights: dict[str, torch.Tensor]) -> None:
        """Add outlines of the parts that a module may have or not, where weights tell of them.

        Parameters
        ----------
        n_components : int
            Columns of the code.
        weights : dict of str to torch.Tensor
            The ``state_dict`` of such a module.
        """
        shapes = {"scale": (n_components,), "turn": (n_components, n_components)}
        units = {
            name: torch.empty(shape, **OUTLINED) if f"code_units.{name}" in weights else None
            for name, shape in shapes.items()
        }
        if any(unit is not None for unit in units.values()):
            self.code_units = CodeUnits(**units)

    def start_on_linear_path(self) -> None:
        """Make both corrections zero, so that the module is its linear path."""
        assert self.to_code is not None, "there is no linear path to start on"
        self.eval()
        networks = start_at_zero((self.encoder, self.decoder), self.to_code.shape, self.source.near)
        self.encoder, self.decoder = networks
        self._look_at_networks()

    def try_networks(self, builder: str, n_components: int) -> None:
        """Refuse networks that cannot be trained, before they are.

        Parameters
        ----------
        builder : str
            The name of what built them, for the error.
        n_components : int
            Columns of the code.

        Raises
        ------
        ValueError
            If one of them does not map rows to rows of the right width, each by itself.
        """
        self.eval()
        ends = {
            "encoder": (len(self.source.mean), n_components),
            "decoder": (n_components, len(self.source.mean)),
        }
        for part, widths in ends.items():
            what = f"The {part} that {builder} builds"
            try_network(what, getattr(self, part), *widths, self.source.near)

    def drawing_from(self, *seed: int) -> AbstractContextManager:
        """Let networks that may draw do so from a seed, for a step of training.

        Parameters
        ----------
        *seed : int
            Numbers that no other step has.

        Returns
        -------
        block : context manager
            Torch's global generators are ours in it, and as before behind it. Where both networks
            are plain it does nothing.
        """
        return nullcontext() if self.is_plain else seeded(*seed)

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
        code = self.code(self.standardize(x))
        return code if self.code_units is None else self.code_units.apply_to(code)

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
        z = code if self.code_units is None else self.code_units.undo(code)
        return self.target.restore(self.rows(z))

    def reconstruct(self, x: torch.Tensor) -> torch.Tensor:
        """Encode rows and decode them, with no code in between that has units.

        Parameters
        ----------
        x : torch.Tensor of shape (n, n_features)
            Rows in the units of the data.

        Returns
        -------
        reconstruction : torch.Tensor of shape (n, n_features)
            In the same units.
        """
        return self.target.restore(self(self.standardize(x)))

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
        code = _call(self.encoder, self._encoder_is_plain, u)
        if linear_code is not None:
            return code + linear_code
        if self.to_code is None:
            return code
        with in_full_precision(u.device.type):
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
        v = _call(self.decoder, self._decoder_is_plain, z)
        if self.from_code is not None:
            # v is as large as the batch: where autograd does not keep it, it becomes the sum.
            is_ours = self._decoder_is_plain and _ends_in_product(self.decoder)
            add_product = torch.Tensor.addmm_ if is_ours else torch.addmm
            with in_full_precision(z.device.type):
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


def _call(network: nn.Module, is_plain: bool, x: torch.Tensor) -> torch.Tensor:
    return (network(x) if is_plain else call_foreign(network, x)).to(x.dtype)


def _ends_in_product(network: nn.Module) -> bool:
    """Whether it returns a product as it is, of which the way back needs the factors alone."""
    # Not isinstance: the forward of a subclass may do something else with it.
    return type(network) is nn.Sequential and len(network) > 0 and type(network[-1]) is nn.Linear
