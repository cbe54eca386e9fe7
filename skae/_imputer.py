"""Gaps filled by what the columns of a table know of each other."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skae._base.fit import all_or_nothing, draw_seed, plain_parameters
from skae._base.gaps import GapsMixin, refuse_columns
from skae._base.shared import SHARED_CHECKS
from skae._base.state import get_state, read_state
from skae._base.training import TrainingMixin
from skae._checks import (
    Check,
    are_column_numbers,
    check_parameters,
    check_value,
    flag,
    integer,
    number_or_nan,
    one_of,
    plain,
    seed,
    sizes,
)
from skae._doc_link import DocLinkMixin
from skae._linear.incomplete import fit_linear_models
from skae._training.auto import resolve_device, threads_for
from skae._training.correction import can_be_corrected, train_correction
from skae.architectures import ACTIVATIONS, DenseArchitecture, Imputation, blocks, build_correction

ROWS_AT_ONCE = 4096

SCORED_SHARE = 0.2
"""Share of the observed cells that ``score`` hides."""


class AutoencoderImputer(DocLinkMixin, GapsMixin, TransformerMixin, TrainingMixin, BaseEstimator):
    """Fills missing cells with what the other cells of a row say of them.

    It begins with linear models of incomplete rows, fitted to the observed cells: factor analysis,
    and in narrow tables the covariance of all columns, which is a ridge regression of each on the
    others; of columns as they are and bent to be about normal. A few of them are averaged. A
    network is given the filled row and what was observed of it, and corrects that answer. What
    ranks, ridges, bends and the network are worth is measured on cells that are hidden for it;
    where the network's gain is not clear, the linear models alone are the answer.

    Parameters
    ----------
    missing_values : int, float or np.nan, default=np.nan
        What stands in the cells that are missing.
    add_indicator : bool, default=False
        Whether ``transform`` adds a column of zeros and ones for each column that had missing cells
        in ``fit``.
    keep_empty_features : bool, default=False
        Whether columns without any value in ``fit`` are filled with zeros; else they are left out.
    hidden_layer_sizes : sequence of int, default=(128, 128)
        Units of each hidden layer of the network. ``()`` leaves the network out.
    activation : {"identity", "logistic", "tanh", "relu", "gelu", "silu", "elu"}, default="gelu"
        The function after each hidden layer.
    alpha : float or "auto", default="auto"
        Decoupled weight decay of the network. "auto" shrinks a weight that no gradient holds
        by three quarters in an epoch.
    batch_size : int or "auto", default="auto"
        Rows of a batch. "auto" takes a 32nd of the training rows, from 16 to 256.
    learning_rate_init : float or "auto", default="auto"
        Peak learning rate.
    max_iter : int or "auto", default="auto"
        Epochs of the network. "auto" takes as many as make 2,000 steps, from 8 to 200.
    random_state : int, RandomState instance or None, default=None
        Seed of hidden cells, weights, held-out rows and order. An int gives the same bits each
        time, on the same machine with the same versions.
    verbose : bool or int, default=0
        1 shows a progress bar with the losses where standard output is a terminal and rich is
        installed, else a line for each epoch; 2 prints lines in any case.
    device : str, default="cpu"
        Where the network is trained: a torch device such as "cuda"; "auto" takes a GPU where there
        is one.

    Attributes
    ----------
    module_ : skae.architectures.Imputation
        The trained module, on the CPU, in evaluation mode. ``module_.weights`` are those of the
        linear models, and ``module_.share`` is the share of the network's correction that is added,
        from 0 to 1.
    n_factors_ : int
        Number of factors of the linear model that weighs most.
    architecture_ : DenseArchitecture
        The network's hidden layers.
    mean_ : ndarray of shape (n_columns,)
        Mean of the observed cells of each column; zero where there is none.
    kept_features_ : list of int
        Numbers of the columns that ``transform`` returns.
    indicated_features_ : list of int
        Numbers of the columns that had missing cells in ``fit``.
    n_iter_ : int
        Epochs of the network.
    best_iter_ : int
        The epoch whose weights are kept; 0 is linear models alone.
    loss_curve_ : list of float
        Training loss per cell of each epoch, in standard units.
    n_features_in_ : int
        Columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_columns,)
        Their names, where they were all strings.

    See Also
    --------
    sklearn.impute.IterativeImputer : A regression for each column, in turns.
    sklearn.impute.KNNImputer : Means of rows that are near.

    Notes
    -----
    Factor analysis is fitted by variational EM: Ilin and Raiko, "Practical approaches to principal
    component analysis in the presence of missing values", JMLR 2010. The covariance is that of
    Schafer, "Analysis of Incomplete Multivariate Data", 1997, and models are averaged as in Caruana
    and others, "Ensemble selection from libraries of models", ICML 2004. Bends are those of Yeo and
    Johnson, Biometrika 2000; expected cells are integrals over the way back.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from skae import AutoencoderImputer
    >>> X = load_iris().data.copy()
    >>> X[::5, 2] = np.nan
    >>> filled = AutoencoderImputer(random_state=0).fit_transform(X)
    >>> bool(np.abs(filled[::5, 2] - load_iris().data[::5, 2]).mean() < 0.3)
    True
    """

    _parameter_checks: dict[str, Check] = {
        "missing_values": number_or_nan(),
        "add_indicator": flag(),
        "keep_empty_features": flag(),
        "hidden_layer_sizes": sizes("(128, 128) or ()"),
        "activation": one_of(*ACTIVATIONS),
        **{
            name: SHARED_CHECKS[name]
            for name in (
                "alpha", "batch_size", "learning_rate_init", "max_iter", "random_state",
                "verbose", "device",
            )
        },
    }  # fmt: skip
    _fitted_checks = {
        "n_factors_": integer(1),
        "kept_features_": are_column_numbers(),
        "indicated_features_": are_column_numbers(),
        "_has_values": are_column_numbers(),
    }
    _module_class = Imputation

    module_: Imputation
    n_features_in_: int

    def __init__(
        self,
        *,
        missing_values: float = np.nan,
        add_indicator: bool = False,
        keep_empty_features: bool = False,
        hidden_layer_sizes: Sequence[int] = (128, 128),
        activation: str = "gelu",
        alpha: float | str = "auto",
        batch_size: int | str = "auto",
        learning_rate_init: float | str = "auto",
        max_iter: int | str = "auto",
        random_state: Any = None,
        verbose: bool | int = 0,
        device: str = "cpu",
    ):
        self.missing_values = missing_values
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.device = device

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn what the columns know of each other.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, complete or not.
        y : None
            Ignored; present for scikit-learn's sake.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter has a value that it cannot have, if X holds infinity or no value at all,
            or if training diverges. The estimator is then as it was before.
        KeyboardInterrupt
            If it was interrupted; the estimator is fitted as far as the network's training came.
        """
        with (
            all_or_nothing(self, "fit", continues=False),
            plain_parameters(self, self._parameter_checks),
        ):
            check_parameters(self, self._parameter_checks)
            device = resolve_device(self.device)
            X, observed = self._check_rows(X, reset=True)
            self._settle_columns(X, observed)
            generator = torch.Generator("cpu").manual_seed(draw_seed(self.random_state, 0))
            # The linear model of incomplete rows, and a network that begins at zero.
            x, known = self._as_tensors(X, observed)
            with threads_for(len(x)):
                self._build(x, known, generator)
                result = None
                if self.hidden_layer_sizes and can_be_corrected(known):
                    result = train_correction(self, self.module_, x, known, generator, device)
            self._record(result)
        if result is not None and result.interruption is not None:
            raise result.interruption
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Fill the missing cells.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, complete or not.

        Returns
        -------
        filled : ndarray of shape (n_samples, n_features_out)
            Cells that are not missing are what they were, bit for bit; others are in the range
            that ``fit`` saw. The columns are those of ``get_feature_names_out``.
        """
        check_is_fitted(self)
        X, observed = self._check_rows(X, reset=False)
        return self._lay_out(self._fill(X, observed, self.module_.fill), observed)

    def sample(self, X: Any, n: int = 5, random_state: Any = None) -> np.ndarray:
        """Fill the missing cells with draws, as multiple imputation asks for.

        A draw varies as much as the cell itself might, given the others of its row; the expected
        cell, which ``transform`` returns, varies too little. Draws are cut off at the range that
        ``fit`` saw, so that those of switches and of rare counts vary less than their columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, complete or not.
        n : int, default=5
            Number of filled tables.
        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        Returns
        -------
        filled : ndarray of shape (n, n_samples, n_features_out)
            Tables as ``transform`` returns them.

        Examples
        --------
        >>> X = np.array([[1.0, 2.0], [2.0, 4.1], [3.0, 5.9], [4.0, np.nan]] * 10)
        >>> model = AutoencoderImputer(random_state=0).fit(X)
        >>> model.sample(X, 3, random_state=0).shape
        (3, 40, 2)
        """
        check_is_fitted(self)
        for name, value, check in (("n", n, integer(1)), ("random_state", random_state, seed())):
            check_value(f"{type(self).__name__}.sample", name, value, check)
        X, observed = self._check_rows(X, reset=False)
        generator = torch.Generator("cpu").manual_seed(draw_seed(plain(random_state), 0))

        def draw(x: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
            return self.module_.draw(x, known, generator)

        return np.stack(
            [self._lay_out(self._fill(X, observed, draw), observed) for _ in range(int(n))]
        )

    def score(self, X: Any, y: Any = None) -> float:
        """The share of the variance of hidden cells that is restored.

        A fifth of the observed cells of X is hidden, always the same ones, and filled again.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows, complete or not.
        y : None
            Ignored; present for scikit-learn's sake.

        Returns
        -------
        score : float
            One less the squared error over that of each column's mean in ``fit``, both in units of
            the column's deviation; 1 is the best, and means have 0.
        """
        check_is_fitted(self)
        X, observed = self._check_rows(X, reset=False)
        hidden = observed & (np.random.RandomState(0).random_sample(X.shape) < SCORED_SHARE)
        filled = self._fill(X, observed & ~hidden, self.module_.fill)
        scale = np.ones(X.shape[1])
        scale[self._has_values] = self.module_.marginals.scale.numpy()
        errors = (np.stack([filled, np.broadcast_to(self.mean_, X.shape)]) - X) / scale
        # A column that was one value in fit has no deviation to measure by.
        has_deviation = np.zeros(X.shape[1], bool)
        marginals = self.module_.marginals
        has_deviation[self._has_values] = (marginals.low < marginals.high).numpy()
        counted = hidden & has_deviation
        of_filled, of_means = np.square(errors[:, counted]).sum(axis=1)
        return float(1 - of_filled / of_means) if of_means > 0 else float(of_filled == 0)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._marks_by_nan()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = get_state(super().__getstate__())
        # A file holds plain values, whatever a search has set.
        return {n: plain(v) if n in self._parameter_checks else v for n, v in state.items()}

    def __setstate__(self, state: Any) -> None:
        attributes = read_state(type(self), AutoencoderImputer, state)
        refuse_columns(type(self), attributes)
        self.__dict__.update(attributes)

    # Steps of fit and transform.

    def _as_tensors(self, X: np.ndarray, observed: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The columns that had a value in ``fit``, with zeros in the gaps."""
        columns = self._has_values
        known = observed[:, columns]
        x = np.where(known, X[:, columns], 0).astype(np.float64)
        return torch.from_numpy(x), torch.from_numpy(known)

    def _build(self, x: torch.Tensor, known: torch.Tensor, generator: torch.Generator) -> None:
        linear = fit_linear_models(x, known, generator)
        self.architecture_ = DenseArchitecture(tuple(self.hidden_layer_sizes), self.activation)
        correction = build_correction(self.architecture_, x.shape[1], generator)
        share = torch.zeros((), dtype=torch.float64)
        self.module_ = Imputation(linear.models, linear.weights, correction, share).eval()
        self.n_factors_ = self.module_.linear[0].factors.rank
        self.mean_ = np.zeros(self.n_features_in_)
        self.mean_[self._has_values] = self.module_.marginals.centre.numpy()

    def _fill(self, X: np.ndarray, observed: np.ndarray, fill: Any) -> np.ndarray:
        """X with other numbers in its gaps; columns that are not known have zeros there."""
        filled = np.where(observed, X, 0)
        columns = self._has_values
        # Rows without gaps are what they were, and cost nothing.
        gappy = np.flatnonzero(~observed[:, columns].all(axis=1))
        with torch.inference_mode(), threads_for(len(gappy)):
            for some in blocks(len(gappy), ROWS_AT_ONCE):
                rows = gappy[some]
                x, known = self._as_tensors(X[rows], observed[rows])
                found = fill(x, known).numpy().astype(X.dtype)
                block = filled[rows]
                block[:, columns] = np.where(known, block[:, columns], found)
                filled[rows] = block
        return filled
