"""What is trained: pairs of torch modules, and the autoencoder that joins them to the linear path."""

from skae.architectures._autoencoder import Autoencoder
from skae.architectures._dense import ACTIVATIONS, DenseArchitecture

__all__ = ["ACTIVATIONS", "Autoencoder", "DenseArchitecture"]
