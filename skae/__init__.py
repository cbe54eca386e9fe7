"""Autoencoders as ordinary scikit-learn estimators, never worse than PCA."""

from skae._autoencoder import AutoencoderTransformer

__all__ = ["AutoencoderTransformer", "__version__"]
__version__ = "0.1.0.dev0"
