"""Training in rounds that have no steps, for the callbacks that watch a skorch net."""

from collections.abc import Iterable, Iterator
from typing import Any

from skorch.callbacks import Callback

from skae._training.epochs import StopTraining
from skae._training.net import TrainingResult


class Rounds:
    """What callbacks see of a training in rounds: as much of a net as they ask for.

    Parameters
    ----------
    n_rounds : int
        Rounds, unless a callback wants no other.
    unit : float
        What a loss is multiplied by, to have the units of the data.
    keeps_start : bool
        Whether the start is kept whatever the rounds do.

    Attributes
    ----------
    history : list of dict
        The losses of each round.
    best : None
        The last weights are kept, or the start.
    """

    best = None

    def __init__(self, n_rounds: int, unit: float, keeps_start: bool):
        self.max_epochs = n_rounds
        self.unit = unit
        self.keeps_start = keeps_start
        self.history: list[dict[str, float]] = []

    def result(self, interruption: KeyboardInterrupt | None = None) -> TrainingResult:
        """How far training came until now."""
        losses = [self.unit * row["train_loss"] for row in self.history if "train_loss" in row]
        best_iter = 0 if self.keeps_start else len(losses)
        return TrainingResult(losses, best_iter, None, [], interruption)


def train_in_rounds(
    rounds: Rounds, losses: Iterator[float], callbacks: Iterable[Callback | None]
) -> TrainingResult:
    """Run all rounds, or as many as the callbacks and the user want.

    Parameters
    ----------
    rounds : Rounds
        What the callbacks are shown.
    losses : iterator of float
        Trains for a round each time that it is asked for the next loss; has one for each.
    callbacks : iterable of skorch.callbacks.Callback or None
        Told of each round; None is left out.

    Returns
    -------
    result : TrainingResult
        How far it came.
    """
    watching = [callback for callback in callbacks if callback is not None]

    def notify(event: str) -> None:
        for callback in watching:
            getattr(callback, event)(rounds)

    for callback in watching:
        callback.initialize()
    interruption: Any = None
    notify("on_train_begin")
    try:
        for _ in range(rounds.max_epochs):
            rounds.history.append({})
            notify("on_epoch_begin")
            rounds.history[-1]["train_loss"] = next(losses)
            notify("on_epoch_end")
    except StopTraining:
        pass
    except KeyboardInterrupt as error:
        if "train_loss" not in rounds.history[0]:
            raise
        interruption = error
    finally:
        notify("on_train_end")
    return rounds.result(interruption)
