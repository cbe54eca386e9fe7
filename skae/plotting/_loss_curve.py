"""Training and held-out loss against the epoch."""

from collections.abc import Sequence
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from skae.plotting._axes import OTHERS, OURS, new_or_given_axes
from skae.plotting._rows import step_with


class LossCurveDisplay:
    """Training and held-out loss against the epoch, the epoch that was kept marked.

    Parameters
    ----------
    training : sequence of float
        Loss of the epochs 1, 2, ...
    validation : sequence of float
        Held-out loss of the epochs 0, 1, ..., where 0 is before the first step; may be empty, or
        end before the training loss does, as after ``partial_fit``.
    best_iter : int
        The epoch whose weights were kept.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, after ``plot``.
    ax_ : matplotlib Axes
        Its axes, after ``plot``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skae import AutoencoderTransformer
    >>> from skae.plotting import LossCurveDisplay
    >>> X = load_digits(return_X_y=True)[0]
    >>> model = AutoencoderTransformer(8, max_iter=3, random_state=0).fit(X)
    >>> len(LossCurveDisplay.from_estimator(model).validation)
    4
    """

    def __init__(self, training: Sequence[float], validation: Sequence[float], best_iter: int):
        self.training = training
        self.validation = validation
        self.best_iter = best_iter

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the curves of a fitted autoencoder.

        Parameters
        ----------
        estimator : estimator instance
            A fitted autoencoder, or a Pipeline with one.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : LossCurveDisplay
            What was drawn.
        """
        check_is_fitted(estimator)
        _, estimator = step_with(estimator, "loss_curve_")
        validation: list[float] = []
        if hasattr(estimator, "validation_loss_curve_"):
            validation = [estimator.initial_validation_loss_, *estimator.validation_loss_curve_]
        return cls(estimator.loss_curve_, validation, estimator.best_iter_).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : LossCurveDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        self.ax_ = ax = new_or_given_axes(ax, figsize=(6, 3.8))
        self.figure_ = ax.figure
        epochs = range(1, len(self.training) + 1)
        if len(self.training):
            # One point makes no line.
            marker = "o" if len(self.training) == 1 else None
            ax.plot(epochs, self.training, color=OTHERS, marker=marker, label="training")
        if len(self.validation):
            ax.plot(range(len(self.validation)), self.validation, color=OURS, label="held out")
            epoch, label = self.best_iter, f"kept: epoch {self.best_iter}"
            # What was learnt since then was measured on no held-out rows.
            if epoch < len(self.validation):
                ax.plot(epoch, self.validation[epoch], "o", color=OURS, label=label)
            else:
                ax.plot(epoch, self.training[epoch - 1], "o", color=OTHERS, label=label)
        values = [*self.training, *self.validation]
        if values and min(values) > 0 and max(values) > 10 * min(values):
            ax.set_yscale("log")
        ax.set(xlabel="epoch", ylabel="loss per cell")
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        first, last = ax.dataLim.intervalx
        if first == last:
            ax.set_xlim(first - 0.5, last + 0.5)
        ax.grid(alpha=0.3)
        if values:
            ax.legend(frameon=False)
        return self
