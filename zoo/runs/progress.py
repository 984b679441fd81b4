"""Progress of training on stderr: a progress bar on a terminal, one line per epoch elsewhere."""

import sys
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from zoo.runs.console import console, notify


class NullProgress:
    """Progress that prints nothing; the base class of `ConsoleProgress`."""

    def start(self, config: Any, batches: int, epoch: int, loss: str = "loss") -> None:
        """Report the start of training.

        Args:
            config: the configuration of the run.
            batches: number of batches per epoch.
            epoch: number of epochs already finished.
            loss: name of the training loss, "loss" or "sampled loss".
        """

    def note(self, text: str) -> None:
        """Report a remark about the run."""

    def batch(self, loss: float) -> None:
        """Report a finished batch and the mean loss of the epoch so far."""

    def epoch(self, record: dict[str, Any], improved: bool) -> None:
        """Report a finished epoch.

        Args:
            record: the epoch's record in the history.
            improved: whether the epoch is the best one so far.
        """

    def stop(self) -> None:
        """Remove the display, at the end or an interruption of training."""

    def end(self, stop: Any) -> None:
        """Report why training stopped.

        Args:
            stop: has "reason", such as "patience", and "text", a sentence.
        """


class ConsoleProgress(NullProgress):
    """Progress printed on stderr: a bar for the current epoch, the scores of finished epochs.

    Args:
        label: text before each line, such as the trial's id in a search.
    """

    def __init__(self, label: str = "") -> None:
        self.label = label
        self._bar: Progress | None = None

    def start(self, config: Any, batches: int, epoch: int, loss: str = "loss") -> None:
        """Show a bar if stderr is a terminal."""
        self._batches, self._epochs, self._epoch = batches, config.epochs, epoch
        self._loss = loss
        if not sys.stderr.isatty():
            return
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(self._title(), total=batches, pace="")

    def note(self, text: str) -> None:
        """Print a remark about the run, unless the run has a label, such as a trial."""
        if not self.label:
            notify(text)

    def batch(self, loss: float) -> None:
        """Advance the bar by one batch."""
        if self._bar is not None:
            speed = self._bar.tasks[0].speed
            pace = f"{self._loss} {loss:.4f}" + (f", {speed:.0f}/s" if speed else "")
            self._bar.update(self._task, advance=1, pace=pace)

    def epoch(self, record: dict[str, Any], improved: bool) -> None:
        """Print the losses and the first validation metric of an epoch; "*" marks the best so far.

        The loss of a sampled softmax cannot be compared with the validation loss, and is named so.
        """
        self._epoch = record["epoch"]
        name, score = next(item for item in record.items() if item[0].startswith("validation_"))
        notify(
            f"{self.label}epoch {record['epoch']:>2}/{self._epochs}  "
            f"{self._loss} {record['loss']:.4f}  validation loss {record['validation_loss']:.4f}  "
            f"{name.replace('_', ' ')} {score:.4f}{'  *' if improved else ''}"
        )
        if self._bar is not None and self._epoch < self._epochs:
            self._bar.reset(self._task, total=self._batches, description=self._title())

    def stop(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def end(self, stop: Any) -> None:
        """Print why training stopped before its last epoch."""
        if stop.reason != "epochs":
            notify(f"{self.label}{stop.text}")

    def _title(self) -> str:
        return f"{self.label}epoch {self._epoch + 1}/{self._epochs}"
