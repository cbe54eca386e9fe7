"""One column as numbers and back: numbers, dates, categories and texts.

Each kind learns from the training rows how to write a column as a block of numbers, in which a gap
in a number is NaN, and how to read a block back as the column that it was. A block's variances sum
to one, or a little less where it has gaps: every column of the table counts alike.
"""

from typing import Any

import numpy as np
import pandas as pd

TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""Of each unit in a second."""

STEPS_IN_SECONDS = (86400, 1, 1e-3, 1e-6)
FIRST_AND_LAST_SECOND = -62135596800, 253402300799
"""The years 1 to 9999, which are all that can be written."""

N_TEXT_COMPONENTS = 30
"""Numbers for a text, as skrub's TableVectorizer has them."""


class Column:
    """What all kinds share.

    Parameters
    ----------
    name : str
        The column's name.
    """

    def __init__(self, name: str):
        self.name = name
        self.dtype: Any = None

    def fit(self, column: pd.Series) -> "Column":
        """Learn from the training rows.

        Parameters
        ----------
        column : Series
            Their cells.

        Returns
        -------
        self : Column
            This column.
        """
        raise NotImplementedError

    def encode(self, column: pd.Series) -> np.ndarray:
        """Write cells as numbers.

        Parameters
        ----------
        column : Series of length n
            Cells, of these rows or of others.

        Returns
        -------
        block : ndarray of float64, shape (n, len(self.names()))
            NaN stands for a number that is missing.
        """
        raise NotImplementedError

    def decode(self, block: np.ndarray) -> pd.Series:
        """Read numbers as the cells that they are nearest to.

        Parameters
        ----------
        block : ndarray of shape (n, len(self.names()))
            As ``encode`` returns it, or a reconstruction of it.

        Returns
        -------
        column : Series of length n
            Of the training column's dtype, where that can hold its gaps.
        """
        raise NotImplementedError

    def names(self) -> list[str]:
        """Name the numbers.

        Returns
        -------
        names : list of str
            One for each column of a block.
        """
        raise NotImplementedError


class Numbers(Column):
    """Numbers, standardised; a second column says where they are missing, if any are."""

    unit = ""

    def fit(self, column: pd.Series) -> "Numbers":
        self.dtype = column.dtype
        values = self._values(column)
        seen = values[~np.isnan(values)]
        # Differences from the first value are exact, so that its digits cost no others.
        self.origin = float(seen[0]) if len(seen) else 0.0
        differences = seen - self.origin
        self.mean = float(differences.mean()) if len(seen) else 0.0
        self.scale = (float(differences.std()) if len(seen) else 0.0) or 1.0
        self.has_gaps = len(seen) < len(values)
        return self

    def encode(self, column: pd.Series) -> np.ndarray:
        values = self._values(column)
        block = (values - self.origin - self.mean)[:, np.newaxis] / self.scale
        return np.hstack([block, np.isnan(block)]) if self.has_gaps else block

    def decode(self, block: np.ndarray) -> pd.Series:
        values = block[:, 0].astype(np.float64) * self.scale + self.mean + self.origin
        if self.has_gaps:
            values[block[:, 1] > 0.5] = np.nan
        return self._cells(values)

    def names(self) -> list[str]:
        name = f"{self.name}{self.unit}"
        return [name, f"{self.name}_missing"] if self.has_gaps else [name]

    def _values(self, column: pd.Series) -> np.ndarray:
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
        infinite = np.isinf(values)
        if infinite.any():
            raise ValueError(
                f"The column {self.name!r} holds {values[infinite][0]} in row "
                f"{int(infinite.argmax())}. Replace it by a number, or by NaN where none is known."
            )
        return values

    def _cells(self, values: np.ndarray) -> pd.Series:
        column = pd.Series(values, name=self.name)
        if pd.api.types.is_integer_dtype(self.dtype):
            # Whole numbers come back whole, and within what their dtype can hold.
            kind = getattr(self.dtype, "numpy_dtype", self.dtype)
            low, high = (float(end) for end in (np.iinfo(kind).min, np.iinfo(kind).max))
            # The largest number of 64 bits is none of floating point, which rounds it up.
            high = high if high < 2**53 else np.nextafter(high, 0)
            column = column.round().clip(low, high)
        return column.astype(self.dtype)


class Dates(Numbers):
    """Dates and durations, as seconds, and then as any number."""

    unit = "_seconds"

    def fit(self, column: pd.Series) -> "Dates":
        super().fit(column)
        ticks = self._ticks(column.dropna())
        # Days come back as days where training has no other time than midnight, and so do hours
        # of full seconds, and seconds of full milliseconds.
        a_second = TICKS[_time_unit(column)]
        steps = [seconds * a_second for seconds in STEPS_IN_SECONDS if seconds * a_second >= 1]
        self.step = next((int(step) for step in steps if not (ticks % int(step)).any()), 1)
        return self

    def _values(self, column: pd.Series) -> np.ndarray:
        seconds = self._ticks(column) / TICKS[_time_unit(column)]
        return np.where(column.isna(), np.nan, seconds)

    def _cells(self, values: np.ndarray) -> pd.Series:
        unit = _time_unit(pd.Series(dtype=self.dtype))
        is_date = self.dtype.kind == "M"
        low, high = FIRST_AND_LAST_SECOND if is_date else (-np.inf, np.inf)
        most = (2**63 - 1024) / TICKS[unit]
        seconds = np.clip(np.nan_to_num(values), max(low, -most), min(high, most))
        # Whole steps are exact, which many ticks in floating point are not.
        ticks = np.rint(seconds * (TICKS[unit] / self.step)).astype(np.int64) * self.step
        ticks[np.isnan(values)] = np.datetime64("NaT").astype(np.int64)
        kind = "datetime64" if is_date else "timedelta64"
        column = pd.Series(ticks.view(f"{kind}[{unit}]"), name=self.name)
        zone = getattr(self.dtype, "tz", None)
        if zone is not None:
            column = column.dt.tz_localize("UTC").dt.tz_convert(zone)
        return column.astype(self.dtype)

    @staticmethod
    def _ticks(column: pd.Series) -> np.ndarray:
        """Whole numbers of the unit of the column, since 1970 or as a duration."""
        kind = "timedelta64" if column.dtype.kind == "m" else "datetime64"
        return column.to_numpy(dtype=f"{kind}[{_time_unit(column)}]").astype(np.int64)


def _time_unit(column: pd.Series) -> str:
    """What dates or durations are counted in."""
    return column.dt.unit


class Categories(Column):
    """Words, switches and codes: 0 or 1 for each category, a gap being one of them."""

    def fit(self, column: pd.Series) -> "Categories":
        self.dtype = column.dtype
        found = column.astype(object)
        counts = found[found.notna()].value_counts()
        # An order of their own where they have one, else that of the alphabet.
        self.categories = sorted(counts.index, key=lambda value: (str(type(value)), value))
        self.has_gaps = bool(found.isna().any())
        ones = self._ones(column)
        self.scale = float(np.sqrt(ones.var(axis=0).sum())) or 1.0
        return self

    def encode(self, column: pd.Series) -> np.ndarray:
        return self._ones(column) / self.scale

    def decode(self, block: np.ndarray) -> pd.Series:
        values = np.empty(len(self.categories) + self.has_gaps, dtype=object)
        values[: len(self.categories)] = self.categories
        column = pd.Series(values[block.argmax(axis=1)], name=self.name, dtype=object)
        is_plain_bool = self.dtype == bool and not self.has_gaps
        return column.astype(self.dtype if is_plain_bool or self.dtype != bool else object)

    def names(self) -> list[str]:
        words = [f"{self.name}_{category}" for category in self.categories]
        return [*words, f"{self.name}_missing"] if self.has_gaps else words

    def _ones(self, column: pd.Series) -> np.ndarray:
        """A category that training has not seen is none of them."""
        found = column.astype(object)
        ones = [(found == category).to_numpy(bool, na_value=False) for category in self.categories]
        if self.has_gaps:
            ones.append(found.isna().to_numpy())
        return np.stack(ones, axis=1).astype(np.float64)


class Texts(Column):
    """Texts of many kinds, by skrub's StringEncoder: numbers that are alike for texts alike."""

    def fit(self, column: pd.Series) -> "Texts":
        from skrub import StringEncoder

        self.dtype = column.dtype
        texts = self._texts(column)
        self.known = texts.drop_duplicates().reset_index(drop=True)
        n_components = min(N_TEXT_COMPONENTS, len(self.known) - 1)
        self.encoder = StringEncoder(n_components=n_components, random_state=0).fit(texts)
        numbers = self._numbers(texts)
        self.mean = numbers.mean(axis=0)
        self.scale = float(np.sqrt(numbers.var(axis=0).sum())) or 1.0
        self.known_numbers = (self._numbers(self.known) - self.mean) / self.scale
        return self

    def encode(self, column: pd.Series) -> np.ndarray:
        return (self._numbers(self._texts(column)) - self.mean) / self.scale

    def decode(self, block: np.ndarray) -> pd.Series:
        from sklearn.metrics import pairwise_distances_argmin

        nearest = pairwise_distances_argmin(block.astype(np.float64), self.known_numbers)
        texts = self.known.iloc[nearest].reset_index(drop=True)
        return texts.mask(texts == "", None).rename(self.name).astype(self.dtype)

    def names(self) -> list[str]:
        return [f"{self.name}_{number}" for number in range(self.known_numbers.shape[1])]

    def _texts(self, column: pd.Series) -> pd.Series:
        texts = column.astype(object).where(column.notna(), "").astype(str)
        return texts.rename(self.name).reset_index(drop=True)

    def _numbers(self, texts: pd.Series) -> np.ndarray:
        return self.encoder.transform(texts).to_numpy(np.float64)
