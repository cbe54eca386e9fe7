"""A table with everything in it as numbers, and back."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skae._doc_link import DocLinkMixin


class TableEncoder(DocLinkMixin, TransformerMixin, BaseEstimator):
    """Numbers, words, dates and gaps as numbers for an autoencoder, and back.

    Each column of a table becomes a block of numbers whose variances sum to one, so that all
    columns count alike in a squared error:

    - Numbers, dates and durations are standardised. Where training has gaps, these are filled with
      what the other columns let one expect, by the linear models of ``AutoencoderImputer`` (in more
      than 200 columns with the median), and a second column says where they were.
    - Words and bools become 0 or 1 for each category, divided by one number. A gap is a category.
    - Texts, which are more than 40 different words, become 30 numbers by skrub's StringEncoder.
    - Numbers in words ("$1,200", "54,6 %") are read, dates in words and names of gaps ("N/A") are
      found by skrub's Cleaner.

    ``inverse_transform`` returns the table: a category is that of the largest number, a text the
    nearest of training, a whole number is rounded, and a gap is a gap.

    Attributes
    ----------
    groups_ : ndarray of int of shape (n_features_out,)
        The number of the column of the table that each encoded column belongs to, as
        ``skae.corruption.Swap(groups=...)`` takes them.
    kinds_ : dict of str to str
        What each column of the table is: "numbers", "dates", "categories" or "texts".
    imputer_ : estimator
        What fills the gaps of encoded rows.
    feature_names_in_ : ndarray of str of shape (n_columns,)
        Names of the table's columns.
    n_features_in_ : int
        Number of the table's columns.

    See Also
    --------
    make_table_pipeline : The encoder and an estimator in a Pipeline.
    sklearn.compose.ColumnTransformer : The same with steps of your own, and without a way back.

    Notes
    -----
    One squared error over numbers and categories whose blocks weigh alike is that of factor
    analysis of mixed data: Pages, "Analyse factorielle de donnees mixtes", Revue de Statistique
    Appliquee 52 (2004).

    Examples
    --------
    >>> import pandas as pd
    >>> from skae import TableEncoder
    >>> table = pd.DataFrame({"petal": [1.4, None, 4.7], "blue": [False, True, True]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.get_feature_names_out()
    array(['petal', 'petal_missing', 'blue_False', 'blue_True'], dtype=object)
    >>> encoder.inverse_transform(encoder.transform(table))
       petal   blue
    0    1.4  False
    1    NaN   True
    2    4.7   True
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn how each column is written.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_columns)
            The table, of pandas or polars.
        y : object, default=None
            Not used.

        Returns
        -------
        self : object
            The fitted encoder.

        Raises
        ------
        ValueError
            If two columns have one name, or a number is infinite.
        ImportError
            If a column holds words and skrub is not installed.
        """
        from skae._tables.gaps import fit_gap_filler
        from skae._tables.kinds import kind_of
        from skae._tables.words import as_frame, fit_reader

        frame = as_frame(X)
        self.feature_names_in_ = frame.columns.to_numpy(object)
        self.n_features_in_ = frame.shape[1]
        # Words are read first: they may be numbers or dates.
        self._reader, frame = fit_reader(frame)
        self._columns = [kind_of(frame[name], name).fit(frame[name]) for name in frame]
        self.kinds_ = {column.name: type(column).__name__.lower() for column in self._columns}
        widths = [len(column.names()) for column in self._columns]
        self.groups_ = np.repeat(np.arange(len(widths)), widths)
        self.imputer_ = fit_gap_filler(self._encode(frame))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Write rows of a table as numbers.

        Parameters
        ----------
        X : DataFrame of shape (n_samples, n_columns)
            Its columns are found by their names; others are not used.

        Returns
        -------
        encoded : ndarray of float32, shape (n_samples, n_features_out)
            Without gaps.

        Raises
        ------
        ValueError
            If a column is missing, or a number is infinite.
        """
        from skae._tables.words import as_frame, read_words

        check_is_fitted(self)
        frame = as_frame(X)
        missing = [name for name in self.feature_names_in_ if name not in frame]
        if missing:
            raise ValueError(
                f"X has no column {missing[0]!r}, which TableEncoder was fitted with. Its columns "
                f"must be {', '.join(self.feature_names_in_)}."
            )
        frame = read_words(self._reader, frame[list(self.feature_names_in_)])
        return self.imputer_.transform(self._encode(frame)).astype(np.float32)

    def inverse_transform(self, X: Any) -> Any:
        """Read numbers as rows of the table.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out)
            Encoded rows, or reconstructions of them.

        Returns
        -------
        table : pandas.DataFrame of shape (n_samples, n_columns)
            With the names of the columns, and the dtypes as they were read.

        Raises
        ------
        ValueError
            If X has another number of columns.
        """
        import pandas as pd

        check_is_fitted(self)
        values = np.asarray(X)
        if values.ndim != 2 or values.shape[1] != len(self.groups_):
            raise ValueError(
                f"X has the shape {values.shape}, but TableEncoder wrote {len(self.groups_)} "
                "columns. Use rows as transform returns them."
            )
        blocks = (values[:, self.groups_ == number] for number in range(len(self._columns)))
        columns = [c.decode(block) for c, block in zip(self._columns, blocks, strict=True)]
        return pd.concat(columns, axis=1, keys=[column.name for column in self._columns])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the encoded columns.

        Parameters
        ----------
        input_features : object, default=None
            Not used.

        Returns
        -------
        names : ndarray of str of shape (n_features_out,)
            The name of a column, with its category or the number of its component.
        """
        check_is_fitted(self)
        return np.array([name for c in self._columns for name in c.names()], dtype=object)

    def _encode(self, frame: Any) -> np.ndarray:
        return np.hstack([column.encode(frame[column.name]) for column in self._columns])
