"""Codes that know a target: an autoencoder, a classifier and a regressor at once."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch

from skae._base.estimator import BaseAutoencoder
from skae._base.going_on import no_partial_fit
from skae._base.predictions import PredictionsMixin, tells_classes, with_task
from skae._base.shared import document_shared
from skae._checks import Check, either, one_of, real
from skae._linear.directions import directions_of_classes, directions_of_numbers
from skae._linear.head import fit_head
from skae._linear.path import LinearPath
from skae._linear.seen import count_each
from skae._linear.spreading import spread_classes
from skae._linear.target import LEADING_WEIGHT, TargetedAxes, targeted_axes
from skae._rows.batches import Pairs, split_rows
from skae._rows.labels import Labels, name_target, read_classes, read_numbers
from skae._rows.tensors import as_tensor
from skae._training.auto import resolve_precision
from skae._training.evidence import is_clear_in_most
from skae._training.optimizers import SOLVERS
from skae._training.supervised import SupervisedObjective, losses_and_missed, tells_as_much
from skae.architectures import Autoencoder, HeadedAutoencoder

AUTO_TARGET_WEIGHT = 0.1
"""From principal axes on this is enough to tell the target, and it costs little of the rows."""

ROWS_A_COLUMN = 10
"""So many rows with a target for each column make directions that need no others beside them."""

FEWEST_HELD_OUT = 20
"""Fewer rows are no evidence against the linear start."""

CLEAR_GAINS, POSSIBLE_GAINS = (1.0, 2.0), (0.0, 1.5)
"""Least gains in standard errors, of all rows and of most: in the end, and after a third of it."""

ARRAY = Check(lambda v: isinstance(v, np.ndarray) and v.ndim == 1, "a column")


@document_shared
class SupervisedAutoencoder(PredictionsMixin, BaseAutoencoder):
    """Codes that keep the rows and tell a target, for a classifier or a regressor behind them.

    An autoencoder with a linear model of the target on its code, the head; both are trained for
    one sum of losses. What training has to beat is the best linear code: its first columns are the
    directions that tell most of the target, those of a regularised discriminant analysis or
    regression, and the others are the principal axes of what these leave over. Training itself
    begins at principal axes, from which a network reaches the same target with more of the rows. It
    is kept where most held-out rows say clearly that the sum of losses is less, and that the target
    is told no worse; else, and where fewer than 20 rows are held out, the code is the linear one.

    It is a transformer, and by its head also a classifier or a regressor, as scikit-learn's
    ``LinearDiscriminantAnalysis`` and ``PLSRegression`` are. Rows whose target is not known train
    the reconstruction alone. Where most rows are without a class, one that most of a row's
    neighbours speak for is taken as known; but only if neighbours find clearly more of the known
    classes than a linear model does, when these are hidden in turn.

    Parameters
    ----------
    n_components : int, default=2
        Columns of the code.
    task : {"classification", "regression"}, default="classification"
        What y holds: classes, or one or several real numbers for each row.
    target_weight : float or "auto", default="auto"
        What the target counts beside the reconstruction. The loss of the one is a share of the
        rows' variance, that of the other the cross-entropy of classes in nats, or half the share of
        the numbers' variance that the head leaves unexplained. "auto" is 0.1, with which
        the reconstruction is nearly that of :class:`AutoencoderTransformer`. With a number of 0.3
        or more training begins at the directions of the target, which leaves less of the rows.
        Where some rows have no target, it counts in the others alone.
    class_weight : dict, "balanced" or None, default=None
        What each class counts in the cross-entropy, as in scikit-learn's classifiers; only for
        classes.
    {shared_parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        What the classes are called, sorted. Only for classes.
    target_mean_, target_scale_ : ndarray of shape (n_targets,)
        Means and deviations of the target: what the head says is in these units. Only for numbers.
    {shared_attributes}
    mean_ : ndarray of shape (n_features,)
        Mean of the training rows.
    components_ : ndarray of shape (n_components, n_features)
        What the linear code tells of each column: a row of X is ``mean_ + code @ components_``.
    explained_variance_ : ndarray of shape (n_components,)
        Variance of each column of the linear code (divisor n_samples - 1). Directions of the target
        are given that of the first principal axis, whatever theirs is.

    See Also
    --------
    AutoencoderTransformer : Codes without a target.
    sklearn.discriminant_analysis.LinearDiscriminantAnalysis : The linear directions of classes.
    sklearn.cross_decomposition.PLSRegression : The linear directions of numbers.

    Notes
    -----
    An autoencoder with a supervised head: Le, Patterson and White, "Supervised autoencoders:
    Improving generalization performance with unsupervised regularizers", NeurIPS 2018. Classes of
    neighbours: Zhou, Bousquet, Lal, Weston and Schoelkopf, "Learning with local and global
    consistency", NeurIPS 2003, in scikit-learn's ``LabelSpreading``. The linear
    method that joins both losses is principal covariates regression: de Jong and Kiers,
    Chemometrics and Intelligent Laboratory Systems 14 (1992).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skae import SupervisedAutoencoder
    >>> X, y = load_iris(return_X_y=True)
    >>> model = SupervisedAutoencoder(2, max_iter=20, random_state=0).fit(X, y)
    >>> model.transform(X).shape, bool(model.score(X, y) > 0.9)
    ((150, 2), True)
    """

    _settled = ("init",)
    _parameter_checks = {
        **{name: c for name, c in BaseAutoencoder._parameter_checks.items() if name != "init"},
        "solver": one_of("auto", *SOLVERS),
        "task": one_of("classification", "regression"),
        "target_weight": either(one_of("auto"), real(0)),
        "class_weight": either(
            one_of(None, "balanced"),
            Check(lambda value: isinstance(value, dict), "a dict of a weight for each class"),
        ),
    }
    _fitted_checks = {
        "_classes": ARRAY,
        "_label_counts": ARRAY,
        "_y_mean": ARRAY,
        "_y_scale": ARRAY,
        "_y_is_flat": one_of(True, False),
    }
    _module_class = HeadedAutoencoder

    init = "pca"
    """The directions of the target are linear."""

    module_: HeadedAutoencoder
    _to_beat: Any
    _found: tuple[np.ndarray, TargetedAxes] | None
    """Within a fit: the rows whose target is known, and what codes can be made of them."""

    def __init__(
        self,
        n_components: int = 2,
        *,
        task: str = "classification",
        target_weight: float | str = "auto",
        class_weight: Any = None,
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
        self.task = task
        self.target_weight = target_weight
        self.class_weight = class_weight
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

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train codes that keep the rows and tell the target.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            The training rows, at least two.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            The target. Classes are words or whole numbers, and -1 is a row without one, as in
            scikit-learn's semi-supervised estimators; beside 1 alone it is a class.
            Of numbers NaN is one that is not known.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, in the linear start and in both losses.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            As in ``AutoencoderTransformer.fit``, or if y is not given, is infinite, or has one
            class.
        """
        return super().fit(X, y, sample_weight)

    partial_fit = no_partial_fit(
        "the directions of the target are those of all rows",
        "Use fit, with warm_start=True to go on with a model.",
    )

    def __sklearn_tags__(self) -> Any:
        return with_task(super().__sklearn_tags__(), self.task)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.class_weight is not None and not tells_classes(self):
            raise ValueError(
                f"class_weight={self.class_weight!r} belongs to classes, but task is "
                f"{self.task!r}. Leave class_weight at None, and use sample_weight."
            )

    def _make_pairs(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Pairs:
        read = read_classes if self.task == "classification" else read_numbers
        labels = read(y, X.shape[0], type(self).__name__)
        self._goes_on = not reset
        if reset:
            self._starts_with_all = not self.validation_fraction
            self._target_leads = True
            self._found, self._to_beat = None, None
            self._describe_target(labels, sample_weight)
        else:
            self._refuse_another_target(labels)
        self._label_counts = labels.counts(self.class_weight)
        values = labels.values
        if labels.classes is None:
            values = (values - self._y_mean) / self._y_scale
        else:
            values = spread_classes(X, values)
        pairs = super()._make_pairs(X, None, sample_weight, reset=reset)
        return replace(pairs, labels=as_tensor(values, pairs.device))

    def _refuse_another_target(self, labels: Labels) -> None:
        of_model = name_target(self._classes, len(self._y_mean), self._y_is_flat)
        given = name_target(labels.classes, labels.values.shape[-1], labels.is_flat)
        if given != of_model:
            raise ValueError(
                f"fit with warm_start=True goes on with a model of {of_model}, but y has {given}. "
                "Use warm_start=False."
            )

    def _describe_target(self, labels: Labels, sample_weight: np.ndarray | None) -> None:
        self._y_is_flat = labels.is_flat
        self._classes, self._y_mean, self._y_scale = np.empty(0), np.zeros(1), np.ones(1)
        if labels.classes is not None:
            self._classes = labels.classes
            return
        self._y_mean, self._y_scale = labels.mean_and_scale(sample_weight)

    def _split(self, pairs: Pairs, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return self._split_by(pairs, generator.initial_seed())

    def _split_by(self, pairs: Pairs, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The start has to know which rows it may not see, so they follow from the seed alone."""
        generator = torch.Generator("cpu").manual_seed(seed)
        return split_rows(pairs.source.shape[0], self.validation_fraction, generator)

    def _fit_linear_path(self, X: Any, pairs: Pairs, n_components: int, seed: int) -> LinearPath:
        assert pairs.labels is not None
        labels, known, weights = self._known_labels(pairs, seed)
        if self._found is None or not np.array_equal(known, self._found[0]):
            find = directions_of_classes if tells_classes(self) else directions_of_numbers
            directions = find(X[known], labels, weights, seed)
            axes = targeted_axes(X, directions, n_components, seed, pairs.weights, self.dtype)
            self._found = known, axes
        weight = self._weight()
        if self._target_leads and isinstance(self.target_weight, str):
            weight = LEADING_WEIGHT
        if len(known) < (1 - self.validation_fraction) * X.shape[0] - 1:
            # Directions of a few rows among many are not to be trusted before those of all.
            weight *= min(1.0, len(known) / (ROWS_A_COLUMN * X.shape[1]))
        return self._found[1].path(weight, n_components)

    def _build(self, X: Any, pairs: Pairs, generator: torch.Generator, **how: Any) -> None:
        super()._build(X, pairs, generator, **how)
        labels, known, weights = self._known_labels(pairs, generator.initial_seed())
        if tells_classes(self):
            weights = weights * self._label_counts[labels]
        codes = self._apply(self._whitened_code, X[known], self.n_components)
        head = fit_head(codes, labels, weights, generator.initial_seed())
        self.module_.add_head(*map(torch.from_numpy, head))

    def _known_labels(self, pairs: Pairs, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Labels that the start may see, the numbers of their rows, and what these count.

        Held-out rows judge what training adds to the start, so they are new to it, unless they are
        all that tell of a class.
        """
        assert pairs.labels is not None
        values = pairs.labels.cpu().numpy()
        labels = Labels(values, self._classes if tells_classes(self) else None)
        known = labels.known
        if not self._starts_with_all:
            kept = np.intersect1d(known, self._split_by(pairs, seed)[0].numpy())
            if labels.tell_as_much(kept):
                known = kept
        # Penalties are for rows that count one on average.
        weights = count_each(pairs.weights, len(values))[known]
        return values[known], known, weights

    def _train_by_steps(
        self, X: Any, y: Any, pairs: Pairs, generator: torch.Generator, *how: Any
    ) -> Any:
        if not self.validation_fraction:
            return super()._train_by_steps(X, y, pairs, generator, *how)
        if len(self._split(pairs, generator)[1]) < FEWEST_HELD_OUT:
            result, report = self._keep_start(X, y, pairs)
        else:
            self._to_beat = copy.deepcopy(self.module_)
            if isinstance(self.target_weight, str) and not self._goes_on:
                # Training begins elsewhere than at the code that it has to beat.
                self._target_leads = False
                self._build(X, pairs, generator)
            result, report = super()._train_by_steps(X, y, pairs, generator, *how)
            if result.interruption is not None:
                return result, report
            if result.best_iter > 0 and not self._is_better(pairs, generator):
                self.module_, result = self._to_beat, replace(result, best_iter=0)
        if result.best_iter == 0 and not self._goes_on:
            # Nobody is judged any more: the linear code may see all rows.
            self._starts_with_all = self._target_leads = True
            self._build(X, pairs, generator)
        return result, report

    def _is_better(self, pairs: Pairs, generator: torch.Generator) -> bool:
        """Whether held-out rows say that the target is told as well, and that the loss is less."""
        # Of a loss that training has lessened already nothing is asked where it only goes on.
        (was, missed), (now, misses) = self._compare(self._to_beat, pairs, generator)
        is_less = self._goes_on or is_clear_in_most(was - now, *CLEAR_GAINS)
        return is_less and tells_as_much(misses, missed)

    def _is_behind(self, pairs: Pairs, generator: torch.Generator) -> bool:
        if self._goes_on or self._to_beat is None:
            return False
        (was, _), (now, _) = self._compare(self._to_beat, pairs, generator)
        return not is_clear_in_most(was - now, *POSSIBLE_GAINS)

    def _compare(self, before: Any, pairs: Pairs, generator: torch.Generator) -> list[tuple]:
        """Losses of the held-out rows, and what is missed of their target, before and now."""
        rows, modules = self._split(pairs, generator)[1], (before.to(pairs.device), self.module_)
        return [losses_and_missed(self._make_objective(m), pairs, rows) for m in modules]

    def _weight(self) -> float:
        return AUTO_TARGET_WEIGHT if isinstance(self.target_weight, str) else self.target_weight

    @torch.no_grad()
    def _whitened_code(self, x: torch.Tensor) -> torch.Tensor:
        return self.module_.code(self.module_.standardize(x))

    def _make_objective(self, module: Autoencoder) -> SupervisedObjective:
        mixed = resolve_precision(self.precision, module.source.near.device.type)
        counts = torch.from_numpy(self._weight() * self._label_counts).to(module.source.near)
        return SupervisedObjective(module, self.loss, mixed, counts)  # type: ignore[arg-type]

    def _finish(self, X: Any, y: Any) -> None:
        for name in ("_goes_on", "_starts_with_all", "_target_leads", "_found", "_to_beat"):
            self.__dict__.pop(name, None)
