"""From a table to codes and back to the table, in one Pipeline."""

from typing import Any

from sklearn.pipeline import Pipeline, make_pipeline

from skae._tables.encoder import TableEncoder


def make_table_pipeline(estimator: Any) -> Pipeline:
    """Put a ``TableEncoder`` before an estimator.

    Parameters
    ----------
    estimator : estimator
        An autoencoder, or any estimator that takes rows of numbers.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        ``make_pipeline(TableEncoder(), estimator)``. It is fitted with a DataFrame of numbers,
        words, dates and gaps, and its ``inverse_transform`` returns one.

    See Also
    --------
    TableEncoder : How each kind of column is written as numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from skae import AutoencoderTransformer, make_table_pipeline
    >>> table = pd.DataFrame({"petal": [1.4, None, 4.7, 4.5], "blue": [False, True, True, True]})
    >>> model = make_table_pipeline(AutoencoderTransformer(2, random_state=0)).fit(table)
    >>> codes = model.transform(table)
    >>> codes.shape, list(model.inverse_transform(codes))
    ((4, 2), ['petal', 'blue'])
    """
    return make_pipeline(TableEncoder(), estimator)
