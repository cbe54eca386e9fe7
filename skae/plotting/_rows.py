"""Rows of any kind that ``fit`` takes, as a display needs them."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import check_array


def first_rows(X: Any, n: int) -> Any:
    """The first rows, in the container that the estimator knows.

    Parameters
    ----------
    X : array-like, frame or sparse matrix of shape (n_samples, n_features)
        Rows.
    n : int
        How many of them.

    Returns
    -------
    rows : object
        Of the kind of X; a sparse matrix is CSR.

    Examples
    --------
    >>> first_rows([[1, 2], [3, 4]], 1)
    [[1, 2]]
    """
    return X.tocsr()[:n] if sparse.issparse(X) else X[:n]


def dense_rows(X: Any) -> np.ndarray:
    """The rows as an array of finite numbers.

    Parameters
    ----------
    X : array-like, frame or sparse matrix of shape (n_samples, n_features)
        Rows.

    Returns
    -------
    rows : ndarray of shape (n_samples, n_features)
        What is drawn of them, or measured against.

    Raises
    ------
    ValueError
        If they are not numbers, not finite, or no table.

    Examples
    --------
    >>> dense_rows([[1, 2], [3, 4]])
    array([[1, 2],
           [3, 4]])
    """
    return check_array(X.toarray() if sparse.issparse(X) else X)
