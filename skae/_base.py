"""The one life cycle of every autoencoder: validate, build, train, encode, decode, score."""

import itertools
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skae import _parameters as accept
from skae._auto import (
    resolve_batch_size,
    resolve_device,
    resolve_learning_rate,
    resolve_max_iter,
)
from skae._inference import apply_to_rows
from skae._linear_path import LinearPath, pca_path
from skae._principal_axes import principal_axes
from skae.architectures import Autoencoder, DenseArchitecture
from skae.losses import LOSSES, Loss
from skae.training import (
    AutoencoderNet,
    Batches,
    KeepBest,
    Pairs,
    PrintLosses,
    RefuseDivergence,
    StopEarly,
    as_tensor,
    make_optimizer,
    train,
    train_epoch,
)


class BaseAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What all estimators share; a subclass holds its constructor and what makes it different."""

    _parameter_checks = accept.SHARED

    n_iter_: int

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
            If a parameter has a value that it cannot have, if X holds NaN or infinity, or if
            training diverges.
        """
        self._check_parameters()
        warm = self.warm_start and hasattr(self, "module_")
        X = self._validate_rows(X, reset=not warm, ensure_min_samples=2)
        generator = self._new_generator(n_iter=self.n_iter_ if warm else 0)
        pairs = self._make_pairs(X, y, reset=True)
        if not warm:
            self._build(X, pairs, generator)
        training_rows, held_out_rows = self._split(X.shape[0], generator)
        module = self.module_.to(pairs.device)
        batches = Batches(
            pairs, training_rows, resolve_batch_size(self.batch_size, len(training_rows)), module,
            order=generator if self.shuffle else None, noise_seed=generator.initial_seed(),
        )  # fmt: skip
        held_out = None
        if len(held_out_rows):
            seed = generator.initial_seed() + 1
            held_out = Batches(
                pairs, held_out_rows, 4096, module, noise_seed=seed, same_noise=True
            )  # fmt: skip
        net = AutoencoderNet(
            module,
            self._criterion(),
            solver=self.solver,
            learning_rate=resolve_learning_rate(self.learning_rate_init, self.solver, module),
            schedule=self.learning_rate,
            alpha=self.alpha,
            starts_fitted=warm or self.init == "pca",
            max_epochs=resolve_max_iter(self.max_iter, len(batches)),
            callbacks=self._callbacks(),
        )
        try:
            train(net, batches, held_out)
        except ValueError:
            # A model that diverged is no fitted model.
            del self.module_
            raise
        except KeyboardInterrupt:
            self._finish(net)
            raise
        self._finish(net)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Train for one pass over X, continuing from the weights so far.

        The first call builds the model: its linear path and its centre come from that first
        batch alone, so let it be as large as memory allows. The learning rate is a third of
        the peak of ``fit`` and constant; no rows are held out.

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
        """
        self._check_parameters()
        first = not hasattr(self, "module_")
        X = self._validate_rows(X, reset=first)
        generator = self._new_generator(n_iter=0 if first else self.n_iter_)
        pairs = self._make_pairs(X, y, reset=first)
        if first:
            self._build(X, pairs, generator)
        module = self.module_.to(pairs.device)
        rate = resolve_learning_rate(self.learning_rate_init, self.solver, module) / 3
        if not hasattr(self, "_optimizer"):
            self._optimizer = make_optimizer(module, self.solver, rate, self.alpha)
        batches = Batches(
            pairs, torch.arange(X.shape[0]), resolve_batch_size(self.batch_size, X.shape[0]),
            module, order=generator if self.shuffle else None,
            noise_seed=generator.initial_seed(),
        )  # fmt: skip
        module.train()
        loss = train_epoch(
            module, self._criterion(), self._optimizer, batches, itertools.repeat(rate)
        )
        module.to("cpu").eval()
        self.loss_curve_.append(self._in_data_units(loss))
        self.n_iter_ += 1
        self.best_iter_ = self.n_iter_
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
        check_is_fitted(self)
        X = self._validate_rows(X, reset=False)
        return apply_to_rows(self.module_.encode, X, self._n_features_out, self.dtype)

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
        codes = check_array(X, dtype=self.dtype, order="C", input_name="X")
        if codes.shape[1] != self._n_features_out:
            raise ValueError(
                f"X has {codes.shape[1]} columns, but inverse_transform needs the "
                f"{self._n_features_out} columns that transform returns."
            )
        return apply_to_rows(self.module_.decode, codes, self.n_features_in_, self.dtype)

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
        check_is_fitted(self)
        X = self._validate_rows(X, reset=False)
        return apply_to_rows(self._reconstruct_batch, X, self.n_features_in_, self.dtype)

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
        return self._explained_share(squared_error, self._validate_rows(X, reset=False))

    def score_samples(self, X: Any) -> np.ndarray:
        """Minus the squared error of the reconstruction of each row.

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
        check_is_fitted(self)
        X = self._validate_rows(X, reset=False)

        def score_batch(x: torch.Tensor) -> torch.Tensor:
            return -(self._reconstruct_batch(x) - x).square().sum(dim=1, keepdim=True)

        return apply_to_rows(score_batch, X, 1, self.dtype).ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags

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

    def _validate_rows(self, X: Any, *, reset: bool, ensure_min_samples: int = 1) -> Any:
        return validate_data(
            self, X, reset=reset, dtype=self.dtype, order="C", accept_sparse="csr",
            ensure_min_samples=ensure_min_samples,
        )  # fmt: skip

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

    def _new_generator(self, n_iter: int) -> torch.Generator:
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        # After n_iter epochs the same random_state goes on to other draws.
        return torch.Generator().manual_seed(int(seed) + n_iter)

    def _build(self, X: Any, pairs: Pairs, generator: torch.Generator) -> None:
        """Set ``module_`` and all that is known before training."""
        n_samples, n_features = X.shape
        starts_linear = self.init == "pca"
        path = self._fit_linear_path(
            X, pairs, self.n_components if starts_linear else 0, generator.initial_seed()
        )
        architecture = self.architecture
        if architecture is None:
            architecture = DenseArchitecture(self.hidden_layer_sizes, self.activation)
        encoder, decoder = architecture.build(n_features, self.n_components, generator)
        module = Autoencoder(
            encoder, decoder, torch.from_numpy(path.mean), path.scale,
            target_mean=torch.from_numpy(path.target_mean), target_scale=path.target_scale,
            output_activation=self.output_activation,
        )  # fmt: skip
        if starts_linear:
            module.to_code, module.from_code = map(
                torch.from_numpy, path.products(self.n_components)
            )
            rank = len(path.variances)
            self.components_ = np.zeros((self.n_components, n_features), self.dtype)
            self.components_[:rank] = path.components
            self.explained_variance_ = np.zeros(self.n_components, self.dtype)
            self.explained_variance_[:rank] = path.variances * n_samples / max(1, n_samples - 1)
        self.module_ = module.to(getattr(torch, self.dtype))
        if starts_linear:
            self.module_.start_on_linear_path()
        self.mean_ = path.target_mean.astype(self.dtype)
        self._n_features_out = self.n_components
        self.n_iter_ = self.best_iter_ = 0
        self.loss_curve_: list[float] = []
        self.__dict__.pop("_optimizer", None)

    def _split(
        self, n_samples: int, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Row numbers to train on, and to choose the weights by."""
        rows = torch.randperm(n_samples, generator=generator)
        n_held_out = int(np.ceil(self.validation_fraction * n_samples))
        n_held_out = min(n_held_out, n_samples - 1)
        return rows[n_held_out:].sort().values, rows[:n_held_out].sort().values

    def _explained_share(self, squared_error: float, target: Any) -> float:
        deviation = principal_axes(target, 0, seed=0).total_variance * target.shape[0]
        if deviation == 0:
            return float(squared_error == 0)
        return float(1 - squared_error / deviation)

    def _criterion(self) -> Loss:
        if self.loss != "log_loss":
            return LOSSES[self.loss]
        unstandardize = self.module_.unstandardize
        return lambda u, v: LOSSES["log_loss"](unstandardize(u), unstandardize(v))

    def _callbacks(self) -> list[tuple[str, Any]]:
        callbacks: list[tuple[str, Any]] = [("diverged", RefuseDivergence())]
        if self.validation_fraction:
            callbacks.append(("best", KeepBest()))
        if self.verbose:
            callbacks.append(("print", PrintLosses()))
        if self.early_stopping:
            callbacks.append(("stop", StopEarly(self.tol, self.n_iter_no_change)))
        return callbacks

    def _finish(self, net: AutoencoderNet) -> None:
        """Describe what was trained, to the end or until an interruption."""
        self.module_.to("cpu").eval()
        history = [epoch for epoch in net.history if "train_loss" in epoch]
        self.n_iter_ = len(history)
        self.loss_curve_ = [self._in_data_units(epoch["train_loss"]) for epoch in history]
        self.best_iter_ = self.n_iter_
        if self.validation_fraction:
            best = dict(net.callbacks_)["best"]
            self.best_iter_ = best.best_epoch
            self.initial_validation_loss_ = self._in_data_units(best.start_loss)
            self.validation_loss_curve_ = [
                self._in_data_units(epoch["valid_loss"]) for epoch in history
                if "valid_loss" in epoch
            ]  # fmt: skip

    def _in_data_units(self, loss: float) -> float:
        power = {"squared_error": 2, "absolute_error": 1}.get(self.loss, 0)
        return loss * float(self.module_.target_scale) ** power

    def _reconstruct_batch(self, x: torch.Tensor) -> torch.Tensor:
        return self.module_.decode(self.module_.encode(x))
