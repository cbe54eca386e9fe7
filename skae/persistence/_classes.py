"""Our classes that a saved model may name. A file that names another one is refused."""

from sklearn.base import BaseEstimator

import skae
from skae.architectures import ConvArchitecture, DenseArchitecture
from skae.corruption import CORRUPTIONS

# Those whose states are checked before they are used.
ESTIMATORS: dict[str, type[BaseEstimator]] = {
    name: getattr(skae, name)
    for name in skae.__all__
    if isinstance(getattr(skae, name), type) and hasattr(getattr(skae, name), "_fitted_checks")
}
BUILDING_BLOCKS: dict[str, type] = {
    kind.__name__: kind for kind in (DenseArchitecture, ConvArchitecture, *CORRUPTIONS.values())
}
"""Values of parameters and attributes that are more than numbers and words."""

SKOPS_TRUSTED_TYPES: list[str] = [
    f"{kind.__module__}.{kind.__qualname__}"
    for kind in (*ESTIMATORS.values(), skae.HiddenFeatures, *BUILDING_BLOCKS.values())
]
"""What ``skops.io.load(file, trusted=...)`` needs for any model of skae, alone or in a Pipeline.

A ``TableEncoder`` is none: it holds objects of pandas and skrub, which have to be named beside.
None of these classes runs code that is in the file, and their state is checked before it is used.
"""
