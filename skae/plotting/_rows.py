"""Rows of any kind that ``fit`` takes, as a display needs them."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.pipeline import Pipeline
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


def has_words(X: Any) -> bool:
    """Whether some column of a frame holds something else than numbers.

    Parameters
    ----------
    X : array-like, frame or sparse matrix of shape (n_samples, n_features)
        Rows.

    Returns
    -------
    has_words : bool
        False for anything but a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> has_words(pd.DataFrame({"a": [1.5], "b": ["red"]})), has_words([[1, 2]])
    (True, False)
    """
    return hasattr(X, "columns") and any(
        np.asarray(X[name]).dtype.kind not in "biuf" for name in X.columns
    )


def step_with(estimator: Any, *attributes: str) -> tuple[str, Any]:
    """The step of a Pipeline that has an attribute, or the estimator itself.

    Parameters
    ----------
    estimator : estimator instance
        A Pipeline, or an estimator alone.
    *attributes : str
        What the step has: the first of these that any step has.

    Returns
    -------
    name : str
        Of the step; empty where the estimator is no Pipeline.
    step : estimator instance
        The last step that has the attribute.

    Raises
    ------
    ValueError
        If no step has it.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> step_with(make_pipeline(StandardScaler(), PCA(2)), "n_components")
    ('pca', PCA(n_components=2))
    """
    if not isinstance(estimator, Pipeline):
        return "", estimator
    for attribute in attributes:
        for name, step in reversed(estimator.steps):
            if hasattr(step, attribute):
                return name, step
    steps = ", ".join(name for name, _ in estimator.steps)
    raise ValueError(
        f"None of the steps of the Pipeline, {steps}, has {attributes[0]}. Put an autoencoder into "
        "it."
    )
