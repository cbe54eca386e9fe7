"""What y tells of each row where it is a target: classes or numbers, known or not."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite, check_array, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

UNLABELLED = -1


class Labels(NamedTuple):
    """A target that was read.

    Attributes
    ----------
    values : ndarray of int64 of shape (n_samples,) or of float64 of shape (n_samples, n_targets)
        Numbers of classes, -1 where none is known; or numbers, NaN where none is known.
    classes : ndarray of shape (n_classes,), or None
        What the classes are called, sorted; None for numbers.
    is_flat : bool
        Whether there is one value a row, and no second axis.
    """

    values: np.ndarray
    classes: np.ndarray | None = None
    is_flat: bool = True

    def counts(self, class_weight: Any) -> np.ndarray:
        """What each class counts, or numbers do.

        Parameters
        ----------
        class_weight : dict, "balanced" or None
            As in scikit-learn's classifiers.

        Returns
        -------
        counts : ndarray of float64 of shape (n_classes,) or (1,)
            One, or the class weights.
        """
        if self.classes is None:
            return np.ones(1)
        known = self.values[self.values >= 0]
        return compute_class_weight(class_weight, classes=self.classes, y=self.classes[known])

    def tell_as_much(self, rows: np.ndarray) -> bool:
        """Whether some of the rows have two numbers at least, or each class that there is."""
        if self.classes is None:
            return len(rows) >= 2
        return len(np.unique(self.values[rows])) == len(self.classes)

    @property
    def known(self) -> np.ndarray:
        """The numbers of the rows of which something is known."""
        if self.classes is not None:
            return np.flatnonzero(self.values >= 0)
        return np.flatnonzero(~np.isnan(self.values).any(axis=1))


def read_classes(y: Any, n_samples: int, name: str) -> Labels:
    """Read classes: words or whole numbers, -1 where a row has none.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        What was given as y.
    n_samples : int
        Rows of X.
    name : str
        The estimator's, for errors.

    Returns
    -------
    labels : Labels
        With the classes. -1 is one of them where there is only one other: the two names that many
        binary tables have.

    Raises
    ------
    ValueError
        If y holds no classes, or fewer than two.

    Examples
    --------
    >>> read_classes(["b", "a", "b"], 3, "Model")
    Labels(values=array([1, 0, 1]), classes=array(['a', 'b'], dtype='<U1'), ...)
    >>> read_classes([3, -1, 2], 3, "Model")
    Labels(values=array([ 1, -1,  0]), classes=array([2, 3]), is_flat=True)
    """
    _require(y, name)
    y = column_or_1d(y, warn=True)
    if y.dtype.kind == "f":
        assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    if len(y) != n_samples:
        check_consistent_length(np.empty((n_samples, 0)), y)
    classes, values = np.unique(y, return_inverse=True)
    if classes.dtype.kind in "if" and classes[0] == UNLABELLED and len(classes) > 2:
        classes, values = classes[1:], values - 1
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs two classes at least to tell apart, but y has one class: {classes[0]!r}."
        )
    return Labels(values.astype(np.int64), classes)


def read_numbers(y: Any, n_samples: int, name: str) -> Labels:
    """Read numbers, one or several a row, NaN where one is not known.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        What was given as y.
    n_samples, name : object
        As in ``read_classes``.

    Returns
    -------
    labels : Labels
        Without classes.

    Raises
    ------
    ValueError
        If y holds something else or infinity, or if fewer than two rows have all of their numbers.

    Examples
    --------
    >>> read_numbers([1, 2.5, float("nan")], 3, "Model").known
    array([0, 1])
    """
    _require(y, name)
    y = check_array(
        y, ensure_2d=False, dtype=np.float64, ensure_all_finite="allow-nan", input_name="y"
    )
    if len(y) != n_samples:
        check_consistent_length(np.empty((n_samples, 0)), y)
    labels = Labels(y.reshape(len(y), -1), is_flat=y.ndim == 1)
    if len(labels.known) < 2:
        raise ValueError(
            f"{name} needs two rows at least whose numbers are all known, but y has "
            f"{len(labels.known)}."
        )
    return labels


def _require(y: Any, name: str) -> None:
    if y is None:
        raise ValueError(
            f"{name} requires y to be passed, but the target y is None. Without a target, "
            "AutoencoderTransformer makes codes."
        )
