"""Nonlinear dimensionality reduction that starts from PCA."""

from collections.abc import Sequence
from typing import Any

from skae._base.components import count_for_share, search_for_share
from skae._base.estimator import BaseAutoencoder
from skae._base.shared import document_shared
from skae._checks import is_integer, number_or_share
from skae._rows.batches import Pairs


@document_shared
class AutoencoderTransformer(BaseAutoencoder):
    """Dimensionality reduction by an autoencoder that starts from PCA.

    An encoder maps each row to a code of ``n_components`` numbers, a decoder maps the code
    back. Both are a neural network beside a fixed linear path, the principal axes of the
    training rows, and both networks start at zero: before the first step the estimator *is*
    PCA. The weights that are kept are those with the least error of reconstruction on held-out
    rows, that start included.

    Columns are centred but not scaled, as in PCA: put a ``StandardScaler`` in front where
    they have different units.

    Parameters
    ----------
    n_components : int or float, default=2
        Columns of the code. A number between 0 and 1 takes the fewest that explain that share of
        the variance of held-out rows, and never more than PCA needs for it on the training rows. It
        is found by bisection, a fit for each step; :class:`OrderedAutoencoder` needs one for all.
        ``partial_fit`` takes PCA's number for the rows of its first call.
    {shared_parameters}

    Attributes
    ----------
    {shared_attributes}
    mean_ : ndarray of shape (n_features,)
        Mean of the training rows.
    components_ : ndarray of shape (n_components, n_features)
        Axes of the linear path, as PCA's; zero beyond the rank of the data. Only where
        ``init="pca"``.
    explained_variance_ : ndarray of shape (n_components,)
        Variance along each axis (divisor n_samples - 1, as PCA's). Only where ``init="pca"``.

    See Also
    --------
    OrderedAutoencoder : Codes of every size from one fit.
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

    _parameter_checks = {
        **BaseAutoencoder._parameter_checks,
        "n_components": number_or_share(BaseAutoencoder._parameter_checks["n_components"]),
    }

    def __init__(
        self,
        n_components: int | float = 2,
        *,
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

    def _settle_components(
        self, X: Any, pairs: Pairs, seed: int, first: bool, *, whole: bool
    ) -> int:
        share = self.n_components
        if is_integer(share):
            return int(share)
        if not first:
            return self._n_features_out
        most = count_for_share(X, share, seed, pairs.weights, self.dtype)
        return search_for_share(self, X, pairs.weights, share, most, seed) if whole else most
