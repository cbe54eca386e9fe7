"""What is trained: pairs of torch modules, joined to the linear path by one autoencoder."""

from skae.architectures._autoencoder import Autoencoder
from skae.architectures._conv import ConvArchitecture
from skae.architectures._dense import ACTIVATIONS, DenseArchitecture

__all__ = ["ACTIVATIONS", "Autoencoder", "ConvArchitecture", "DenseArchitecture"]
