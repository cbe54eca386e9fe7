"""What the head of an autoencoder predicts: classes and their probabilities, or numbers."""

from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skae._rows.labels import known_targets


def tells_classes(estimator: Any) -> bool:
    """Whether its target are classes, not numbers: that of its fit, whatever ``task`` is now."""
    if hasattr(estimator, "_classes"):
        return len(estimator._classes) > 0
    return estimator.task == "classification"


def with_task(tags: Any, task: str) -> Any:
    """Tell scikit-learn's tools what kind of target an estimator needs."""
    tags.target_tags.required = True
    if task == "classification":
        tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
    else:
        tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        tags.target_tags.multi_output = True
    return tags


class PredictionsMixin:
    """The methods of a classifier or a regressor, by the head on the code."""

    _classes: np.ndarray
    _y_mean: np.ndarray
    _y_scale: np.ndarray
    _y_is_flat: bool

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target by the head.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Classes, or numbers in the units of the training target.
        """
        said = self._say(X)
        if tells_classes(self):
            return self._classes[said.argmax(axis=1)]
        numbers = said * self._y_scale + self._y_mean
        return numbers.ravel() if self._y_is_flat else numbers

    @available_if(tells_classes)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class by the head.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        probabilities : ndarray of float64 of shape (n_samples, n_classes)
            In the order of ``classes_``, as its logarithm in ``predict_log_proba``.
        """
        return softmax(self._say(X), axis=1)

    @available_if(tells_classes)
    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Predict the logarithm of the probability of each class, as ``predict_proba`` does."""
        return log_softmax(self._say(X), axis=1)

    @available_if(tells_classes)
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log-odds of classes by the head.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        scores : ndarray of float64 of shape (n_samples, n_classes), or (n_samples,) for two
            Up to a constant for each row; for two classes the log-odds of the second.
        """
        said = self._say(X)
        return said[:, 1] - said[:, 0] if said.shape[1] == 2 else said

    def score(self: Any, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return how well the head predicts y, or without y how well rows are reconstructed.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
            Their target. Rows without one, as in ``fit``, are left out.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts.

        Returns
        -------
        score : float
            The share of rows whose class is predicted, or R2 of the numbers. Without y, the share
            of the rows' variance that is explained, as in ``AutoencoderTransformer``.

        Raises
        ------
        ValueError
            If no row has a target.
        """
        if y is None:
            return super().score(X, sample_weight=sample_weight)  # type: ignore[misc]
        said = self.predict(X)
        truth, known = known_targets(y, self._classes if tells_classes(self) else None)
        check_consistent_length(said, known)
        if not known.any():
            raise ValueError("score needs a row at least whose target is known, but y has none.")
        weights = None if sample_weight is None else np.asarray(sample_weight)[known]
        measure = accuracy_score if tells_classes(self) else r2_score
        return float(measure(truth, said[known], sample_weight=weights))

    @property
    def classes_(self) -> np.ndarray:
        """What the classes are called, sorted."""
        if not hasattr(self, "_classes") or not len(self._classes):
            raise AttributeError(f"{type(self).__name__} has classes_ after fit, for classes alone")
        return self._classes

    @property
    def target_mean_(self) -> np.ndarray:
        """Means of the training target, for numbers alone."""
        return self._units_of_numbers("target_mean_", "_y_mean")

    @property
    def target_scale_(self) -> np.ndarray:
        """Deviations of the training target, for numbers alone."""
        return self._units_of_numbers("target_scale_", "_y_scale")

    def _units_of_numbers(self, name: str, held_as: str) -> np.ndarray:
        if not hasattr(self, held_as) or tells_classes(self):
            raise AttributeError(f"{type(self).__name__} has {name} after fit, for numbers alone")
        return getattr(self, held_as)

    def _say(self: Any, X: Any) -> np.ndarray:
        """What the head says of rows, in float64."""
        check_is_fitted(self)
        X = self._rows_to_apply(X)
        n_outputs = len(self._classes) or len(self._y_mean)
        return self._apply(self.module_.say, X, n_outputs).astype(np.float64)
