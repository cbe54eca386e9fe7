"""The one life cycle of every autoencoder: validate, build, train, encode, decode, score."""

from typing import Any, Self

import numpy as np
import torch
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_consistent_length

from skae._base.digits import kinds_of_columns, warn_of_hidden_columns, warn_of_lost_digits
from skae._base.fit import (
    all_or_nothing,
    build_module,
    draw_seed,
    open_checkpoint,
    plain_parameters,
    plan_pass,
)
from skae._base.going_on import GoingOnMixin
from skae._base.reconstruction import ReconstructionMixin
from skae._base.rows_so_far import RowsSoFarMixin
from skae._base.shared import SHARED_CHECKS, check_combinations, is_for_ridge
from skae._base.state import get_state, read_state
from skae._base.training import TrainingMixin
from skae._checks import Check, check_parameters, plain
from skae._linear.path import LinearPath, pca_path
from skae._rows.batches import Pairs
from skae._rows.checks import check_weights, clip_to_unit_range, count_rows
from skae._rows.tensors import as_tensor
from skae._training.auto import (
    prefers_ridge,
    resolve_device,
    resolve_hidden_layer_sizes,
    resolve_n_components,
    resolve_precision,
)
from skae._training.epochs import refuse_divergence
from skae._training.net import train_epoch
from skae._training.objective import Objective
from skae._training.optimizers import make_optimizer
from skae.architectures import Autoencoder, DenseArchitecture

RIDGE_HOOKS = ("_module_class", "_make_pairs", "_fit_linear_path", "_make_objective")
"""The closed form knows these as they are in the base."""

OF_ONE_MODEL = ("components_", "explained_variance_", "_optimizer")
"""Attributes that a model has or has not, by the way in which it was fitted."""

AUTO_WHERE_RIDGE = ("hidden_layer_sizes", "batch_size", "learning_rate_init", "max_iter")
"""A number in one of these asks for steps."""


class BaseAutoencoder(
    CallbackSupportMixin,
    TrainingMixin,
    RowsSoFarMixin,
    GoingOnMixin,
    ReconstructionMixin,
    BaseEstimator,
):
    """What all estimators share; a subclass holds its constructor and what makes it different.

    The hooks of a subclass, each with a default: ``_parameter_checks`` and ``_fitted_checks``,
    ``_module_class``, ``_ensure_all_finite``, ``_make_pairs``, ``_fit_linear_path``,
    ``_make_objective`` and ``_finish``. The page "A new estimator" of the documentation walks
    through an example.
    """

    _parameter_checks: dict[str, Check] = SHARED_CHECKS
    """What each parameter may be."""

    _fitted_checks: dict[str, Check] = {}
    """What a subclass's own fitted attributes must be in a file; all have to be there."""

    _settled: tuple[str, ...] = ()
    """Shared parameters that a subclass has as attributes of the class."""

    _module_class: type[Autoencoder] = Autoencoder
    """What joins encoder, decoder and linear path; a subclass keeps its constructor."""

    n_iter_: int

    @with_callbacks
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train the autoencoder to reconstruct X.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The training rows, at least two.
        y : None
            Ignored; present for scikit-learn's sake.
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
            If a parameter has a value that it cannot have, if X holds NaN or infinity, if
            training diverges, or if ``checkpoint`` is the file of another fit. The estimator is
            then as it was before.
        MemoryError
            If there is too little memory.
        KeyboardInterrupt
            If it was interrupted; the estimator is fitted as far as training came.
        """
        warm = plain(self.warm_start) is True and hasattr(self, "module_")
        with (
            all_or_nothing(self, "fit", continues=warm),
            plain_parameters(self, self._parameter_checks),
        ):
            # Refuse what cannot be trained, cheap checks first.
            self._check_parameters()
            if warm:
                self._refuse_changes("fit with warm_start=True", "warm_start=False")
            X, y, sample_weight = self._check_training(
                X, y, sample_weight, reset=not warm, n_least=2
            )
            pairs = self._make_pairs(X, y, sample_weight, reset=not warm)
            # One seed decides all; a fit that was killed has left its own in the checkpoint.
            seed = draw_seed(self.random_state, self.n_iter_ if warm else 0)
            checkpoint = self._open_checkpoint(X, pairs, warm)
            if checkpoint is not None:
                seed = checkpoint.settle_seed(seed)
            self.n_components = self._settle_components(X, pairs, seed, not warm, whole=True)
            generator = torch.Generator("cpu").manual_seed(seed)
            # The module is the best linear model of the task, and networks that start at zero.
            by_ridge = not warm and self._trains_by_ridge(X)
            if not warm:
                self._build(X, pairs, generator, by_ridge=by_ridge)
            self._forget()
            # Training itself; scikit-learn's callbacks are told of it.
            starts_fitted = warm or self.init == "pca"
            result, report = self._train(
                X, y, pairs, generator, checkpoint, starts_fitted, by_ridge=by_ridge
            )
            # Back on the CPU, with all that is known now.
            self.module_.to("cpu").eval()
            self._record(result)
            self._finish(X, y)
            if report is not None and result.interruption is None:
                report.end()
        if result.interruption is not None:
            raise result.interruption
        return self

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train for one pass over X, continuing from the weights so far.

        The first call builds the model. Its centre, its scale and its linear path are those of
        all rows so far, as in scikit-learn's ``IncrementalPCA``; after ``fit`` they stay those of
        ``fit``. The learning rate grows to a third of the peak of ``fit`` over the first 400
        steps; no rows are held out. Steps are Adam's where the solver has none. A call that fails
        leaves the model as it was.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Rows to train on.
        y : None
            Ignored; present for scikit-learn's sake.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts beside the others of this call, as in ``fit``.

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
        first = not hasattr(self, "module_")
        with (
            all_or_nothing(self, "partial_fit", continues=not first),
            plain_parameters(self, self._parameter_checks),
        ):
            self._check_parameters()
            if not first:
                self._refuse_changes("partial_fit", "fit")
            X, y, sample_weight = self._check_training(X, y, sample_weight, reset=first)
            pairs = self._make_pairs(X, y, sample_weight, reset=first)
            seed = draw_seed(self.random_state, 0 if first else self.n_iter_)
            self.n_components = self._settle_components(X, pairs, seed, first, whole=False)
            generator = torch.Generator("cpu").manual_seed(seed)
            if first:
                self._build(X, pairs, generator)
                self._remember(X, pairs, seed)
            else:
                self._follow(X, pairs, seed)
            module = self.module_.to(pairs.device)
            objective = self._make_objective(module)
            plan = plan_pass(self, objective, pairs, generator, self.n_iter_)
            # The moments go on from call to call.
            if not hasattr(self, "_optimizer"):
                self._optimizer = make_optimizer(module, plan.solver, plan.alpha)
            loss = train_epoch(module, plan, self._optimizer)
            refuse_divergence("training loss", loss, self.n_iter_ + 1, 3 * plan.peak_rate)
            module.to("cpu").eval()
            self.n_iter_ += 1
            self.best_iter_ = self.n_iter_
            self._finish(X, y)
            self.loss_curve_.append(objective.in_data_units(loss))
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self._ensure_all_finite == "allow-nan"
        tags.transformer_tags.preserves_dtype = [plain(self.dtype)]
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = get_state(super().__getstate__())
        # A file holds plain values, whatever a search has set.
        return {n: plain(v) if n in self._parameter_checks else v for n, v in state.items()}

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(read_state(type(self), BaseAutoencoder, state))

    # Hooks: what makes a subclass different.

    def _check_parameters(self) -> None:
        """Refuse parameters that cannot be."""
        check_parameters(self, self._parameter_checks)
        check_combinations(self)

    def _make_pairs(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Pairs:
        """Bring together what is encoded and what its reconstruction is compared with."""
        if self.output_activation == "logistic":
            X = clip_to_unit_range("X", X)
        device = resolve_device(self.device)
        return Pairs(as_tensor(X, device), device=device, weights=sample_weight)

    def _settle_components(
        self, X: Any, pairs: Pairs, seed: int, first: bool, *, whole: bool
    ) -> int:
        """Say how many columns the module's code has, by all rows or by those of a first call."""
        return resolve_n_components(self.n_components, X.shape[1])

    def _fit_linear_path(self, X: Any, pairs: Pairs, n_components: int, seed: int) -> LinearPath:
        """Fit the best linear model of the task."""
        path = pca_path(X, n_components, seed, pairs.weights, self.dtype)
        if self.dtype == "float32" and len(path.variances):
            names = getattr(self, "feature_names_in_", None)
            warn_of_hidden_columns(X, path, pairs.weights, names)
        return path

    def _make_objective(self, module: Autoencoder) -> Objective:
        """Say what training minimises."""
        mixed = resolve_precision(self.precision, module.source.near.device.type)
        return Objective(module, self.loss, mixed)

    def _finish(self, X: Any, y: Any) -> None:
        """Do what is left after training, with the module and all attributes in place."""

    # Steps of fit and partial_fit.

    def _check_training(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, n_least: int = 1
    ) -> tuple[Any, Any, np.ndarray | None]:
        """Validate training rows; those that weigh nothing are left out, with their y."""
        kinds = kinds_of_columns(X)
        X = self._check_rows(X, reset=reset, n_least=n_least)
        warn_of_lost_digits(X, kinds, getattr(self, "feature_names_in_", None))
        sample_weight = check_weights(sample_weight, X)
        if sample_weight is not None and not sample_weight.all():
            kept = np.flatnonzero(sample_weight)
            if len(kept) < n_least:
                raise ValueError(
                    f"sample_weight is above 0 for {len(kept)} of {len(sample_weight)} rows, but "
                    f"fit needs {n_least} rows that count."
                )
            check_consistent_length(X, y)
            X = X[kept]
            sample_weight = check_weights(sample_weight[kept], X)
            if sparse.issparse(y) and y.ndim == 2:
                y = y.tocsr()  # rows of some other formats cannot be taken
            y = None if y is None else _safe_indexing(y, kept)
        return X, y, sample_weight

    def _open_checkpoint(self, X: Any, pairs: Pairs, warm: bool) -> Any:
        """Open the checkpoint of this fit, which is known by its parameters and its data."""
        if self.checkpoint is None:
            return None
        start = self.__getstate__()["weights"] if warm else None
        target = pairs.target
        if isinstance(target, torch.Tensor):
            target = target.cpu().numpy()
        labels = None if pairs.labels is None else pairs.labels.cpu().numpy()
        more = tuple(part for part in (pairs.weights, labels) if part is not None)
        data = (X, target, start, *more)
        return open_checkpoint(self.checkpoint, self.get_params(deep=False), data)

    def _build(
        self, X: Any, pairs: Pairs, generator: torch.Generator, *, by_ridge: bool = False
    ) -> None:
        """Set ``module_`` and all that is known before training."""
        n_samples, n_features = X.shape
        # What a fit with other parameters must not leave behind.
        for name in OF_ONE_MODEL:
            self.__dict__.pop(name, None)
        self._record(None)
        starts_linear = self.init == "pca"
        rank_wanted = self.n_components if starts_linear else 0
        path = self._fit_linear_path(X, pairs, rank_wanted, generator.initial_seed())
        # The model keeps what it was built with, whatever becomes of the parameters.
        architecture = self._resolve_architecture(by_ridge, n_features)
        self.architecture_ = clone(architecture, safe=False)
        self.module_ = build_module(self._module_class, self.architecture_, path, self, generator)
        self._describe(path, count_rows(pairs.weights, n_samples))
        self._n_features_out = self.n_components

    def _describe(self, path: LinearPath, n_counted: float) -> None:
        """Set the attributes that tell of the linear path, of rows that count as many."""
        self.mean_ = path.target_mean
        if self.init != "pca":
            return
        rank, n_features = path.components.shape
        self.components_ = np.zeros((self.n_components, n_features), self.dtype)
        self.components_[:rank] = path.components
        self.explained_variance_ = np.zeros(self.n_components)
        self.explained_variance_[:rank] = path.variances * n_counted / max(1, n_counted - 1)

    def _trains_by_ridge(self, X: Any) -> bool:
        """Whether the closed form takes the place of steps."""
        own_hooks = [name for name in RIDGE_HOOKS if not self._has_default(name)]
        if self.solver == "ridge" and own_hooks:
            raise ValueError(
                f"solver='ridge' is not for {type(self).__name__}, which has its own "
                f"{own_hooks[0]}. Use solver='adam'."
            )
        if self.solver != "auto" or own_hooks:
            return self.solver == "ridge"
        is_default = (
            all(isinstance(getattr(self, name), str) for name in AUTO_WHERE_RIDGE)
            and self.alpha in ("auto", 0)
            and self.precision == "full"
            and self.validation_fraction > 0
            and is_for_ridge(self)
        )
        return is_default and prefers_ridge(X.shape, self._columns_solved_for())

    def _columns_solved_for(self) -> int:
        """Columns of the code that the closed form searches for, row by row."""
        return self.n_components

    def _has_default(self, hook: str) -> bool:
        # A class that brings a closed form of its own knows its own hooks.
        brings = (kind for kind in type(self).__mro__ if "_train_by_ridge" in vars(kind))
        owner = next((kind for kind in brings if kind is not TrainingMixin), BaseAutoencoder)
        return getattr(type(self), hook) is getattr(owner, hook)

    def _resolve_architecture(self, by_ridge: bool, n_features: int) -> Any:
        if self.architecture is not None:
            return self.architecture
        sizes = resolve_hidden_layer_sizes(
            self.hidden_layer_sizes, by_ridge, n_features, self.n_components
        )
        return DenseArchitecture(sizes, self.activation)
