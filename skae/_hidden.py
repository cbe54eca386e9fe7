"""The hidden units of an autoencoder as features, for a linear classifier behind them."""

from typing import Any, Self

import numpy as np
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    MetaEstimatorMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from skae._doc_link import DocLinkMixin


class HiddenFeatures(
    DocLinkMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    MetaEstimatorMixin,
    BaseEstimator,
):
    """The values of all hidden units of an autoencoder, in place of its code.

    A code is small, and made to be decoded. The hidden units around it are many, and a linear
    classifier finds more in them: most in those of a denoiser that had to fill in what was masked.

    Parameters
    ----------
    estimator : autoencoder of skae
        It is cloned and fitted. A ``FrozenEstimator`` around a fitted one stays as it is, so that
        a search over the classifier behind it trains once.

    Attributes
    ----------
    estimator_ : autoencoder of skae
        The fitted one.
    scale_ : float
        Root mean square deviation of all features of the training rows from their means; the
        features are divided by it, all by the same number.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the columns of X. Only where these are strings.

    See Also
    --------
    DenoisingAutoencoder : With ``noise="masking"``, the one whose hidden units tell most.
    sklearn.kernel_approximation.Nystroem : As many features without training.

    Notes
    -----
    Memory: n_samples times the number of units, in the dtype of the networks. By default these are
    twice the sum of the hidden layers, and 16 for each channel of the encoder's convolutions.

    Hidden units of denoising autoencoders as features: Vincent, Larochelle, Lajoie, Bengio and
    Manzagol, "Stacked denoising autoencoders", Journal of Machine Learning Research 11 (2010).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skae import DenoisingAutoencoder, HiddenFeatures
    >>> X, y = load_digits(return_X_y=True)
    >>> denoiser = DenoisingAutoencoder(noise="masking", noise_level=0.5, max_iter=5)
    >>> chain = make_pipeline(HiddenFeatures(denoiser), LogisticRegression(max_iter=300))
    >>> bool(chain.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.9)
    True
    """

    def __init__(self, estimator: Any):
        self.estimator = estimator

    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> Self:
        """Fit the autoencoder, and find the scale of its hidden units.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The training rows.
        y : object, default=None
            Handed to the autoencoder.
        **fit_params : object
            The same; under metadata routing those that it asks for.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            As the autoencoder's ``fit``, or if it has no hidden units.
        TypeError
            If ``estimator`` is no autoencoder of skae.
        """
        if not hasattr(self.estimator, "hidden_features"):
            raise TypeError(
                "The 'estimator' parameter of HiddenFeatures must be an autoencoder of skae. Got "
                f"{self.estimator!r} instead. Use DenoisingAutoencoder(noise='masking')."
            )
        if get_config()["enable_metadata_routing"]:
            fit_params = process_routing(self, "fit", **fit_params).estimator.fit
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        features = self.estimator_.hidden_features(X)
        weights = fit_params.get("sample_weight")
        if weights is None:
            variances = features.var(axis=0, dtype=np.float64)
        else:
            mean = np.average(features, axis=0, weights=weights)
            variances = np.average(np.square(features - mean), axis=0, weights=weights)
        self.scale_ = float(np.sqrt(variances.mean())) or 1.0
        self._n_features_out = features.shape[1]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the hidden units of rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        features : ndarray of shape (n_samples, n_units)
            In the dtype of the networks; those of the encoder first.
        """
        check_is_fitted(self)
        features = self.estimator_.hidden_features(X)
        return features / features.dtype.type(self.scale_)

    def get_metadata_routing(self) -> MetadataRouter:
        """Say what of the metadata of ``fit`` the autoencoder asks for.

        Returns
        -------
        routing : MetadataRouter
            To its ``fit``.
        """
        mapping = MethodMapping()
        for caller in ("fit", "fit_transform"):  # a Pipeline asks for both at once
            mapping.add(caller=caller, callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    @property
    def n_features_in_(self) -> int:
        """Columns of X."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns of X, where these are strings."""
        return self.estimator_.feature_names_in_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "scale_")

    def __setstate__(self, state: Any) -> None:
        # A file of skops may hold anything: nothing in it is to stand for a method.
        names = state.keys() if isinstance(state, dict) else ()
        if "estimator" not in names or any(hasattr(HiddenFeatures, name) for name in names):
            raise ValueError("This is not the saved state of a HiddenFeatures of skae.")
        self.__dict__.update(state)

    def __sklearn_tags__(self) -> Any:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.target_tags.required = inner.target_tags.required
        tags.transformer_tags.preserves_dtype = inner.transformer_tags.preserves_dtype
        return tags
