"""Our classes that a saved model may name. A file that names another one is refused."""

from skae._autoencoder import AutoencoderTransformer
from skae._denoising import DenoisingAutoencoder
from skae.architectures import ConvArchitecture, DenseArchitecture
from skae.corruption import CORRUPTIONS

ESTIMATORS: dict[str, type] = {
    kind.__name__: kind for kind in (AutoencoderTransformer, DenoisingAutoencoder)
}
PARTS: dict[str, type] = {
    kind.__name__: kind for kind in (DenseArchitecture, ConvArchitecture, *CORRUPTIONS.values())
}

SKOPS_TRUSTED_TYPES: list[str] = [
    f"{kind.__module__}.{kind.__qualname__}" for kind in (*ESTIMATORS.values(), *PARTS.values())
]
"""What ``skops.io.load(file, trusted=...)`` needs for any model of skae, alone or in a Pipeline.

None of these classes runs code that is in the file, and their state is checked before it is used.
"""
