"""The linear model that an autoencoder starts from, and that its networks correct."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skae._linear.axes import principal_axes

NEGLIGIBLE = 1e-16
"""Weights below this are zero: the others turn cells of about one into codes of about one."""


@dataclass(frozen=True)
class LinearPath:
    """A linear map of some rank from source rows to target rows, in float64.

    A source row x goes to ``target_mean + components.T @ projections @ (x - mean)``.

    Attributes
    ----------
    mean, target_mean : ndarray of shape (n_features,)
        Column means of the source and of the target.
    scale, target_scale : float
        Root mean square deviation of their cells from those means; 1 for constant rows.
    projections : ndarray of shape (rank, n_features)
        Maps centred source rows to linear codes. ``rank`` is at most the number that was asked
        for, less where the data have fewer directions.
    components : ndarray of shape (rank, n_features)
        Orthonormal rows, maps linear codes to centred target rows.
    variances : ndarray of shape (rank,)
        Variance of each column of the linear code, with divisor n_samples; all above zero.
    """

    mean: np.ndarray
    scale: float
    target_mean: np.ndarray
    target_scale: float
    projections: np.ndarray
    components: np.ndarray
    variances: np.ndarray

    def deviations(self, n_components: int) -> np.ndarray:
        """Standard deviation of each of so many columns of the linear code.

        Columns beyond the rank are zero in the linear code. What a network writes there is given
        the least deviation of the others.
        """
        found = np.sqrt(self.variances)
        least = found[-1] if len(found) else self.target_scale
        return np.append(found, np.full(n_components - len(found), least))

    def products(self, n_components: int) -> tuple[np.ndarray, np.ndarray]:
        """The products that take standardised rows to whitened codes, and back.

        Parameters
        ----------
        n_components : int
            Columns of the code; those beyond the rank are zero.

        Returns
        -------
        to_code : ndarray of shape (n_features, n_components)
            Maps a standardised source row to a code whose columns have variance one.
        from_code : ndarray of shape (n_components, n_features)
            Maps such a code to a standardised target row.
        """
        rank, n_features = self.components.shape
        deviations = np.sqrt(self.variances)[:, None]
        to_code = np.zeros((n_features, n_components))
        to_code[:, :rank] = (self.projections * (self.scale / deviations)).T
        from_code = np.zeros((n_components, n_features))
        from_code[:rank] = self.components * (deviations / self.target_scale)
        for product in (to_code, from_code):
            # Constant columns leave rounding errors: as denormal numbers in float32 they would
            # slow every product with them tenfold.
            product[np.abs(product) < NEGLIGIBLE] = 0
        return to_code, from_code


def pca_path(
    X: Any,
    n_components: int,
    seed: int,
    weights: np.ndarray | None = None,
    dtype: str = "float64",
) -> LinearPath:
    """Fit PCA, the best linear autoencoder.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n_samples, n_features)
        The training rows, source and target at once.
    n_components : int
        Rank that is wanted; 0 gives means and scales alone.
    seed : int
        Seed of the randomised solvers for wide data.
    weights : ndarray of float64 of shape (n_samples,), default=None
        What each row counts, above zero; None counts them alike.
    dtype : {"float32", "float64"}, default="float64"
        What the centred rows are cast to.

    Returns
    -------
    path : LinearPath
        Its projections are its components.

    Examples
    --------
    >>> import numpy as np
    >>> path = pca_path(np.array([[0., 0.], [2., 0.], [0., 1.], [2., 1.]]), 1, seed=0)
    >>> path.variances, np.abs(path.components)
    (array([1.]), array([[1., 0.]]))
    """
    axes = principal_axes(X, n_components, seed, weights, dtype)
    scale = (axes.total_variance / X.shape[1]) ** 0.5 or 1.0
    return LinearPath(
        axes.mean, scale, axes.mean, scale, axes.components, axes.components, axes.variances
    )
