"""The one life cycle of every autoencoder: validate, build, train, encode, decode, score."""

from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skae import _parameters as accept
from skae._auto import resolve_device
from skae._continuing import refuse_changes
from skae._fitting import train_once, train_whole
from skae._inference import apply_to_rows, refuse_huge
from skae._linear_path import LinearPath, pca_path
from skae._memory import explain_out_of_memory
from skae._principal_axes import principal_axes
from skae._state import get_state, read_state
from skae.architectures import DenseArchitecture
from skae.training import Pairs, as_tensor


class BaseAutoencoder(
    CallbackSupportMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """What all estimators share; a subclass holds its constructor and what makes it different."""

    _parameter_checks = accept.SHARED

    n_iter_: int

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the autoencoder to reconstruct X.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The training rows, at least two.
        y : None
            Ignored; present for scikit-learn's sake.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have, if X holds NaN or infinity, if
            training diverges, or if ``checkpoint`` is the file of another fit.
        MemoryError
            If there is too little memory.
        KeyboardInterrupt
            If it was interrupted; the estimator is fitted as far as training came.
        """
        self._check_parameters()
        warm = self.warm_start and hasattr(self, "module_")
        if warm:
            refuse_changes(self, "fit with warm_start=True", "warm_start=False")
        X = self._validate_rows(X, reset=not warm, ensure_min_samples=2)
        with explain_out_of_memory("fit"), torch.inference_mode(False), torch.enable_grad():
            train_whole(self, X, y, warm)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Train for one pass over X, continuing from the weights so far.

        The first call builds the model: its linear path and its centre come from that first
        batch alone, so let it be as large as memory allows. The learning rate is a third of
        the peak of ``fit`` and constant; no rows are held out. A call that fails leaves the
        model as it was.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows to train on.
        y : None
            Ignored; present for scikit-learn's sake.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            As in ``fit``, or if a parameter that shapes the model was changed.
        MemoryError
            If there is too little memory.
        """
        self._check_parameters()
        first = not hasattr(self, "module_")
        if not first:
            refuse_changes(self, "partial_fit", "fit")
        X = self._validate_rows(X, reset=first)
        with explain_out_of_memory("partial_fit"), torch.inference_mode(False), torch.enable_grad():
            train_once(self, X, y, first)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Encode rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_components)
            Their codes, in the estimator's ``dtype``.
        """
        X = self._rows_to_apply(X)
        return self._apply(self.module_.encode, X, self._n_features_out)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decode codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Codes, as ``transform`` returns them.

        Returns
        -------
        reconstruction : ndarray of shape (n_samples, n_features)
            Rows in the units of the training data.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=self._fitted_dtype, order="C", input_name="X")
        if codes.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {codes.shape[1]} columns, but inverse_transform needs the "
                f"{self._n_features_out} columns that transform returns."
            )
        return self._apply(self.module_.decode, codes, self.n_features_in_)

    def reconstruct(self, X: Any) -> np.ndarray:
        """Encode rows and decode them again.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        reconstruction : ndarray of shape (n_samples, n_features)
            The same rows, as far as their codes tell; dense also for a sparse X.
        """
        X = self._rows_to_apply(X)
        return self._apply(self._reconstruct_batch, X, self.n_features_in_)

    def score(self, X: Any, y: Any = None) -> float:
        """Share of the variance of X that the reconstruction explains.

        On the training rows of a linear autoencoder this is the sum of PCA's
        ``explained_variance_ratio_``.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.
        y : None
            Ignored; present for scikit-learn's sake.

        Returns
        -------
        score : float
            1 - (squared error of the reconstruction) / (squared deviation of X from its own
            column means), at most 1; higher is better. For rows that are all equal, 1 if they
            are reconstructed exactly, else 0.
        """
        squared_error = -self.score_samples(X).sum(dtype=np.float64)
        return self._explained_share(squared_error, self._rows_to_apply(X))

    def score_samples(self, X: Any) -> np.ndarray:
        """Compute minus the squared error of the reconstruction of each row.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            At most 0, in squared units of the data; higher is better, so that outlying rows
            have the lowest.
        """

        def score_batch(x: torch.Tensor) -> torch.Tensor:
            return -(self._reconstruct_batch(x) - x).square().sum(dim=1, keepdim=True)

        return self._apply(score_batch, self._rows_to_apply(X), 1).ravel()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags

    def __getstate__(self) -> dict[str, Any]:
        return get_state(super().__getstate__())

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(read_state(type(self), state))

    @property
    def _fitted_dtype(self) -> str:
        return str(self.module_.mean.dtype).removeprefix("torch.")

    def _check_parameters(self) -> None:
        accept.check_parameters(self, self._parameter_checks)
        if self.loss == "log_loss" and self.output_activation != "logistic":
            raise ValueError(
                "loss='log_loss' needs reconstructions in (0, 1): set "
                f"output_activation='logistic' (now {self.output_activation!r})."
            )
        if self.early_stopping and not self.validation_fraction:
            raise ValueError(
                "early_stopping=True needs held-out rows: set validation_fraction above 0 "
                f"(now {self.validation_fraction!r})."
            )

        if self.precision == "mixed" and self.dtype != "float32":
            raise ValueError(
                f"precision='mixed' needs dtype='float32' (now {self.dtype!r}): set one of the two."
            )

    def _validate_rows(self, X: Any, *, reset: bool, ensure_min_samples: int = 1) -> Any:
        dtype = self.dtype if reset else self._fitted_dtype
        X = validate_data(
            self, X, reset=reset, dtype=dtype, order="C", accept_sparse="csr",
            ensure_min_samples=ensure_min_samples,
        )  # fmt: skip
        refuse_huge("X", X)
        return X

    def _rows_to_apply(self, X: Any) -> Any:
        """Validate the rows that a fitted model is given.

        Where they already are what it takes, ``apply_to_rows`` alone looks at their values: for
        one row scikit-learn's checks take longer than the model. Not so for float64, where finite
        values too may be refused.
        """
        check_is_fitted(self)
        if (
            type(X) is np.ndarray
            and X.dtype == self._fitted_dtype == "float32"
            and X.ndim == 2
            and X.flags.c_contiguous
            and len(X) > 0
            and X.shape[1] == self.n_features_in_
            and not hasattr(self, "feature_names_in_")
        ):
            return X
        return self._validate_rows(X, reset=False)

    def _apply(self, function: Any, X: Any, n_columns: int) -> np.ndarray:
        # The linear path leads through every function of ours; only its end may be saturated.
        hides_bad_values = (
            self.module_.to_code is None or self.module_.output_activation == "logistic"
        )
        return apply_to_rows(
            function, X, n_columns, self._fitted_dtype, type(self).__name__, hides_bad_values
        )

    def _make_pairs(self, X: Any, y: Any, *, reset: bool) -> Pairs:
        """Bring together what is encoded and what its reconstruction is compared with."""
        self._check_range("X", X)
        device = resolve_device(self.device)
        return Pairs(as_tensor(X, device), device=device)

    def _fit_linear_path(self, X: Any, pairs: Pairs, n_components: int, seed: int) -> LinearPath:
        """Fit the best linear model of the task."""
        return pca_path(X, n_components, seed)

    def _check_range(self, name: str, target: Any) -> None:
        if self.output_activation == "logistic" and (target.min() < 0 or target.max() > 1):
            raise ValueError(
                f"output_activation='logistic' needs {name} in [0, 1], but it spans "
                f"[{target.min():g}, {target.max():g}]. Scale it, for example with "
                "MinMaxScaler(clip=True), or use output_activation='identity'."
            )

    def _resolve_architecture(self) -> Any:
        if self.architecture is not None:
            return self.architecture
        return DenseArchitecture(tuple(self.hidden_layer_sizes), self.activation)

    def _explained_share(self, squared_error: float, target: Any) -> float:
        deviation = principal_axes(target, 0, seed=0).total_variance * target.shape[0]
        if deviation == 0:
            return float(squared_error == 0)
        return float(1 - squared_error / deviation)

    def _reconstruct_batch(self, x: torch.Tensor) -> torch.Tensor:
        return self.module_.decode(self.module_.encode(x))
