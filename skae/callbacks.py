"""Callbacks for scikit-learn's ``set_callbacks``."""

from typing import Any

from sklearn.callback import ScoringMonitor


class ReconstructionMonitor(ScoringMonitor):
    """Records the losses of each epoch; no y is needed.

    Set on an estimator, alone or inside of a Pipeline or a search, also one with worker
    processes. Each epoch is one row of ``get_logs().data``, with "training_loss" and, where rows
    are held out, "held_out_loss", both in the units of the data, and with the ``task_id_path``
    that tells fits apart.

    See Also
    --------
    sklearn.callback.ScoringMonitor : Records any score, of estimators that are given a y.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skae import AutoencoderTransformer
    >>> from skae.callbacks import ReconstructionMonitor
    >>> X = load_iris().data
    >>> monitor = ReconstructionMonitor()
    >>> model = AutoencoderTransformer(2, max_iter=3, random_state=0).set_callbacks(monitor).fit(X)
    >>> [row["held_out_loss"] for row in monitor.get_logs().data] == model.validation_loss_curve_
    True
    """

    def __init__(self) -> None:
        super().__init__(scoring=_last_losses)

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, X: Any = None, fitted_estimator: Any = None
    ) -> None:
        """Record the losses of an epoch.

        Parameters
        ----------
        estimator : estimator instance
            The estimator that is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends.
        X : array-like
            The training rows.
        fitted_estimator : estimator instance
            What it would be if training stopped here.
        """
        if context.task_name == "epoch":
            super().on_fit_task_end(estimator, context, X=X, y=X, fitted_estimator=fitted_estimator)


def _last_losses(estimator: Any, X: Any, y: Any) -> dict[str, float]:
    losses = {"training_loss": estimator.loss_curve_[-1]}
    # The closed form of small tables holds no rows out.
    if hasattr(estimator, "validation_loss_curve_"):
        losses["held_out_loss"] = estimator.validation_loss_curve_[-1]
    return losses
