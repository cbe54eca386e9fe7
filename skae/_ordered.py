"""Codes in PCA's order: one fit for every size."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skae._base.components import count_for_share
from skae._base.estimator import BaseAutoencoder
from skae._base.memory import can_be_kept, train_once
from skae._base.shared import document_shared
from skae._checks import (
    check_value,
    either,
    has_method,
    integer,
    is_integer,
    number_or_share,
    one_of,
    path,
)
from skae._linear.guesses import GuessFit
from skae._rows.batches import Batch, Pairs
from skae._training.auto import resolve_precision, threads_for
from skae._training.checkpoint import Checkpoint
from skae._training.epochs import ReportFit
from skae._training.net import TrainingPlan, TrainingResult
from skae._training.prefixes import PrefixObjective, explained_shares
from skae._training.progress import progress_callback
from skae._training.rounds import Rounds, train_in_rounds
from skae.architectures import Autoencoder, NestedAutoencoder

MOST_COMPONENTS = 64

SETTLED = ("explained_variance_", "explained_variance_ratio_", "components_")
"""Attributes with a row for each component."""


@document_shared
class OrderedAutoencoder(BaseAutoencoder):
    """An autoencoder whose components have PCA's order: one fit for every size of the code.

    Each prefix of a code is a good code by itself. The model is trained for ``max_components``, and
    ``n_components`` says where its codes are cut; ``truncate`` cuts a fitted model. Half of what
    training compares are reconstructions from codes that were cut: small networks guess the numbers
    that are missing from those that are left, and the decoder is given both. Before the first step
    the model is PCA at every size; the weights that are kept are the best on held-out rows, over
    all sizes, each relative to PCA's error of it.

    Parameters
    ----------
    n_components : int, float or None, default=None
        Columns of the code. A number between 0 and 1 takes the fewest that explain that share of
        the variance of held-out rows, and never more than PCA needs for it on the training rows.
        ``partial_fit`` takes PCA's number for the rows of its first call. None keeps all.
    max_components : int or "auto", default="auto"
        Components that are trained. "auto" takes 64, or as many as there are columns or rows where
        these are fewer; and more where ``n_components`` is more, or PCA needs more for that share.
    memory : str, path-like, Memory or None, default=None
        Where joblib keeps the training, so that a search over ``n_components`` trains once for each
        fold: the path of a folder, or an object with the interface of ``joblib.Memory``. Needs an
        int for ``random_state``. Not used with ``checkpoint``, ``warm_start``, callbacks and
        ``partial_fit``.
    {shared_parameters}

    Attributes
    ----------
    max_components_ : int
        Components that were trained.
    explained_variance_ratio_ : ndarray of shape (n_components,)
        The share of the variance of held-out rows that each further component explains; they add up
        to ``score`` there. Without held-out rows it is that of the training rows; in closed form,
        of the rows that were left out in turn. Only after ``fit``.
    {shared_attributes}
    mean_ : ndarray of shape (n_features,)
        Mean of the training rows.
    components_ : ndarray of shape (n_components, n_features)
        Axes of the linear path, as PCA's; zero beyond the rank of the data.
    explained_variance_ : ndarray of shape (n_components,)
        Variance along each of these axes (divisor n_samples - 1, as PCA's).

    See Also
    --------
    AutoencoderTransformer : A model of one size, whose numbers have no order.
    sklearn.decomposition.PCA : The linear method that this one starts from.

    Notes
    -----
    Nested dropout: Rippel, Gelbart and Adams, "Learning ordered representations with nested
    dropout", ICML 2014. Its linear case is PCA, so the start is exact at every size.

    Tables of up to 2,000 rows are solved in closed form: the codes are PCA's own, and what the
    first numbers tell of the others is a ridge regression.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from skae import OrderedAutoencoder
    >>> X = load_digits(return_X_y=True)[0]
    >>> model = OrderedAutoencoder(random_state=0).fit(X)
    >>> small = model.truncate(4)
    >>> small.transform(X).shape
    (1797, 4)
    >>> bool(small.score(X) > PCA(4).fit(X).explained_variance_ratio_.sum() + 0.1)
    True
    """

    _settled = ("init",)
    _parameter_checks = {
        **{name: c for name, c in BaseAutoencoder._parameter_checks.items() if name != "init"},
        "n_components": either(one_of(None), number_or_share(integer(1))),
        "max_components": either(one_of("auto"), integer(1)),
        "memory": either(one_of(None), path(), has_method("cache")),
    }
    _fitted_checks = {"max_components_": integer(1)}
    _module_class = NestedAutoencoder

    init = "pca"
    """PCA has the order that training keeps."""

    module_: NestedAutoencoder
    max_components_: int
    explained_variance_ratio_: np.ndarray

    def __init__(
        self,
        n_components: int | float | None = None,
        *,
        max_components: int | str = "auto",
        memory: Any = None,
        whiten: bool = False,
        hidden_layer_sizes: Sequence[int] | str = "auto",
        activation: str = "gelu",
        architecture: Any = None,
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
        self.max_components = max_components
        self.memory = memory
        self.whiten = whiten
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.architecture = architecture
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

    def truncate(self, n_components: int) -> Self:
        """Make a fitted model of fewer components, without training.

        Parameters
        ----------
        n_components : int
            Columns of its code, at most ``n_components_``.

        Returns
        -------
        truncated : OrderedAutoencoder
            Its ``transform`` is ``transform(X)[:, :n_components]``. It keeps all weights, those of
            the guesses among them.

        Raises
        ------
        ValueError
            If the model has fewer components.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> model = OrderedAutoencoder(3, random_state=0).fit(load_iris().data)
        >>> model.truncate(2).get_feature_names_out().tolist()
        ['orderedautoencoder0', 'orderedautoencoder1']
        """
        check_is_fitted(self)
        check_value(f"{type(self).__name__}.truncate", "n_components", n_components, integer(1))
        if n_components > self._n_features_out:
            raise ValueError(
                f"truncate({n_components}) asks for more than the {self._n_features_out} "
                "components of this model. Fit with n_components=None, and cut at any size."
            )
        truncated = type(self).__new__(type(self))
        truncated.__setstate__(self.__getstate__())
        truncated.n_components = int(n_components)
        truncated._cut(int(n_components))
        return truncated

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Decode codes, or the first numbers of codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_left)
            Codes as ``transform`` returns them, or their first columns, one at least.

        Returns
        -------
        reconstruction : ndarray of shape (n_samples, n_features)
            Rows in the units of the training data.
        """
        check_is_fitted(self)
        codes = check_array(X, dtype=self._fitted_dtype, order="C", input_name="X")
        if codes.shape[1] > self._n_features_out:
            raise ValueError(
                f"X has {codes.shape[1]} columns, but inverse_transform takes the "
                f"{self._n_features_out} columns that transform returns, or the first of them."
            )
        return self._apply(self.module_.decode, codes, self.n_features_in_, self._data_dtype)

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        if not hasattr(self, "module_"):
            return
        if self._n_features_out > self.max_components_:
            raise ValueError(
                f"This is not the saved state of a {type(self).__name__} of skae: it keeps "
                f"{self._n_features_out} of {self.max_components_} components."
            )
        self.module_.n_kept = self._n_features_out

    def _settle_components(
        self, X: Any, pairs: Pairs, seed: int, first: bool, *, whole: bool
    ) -> int:
        wanted = self.n_components
        # What is left to do with it when the module is trained; a share is settled once.
        is_settled = not (first or wanted is None or is_integer(wanted))
        self._wanted = self._n_features_out if is_settled else wanted
        self.__dict__.pop("explained_variance_ratio_", None)
        if not first:
            return self.max_components_
        if wanted is not None and not is_integer(wanted):
            wanted = count_for_share(X, wanted, seed, pairs.weights, self.dtype)
        n_trained = self.max_components
        if isinstance(n_trained, str):
            n_trained = max(wanted or 1, min(MOST_COMPONENTS, *X.shape))
        if is_integer(self.n_components) and self.n_components > n_trained:
            raise ValueError(
                f"n_components={self.n_components} is above max_components={n_trained}. Train as "
                "many: set max_components to it, or leave it at 'auto'."
            )
        return n_trained

    def _built_and_asked(self) -> dict[str, tuple[Any, Any]]:
        trained = self.max_components_
        asked = self.max_components if is_integer(self.max_components) else trained
        return {**super()._built_and_asked(), "max_components": (trained, asked)}

    def _settled_components(self) -> int | None:
        # What was cut of the attributes does not come back.
        return self.max_components_ if self.n_components is None else super()._settled_components()

    def _make_objective(self, module: Autoencoder) -> PrefixObjective:
        mixed = resolve_precision(self.precision, module.source.near.device.type)
        return PrefixObjective(module, self.loss, mixed)  # type: ignore[arg-type]

    def _columns_solved_for(self) -> int:
        return 1

    def _build(self, X: Any, pairs: Pairs, generator: torch.Generator, **how: Any) -> None:
        super()._build(X, pairs, generator, **how)
        self.max_components_ = self.n_components

    def _train(
        self,
        X: Any,
        y: Any,
        pairs: Pairs,
        generator: torch.Generator,
        checkpoint: Checkpoint | None,
        starts_fitted: bool,
        *,
        by_ridge: bool,
    ) -> tuple[TrainingResult, ReportFit | None]:
        def train() -> tuple[TrainingResult, ReportFit | None]:
            return super(OrderedAutoencoder, self)._train(
                X, y, pairs, generator, checkpoint, starts_fitted, by_ridge=by_ridge
            )

        if self.memory is None or not can_be_kept(self):
            return train()
        decisive = generator.initial_seed(), pairs.weights
        return train_once(self, X, decisive, train)

    def _train_by_ridge(
        self, X: Any, y: Any, pairs: Pairs, generator: torch.Generator
    ) -> tuple[TrainingResult, ReportFit | None]:
        """Keep PCA's codes, and guess what is cut from them in closed form."""
        with threads_for(X.shape[0]):
            fit = GuessFit(self.module_, X, pairs.weights, generator)
            objective = self._make_objective(self.module_)
            report = self._report(X, y, 1)

            def losses() -> Iterator[float]:
                fit.fit()
                with torch.no_grad():
                    rows = objective.row_losses(Batch(fit.u, fit.u, weights=fit.weights.squeeze(1)))
                yield float(rows.sum() / fit.weights.sum())

            keeps_start = all(penalty is None for penalty in fit.penalties)
            result = train_in_rounds(
                Rounds(1, objective.in_data_units(1.0), keeps_start),
                losses(),
                [progress_callback(int(self.verbose)), report],
            )
        self.explained_variance_ratio_ = fit.explained
        return result, report

    def _look_at(self, plan: TrainingPlan) -> None:
        rows = plan.batches if plan.held_out is None else plan.held_out
        self.explained_variance_ratio_ = explained_shares(plan.objective, rows)  # type: ignore[arg-type]

    def _finish(self, X: Any, y: Any) -> None:
        wanted = self.__dict__.pop("_wanted")
        if wanted is None:
            wanted = self.max_components_
        elif not is_integer(wanted):
            wanted = self._n_for_share(wanted)
        self._cut(wanted)

    def _n_for_share(self, share: float) -> int:
        """The fewest components that explain as much, of held-out rows; at most PCA's number."""
        assert self.module_.from_code is not None
        by_pca = self.module_.from_code.double().square().mean(dim=1).cumsum(dim=0)
        most = int((by_pca <= share).sum()) + 1
        explained = getattr(self, "explained_variance_ratio_", np.empty(0)).cumsum()
        return int(min([most, self.max_components_, *(np.flatnonzero(explained >= share)[:1] + 1)]))

    def _cut(self, n_components: int) -> None:
        self._n_features_out = self.module_.n_kept = n_components
        for name in SETTLED:
            if name in vars(self):
                setattr(self, name, getattr(self, name)[:n_components].copy())
