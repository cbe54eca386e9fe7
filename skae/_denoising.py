"""Removal of noise by an autoencoder trained from corrupted rows to clean ones."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from skae._base.estimator import BaseAutoencoder
from skae._base.noise import noise_for
from skae._base.shared import document_shared
from skae._checks import either, find_misfit, function, interval, one_of, real
from skae._linear.denoiser import linear_denoiser
from skae._linear.moments import column_means, total_variance
from skae._linear.path import LinearPath
from skae._rows.batches import Pairs
from skae._rows.checks import clip_to_unit_range, refuse_huge
from skae._rows.pairs import CleanRows, clean_rows, is_without_noise
from skae._rows.tensors import as_tensor
from skae._training.auto import resolve_device
from skae._training.optimizers import SOLVERS
from skae.architectures import is_far
from skae.corruption import CORRUPTIONS, Corrupt, Level

SAME_ROWS = (
    "y holds the same rows as X, and pairs without noise teach nothing about it. Use fit(X), which "
    "adds noise, or name the noise to add."
)


@document_shared
class DenoisingAutoencoder(BaseAutoencoder):
    """Removal of noise that starts from the best linear denoiser.

    An autoencoder that sees each row corrupted and is compared with the clean row. It is also
    a transformer: ``transform`` encodes rows as they are, and its codes are robust to the noise
    of training. Before the first step the estimator *is* the reduced-rank ridge regression from
    corrupted rows to clean ones; the weights kept are the best on held-out rows, start included.

    ``fit(X)`` takes X to be clean and corrupts it anew for every batch. ``fit(X_noisy, y=X_clean)``
    trains on pairs. The one rule for y: it is the clean side of pairs if it holds numbers, as many
    for each row as X has columns. Columns are paired by name where both have names, rows by
    position; images of shape (n_samples, ...) are flattened. A label for each row is ignored. Any
    other y is not used, and a warning says why.

    Parameters
    ----------
    n_components : int or "auto", default="auto"
        Columns of the code. "auto" takes as many as X has, from 64 to 256: up to 256 columns the
        start is then ridge regression itself, of full rank. Fewer cost detail.
    noise : {"auto", "gaussian", "masking", "salt_and_pepper", "impulse", "speckle", "poisson", \
            "swap"}, callable or None, default="auto"
        What is done to a row before it is encoded in training, see :mod:`skae.corruption`.
        "auto" is "gaussian" where y holds no clean rows, and nothing where it does; a noise that
        is named is added to pairs as well. A callable maps ``(batch, generator)`` to a corrupted
        batch, for instance ``skae.corruption.Impulse(0.1)``. None adds nothing.
    noise_level : float, (float, float) or "auto", default="auto"
        Strength of a noise that is given by name: the standard deviation in the units of the
        data ("gaussian") or of the factor ("speckle"), the count at the highest value
        ("poisson"), the probability of a cell (all others). From a range a number is drawn anew
        for each row, so that one model serves every strength in it. "auto" takes a wide range;
        for "gaussian" it goes from 0 to twice the root mean square deviation of X.
    {shared_parameters}

    Attributes
    ----------
    corruption_ : callable or None
        The noise with its level, and the range of the training data where it needs one.
    {shared_attributes}
    mean_ : ndarray of shape (n_features,)
        Mean of the clean training rows.
    components_ : ndarray of shape (n_components, n_features)
        Orthonormal axes of the linear denoiser; zero beyond its rank. Only where ``init="pca"``.
    explained_variance_ : ndarray of shape (n_components,)
        Variance of corrupted rows' linear code along each axis. Only where ``init="pca"``.

    See Also
    --------
    AutoencoderTransformer : The same without noise.
    sklearn.decomposition.KernelPCA : Denoising by projection on a few nonlinear components.

    Notes
    -----
    Denoising autoencoders: Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing
    Robust Features with Denoising Autoencoders", ICML 2008. The linear start: Mukherjee and Zhu,
    "Reduced rank ridge regression and its kernel extensions", Statistical Analysis and Data
    Mining 4 (2011).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skae import DenoisingAutoencoder
    >>> X = load_digits(return_X_y=True)[0]
    >>> noisy = X + np.random.default_rng(0).normal(scale=4, size=X.shape)
    >>> denoiser = DenoisingAutoencoder(32, noise_level=4, max_iter=20, random_state=0).fit(X)
    >>> bool(np.square(denoiser.denoise(noisy) - X).mean() < 0.3 * np.square(noisy - X).mean())
    True
    """

    _parameter_checks = {
        **BaseAutoencoder._parameter_checks,
        "n_components": either(one_of("auto"), BaseAutoencoder._parameter_checks["n_components"]),
        # Noise is drawn anew for each batch, so there are batches.
        "solver": one_of("auto", *SOLVERS),
        "noise": either(one_of("auto", *CORRUPTIONS, None), function()),
        "noise_level": either(one_of("auto"), real(0), interval(0)),
    }
    _fitted_checks = {"corruption_": either(one_of(None), function())}

    corruption_: Corrupt | None

    _unused_y: str | None = None
    """Why the y of the last training was not used."""

    _path_is_costly = True  # it takes many draws of the noise

    def __init__(
        self,
        n_components: int | str = "auto",
        *,
        noise: Any = "auto",
        noise_level: Level | str = "auto",
        whiten: bool = False,
        hidden_layer_sizes: Sequence[int] | str = "auto",
        activation: str = "gelu",
        architecture: Any = None,
        init: str = "pca",
        output_activation: str = "identity",
        loss: str = "squared_error",
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
        self.noise = noise
        self.noise_level = noise_level
        self.whiten = whiten
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.architecture = architecture
        self.init = init
        self.output_activation = output_activation
        self.loss = loss
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

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train the autoencoder to turn noisy rows into clean ones.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Clean rows, to which noise is added; or noisy rows, where y holds the clean ones. At
            least two.
        y : array-like of shape (n_samples, n_features), default=None
            The clean side of pairs, if it holds numbers, as many for each row as X has columns.
            Labels are ignored. Any other y is not used, and a warning says why.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, in the linear path and in the loss. A whole number counts as
            that many equal rows, zero leaves the row out.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter cannot have its value, if X or the clean rows hold NaN or infinity, if
            these have other names or another number of rows, or if training diverges. The
            estimator is then as it was before.

        Warns
        -----
        UserWarning
            If y is neither clean rows nor labels, or if the clean rows are X itself and no noise
            is named.
        """
        return super().fit(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train for one pass over X, continuing from the weights so far.

        The first call builds the model. Its linear path is that of all rows so far, or after
        ``fit`` that of ``fit``; the range of its noise is that of the first call whose rows differ.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows, as in ``fit``.
        y : array-like of shape (n_samples, n_features), default=None
            Clean rows, labels or nothing, as in ``fit``.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts beside the others of this call.

        Returns
        -------
        self : object
            The estimator.
        """
        return super().partial_fit(X, y, sample_weight)

    def denoise(self, X: Any) -> np.ndarray:
        """Remove the noise from rows.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Noisy rows, in the units of the training data.

        Returns
        -------
        cleaned : ndarray of shape (n_samples, n_features)
            ``inverse_transform(transform(X))``.
        """
        return self.reconstruct(X)

    def predict(self, X: Any) -> np.ndarray:
        """Call ``denoise``, by the name that scikit-learn's tools know.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Noisy rows.

        Returns
        -------
        cleaned : ndarray of shape (n_samples, n_features)
            ``denoise(X)``.

        Raises
        ------
        TypeError
            If X is sparse: scikit-learn's tools expect one value for each sparse row.
        ValueError
            If training was given a y that it did not use: these tools expect the like of y.
        """
        if self._unused_y:
            raise ValueError(
                f"predict returns the like of y, but {self._unused_y} Use denoise(X) for rows as "
                "wide as X."
            )
        if sparse.issparse(X):
            raise TypeError("predict does not take sparse rows: use denoise(X), or X.toarray().")
        return self.denoise(X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Share of the variance of the clean rows that denoising X explains.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows to clean, used as they are.
        y : array-like of shape (n_samples, n_features), default=None
            Clean rows as in ``fit``; without them X itself is taken to be clean.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts in both sums and in the means.

        Returns
        -------
        score : float
            1 - (squared error of the cleaned rows) / (squared deviation of the clean rows from
            their own column means), at most 1; higher is better.

        Warns
        -----
        UserWarning
            If y is neither clean rows nor labels.
        """
        check_is_fitted(self)
        clean, _ = self._clean_rows(self._check_rows(X, reset=False), y)
        if clean is None:
            return super().score(X, sample_weight=sample_weight)
        differences = np.asarray(self.denoise(X) - clean)
        errors = np.square(differences, dtype=np.float64).sum(axis=1)
        return self._explained_share(errors, clean, sample_weight)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not isinstance(self.noise, str) and self.noise_level != "auto":
            raise ValueError(
                f"noise_level={self.noise_level!r} belongs to a noise that is given by name, but "
                f"noise is {self.noise!r}. Leave noise_level at 'auto', and give a noise object "
                "its own level."
            )

    def _make_pairs(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Pairs:
        clean, self._unused_y = self._clean_rows(X, y)
        paired = clean is not None
        if self.output_activation == "logistic":
            # Beside clean rows X is noisy, and may lie anywhere.
            if paired:
                clean = clip_to_unit_range("y", clean)
            else:
                X = clip_to_unit_range("X", X)
        # "auto" depends on the rows: a call may come with pairs after one with clean rows.
        is_other_kind = self.noise == "auto" and not reset and paired != (self.corruption_ is None)
        if reset or is_other_kind or (not reset and self._has_seen_little(X)):
            self.corruption_ = self._make_corruption(X, sample_weight, paired)
        if self.corruption_ is not None and not paired and X.dtype != self.dtype:
            X = self._rows_to_corrupt(X)
        device = resolve_device(self.device)
        target = as_tensor(clean, device) if paired else None
        pairs = Pairs(as_tensor(X, device), target, self.corruption_, device, sample_weight)
        if self.noise == "auto" and paired and is_without_noise(pairs):
            warnings.warn(SAME_ROWS, UserWarning, stacklevel=2)
        self._try_corruption(pairs)
        return pairs

    def _fit_linear_path(self, X: Any, pairs: Pairs, n_components: int, seed: int) -> LinearPath:
        return linear_denoiser(pairs, n_components, seed)

    def _clean_rows(self, X: Any, y: Any) -> CleanRows:
        """The clean side of pairs in y; a warning where y is not used."""
        found = clean_rows(X, y, getattr(self, "feature_names_in_", None))
        if found.values is not None:
            refuse_huge("y", found.values)
        if found.unused is not None:
            warnings.warn(found.unused, UserWarning, stacklevel=2)
        return found

    def _rows_to_corrupt(self, X: Any) -> Any:
        """Rows in the dtype of the networks, where that loses nothing: noise is drawn faster."""
        mean = column_means(X)
        scale = (total_variance(X, centre=mean) / X.shape[1]) ** 0.5
        return X if is_far(torch.from_numpy(mean), scale) else X.astype(self.dtype)

    def _make_corruption(self, X: Any, sample_weight: Any, paired: bool) -> Corrupt | None:
        noise = self.noise
        if not isinstance(noise, str):
            return noise
        if noise == "auto":
            if paired:
                return None
            noise = "gaussian"
        return noise_for(noise, self.noise_level, X, sample_weight)

    def _try_corruption(self, pairs: Pairs) -> None:
        """Refuse a callable that does not return what it must, before anything is trained."""
        if pairs.corruption is None:
            return
        misfit = find_misfit(pairs.corruption, 2)
        if misfit:
            raise ValueError(
                f"noise={self.noise!r} must be a callable (batch, generator) -> batch: {misfit}. "
                "Let it take a batch and a torch.Generator, and return the corrupted batch."
            )
        generator = torch.Generator(pairs.device)
        given, _ = replace(pairs, corruption=None).take(slice(0, 2), generator)
        source, _ = pairs.take(slice(0, 2), generator)
        like = (given.shape, given.dtype, given.device)
        is_batch = isinstance(source, torch.Tensor)
        if not (is_batch and (source.shape, source.dtype, source.device) == like):
            got = f"{tuple(source.shape)} of {source.dtype}" if is_batch else type(source).__name__
            raise ValueError(
                f"noise={self.noise!r} must return a tensor of the shape, dtype and device of the "
                f"batch it is given, {tuple(given.shape)} of {given.dtype}. It returned {got}."
            )
        if not source.isfinite().all():
            raise ValueError(f"noise={self.noise!r} returned values that are not finite.")
