"""What scikit-learn's callbacks are told of a fit: one task, and below it one for each epoch."""

from collections.abc import Callable
from typing import Any


class FitTasks:
    """The tasks of a fit that is about to be trained.

    Parameters
    ----------
    estimator : BaseAutoencoder
        With callbacks, in a method under ``with_callbacks``.
    X : ndarray or CSR array of shape (n_samples, n_features)
        Valid rows.
    y : object
        What ``fit`` was given.
    n_epochs : int
        Epochs at most.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, n_epochs: int):
        self._words = {"estimator": estimator, "X": X, "y": y}
        self._fit = estimator._init_callback_context(max_subtasks=n_epochs)
        self._fit.call_on_fit_task_begin(**self._words)

    def begin_epoch(self) -> None:
        """Tell that an epoch begins."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._words)

    def end_epoch(self, as_if_stopped: Callable[[], dict[str, Any]]) -> bool:
        """Tell that it ended, and return whether a callback wants no other.

        Parameters
        ----------
        as_if_stopped : callable
            Makes the attributes that the estimator would have if training stopped here; called
            only where a callback asks for them.

        Returns
        -------
        stop : bool
            Whether to stop.
        """
        return self._epoch.call_on_fit_task_end(
            **self._words, reconstruction_attributes=as_if_stopped
        )

    def end(self) -> None:
        """Tell that the estimator is fitted."""
        self._fit.call_on_fit_task_end(**self._words, reconstruction_attributes={})
