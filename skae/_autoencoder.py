"""Nonlinear dimensionality reduction that starts from PCA."""

from collections.abc import Sequence
from typing import Any

from skae._base import BaseAutoencoder


class AutoencoderTransformer(BaseAutoencoder):
    """Dimensionality reduction by an autoencoder that is never worse than PCA by design.

    An encoder maps each row to a code of ``n_components`` numbers, a decoder maps the code
    back. Both are a neural network beside a fixed linear path, the principal axes of the
    training rows, and both networks start at zero: before the first step the estimator *is*
    PCA. The weights that are kept are the best seen on held-out rows, that start included.

    Columns are centred but not scaled, as in PCA: put a ``StandardScaler`` in front where
    they have different units.

    Parameters
    ----------
    n_components : int, default=2
        Columns of the code.
    hidden_layer_sizes : sequence of int, default=(512, 256)
        Units of each hidden layer of the encoder; the decoder mirrors them. ``()`` gives a
        linear autoencoder. Ignored where ``architecture`` is given.
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
        "logistic" keeps reconstructions in (0, 1). The start is then PCA's reconstruction
        through that curve, no longer PCA itself.
    loss : {"squared_error", "absolute_error", "huber", "log_loss"}, default="squared_error"
        What training minimises, see :mod:`skae.losses`. "log_loss" needs data in [0, 1] and
        ``output_activation="logistic"``.
    solver : {"adam", "adamw", "sgd"}, default="adam"
        The optimiser; "sgd" has Nesterov momentum 0.9.
    alpha : float, default=0.0
        Weight decay: the L2 penalty of "adam" and "sgd", decoupled for "adamw".
    batch_size : int or "auto", default="auto"
        Rows of a batch. "auto" takes a 32nd of the training rows, from 16 to 256.
    learning_rate : {"one_cycle", "constant", "cosine"}, default="one_cycle"
        Course of the learning rate over the ``max_iter`` epochs.
    learning_rate_init : float or "auto", default="auto"
        Peak learning rate of all weights. "auto" takes 0.005 for batches of 256 rows, less by the
        root of their size below, times 256 over the inputs of each layer, at most four times. For
        "sgd" it takes 0.1, for all layers alike.
    max_iter : int or "auto", default="auto"
        Epochs. "auto" takes as many as make 5,000 steps, from 20 to 200.
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
        Of weights and of all that is returned.
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

    Attributes
    ----------
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
        Held-out loss of each epoch; where ``init="pca"``, the linear start comes first in
        ``initial_validation_loss_``.
    initial_validation_loss_ : float
        Held-out loss before the first step.
    mean_ : ndarray of shape (n_features,)
        Mean of the training rows.
    components_ : ndarray of shape (n_components, n_features)
        Axes of the linear path, as PCA's; zero beyond the rank of the data. Only where
        ``init="pca"``.
    explained_variance_ : ndarray of shape (n_components,)
        Variance along each axis (divisor n_samples - 1, as PCA's). Only where ``init="pca"``.
    n_features_in_ : int
        Columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (``n_features_in_``,)
        Their names, where they were all strings.

    See Also
    --------
    sklearn.decomposition.PCA : The linear method that this one starts from.

    Notes
    -----
    Autoencoders for dimensionality reduction: Hinton and Salakhutdinov, "Reducing the
    Dimensionality of Data with Neural Networks", Science 313 (2006).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from skae import AutoencoderTransformer
    >>> X = load_digits(return_X_y=True)[0]
    >>> autoencoder = AutoencoderTransformer(8, max_iter=20, random_state=0).fit(X)
    >>> autoencoder.transform(X).shape
    (1797, 8)
    >>> bool(autoencoder.score(X) > PCA(8).fit(X).explained_variance_ratio_.sum())
    True
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        hidden_layer_sizes: Sequence[int] = (512, 256),
        activation: str = "gelu",
        architecture: Any = None,
        init: str = "pca",
        output_activation: str = "identity",
        loss: str = "squared_error",
        solver: str = "adam",
        alpha: float = 0.0,
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
