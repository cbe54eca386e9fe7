"""Autoencoders as ordinary scikit-learn estimators that start from PCA."""

from skae._autoencoder import AutoencoderTransformer
from skae._denoising import DenoisingAutoencoder
from skae._version import __version__

__all__ = ["AutoencoderTransformer", "DenoisingAutoencoder", "__version__"]
