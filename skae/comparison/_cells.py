"""What of each column of a table comes back from a code."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from skae import TableEncoder


@dataclass
class Cells:
    """Held-out rows as cells of a table, to which reconstructions are compared.

    Parameters
    ----------
    encoder : TableEncoder
        Fitted to the training rows.
    train, test : DataFrame
        The rows, their words read.

    Examples
    --------
    >>> train = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "kind": ["a", "a", "a", "b"]})
    >>> cells = Cells(TableEncoder().fit(train), train, train.iloc[1:])
    >>> cells.usual()
    {'x': 0.0, 'kind': 0.666...}
    >>> cells.restored(cells.encoder.transform(cells.test))
    {'x': 1.0, 'kind': 1.0}
    """

    encoder: TableEncoder
    train: pd.DataFrame
    test: pd.DataFrame

    def restored(self, encoded: np.ndarray) -> dict[str, float]:
        """Compare a reconstruction, column by column.

        Parameters
        ----------
        encoded : ndarray of shape (n_test, n_features_out)
            A reconstruction of the held-out rows.

        Returns
        -------
        shares : dict of str to float
            Of categories the share that is right, gaps included; of numbers, dates and texts the
            share of the variance that is explained where they are known.
        """
        losses = self.losses(encoded)
        return {name: self._share(name, losses[name]) for name in losses}

    def losses(self, encoded: np.ndarray) -> dict[str, np.ndarray]:
        """Say what each row loses, column by column.

        Parameters
        ----------
        encoded : ndarray of shape (n_test, n_features_out)
            A reconstruction of the held-out rows.

        Returns
        -------
        losses : dict of str to ndarray of shape (n_test,)
            Of categories 0 or 1, as they are right or wrong; of numbers, dates and texts the
            squared error in standard units, NaN where a cell is not known.
        """
        back = self.encoder.inverse_transform(encoded)
        losses = {}
        for name, kind in self.encoder.kinds_.items():
            if kind == "categories":
                losses[name] = 1.0 - _are_equal(self._true(name), back[name]).to_numpy(float)
            else:
                columns, known = self._columns(name), self._true(name).notna().to_numpy()
                # In standard units, before whole numbers are rounded.
                error = (self._clean[:, columns] - encoded[:, columns]).astype(np.float64)
                losses[name] = np.where(known, np.square(error).sum(axis=1), np.nan)
        return losses

    @cached_property
    def usual_losses(self) -> dict[str, np.ndarray]:
        """What each row loses for one who knows nothing of it.

        As in ``losses``, by the most frequent category of training, or by the mean.
        """
        losses = {}
        for name, kind in self.encoder.kinds_.items():
            true = self._true(name)
            if kind == "categories":
                most = self.train[name].astype(object).mode(dropna=False).iloc[:1]
                most = most.iloc[np.zeros(len(self.test), int)].reset_index(drop=True)
                losses[name] = 1.0 - _are_equal(true, most).to_numpy(float)
            else:
                known = true.notna().to_numpy()
                clean = self._clean[:, self._columns(name)].astype(np.float64)
                mean = clean[known].mean(axis=0) if known.any() else 0.0
                losses[name] = np.where(known, np.square(clean - mean).sum(axis=1), np.nan)
        return losses

    def usual(self) -> dict[str, float]:
        """Say how well one can do who knows nothing of a row.

        Returns
        -------
        shares : dict of str to float
            Of categories the share of the most frequent one of training; else 0, by the mean.
        """
        losses = self.usual_losses
        kinds = self.encoder.kinds_
        return {n: self._share(n, losses[n]) if kinds[n] == "categories" else 0.0 for n in losses}

    @cached_property
    def _clean(self) -> np.ndarray:
        return self.encoder.transform(self.test)

    def _true(self, name: str) -> pd.Series:
        return self.test[name].reset_index(drop=True)

    def _columns(self, name: str) -> np.ndarray:
        """Numbers that a column is written as, without the one that marks gaps."""
        columns = self.encoder.groups_ == list(self.encoder.kinds_).index(name)
        return (
            columns if self.encoder.kinds_[name] == "texts" else columns & (columns.cumsum() == 1)
        )

    def _share(self, name: str, losses: np.ndarray) -> float:
        if self.encoder.kinds_[name] == "categories":
            return float(1 - losses.mean())
        whole = np.nansum(self.usual_losses[name])
        return float(1 - np.nansum(losses) / whole) if whole > 0 else float("nan")


def _are_equal(true: pd.Series, found: pd.Series) -> pd.Series:
    true, found = true.astype(object), found.astype(object)
    return (true == found).fillna(False).astype(bool) | (true.isna() & found.isna())
