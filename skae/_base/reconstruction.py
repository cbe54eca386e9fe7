"""What a fitted autoencoder does: encode rows, decode codes, and score its reconstructions."""

from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from skae._doc_link import DocLinkMixin
from skae._linear.moments import column_means, total_variance
from skae._rows.apply import apply_to_rows
from skae._rows.checks import check_weights, explain_misfit, refuse_huge
from skae._rows.tensors import dtypes_to_keep, own_if_sparse, sparse_bools_as_numbers
from skae.architectures import Autoencoder, hidden_units, rows_enough


class ReconstructionMixin(DocLinkMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """The methods of a fitted estimator, in the order in which rows go through its module."""

    _ensure_all_finite: bool | str = True
    """Which rows are taken, in the words of scikit-learn's ``check_array``."""

    module_: Autoencoder
    dtype: str
    n_features_in_: int
    _n_features_out: int

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
        return self._apply(self.module_.decode, codes, self.n_features_in_, self._data_dtype)

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
        return self._apply(self.module_.reconstruct, X, self.n_features_in_, self._data_dtype)

    def hidden_features(self, X: Any) -> np.ndarray:
        """Return what the hidden units of encoder and decoder make of rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        features : ndarray of shape (n_samples, n_units)
            The values behind each activation, from the encoder's first layer to the decoder's last
            one, in the estimator's ``dtype``. Of convolutions they are those of the encoder alone,
            each channel pooled to the maxima of four by four parts.
            :class:`~skae.HiddenFeatures` has them as a step of a Pipeline.

        Raises
        ------
        ValueError
            If the networks have no hidden units that can be told from outside.
        """
        X = self._rows_to_apply(X)
        function = partial(hidden_units, self.module_)
        with torch.no_grad():
            few = function(self.module_.source.near.new_zeros(1, self.n_features_in_))
        return self._apply(function, X, few.shape[1])

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Share of the variance of X that the reconstruction explains.

        On the training rows of a linear autoencoder this is the sum of PCA's
        ``explained_variance_ratio_``.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.
        y : None
            Ignored; present for scikit-learn's sake.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts in both sums and in the means.

        Returns
        -------
        score : float
            1 - (squared error of the reconstruction) / (squared deviation of X from its own
            column means), at most 1; higher is better. One row, or rows that are all equal, do
            not deviate from their own mean: they are compared with that of the training rows.
        """
        errors = -self.score_samples(X)
        return self._explained_share(errors, self._rows_to_apply(X), sample_weight)

    def score_samples(self, X: Any) -> np.ndarray:
        """Compute minus the squared error of the reconstruction of each row.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        scores : ndarray of float64 of shape (n_samples,)
            At most 0, in squared units of the data; higher is better, so that outlying rows
            have the lowest.
        """
        X = self._rows_to_apply(X)
        return -self._apply(self._squared_errors, X, 1, "float64").ravel()

    @property
    def n_components_(self) -> int:
        """Columns of the fitted code."""
        return self._n_features_out

    @property
    def _fitted_dtype(self) -> str:
        """The dtype of the networks and of codes."""
        return str(self.module_.source.near.dtype).removeprefix("torch.")

    @property
    def _data_dtype(self) -> str:
        """The dtype of rows in the units of the data."""
        return "float64" if self.module_.target.is_far else self._fitted_dtype

    def _check_rows(self, X: Any, *, reset: bool, n_least: int = 1) -> Any:
        """Validate rows; ``reset`` remembers their columns."""
        with explain_misfit(X):
            X = validate_data(
                self,
                sparse_bools_as_numbers(X),
                reset=reset,
                dtype=dtypes_to_keep(X, self.dtype if reset else self._fitted_dtype),
                order="C",
                accept_sparse="csr",
                ensure_all_finite=self._ensure_all_finite,
                ensure_min_samples=n_least,
            )
        X = own_if_sparse(X)
        refuse_huge("X", X)
        return X

    def _rows_to_apply(self, X: Any) -> Any:
        """Validate the rows that a fitted model is given.

        Where they already are what it takes, ``apply_to_rows`` alone looks at their values: for
        one row scikit-learn's checks take longer than the model. Rows of float64 are checked in
        any case, since finite values of theirs may be refused too.
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
        return self._check_rows(X, reset=False)

    def _apply(self, function: Any, X: Any, n_columns: int, dtype: str | None = None) -> np.ndarray:
        """Apply a function of tensors to rows, a batch at a time."""

        def check_values(rows: Any) -> None:
            with explain_misfit(rows):
                assert_all_finite(
                    rows,
                    allow_nan=self._ensure_all_finite == "allow-nan",
                    estimator_name=type(self).__name__,
                    input_name="X",
                )

        # The linear path carries bad values to the result; only its end may be saturated.
        hides_bad_values = (
            self.module_.to_code is None or self.module_.output_activation == "logistic"
        )
        return apply_to_rows(
            function, X, n_columns, dtype or self._fitted_dtype, check_values, hides_bad_values
        )

    def _squared_errors(self, x: torch.Tensor) -> torch.Tensor:
        """Squared error of each row, summed in standard units, where no unit is too small."""
        module, n = self.module_, len(x)
        x = rows_enough(x)
        differences = module(module.standardize(x)) - module.standardize_target(x)
        squares = differences.double().square_().sum(dim=1, keepdim=True)
        return squares.mul_(module.target.scale.square())[:n]

    def _explained_share(self, errors: np.ndarray, target: Any, sample_weight: Any) -> float:
        """1 - (squared errors of the rows) / (squared deviation of the target), both weighted."""
        weights = check_weights(sample_weight, target)
        mean = column_means(target, weights)
        variance = total_variance(target, weights, mean)
        # Rows that are equal but for their rounding do not deviate from each other.
        if variance <= np.square(4 * np.finfo(target.dtype).eps * mean).sum():
            variance = total_variance(target, weights, self.module_.target.mean.numpy())
        if weights is None:
            squared_error, deviation = errors.sum(dtype=np.float64), variance * len(errors)
        else:
            squared_error, deviation = weights @ errors, variance * weights.sum()
        if deviation == 0:
            return float(squared_error == 0)
        return float(1 - squared_error / deviation)
