"""Autoencoders as ordinary scikit-learn estimators that start from PCA."""

from skae._autoencoder import AutoencoderTransformer
from skae._denoising import DenoisingAutoencoder
from skae._ordered import OrderedAutoencoder
from skae._version import __version__

__all__ = ["AutoencoderTransformer", "DenoisingAutoencoder", "OrderedAutoencoder", "__version__"]
