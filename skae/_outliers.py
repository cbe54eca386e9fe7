"""Outliers: rows far out along the model, off the model, or far from all that training has seen."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.base import OutlierMixin

from skae._base.estimator import BaseAutoencoder
from skae._base.going_on import no_partial_fit
from skae._base.shared import document_shared
from skae._checks import either, integer, is_integer, number_or_share, one_of, real
from skae._linear.ellipsoids import (
    TRIMMED,
    column_scales,
    dense_sample,
    fit_ellipsoid,
    fit_trimmed_ellipsoid,
    outer_fence,
    quantile,
    scaled_rows,
    typical,
)
from skae._linear.neighbours import advantage
from skae._rows.apply import apply_to_rows
from skae._rows.batches import Pairs
from skae._training.auto import MAX_CELLS_BY_RIDGE
from skae._training.epochs import ReportFit
from skae._training.net import TrainingResult
from skae.architectures import Distances, Ellipsoid, OutlierAutoencoder

AUTO_SHARE = 0.8
"""The share of the variance that "auto" components explain."""

ROWS_BY_RIDGE = (500, 1_000)
"""Rows of larger tables for the closed form, least and most: twice as many find the same."""

LEAST_RESIDUAL = 1e-6
"""What reconstructions may leave over, squared and in standard units, before it tells anything."""


class Sample(NamedTuple):
    """The rows that distances are fitted to."""

    rows: np.ndarray
    weights: np.ndarray
    linear: Ellipsoid
    kept: np.ndarray
    generator: torch.Generator


@document_shared
class AutoencoderOutlierDetector(OutlierMixin, BaseAutoencoder):
    """Outlier detection by distances along an autoencoder, off it, and from rows that it has seen.

    The error of reconstruction alone misses what lies far out *along* the model: it is read back
    perfectly. Three squared distances are counted here, each relative to that of a typical row:

    - the Mahalanobis distance of probabilistic PCA, along its axes and off them, fitted without
      the quarter of the rows that is farthest out, so that outliers do not hide themselves;
    - those to the three nearest of ``n_references`` training rows, which count the more, and the
      first distance the less, the better they tell rows from others that are as far out by it;
    - the network's: the Mahalanobis distance of the code and that of what its reconstruction
      leaves over. Where the network is not better than PCA on held-out rows, this one is left out.

    Columns may have different units: each is divided by its standard deviation with both tails of
    1 % drawn in.

    Parameters
    ----------
    n_components : int, float or "auto", default="auto"
        Columns of the code, and axes of probabilistic PCA that have a variance of their own. A
        number between 0 and 1 takes the fewest that explain that share of the variance of the rows
        that are not far out; "auto" takes 0.8.
    contamination : float or "auto", default="auto"
        The share of outliers among the training rows, at most 0.5. It says where ``predict`` draws
        the line; and the rows that probabilistic PCA finds farthest out, so many of them, are left
        out of training. "auto" trains on all rows, and draws the line 1.5 quartile ranges above the
        upper quartile of the logarithms of their outlyingness.
    n_references : int, default=1000
        Training rows that new ones are compared with, drawn at random; 0 leaves that distance out.
    {shared_parameters}

    Attributes
    ----------
    offset_ : float
        What ``decision_function`` subtracts from ``score_samples``.
    scale_ : ndarray of shape (n_features,)
        What each column is divided by.
    {shared_attributes}
    mean_ : ndarray of shape (n_features,)
        Mean of the rows that were trained on.
    components_ : ndarray of shape (n_components, n_features)
        Axes of the linear path, PCA of the scaled columns.
    explained_variance_ : ndarray of shape (n_components,)
        Variance along each of these axes (divisor n_samples - 1, as PCA's).

    See Also
    --------
    sklearn.neighbors.LocalOutlierFactor : By the density around each row.
    sklearn.ensemble.IsolationForest : By random splits of the columns.

    Notes
    -----
    The closed form, ``solver="ridge"``, is the choice of "auto" for any number of rows: it is
    fitted to at most 1,000 of them, drawn at random. Rows as references: Sugiyama and Borgwardt,
    "Rapid distance-based outlier detection via sampling", NeurIPS 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skae import AutoencoderOutlierDetector
    >>> X = load_wine().data
    >>> detector = AutoencoderOutlierDetector(random_state=0).fit(X)
    >>> strange = X.mean(axis=0, keepdims=True)
    >>> strange[0, 5] += 10  # phenols, which are between 1 and 4
    >>> detector.predict(strange)
    array([-1])
    >>> int(detector.explain(strange).argmax())
    5
    """

    _settled = ("init", "loss", "output_activation")
    _parameter_checks = {
        **{
            name: check
            for name, check in BaseAutoencoder._parameter_checks.items()
            if name not in ("init", "loss", "output_activation")
        },
        "n_components": either(one_of("auto"), number_or_share(integer(1))),
        "contamination": either(one_of("auto", 0.5), real(0, 0.5, open_low=True)),
        "n_references": integer(0),
    }
    _fitted_checks = {"offset_": real(-np.inf)}
    _module_class = OutlierAutoencoder
    _share_of_epochs = 1 / 3  # more of them find the same outliers

    init, loss, output_activation = "pca", "squared_error", "identity"

    module_: OutlierAutoencoder
    scale_: np.ndarray
    offset_: float

    def __init__(
        self,
        n_components: int | float | str = "auto",
        *,
        contamination: float | str = "auto",
        n_references: int = 1000,
        whiten: bool = False,
        hidden_layer_sizes: Sequence[int] | str = "auto",
        activation: str = "gelu",
        architecture: Any = None,
        solver: str = "auto",
        alpha: float | str = "auto",
        batch_size: int | str = "auto",
        learning_rate: str = "one_cycle",
        learning_rate_init: float | str = "auto",
        max_iter: int | str = "auto",
        shuffle: bool = True,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool | int = 0,
        device: str = "cpu",
        dtype: str = "float32",
        precision: str = "full",
        checkpoint: Any = None,
    ):
        self.n_components = n_components
        self.contamination = contamination
        self.n_references = n_references
        self.whiten = whiten
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.architecture = architecture
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.device = device
        self.dtype = dtype
        self.precision = precision
        self.checkpoint = checkpoint

    def score_samples(self, X: Any) -> np.ndarray:
        """Say how normal rows are.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        scores : ndarray of float64 of shape (n_samples,)
            At most 0, about -1 for a typical training row; outliers have the lowest.
        """
        X = self._rows_to_apply(X)
        return -self._apply(self.module_.outlyingness, X, 1, "float64").ravel()

    def decision_function(self, X: Any) -> np.ndarray:
        """Say how far rows are from the line between inliers and outliers.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        decision : ndarray of float64 of shape (n_samples,)
            ``score_samples(X) - offset_``; below 0 for outliers.
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> np.ndarray:
        """Tell inliers from outliers.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        labels : ndarray of int of shape (n_samples,)
            1 for inliers, -1 for outliers.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def explain(self, X: Any) -> np.ndarray:
        """Say what each column adds to the outlyingness of a row.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.

        Returns
        -------
        parts : ndarray of float64 of shape (n_samples, n_features)
            At least 0; those of a row add up to ``-score_samples``.
        """
        X = self._rows_to_apply(X)
        return self._apply(self.module_.parts, X, self.n_features_in_, "float64")

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Share of the variance of X that the reconstruction explains, in scaled columns.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows in the units of the training data.
        y : None
            Ignored; present for scikit-learn's sake.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts.

        Returns
        -------
        score : float
            At most 1; higher is better.
        """
        X = scaled_rows(self._rows_to_apply(X), self.scale_)
        errors = self._apply(self._squared_errors, X, 1, "float64").ravel()
        return self._explained_share(errors, X, sample_weight)

    partial_fit = no_partial_fit(
        "its distances are measured against all training rows",
        "Use fit, on as many of them as fit into memory.",
    )

    def _check_training(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, n_least: int = 1
    ) -> tuple[Any, Any, np.ndarray | None]:
        X, y, weights = super()._check_training(X, y, sample_weight, reset=reset, n_least=n_least)
        generator = torch.Generator("cpu").manual_seed(0)
        rows, sample_weights, _ = dense_sample(X, weights, generator)
        if reset:
            self.scale_ = column_scales(rows, sample_weights).astype(self.dtype)
        X = scaled_rows(X, self.scale_)
        self._all_rows = X, weights
        if isinstance(self.contamination, str):
            return X, y, weights
        # What is certainly far out is no example of what is normal.
        how = sample_weights, 0, self._axes(), self._share_trimmed()
        ellipsoid = fit_trimmed_ellipsoid(rows / self.scale_, *how)[0]
        lengths = apply_to_rows(
            lambda x: ellipsoid.whiten(x).norm(dim=1, keepdim=True), X, 1, "float64"
        ).ravel()
        counts = np.ones(len(lengths)) if weights is None else weights
        kept = np.flatnonzero(lengths <= quantile(lengths, 1 - self.contamination, counts))
        if len(kept) < n_least:
            return X, y, weights
        # Nobody uses y, and some of its rows have no X any more.
        return X[kept], None, None if weights is None else weights[kept]

    def _settle_components(
        self, X: Any, pairs: Pairs, seed: int, first: bool, *, whole: bool
    ) -> int:
        # The linear distance comes first: it says how many axes there are.
        generator = torch.Generator("cpu").manual_seed(seed)
        rows, weights, _ = dense_sample(X, pairs.weights, generator)
        how = self._axes() if first else self._n_features_out, self._share_trimmed()
        linear, kept, n_axes = fit_trimmed_ellipsoid(rows, weights, seed, *how)
        self._sample = Sample(rows, weights, linear, kept, generator)
        if not first:
            return self._n_features_out
        return self.n_components if is_integer(self.n_components) else max(1, n_axes)

    def _settled_components(self) -> int | None:
        return self.n_components if is_integer(self.n_components) else None

    def _axes(self) -> int | float:
        return AUTO_SHARE if isinstance(self.n_components, str) else self.n_components

    def _share_trimmed(self) -> float:
        return TRIMMED if isinstance(self.contamination, str) else max(TRIMMED, self.contamination)

    def _build(self, X: Any, pairs: Pairs, generator: torch.Generator, **how: Any) -> None:
        super()._build(X, pairs, generator, **how)
        self.module_.column_scale.copy_(torch.from_numpy(self.scale_))
        self.mean_ = self.mean_ * self.scale_

    def _rows_by_ridge(self, X: Any) -> int:
        """How many rows the closed form is fitted to; all of them where those are too few."""
        n_cells = X.shape[1] * self.n_components
        least, most = ROWS_BY_RIDGE
        n = min(most, MAX_CELLS_BY_RIDGE // n_cells)
        return n if n >= least else X.shape[0]

    def _trains_by_ridge(self, X: Any) -> bool:
        return super()._trains_by_ridge(X[: self._rows_by_ridge(X)])

    def _train_by_ridge(
        self, X: Any, y: Any, pairs: Pairs, generator: torch.Generator
    ) -> tuple[TrainingResult, ReportFit | None]:
        n = self._rows_by_ridge(X)
        if n < X.shape[0]:
            drawn = torch.randperm(X.shape[0], generator=generator)[:n].numpy()
            weights = None if pairs.weights is None else pairs.weights[drawn]
            X, pairs = X[drawn], replace(pairs, weights=weights)
        return super()._train_by_ridge(X, y, pairs, generator)

    def _finish(self, X: Any, y: Any) -> None:
        rows, weights, linear, kept, generator = self.__dict__.pop("_sample")
        module, n_codes = self.module_, self._n_features_out
        references = None
        n_references = min(self.n_references, len(rows))
        if n_references > 1:
            drawn = torch.from_numpy(weights).multinomial(n_references, generator=generator)
            references = torch.from_numpy(rows)[drawn]
        code = residual = None
        if self.best_iter_ > 0:
            # The network has proved itself on rows that it was not fitted to.
            both = self._apply(module.code_and_residual, rows, n_codes + rows.shape[1], "float64")
            near = both[kept]
            code = fit_ellipsoid(near[:, :n_codes], weights[kept], 0)
            residual = fit_ellipsoid(near[:, n_codes:], weights[kept], 0, least=LEAST_RESIDUAL)
        units = torch.ones(3, dtype=torch.float64, device="cpu")
        module.distances = Distances(linear, references, code, residual, units)
        measure = partial(self._apply, module.squares, n_columns=3, dtype="float64")
        squares, advance = measure(rows), 0.0
        if references is not None:
            advance = advantage(
                lambda x: measure(x)[:, 1], squares[:, 1], linear, rows, weights, generator
            )
        # Two models share what the neighbours leave: a half of all, where these know no more.
        of_a_model = (1 - advance) / (1 if code is None else 2)
        shares = np.array([of_a_model, 1 + advance, of_a_model])
        is_there = np.array([True, references is not None, code is not None])
        for number in np.flatnonzero(is_there):
            share = shares[number] / shares[is_there].sum()
            units[number] = typical(squares[:, number], weights) / share
        X, weights = self.__dict__.pop("_all_rows")
        self.offset_ = self._line(X, np.ones(X.shape[0]) if weights is None else weights)

    def _line(self, X: Any, weights: np.ndarray) -> float:
        """The score below which a row is an outlier, from scaled training rows."""
        outlyingness = self._apply(self.module_.outlyingness_of_scaled, X, 1, "float64")[:, 0]
        if not isinstance(self.contamination, str):
            return -float(quantile(outlyingness, 1 - self.contamination, weights))
        return -outer_fence(outlyingness, weights)
