"""Pictures of fitted autoencoders, after scikit-learn's Display convention.

Each class holds what is drawn; ``from_estimator`` computes it, ``plot`` draws it. Matplotlib is
imported by ``plot`` alone.
"""

from skae.plotting._components_curve import ComponentsCurveDisplay
from skae.plotting._denoising import DenoisingDisplay
from skae.plotting._latent_space import LatentSpaceDisplay
from skae.plotting._loss_curve import LossCurveDisplay
from skae.plotting._outliers import OutlierDisplay
from skae.plotting._reconstruction import ReconstructionDisplay

__all__ = [
    "ComponentsCurveDisplay",
    "DenoisingDisplay",
    "LatentSpaceDisplay",
    "LossCurveDisplay",
    "OutlierDisplay",
    "ReconstructionDisplay",
]
