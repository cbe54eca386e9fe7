"""Autoencoders as ordinary scikit-learn estimators that start from PCA."""

from importlib import import_module
from typing import Any

from skae._autoencoder import AutoencoderTransformer
from skae._denoising import DenoisingAutoencoder
from skae._hidden import HiddenFeatures
from skae._imputer import AutoencoderImputer
from skae._ordered import OrderedAutoencoder
from skae._outliers import AutoencoderOutlierDetector
from skae._supervised import SupervisedAutoencoder
from skae._tables.encoder import TableEncoder
from skae._tables.pipeline import make_table_pipeline
from skae._version import __version__

__all__ = [
    "AutoencoderImputer",
    "AutoencoderOutlierDetector",
    "AutoencoderTransformer",
    "DenoisingAutoencoder",
    "HiddenFeatures",
    "OrderedAutoencoder",
    "SupervisedAutoencoder",
    "TableEncoder",
    "__version__",
    "make_table_pipeline",
]

_PARTS = (
    "architectures", "callbacks", "comparison", "corruption", "datasets", "losses", "persistence",
    "plotting",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a part of the package where it is first used, as ``skae.plotting``."""
    if name in _PARTS:
        return import_module(f"skae.{name}")
    raise AttributeError(f"module 'skae' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PARTS})
