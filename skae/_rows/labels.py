"""What y tells of each row where it is a target: classes or numbers, known or not."""

from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite, check_array, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from skae._rows.checks import refuse_huge

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

    def mean_and_scale(self, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Means and deviations of numbers, as far as they are known.

        Parameters
        ----------
        weights : ndarray of shape (n_samples,), or None
            What each row counts.

        Returns
        -------
        mean, scale : ndarray of shape (n_targets,)
            The scale of equal numbers is one.
        """
        counts = ~np.isnan(self.values) * (1.0 if weights is None else weights[:, None])
        counts /= counts.sum(axis=0)
        mean = np.nansum(counts * self.values, axis=0)
        # In units of the largest, so that no square is lost.
        deviations = self.values - mean
        unit = np.nanmax(np.abs(deviations), axis=0)
        unit = np.where(unit > 0, unit, 1.0)
        scale = unit * np.sqrt(np.nansum(counts * np.square(deviations / unit), axis=0))
        return mean, np.where(scale > 0, scale, 1.0)

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
        With the classes. -1 is one of them beside 1 alone: the two names that many binary tables
        have. Among words it marks a row without a class.

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
    y, is_marked = _without_marks(y)
    y = column_or_1d(y, warn=True)
    if y.dtype.kind == "f" and np.isnan(y).any():
        raise ValueError("Input y contains NaN. A row without a class has -1, in y of any kind.")
    if y.dtype.kind == "f":
        assert_all_finite(y, input_name="y")
    try:
        check_classification_targets(y)
    except ValueError as error:
        raise ValueError(f"{error} For numbers set task='regression'.") from error
    if len(y) != n_samples:
        check_consistent_length(np.empty((n_samples, 0)), y)
    classes, values = np.unique(y, return_inverse=True)
    if classes.dtype.kind in "if" and classes[0] == UNLABELLED and classes[1:].tolist() != [1]:
        classes, values = classes[1:], values - 1
    if is_marked is not None:
        values = np.where(is_marked, UNLABELLED, values)
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs two classes at least to tell apart, but y has "
            + (f"one class: {classes[0]!s}." if len(classes) else "no class, and -1 in each row.")
        )
    return Labels(values.astype(np.int64), classes)


def _without_marks(y: Any) -> tuple[Any, np.ndarray | None]:
    """Words without the -1 among them, and where these were; None where nothing is mixed."""
    cells = y
    if not isinstance(y, list | tuple):
        if getattr(getattr(y, "dtype", None), "kind", None) != "O":
            return y, None
        cells = column_or_1d(y, warn=True)
    is_word = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    if is_word.all() or not is_word.any():
        return y, None
    for cell in (cell for cell, is_one in zip(cells, is_word, strict=True) if not is_one):
        if not _is_mark(cell):
            raise ValueError(
                f"y holds words, and {cell!r} among them. A row without a class has -1 there, and "
                "a class is a word like the others."
            )
    words = [cell for cell, is_one in zip(cells, is_word, strict=True) if is_one]
    filled = np.full(len(is_word), words[0], dtype=np.asarray(words).dtype)
    filled[is_word] = words
    return filled, ~is_word


def _is_mark(cell: Any) -> bool:
    return isinstance(cell, Real) and not isinstance(cell, bool) and cell == UNLABELLED


def known_targets(y: Any, classes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Tell the rows whose target is known from those that have the mark of none.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        A target, as ``read_classes`` or ``read_numbers`` takes it.
    classes : ndarray of shape (n_classes,), or None
        Those of a model; None for numbers.

    Returns
    -------
    targets : ndarray of shape (n_known,) or (n_known, n_targets)
        What is known.
    known : ndarray of bool of shape (n_samples,)
        Where it stands.

    Examples
    --------
    >>> known_targets([3, -1, 2], np.array([2, 3]))
    (array([3, 2]), array([ True, False,  True]))
    >>> known_targets([1.5, float("nan")], None)
    (array([1.5]), array([ True, False]))
    """
    if classes is None:
        y = check_array(
            y, ensure_2d=False, dtype=np.float64, ensure_all_finite="allow-nan", input_name="y"
        )
        known = ~np.isnan(y.reshape(len(y), -1)).any(axis=1)
        return y[known], known
    y, is_marked = _without_marks(y)
    y = column_or_1d(y, warn=True)
    if is_marked is None:
        is_class = classes.dtype.kind in "if" and UNLABELLED in classes
        marks = y == UNLABELLED if y.dtype.kind in "if" and not is_class else False
        is_marked = np.broadcast_to(marks, y.shape)
    return y[~is_marked], ~is_marked


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
    refuse_huge("y", np.nan_to_num(y))
    if len(y) != n_samples:
        check_consistent_length(np.empty((n_samples, 0)), y)
    labels = Labels(y.reshape(len(y), -1), is_flat=y.ndim == 1)
    if len(labels.known) < 2:
        raise ValueError(
            f"{name} needs two rows at least whose numbers are all known, but y has "
            f"{len(labels.known)}."
        )
    return labels


def name_target(classes: np.ndarray | None, n_targets: int, is_flat: bool) -> str:
    """Name what a target is made of, for an error.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,), or None
        Its classes; None or none of them for numbers.
    n_targets : int
        How many numbers a row has.
    is_flat : bool
        Whether they have no second axis.

    Returns
    -------
    name : str
        The same for two targets of one kind.

    Examples
    --------
    >>> name_target(np.array(["a", "b"]), 1, True), name_target(None, 2, False)
    ("the classes ['a', 'b']", 'numbers of shape (n_samples, 2)')
    """
    if classes is not None and len(classes):
        return f"the classes {classes.tolist()}"
    return f"numbers of shape (n_samples,{'' if is_flat else f' {n_targets}'})"


def _require(y: Any, name: str) -> None:
    if y is None:
        raise ValueError(
            f"{name} requires y to be passed, but the target y is None. Without a target, "
            "AutoencoderTransformer makes codes."
        )
