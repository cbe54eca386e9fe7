"""The columns of an imputer, and which of their cells are missing."""

from typing import Any

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    FLOAT_DTYPES,
    _check_feature_names_in,
    check_is_fitted,
    validate_data,
)

from skae._checks import plain
from skae._rows.checks import explain_misfit, refuse_huge


def has_indicators(imputer: Any) -> bool:
    """Whether the way back is known; raises the error that says how it becomes so."""
    if not imputer.add_indicator:
        raise AttributeError(
            "inverse_transform needs to know which cells were missing (now "
            f"add_indicator={imputer.add_indicator!r}). Set add_indicator=True before fit."
        )
    return True


class GapsMixin:
    """What goes in and what comes out of an imputer, as scikit-learn's have it."""

    missing_values: float
    add_indicator: bool
    keep_empty_features: bool
    n_features_in_: int
    kept_features_: list[int]
    indicated_features_: list[int]
    _has_values: list[int]
    """Numbers of the columns that had a value in ``fit``."""

    @available_if(has_indicators)
    def inverse_transform(self, X: Any) -> np.ndarray:
        """Make gaps again of what was filled; needs ``add_indicator=True``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out)
            Rows as ``transform`` returns them.

        Returns
        -------
        rows : ndarray of shape (n_samples, n_features)
            With ``missing_values`` where the indicators say so, and in columns that were left out.
            Gaps in columns that had none in ``fit`` stay filled, as in ``SimpleImputer``.

        Raises
        ------
        AttributeError
            If there are no indicators.
        ValueError
            If X has another number of columns.
        """
        check_is_fitted(self)
        X = check_array(X, dtype=FLOAT_DTYPES, input_name="X")
        n_kept, n_columns = len(self.kept_features_), len(self.get_feature_names_out())
        if X.shape[1] != n_columns:
            raise ValueError(
                f"X has {X.shape[1]} columns, but inverse_transform takes the {n_columns} that "
                "transform returns."
            )
        rows = np.full((len(X), self.n_features_in_), self.missing_values, X.dtype)
        rows[:, self.kept_features_] = X[:, :n_kept]
        gaps = np.zeros(rows.shape, bool)
        gaps[:, self.indicated_features_] = X[:, n_kept:] != 0
        rows[gaps] = self.missing_values
        return rows

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns that ``transform`` returns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of X, where ``fit`` saw none.

        Returns
        -------
        names : ndarray of object
            Names of filled columns, then ``missingindicator_`` and the name of each column that had
            missing cells in ``fit``, with ``add_indicator=True``.
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        indicators = [f"missingindicator_{name}" for name in names[self.indicated_features_]]
        kept = names[self.kept_features_]
        return np.array([*kept, *indicators], dtype=object) if self.add_indicator else kept

    def _marks_by_nan(self) -> bool:
        return isinstance(plain(self.missing_values), float) and bool(np.isnan(self.missing_values))

    def _check_rows(self, X: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        """Rows, and which of their cells are not missing."""
        with explain_misfit(X, "Set missing_values=np.nan to have them filled."):
            X = validate_data(
                self,
                X,
                reset=reset,
                dtype=FLOAT_DTYPES,
                accept_sparse=False,
                ensure_all_finite="allow-nan" if self._marks_by_nan() else True,
            )
        observed = ~np.isnan(X) if self._marks_by_nan() else plain(self.missing_values) != X
        refuse_huge("X", np.where(observed, X, 0))
        return X, observed

    def _settle_columns(self, X: np.ndarray, observed: np.ndarray) -> None:
        """Say which columns are returned, and which of them have an indicator."""
        has_values = observed.any(axis=0)
        if not has_values.any():
            raise ValueError(
                f"X of shape {X.shape} has no value that is not missing, so there is nothing to "
                "fill its cells from. Check missing_values "
                f"(now {self.missing_values!r})."
            )
        is_kept = has_values | bool(self.keep_empty_features)
        self.kept_features_ = np.flatnonzero(is_kept).tolist()
        self.indicated_features_ = np.flatnonzero(~observed.all(axis=0)).tolist()
        self._has_values = np.flatnonzero(has_values).tolist()
        self._n_features_out = len(self._has_values)

    def _lay_out(self, filled: np.ndarray, observed: np.ndarray) -> np.ndarray:
        """The columns that are returned, and indicators."""
        kept = filled[:, self.kept_features_]
        if not self.add_indicator:
            return kept
        return np.hstack([kept, ~observed[:, self.indicated_features_]])


def refuse_columns(kind: type, attributes: dict[str, Any]) -> None:
    """Refuse a state whose lists of columns are not those of its table."""
    if "module_" not in attributes:
        return
    n_features = attributes["n_features_in_"]
    lists = {n: attributes[n] for n in ("kept_features_", "indicated_features_", "_has_values")}
    for name, columns in lists.items():
        if columns and not columns[-1] < n_features:
            raise ValueError(
                f"This is not the saved state of a {kind.__name__} of skae: {name} is {columns} "
                f"for {n_features} columns."
            )
    if len(lists["_has_values"]) != attributes["_n_features_out"] or not set(
        lists["_has_values"]
    ) <= set(lists["kept_features_"]):
        raise ValueError(
            f"This is not the saved state of a {kind.__name__} of skae: its columns are {lists}."
        )
