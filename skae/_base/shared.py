"""The parameters that all estimators share: what they may be, and their documentation."""

import re
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import torch

from skae._checks import (
    Check,
    either,
    flag,
    has_method,
    integer,
    is_real,
    one_of,
    path,
    path_and_number,
    real,
    seed,
    sizes,
)
from skae._training.optimizers import SCHEDULES, SOLVERS
from skae.architectures import ACTIVATIONS
from skae.losses import LOSSES

Class = TypeVar("Class", bound=type)


class SharedParameters(Protocol):
    """The shared parameters by name, for functions that read them and nothing else."""

    n_components: int
    whiten: bool
    hidden_layer_sizes: Sequence[int] | str
    architecture: Any
    init: str
    output_activation: str
    loss: str
    solver: str
    alpha: float | str
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float | str
    max_iter: int | str
    shuffle: bool
    tol: float
    n_iter_no_change: int
    early_stopping: bool
    validation_fraction: float
    warm_start: bool
    checkpoint: Any
    verbose: bool | int
    dtype: str
    precision: str


def _number_of_components(value: Any) -> str:
    """How to find the number that something stands for elsewhere."""
    pca = f"sklearn.decomposition.PCA({value!r}).fit(X).n_components_"
    if is_real(value) and 0 < value < 1:
        return (
            " It is no share of variance here: use the number that "
            f"AutoencoderTransformer({value!r}).fit(X).n_components_ finds, or PCA's, {pca}."
        )
    if value == "mle":
        return f" The number that this estimates is {pca}."
    return integer(1).remedy(value) or (
        " To find a number, compare some with skae.plotting.ComponentsCurveDisplay or in a grid "
        "search."
    )


SHARED_CHECKS: dict[str, Check] = {
    "n_components": integer(1)._replace(remedy=_number_of_components),
    "whiten": flag(),
    "hidden_layer_sizes": either(one_of("auto"), sizes()),
    "activation": one_of(*ACTIVATIONS),
    "architecture": either(one_of(None), has_method("build")),
    "init": one_of("pca", "random"),
    "output_activation": one_of("identity", "logistic"),
    "loss": one_of(*LOSSES),
    "solver": one_of("auto", "ridge", *SOLVERS),
    "alpha": either(one_of("auto"), real(0)),
    "batch_size": either(one_of("auto"), integer(1)),
    "learning_rate": one_of(*SCHEDULES)._replace(
        remedy=lambda value: " A rate is learning_rate_init." if is_real(value) else ""
    ),
    "learning_rate_init": either(one_of("auto"), real(0, open_low=True)),
    "max_iter": either(one_of("auto"), integer(1)),
    "shuffle": flag(),
    "tol": real(0),
    "n_iter_no_change": integer(1),
    "early_stopping": flag(),
    "validation_fraction": real(0, 1),
    "warm_start": flag(),
    "random_state": seed(),
    "checkpoint": either(one_of(None), path(), path_and_number()),
    "verbose": either(flag(), integer(0)),
    "device": Check(
        lambda value: isinstance(value, str | torch.device),
        "'auto', or a torch device such as 'cpu' or 'cuda'",
    ),
    "dtype": one_of("float32", "float64"),
    "precision": one_of("full", "mixed"),
}


def check_combinations(parameters: SharedParameters) -> None:
    """Refuse values that are right alone and cannot work together.

    Parameters
    ----------
    parameters : SharedParameters
        An estimator whose parameters were checked one by one.

    Raises
    ------
    ValueError
        If two parameters contradict each other, with the remedy.
    """
    if parameters.loss == "log_loss" and parameters.output_activation != "logistic":
        raise ValueError(
            "loss='log_loss' needs reconstructions in (0, 1): set "
            f"output_activation='logistic' (now {parameters.output_activation!r})."
        )
    if parameters.early_stopping and not parameters.validation_fraction:
        raise ValueError(
            "early_stopping=True needs held-out rows: set validation_fraction above 0 "
            f"(now {parameters.validation_fraction!r})."
        )
    if parameters.precision == "mixed" and parameters.dtype != "float32":
        raise ValueError(
            "precision='mixed' needs dtype='float32' "
            f"(now {parameters.dtype!r}): set one of the two."
        )
    if parameters.solver == "ridge":
        _check_ridge(parameters)


RIDGE_NEEDS: dict[str, Any] = {
    "init": "pca",
    "loss": "squared_error",
    "output_activation": "identity",
    "architecture": None,
    "early_stopping": False,
    "warm_start": False,
    "checkpoint": None,
}


def is_for_ridge(parameters: SharedParameters) -> bool:
    """Whether the closed form can do what the parameters ask for."""
    return all(getattr(parameters, name) == value for name, value in RIDGE_NEEDS.items())


def _check_ridge(parameters: SharedParameters) -> None:
    for name, value in RIDGE_NEEDS.items():
        if getattr(parameters, name) != value:
            raise ValueError(
                f"solver='ridge' needs {name}={value!r} (now {getattr(parameters, name)!r}). Set "
                "it, or use solver='adam'."
            )
    layers = parameters.hidden_layer_sizes
    if not isinstance(layers, str) and len(layers) != 1:
        raise ValueError(
            "solver='ridge' trains networks with one hidden layer, but hidden_layer_sizes is "
            f"{layers!r}. Use one number, such as (256,), or solver='adam'."
        )


def document_shared(kind: Class) -> Class:
    """Put the documentation of the shared parameters and attributes in their places.

    A docstring has ``{shared_parameters}`` and ``{shared_attributes}`` where they belong.

    Parameters
    ----------
    kind : type
        The class of an estimator.

    Returns
    -------
    kind : type
        The same class.

    Examples
    --------
    >>> @document_shared
    ... class Estimator:
    ...     '''Do something.
    ...
    ...     Parameters
    ...     ----------
    ...     {shared_parameters}
    ...     '''
    >>> "solver : " in Estimator.__doc__
    True
    """
    if kind.__doc__ is not None:  # python -OO has none
        parts: dict[str, Any] = {"parameters": PARAMETERS, "attributes": ATTRIBUTES}
        for name, text in parts.items():
            kind.__doc__ = kind.__doc__.replace(f"{{shared_{name}}}", _of(kind, text).strip())
    return kind


def _of(kind: type, text: str) -> str:
    """The text without the parameters that a class has made its own choice of."""
    for name in getattr(kind, "_settled", ()):
        text = re.sub(rf"\n    {name} : .*?(?=\n    \w|$)", "", text, flags=re.DOTALL)
    return text


PARAMETERS = """
    whiten : bool, default=False
        Whether each column of the linear path's code has variance one (divisor n_samples, where
        PCA has n_samples - 1). False leaves it the units of the data: the code of the start is
        ``PCA(n_components).transform(X)``, and distances between codes are those between
        reconstructions. Training is the same. Without a linear path, for ``init="random"``, codes
        have the units that the encoder learns.
    hidden_layer_sizes : sequence of int or "auto", default="auto"
        Units of each hidden layer of the encoder; the decoder mirrors them. ``()`` gives a
        linear autoencoder. "auto" begins with 256 units, or 512 for more than 256 columns, and
        halves them for up to two more layers, as long as these have more than four times
        ``n_components`` units; the closed form has (256,). Ignored where ``architecture`` is given.
    activation : {"identity", "logistic", "tanh", "relu", "gelu", "silu", "elu"}, default="gelu"
        The function after each hidden layer. Ignored where ``architecture`` is given.
    architecture : object or None, default=None
        Any object with a method ``build(n_features, n_components, generator)`` that returns an
        encoder and a decoder, two ``torch.nn.Module``. None builds
        :class:`~skae.architectures.DenseArchitecture`. With scikit-learn's ``get_params`` its
        own parameters can be searched as ``architecture__<name>``.
    init : {"pca", "random"}, default="pca"
        "pca" adds the linear path and starts from it. "random" is the classic autoencoder.
    output_activation : {"identity", "logistic"}, default="identity"
        "logistic" keeps reconstructions in (0, 1). The start is then the linear reconstruction
        through that curve, no longer the linear model itself.
    loss : {"squared_error", "absolute_error", "huber", "log_loss"}, default="squared_error"
        What training minimises, see :mod:`skae.losses`. "log_loss" needs data in [0, 1] and
        ``output_activation="logistic"``.
    solver : {"auto", "ridge", "adam", "adamw", "sgd"}, default="auto"
        "ridge" trains in closed form, for tables of few rows: encoder and decoder are ridge
        regressions on one layer of random hidden units, fitted in turns, and PCA is kept where
        the gain on rows that were left out is not clear. Batches, rates and held-out rows are
        none of its affair; ``max_iter`` counts its rounds. The others take steps on batches;
        "sgd" has Nesterov momentum 0.9. "auto" takes "ridge" for up to 2,000 rows (and 4 million
        rows times columns times components) where every parameter about networks, loss and
        course is at its default, and else "adamw".
    alpha : float or "auto", default="auto"
        Weight decay: the L2 penalty of "adam" and "sgd", decoupled for "adamw". "auto" is none for
        the former. For "adamw" it is what shrinks a weight that no gradient holds by a 32nd in an
        epoch, or an eighth for more than 256 columns, and by less in layers of more than 256
        inputs. It ends after 70 % of the epochs; biases and ``partial_fit`` have none.
    batch_size : int or "auto", default="auto"
        Rows of a batch. "auto" takes a 32nd of the training rows, from 16 to 256.
    learning_rate : {"one_cycle", "constant", "cosine"}, default="one_cycle"
        Course of the learning rate over the ``max_iter`` epochs.
    learning_rate_init : float or "auto", default="auto"
        Peak learning rate of all weights. "auto" takes 0.005 for batches of 256 rows, less by the
        root of their size below, times 256 over the inputs of each layer, at most four times. For
        "sgd" it takes 0.1, for all layers alike.
    max_iter : int or "auto", default="auto"
        Epochs. "auto" takes as many as make 4,000 steps, or 2,000 for more than 256 columns, from
        22 to 200, and ends after a third of them if no epoch was better than the start; or 12
        rounds of "ridge".
    shuffle : bool, default=True
        Whether each epoch takes the rows in a new order.
    tol : float, default=1e-4
        With ``early_stopping``, the improvement of the held-out loss that counts, as a share
        of the loss before the first epoch's.
    n_iter_no_change : int, default=10
        With ``early_stopping``, epochs without such an improvement before training stops.
    early_stopping : bool, default=False
        Whether to stop before ``max_iter`` when the held-out loss stalls. The best weights are
        kept in any case.
    validation_fraction : float, default=0.1
        Share of rows held out to choose the weights that are kept. The linear path is fitted
        on all rows. 0 holds out none and keeps the last weights.
    warm_start : bool, default=False
        Whether ``fit`` continues from the weights of the last fit.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, held-out rows and order. An int gives the same bits each time, on the
        same machine with the same versions.
    verbose : bool or int, default=0
        1 shows a progress bar with the losses where standard output is a terminal and rich is
        installed, else a line for each epoch; 2 prints lines in any case.
    device : str, default="cpu"
        A torch device such as "cuda" or "cuda:1"; "auto" takes a GPU where there is one.
    dtype : {"float32", "float64"}, default="float32"
        The type of weights and of all that is returned.
    precision : {"full", "mixed"}, default="full"
        "mixed" trains encoder and decoder with products in bfloat16, on weights in float32, where
        the device has instructions for that (AVX512-BF16 or AMX on a CPU, most GPUs); elsewhere
        it is "full". It pays from a few hundred units on. The linear path, the loss and all that
        comes after ``fit`` are in float32. Needs ``dtype="float32"``.
    checkpoint : path-like, (path-like, int) or None, default=None
        A file that keeps the state of training, written after every epoch, or with an int after
        each such number of epochs. Where it is there when ``fit`` is called with the same
        parameters and the same data, training goes on from it and ends with the same bits as if
        it had never stopped; a file of another fit is refused. It stays when training ends:
        delete it to train anew.
"""

ATTRIBUTES = """
    module_ : skae.architectures.Autoencoder
        The trained module, on the CPU, in evaluation mode.
    architecture_ : object
        What encoder and decoder were built with.
    n_iter_ : int
        Epochs run.
    best_iter_ : int
        The epoch whose weights are kept; 0 is the start.
    loss_curve_ : list of float
        Training loss per cell of each epoch, in the units of the data.
    validation_loss_curve_ : list of float
        Held-out loss of each epoch. Only where rows were held out.
    initial_validation_loss_ : float
        Held-out loss before the first step; where ``init="pca"``, of the linear start.
    n_features_in_ : int
        Columns seen in ``fit``.
    n_components_ : int
        Columns of the code.
    feature_names_in_ : ndarray of shape (``n_features_in_``,)
        Their names, where they were all strings.
"""
