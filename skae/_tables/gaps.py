"""What stands where a number is missing: the one place that decides it."""

from sklearn.impute import SimpleImputer


def gap_filler() -> SimpleImputer:
    """Build the imputer of encoded rows, in which NaN stands for a number that is missing.

    Returns
    -------
    imputer : estimator
        Not fitted; it keeps every column. Another column already says where the gaps were.

    Examples
    --------
    >>> gap_filler().fit_transform([[0.0], [None], [4.0]]).ravel()
    array([0., 2., 4.])
    """
    return SimpleImputer(strategy="median", keep_empty_features=True)
