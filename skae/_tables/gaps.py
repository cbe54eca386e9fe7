"""What stands where a number is missing: the one place that decides it."""

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer

from skae._imputer import AutoencoderImputer

MOST_COLUMNS = 200
"""A model of more takes longer than what comes after it."""

MODELLED = "with what the other columns let one expect"
MEDIANS = "with the median of the training rows"


def fit_gap_filler(X: Any) -> Any:
    """Fit an imputer to encoded rows, in which NaN stands for a number that is missing.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The training rows.

    Returns
    -------
    imputer : estimator
        It keeps every column; another column already says where the gaps were. The linear models of
        ``AutoencoderImputer`` where training has gaps to learn from, in up to 200 columns; else
        medians.

    Examples
    --------
    >>> fit_gap_filler([[0.0, 1.0], [1.0, 2.0], [4.0, 5.0]]).transform([[np.nan, 2.0]])
    array([[1., 2.]])
    >>> t = np.arange(40.0)
    >>> rows = np.column_stack([t, np.where(t % 5, 3 * t, np.nan)])
    >>> fit_gap_filler(rows).transform([[10.0, np.nan]]).round()
    array([[10., 30.]])
    """
    rows = np.asarray(X)
    if rows.shape[1] <= MOST_COLUMNS and np.isnan(rows).any() and not np.isnan(rows).all():
        return AutoencoderImputer(
            hidden_layer_sizes=(), keep_empty_features=True, random_state=0
        ).fit(rows)
    return SimpleImputer(strategy="median", keep_empty_features=True).fit(rows)


def about_filling(filler: Any) -> str:
    """Say with what gaps are filled.

    Parameters
    ----------
    filler : estimator
        From ``fit_gap_filler``.

    Returns
    -------
    words : str
        The end of a sentence.

    Examples
    --------
    >>> about_filling(fit_gap_filler([[1.0], [2.0]]))
    'with the median of the training rows'
    """
    return MODELLED if isinstance(filler, AutoencoderImputer) else MEDIANS
