"""Applying a trained module to many rows, with memory bounded by the batch."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.utils import assert_all_finite

from skae._rows.tensors import as_tensor, gather, rows_at_once
from skae.architectures import in_full_precision


def apply_to_rows(
    function: Callable[[torch.Tensor], torch.Tensor],
    X: Any,
    n_columns: int,
    dtype: str,
    check_values: Callable[[Any], None] = assert_all_finite,
    hides_bad_values: bool = True,
) -> np.ndarray:
    """Apply a function of tensors to the rows of X, a batch at a time.

    Parameters
    ----------
    function : callable
        Maps (n, n_features) to (n, n_columns), row by row.
    X : ndarray or CSR array of shape (n_samples, n_features)
        The rows; only those of a batch are ever dense.
    n_columns : int
        Columns of the result.
    dtype : {"float32", "float64"}
        The type of the result.
    check_values : callable, default=sklearn.utils.assert_all_finite
        Raises an error for rows of X with values that the model does not take. It is called only
        where there may be some.
    hides_bad_values : bool, default=True
        Whether the function may make finite values of others, as a saturated activation does. A
        sum of products cannot: one term that is not finite makes the sum so.

    Returns
    -------
    result : ndarray of shape (n_samples, n_columns)
        The function's values.

    Raises
    ------
    ValueError
        If a value of X or of the result is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> apply_to_rows(torch.square, np.array([[1.0], [2.0]]), 1, "float64")
    array([[1.],
           [4.]])
    """
    result = np.empty((X.shape[0], n_columns), dtype=dtype)
    source = as_tensor(X, "cpu")
    n_rows = rows_at_once(max(X.shape[1], n_columns))
    with torch.inference_mode(), in_full_precision("cpu"):
        for start in range(0, X.shape[0], n_rows):
            rows = slice(start, start + n_rows)
            batch = gather(source, rows, "cpu")
            # Look at the rows only where the function could hide what is wrong with them, and let
            # scikit-learn's own check say which value it is.
            bad_rows = hides_bad_values and not _is_finite(batch)
            output = function(batch)
            bad_output = not _is_finite(output)
            if bad_rows or bad_output:
                check_values(X[rows])
            if bad_output:
                raise ValueError(
                    f"The result is not finite in {dtype}: X holds values too far from the "
                    "training rows. Scale X, or use dtype='float64'."
                )
            result[rows] = output.numpy()
    return result


def _is_finite(values: torch.Tensor) -> bool:
    # A finite sum, read once, has finite terms; that of finite terms may overflow.
    return math.isfinite(values.sum()) or bool(values.isfinite().all())
