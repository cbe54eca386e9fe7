"""Autoencoders as ordinary scikit-learn estimators, never worse than PCA."""

from skae._autoencoder import AutoencoderTransformer
from skae._denoising import DenoisingAutoencoder

__all__ = ["AutoencoderTransformer", "DenoisingAutoencoder", "__version__"]
__version__ = "0.1.0.dev0"
