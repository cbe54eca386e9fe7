"""Outlier detectors by name: what fits one, and what scores rows with it, outliers highest.

A detector is told apart from its training rows where it has to be: a row is no neighbour of itself.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

from skae import AutoencoderOutlierDetector

MOST_COLUMNS = {"EllipticEnvelope": 500}
"""It takes minutes for more, and warns that it has too few rows."""

PYOD = {
    "PyOD AutoEncoder": ("auto_encoder", "AutoEncoder", {"verbose": 0}),
    "PyOD VAE": ("vae", "VAE", {"verbose": 0}),
    "PyOD KNN": ("knn", "KNN", {}),
    "PyOD ECOD": ("ecod", "ECOD", {}),
    "PyOD COPOD": ("copod", "COPOD", {}),
}


def minus_scores(model: Any, X: np.ndarray) -> np.ndarray:
    return -model.score_samples(X)


@dataclass(frozen=True)
class Detector:
    """One method with every parameter at its default.

    Attributes
    ----------
    fit : callable of (rows, seed)
        Returns a model.
    score : callable of (model, rows)
        Higher for outliers.
    novel : callable of (rows, seed), default=None
        Fits where new rows are scored, if that is another model.
    own : callable of (model, rows), default=None
        Scores of the training rows, if these are others.
    scales_itself : bool, default=False
        Others are given standardised columns.
    """

    fit: Callable[..., Any]
    score: Callable[..., np.ndarray] = minus_scores
    novel: Callable[..., Any] | None = None
    own: Callable[..., np.ndarray] | None = None
    scales_itself: bool = False


def pca_error(model: PCA, X: np.ndarray) -> np.ndarray:
    """The squared error of the components that explain nine tenths of the variance."""
    return np.square(model.inverse_transform(model.transform(X)) - X).sum(axis=1)


def pyod(name: str) -> Detector:
    module, kind, parameters = PYOD[name]

    def fit(X: np.ndarray, seed: int) -> Any:
        np.random.seed(seed)
        torch.manual_seed(seed)
        return getattr(import_module(f"pyod.models.{module}"), kind)(**parameters).fit(X)

    return Detector(
        fit,
        lambda model, X: model.decision_function(X),
        own=lambda model, X: model.decision_scores_,
    )


DETECTORS = {
    "skae": Detector(
        lambda X, seed: AutoencoderOutlierDetector(random_state=seed).fit(X), scales_itself=True
    ),
    # The distance to the fifth nearest training row.
    "kNN": Detector(
        lambda X, seed: NearestNeighbors(n_neighbors=5).fit(X),
        lambda model, X: model.kneighbors(X)[0][:, -1],
        own=lambda model, X: model.kneighbors()[0][:, -1],
    ),
    "LocalOutlierFactor": Detector(
        lambda X, seed: LocalOutlierFactor().fit(X),
        novel=lambda X, seed: LocalOutlierFactor(novelty=True).fit(X),
        own=lambda model, X: -model.negative_outlier_factor_,
    ),
    "IsolationForest": Detector(lambda X, seed: IsolationForest(random_state=seed).fit(X)),
    "EllipticEnvelope": Detector(lambda X, seed: EllipticEnvelope(random_state=seed).fit(X)),
    "PCA, error": Detector(lambda X, seed: PCA(0.9, random_state=seed).fit(X), pca_error),
    **{name: pyod(name) for name in PYOD},
}


def installed(names: Any) -> list[str]:
    """Those of the named detectors that can be run; says which ones cannot."""
    names = list(names or DETECTORS)
    missing = [name for name in names if name in PYOD and find_spec("pyod") is None]
    for name in missing:
        print(f"{name} is left out: pip install pyod")
    warnings.simplefilter("ignore")
    return [name for name in names if name not in missing]
