"""The line of progress of the commands: the method that is running, and its epochs."""

from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class RunningMethod:
    """Names the method that is running, and counts its epochs where it has any.

    It is a callback of scikit-learn's, which the method is given. The time beside the bar is that
    of the running fit alone: nothing is known of those that come after it.

    Parameters
    ----------
    console : rich.console.Console
        Where to show it; nothing is shown where that is no terminal.
    n_methods : int
        How many there will be.

    Examples
    --------
    >>> from skae import AutoencoderTransformer
    >>> with RunningMethod(Console(quiet=True), 2) as running:
    ...     running.begin("PCA")
    ...     running.begin("autoencoder", AutoencoderTransformer(2))
    ...     running.describe()
    '2 of 2: autoencoder'
    """

    def __init__(self, console: Console, n_methods: int):
        self.n_methods = n_methods
        self.n_begun = 0
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[epochs]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
            expand=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=None, epochs="")

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def begin(self, name: str, method: Any = None) -> None:
        """Name the method that runs from now on.

        Parameters
        ----------
        name : str
            Its name.
        method : estimator or None, default=None
            It is given this callback, if it takes any.
        """
        self.n_begun += 1
        self.bar.remove_task(self.task)
        description = f"{self.n_begun} of {self.n_methods}: {name}"
        self.task = self.bar.add_task(description, total=None, epochs="")
        if hasattr(method, "set_callbacks"):
            method.set_callbacks(self)

    def describe(self) -> str:
        """Say what is running.

        Returns
        -------
        description : str
            As it stands before the bar.
        """
        return self.bar.tasks[-1].description

    # The protocol of a callback.

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing before a fit.

        Parameters
        ----------
        estimator : estimator instance
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.
        """

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Learn how many epochs a fit has.

        Parameters
        ----------
        estimator : estimator instance
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that begins.
        """
        if context.task_name != "epoch":
            self.bar.update(self.task, total=context.max_subtasks)

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        """Count an epoch.

        Parameters
        ----------
        estimator : estimator instance
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends.
        """
        if context.task_name == "epoch":
            task = self.bar.tasks[-1]
            epochs = f"epoch {int(task.completed) + 1}/{int(task.total or 0)}"
            self.bar.update(self.task, advance=1, epochs=epochs)

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing after a fit.

        Parameters
        ----------
        estimator : estimator instance
            What was fitted.
        context : sklearn.callback.CallbackContext
            The task of the fit.
        """
