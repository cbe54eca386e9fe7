"""What makes features of images for a linear classifier: codes, kernels, hidden units."""

from collections.abc import Callable

import numpy as np
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, KernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.kernel_approximation import Nystroem
from sklearn.neighbors import NeighborhoodComponentsAnalysis

from skae import (
    AutoencoderTransformer,
    DenoisingAutoencoder,
    HiddenFeatures,
    SupervisedAutoencoder,
)
from skae.architectures import ConvArchitecture

K = 64
HIDDEN = (512, 256)
TAKES_LABELS = ("LDA", "PLS", "NCA", "supervised", "the same without")
"""How the names of methods begin that are fitted anew for each draw of labels."""


def methods() -> dict[str, Callable]:
    """Functions of rows and labels (-1 for none), by name; None stands for the pixels."""
    n_units = 2 * sum(HIDDEN)
    return {
        "raw": lambda X, y: None,
        f"PCA({K})": lambda X, y: PCA(K, random_state=0).fit(X),
        f"PCA({K}), whitened": lambda X, y: PCA(K, whiten=True, random_state=0).fit(X),
        f"kernel PCA({K}) of 5,000 rows": lambda X, y: kernel_pca(X[:5000]),
        f"Nystroem({n_units})": lambda X, y: nystroem(X, n_units),
        f"random ReLU({n_units})": lambda X, y: RandomUnits(n_units).fit(X),
        f"code of {K}": lambda X, y: AutoencoderTransformer(K, random_state=0).fit(X),
        "hidden units, (512, 256)": lambda X, y: masked().fit(X),
        "hidden units, default layers": lambda X, y: masked("auto", "auto").fit(X),
        "hidden units, (1000, 1000)": lambda X, y: masked(K, (1000, 1000)).fit(X),
        "hidden units, convolutions": lambda X, y: masked(
            architecture=ConvArchitecture(kernel_size=5), max_iter=8
        ).fit(X),
        "LDA": lambda X, y: LinearDiscriminantAnalysis().fit(X[y >= 0], y[y >= 0]),
        "PLS(16)": lambda X, y: PLSRegression(16, scale=False).fit(
            X[y >= 0], np.eye(10)[y[y >= 0]]
        ),
        f"NCA({K})": lambda X, y: nca(X[y >= 0], y[y >= 0]),
        f"supervised code of {K}": lambda X, y: SupervisedAutoencoder(K, random_state=0).fit(X, y),
        "the same without unlabelled rows": lambda X, y: SupervisedAutoencoder(
            K, random_state=0
        ).fit(X[y >= 0], y[y >= 0]),
    }  # fmt: skip


class RandomUnits:
    """As many ReLU units as another method has features, with weights that nobody trained."""

    def __init__(self, n_units: int):
        self.n_units = n_units

    def fit(self, X):
        """Draw the weights."""
        rng = np.random.default_rng(0)
        self.weights = rng.normal(size=(X.shape[1], self.n_units)) / X.std() / X.shape[1] ** 0.5
        self.bias = rng.normal(size=self.n_units)
        return self

    def transform(self, X):
        """Return the units."""
        return np.maximum(X @ self.weights + self.bias, 0).astype(np.float32)


def masked(n_components=K, hidden_layer_sizes=HIDDEN, **parameters):
    """The denoiser whose hidden units tell most: half of the pixels are hidden."""
    denoiser = DenoisingAutoencoder(
        n_components, hidden_layer_sizes=hidden_layer_sizes, noise="masking", noise_level=0.5,
        random_state=0, **parameters,
    )  # fmt: skip
    return HiddenFeatures(denoiser)


def inverse_width(X) -> float:
    """Of a Gaussian kernel: of 1, 2 and 4 over the median squared distance the best on images."""
    some = X[:500]
    return 2 / float(np.median(np.square(some[:, None] - some[None]).sum(axis=2)))


def kernel_pca(X):
    """Its memory and time grow with the square of the rows."""
    return KernelPCA(K, kernel="rbf", gamma=inverse_width(X), eigen_solver="randomized").fit(X)


def nystroem(X, n_units):
    """As many landmarks as another method has features."""
    return Nystroem(gamma=inverse_width(X), n_components=n_units, random_state=0).fit(X)


def nca(X, y):
    """Only for few labels: its time grows with their square."""
    if len(y) > 500:
        raise NotImplementedError("NCA takes minutes for each draw")
    return NeighborhoodComponentsAnalysis(K, init="pca", max_iter=50, random_state=0).fit(X, y)
