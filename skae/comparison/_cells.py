"""What of each column of a table comes back from a code."""

from dataclasses import dataclass

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
        back = self.encoder.inverse_transform(encoded)
        clean = self.encoder.transform(self.test)
        shares = {}
        for number, (name, kind) in enumerate(self.encoder.kinds_.items()):
            true = self.test[name].reset_index(drop=True)
            if kind == "categories":
                shares[name] = float(_are_equal(true, back[name]).mean())
            else:
                # In standard units, before whole numbers are rounded.
                columns = self.encoder.groups_ == number
                if kind != "texts":
                    columns &= np.cumsum(columns) == 1  # not the column that marks gaps
                known = true.notna().to_numpy()
                shares[name] = _explained(clean[known][:, columns], encoded[known][:, columns])
        return shares

    def usual(self) -> dict[str, float]:
        """Say how well one can do who knows nothing of a row.

        Returns
        -------
        shares : dict of str to float
            Of categories the share of the most frequent one of training; else 0, by the mean.
        """
        shares = {}
        for name, kind in self.encoder.kinds_.items():
            shares[name] = 0.0
            if kind == "categories":
                most = self.train[name].astype(object).mode(dropna=False).iloc[:1]
                most = most.iloc[np.zeros(len(self.test), int)].reset_index(drop=True)
                true = self.test[name].reset_index(drop=True)
                shares[name] = float(_are_equal(true, most).mean())
        return shares


def _are_equal(true: pd.Series, found: pd.Series) -> pd.Series:
    true, found = true.astype(object), found.astype(object)
    return (true == found).fillna(False).astype(bool) | (true.isna() & found.isna())


def _explained(clean: np.ndarray, found: np.ndarray) -> float:
    deviation = np.square(clean - clean.mean(axis=0), dtype=np.float64).sum() if len(clean) else 0.0
    error = np.square(clean - found, dtype=np.float64).sum()
    return float(1 - error / deviation) if deviation > 0 else float("nan")
