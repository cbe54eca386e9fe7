"""Joining encoder, decoder and linear path to the module that is trained, and to it alone."""

from typing import Any

import torch

from skae._linear_path import LinearPath
from skae.architectures import Autoencoder


def build_module(
    architecture: Any,
    path: LinearPath,
    n_components: int,
    generator: torch.Generator,
    *,
    starts_linear: bool,
    output_activation: str,
    dtype: str,
) -> Autoencoder:
    """Build an untrained autoencoder.

    Parameters
    ----------
    architecture : object
        Its ``build`` makes encoder and decoder.
    path : LinearPath
        Means and scales of the data; also the start where ``starts_linear``.
    n_components : int
        Columns of the code.
    generator : torch.Generator
        The only source of randomness for the weights.
    starts_linear : bool
        Whether the linear path is part of the module, and all of it before the first step.
    output_activation : {"identity", "logistic"}
        As in the estimators.
    dtype : {"float32", "float64"}
        Of weights and buffers.

    Returns
    -------
    module : Autoencoder
        On the CPU, in evaluation mode.

    Examples
    --------
    >>> import numpy as np
    >>> from skae._linear_path import pca_path
    >>> from skae.architectures import DenseArchitecture
    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
    >>> module = build_module(
    ...     DenseArchitecture((4,)), pca_path(X, 1, seed=0), 1, torch.Generator(),
    ...     starts_linear=True, output_activation="identity", dtype="float64")
    >>> module.decode(module.encode(torch.from_numpy(X)))[:, 1].tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    encoder, decoder = architecture.build(len(path.mean), n_components, generator)
    to_code = from_code = None
    if starts_linear:
        to_code, from_code = map(torch.from_numpy, path.products(n_components))
    module = Autoencoder(
        encoder, decoder, torch.from_numpy(path.mean), path.scale, to_code, from_code,
        torch.from_numpy(path.target_mean), path.target_scale, output_activation,
    )  # fmt: skip
    module = module.to(getattr(torch, dtype))
    if starts_linear:
        module.start_on_linear_path()
    return module.eval()
