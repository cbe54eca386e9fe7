"""What ``verbose`` shows: a bar where somebody watches, lines where they are read later."""

import sys
from importlib.util import find_spec

from skorch.callbacks import Callback


def progress_callback(verbose: int) -> Callback | None:
    """Choose what shows progress.

    Parameters
    ----------
    verbose : int
        0 shows nothing. 1 shows a bar where standard output is a terminal and rich is installed;
        else, and from 2 on, there is a line for each epoch.

    Returns
    -------
    callback : skorch.callbacks.Callback or None
        ``ShowBar`` or ``PrintLosses``.
    """
    if not verbose:
        return None
    watched = sys.stdout is not None and sys.stdout.isatty()
    if verbose == 1 and watched and find_spec("rich") is not None:
        return ShowBar()
    return PrintLosses()


class PrintLosses(Callback):
    """Prints one line an epoch."""

    def on_epoch_end(self, net, **kwargs):
        print(f"Epoch {len(net.history)}/{net.max_epochs}: {_losses(net)}", flush=True)


class ShowBar(Callback):
    """Moves a bar, with the time that is left and the losses of the last epoch beside it."""

    def initialize(self):
        """Show nothing yet: an error before the first epoch needs no bar."""
        self.bar = None
        return self

    def on_epoch_begin(self, net, **kwargs):
        if self.bar is None:
            self.bar = _bar()
            self.task = self.bar.add_task(
                "", total=net.max_epochs, completed=len(net.history) - 1, losses=""
            )
            self.bar.start()

    def on_epoch_end(self, net, **kwargs):
        self.bar.update(self.task, advance=1, losses=_losses(net))

    def on_train_end(self, net, **kwargs):
        if self.bar is not None:
            self.bar.stop()


def _losses(net) -> str:
    epoch = net.history[-1]
    held_out = f", held-out loss {epoch['valid_loss']:.6g}" if "valid_loss" in epoch else ""
    return f"training loss {epoch['train_loss']:.6g}{held_out}"


def _bar():
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    # A console of its own: fits in threads have a bar each.
    return Progress(
        TextColumn("Epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
        console=Console(),
    )
