"""Convolutional encoders and decoders for images in flat rows."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from sklearn.base import BaseEstimator
from torch import nn
from torch.nn import functional

from skae._checks import Check, check_parameters, check_value, integer, one_of, plain, sizes
from skae.architectures._dense import ACTIVATIONS
from skae.architectures._outline import OUTLINED, initialize

UPSAMPLING = ("nearest", "bilinear", "transposed")
DOWNSAMPLING = ("max_pool", "stride")
IMAGE_SHAPE = Check(
    lambda value: sizes(n_least=2).accepts(value) and len(value) <= 3,
    "(height, width) or (channels, height, width)",
)


class ConvArchitecture(BaseEstimator):
    """A convolutional encoder, and the decoder that mirrors it, for images in flat rows.

    The encoder halves height and width once for each entry of ``channels``, then a linear
    layer makes the code. The decoder goes back by the same sizes, odd ones included. Pixels of
    a colour image are in the order (channels, height, width).

    Parameters
    ----------
    image_shape : (height, width) or (channels, height, width), default=(28, 28)
        Shape of the image in a row.
    channels : sequence of int, default=(32, 64)
        Feature maps after each halving; one entry at least.
    kernel_size : int, default=3
        Height and width of the kernels, odd.
    downsampling : {"max_pool", "stride"}, default="max_pool"
        How the encoder halves: the maximum of each 2 x 2 square after a convolution, or a
        convolution in steps of two pixels.
    upsampling : {"nearest", "bilinear", "transposed"}, default="nearest"
        How the decoder doubles: repeated or interpolated pixels before a convolution, or a
        transposed convolution in steps of two pixels.
    activation : {"identity", "logistic", "tanh", "relu", "gelu", "silu", "elu"}, default="gelu"
        The function after each hidden layer.

    Notes
    -----
    Transposed convolutions can leave a checkerboard in the picture, repeated pixels and a
    convolution do not (Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts",
    Distill, 2016).

    Examples
    --------
    >>> import torch
    >>> encoder, decoder = ConvArchitecture((7, 9), (8,)).build(63, 2, torch.Generator())
    >>> encoder(torch.zeros(5, 63)).shape, decoder(torch.zeros(5, 2)).shape
    (torch.Size([5, 2]), torch.Size([5, 63]))
    """

    _plain_parameters = (
        "image_shape", "channels", "kernel_size", "downsampling", "upsampling", "activation",
    )  # fmt: skip
    """Those that are taken as plain values, see ``skae._checks.plain``."""

    def __init__(
        self,
        image_shape: Sequence[int] = (28, 28),
        channels: Sequence[int] = (32, 64),
        kernel_size: int = 3,
        downsampling: str = "max_pool",
        upsampling: str = "nearest",
        activation: str = "gelu",
    ):
        self.image_shape = image_shape
        self.channels = channels
        self.kernel_size = kernel_size
        self.downsampling = downsampling
        self.upsampling = upsampling
        self.activation = activation

    def build(
        self, n_features: int, n_components: int, generator: torch.Generator
    ) -> tuple[nn.Module, nn.Module]:
        """Build an untrained encoder and decoder.

        Parameters
        ----------
        n_features : int
            Columns of the data: the product of ``image_shape``.
        n_components : int
            Columns of the code.
        generator : torch.Generator
            The only source of randomness for the weights.

        Returns
        -------
        encoder : torch.nn.Module
            Maps (n, n_features) to (n, n_components).
        decoder : torch.nn.Module
            Maps (n, n_components) to (n, n_features).

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have, or the image does not fit the data.
        """
        encoder, decoder = self.outline(n_features, n_components)
        return initialize(encoder, generator), initialize(decoder, generator)

    def outline(self, n_features: int, n_components: int) -> tuple[nn.Module, nn.Module]:
        """Build encoder and decoder without values: names and shapes, on torch's meta device.

        Parameters
        ----------
        n_features : int
            Columns of the data: the product of ``image_shape``.
        n_components : int
            Columns of the code.

        Returns
        -------
        encoder, decoder : torch.nn.Module
            As ``build`` returns them, but with no memory behind their weights.

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have, or the image does not fit the data.
        """
        asked = plain(self)
        asked._check(n_features)
        return asked._stack(n_components)

    def _stack(self, n_components: int) -> tuple[nn.Module, nn.Module]:
        shapes = [tuple(self.image_shape)]
        if len(shapes[0]) == 2:
            shapes = [(1, *shapes[0])]
        # Each entry of channels halves height and width, odd ones rounded up.
        for n_channels in self.channels:
            _, height, width = shapes[-1]
            shapes.append((n_channels, -(-height // 2), -(-width // 2)))
        # From the smallest image to the code, and back by the mirrored sizes.
        n_deep = shapes[-1][0] * shapes[-1][1] * shapes[-1][2]
        encoder: list[nn.Module] = [_ToImages(shapes[0])]
        for (n_in, _, _), (n_out, _, _) in pairwise(shapes):
            encoder += [*self._down(n_in, n_out), ACTIVATIONS[self.activation]()]
        encoder += [_ToRows(), nn.Linear(n_deep, n_components, **OUTLINED)]
        decoder: list[nn.Module] = [
            nn.Linear(n_components, n_deep, **OUTLINED),
            # Images before the activation: hidden units are looked at behind it.
            _ToImages(shapes[-1], rows_are_channels_last=True),
            ACTIVATIONS[self.activation](),
        ]
        for (n_in, *size_in), (n_out, *size_out) in pairwise(shapes[::-1]):
            decoder += [
                *self._up(n_in, n_out, size_in, size_out),
                ACTIVATIONS[self.activation](),
            ]
        return nn.Sequential(*encoder), nn.Sequential(*decoder[:-1], nn.Flatten())

    def _down(self, n_in: int, n_out: int) -> list[nn.Module]:
        if self.downsampling == "stride":
            return [self._conv(nn.Conv2d, n_in, n_out, stride=2)]
        # Pooling before the activation: a quarter of its work, the same for a monotone one.
        return [self._conv(nn.Conv2d, n_in, n_out), nn.MaxPool2d(2, ceil_mode=True)]

    def _up(
        self, n_in: int, n_out: int, size_in: Sequence[int], size_out: Sequence[int]
    ) -> list[nn.Module]:
        if self.upsampling == "transposed":
            # Without padding of the output, n pixels become 2 n - 1.
            padding = tuple(
                after - (2 * before - 1) for before, after in zip(size_in, size_out, strict=True)
            )
            return [self._conv(nn.ConvTranspose2d, n_in, n_out, stride=2, output_padding=padding)]
        return [_Upsample(tuple(size_out), self.upsampling), self._conv(nn.Conv2d, n_in, n_out)]

    def _conv(self, kind: type[nn.Module], n_in: int, n_out: int, **options: Any) -> nn.Module:
        layer = kind(
            n_in, n_out, self.kernel_size, padding=self.kernel_size // 2, **options, **OUTLINED
        )
        return layer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _check(self, n_features: int) -> None:
        check_parameters(
            self,
            {
                "kernel_size": integer(1, odd=True),
                "downsampling": one_of(*DOWNSAMPLING),
                "upsampling": one_of(*UPSAMPLING),
                "activation": one_of(*ACTIVATIONS),
                "channels": sizes("(32, 64)", n_least=1),
                "image_shape": IMAGE_SHAPE,
            },
        )
        n_pixels = math.prod(self.image_shape)
        fits = Check(
            lambda _: n_pixels == n_features,
            f"the shape of an image of {n_features} values, the columns of X; this one has "
            f"{n_pixels}",
        )
        check_value(type(self).__name__, "image_shape", tuple(self.image_shape), fits)


class _ToImages(nn.Module):
    """Flat rows to images, laid out channels last, which convolutions on a CPU like best."""

    def __init__(self, shape: tuple[int, ...], rows_are_channels_last: bool = False):
        super().__init__()
        self.shape = shape
        self.rows_are_channels_last = rows_are_channels_last

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        n_channels, height, width = self.shape
        if self.rows_are_channels_last:
            return rows.view(-1, height, width, n_channels).permute(0, 3, 1, 2)
        images = rows.view(-1, *self.shape)
        return images.contiguous(memory_format=torch.channels_last)


class _ToRows(nn.Module):
    """Images to flat rows of (height, width, channels), no copy where they lie channels last."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 2, 3, 1).flatten(1)


class _Upsample(nn.Module):
    """Enlarge images to a size; odd sizes lose the last row or column of the doubled image."""

    def __init__(self, size: tuple[int, ...], mode: str):
        super().__init__()
        self.size = size
        self.mode = mode

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        height, width = self.size
        options = {} if self.mode == "nearest" else {"align_corners": False}
        doubled = functional.interpolate(images, scale_factor=2.0, mode=self.mode, **options)
        return doubled[:, :, :height, :width]
