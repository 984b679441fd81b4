"""Progress of long work on stderr: a bar where someone watches, a line an epoch where it goes to a file."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

console = Console(stderr=True, highlight=False)


class NullProgress:
    """Tells nothing."""

    def start(self, config, batches, epoch):
        pass

    def note(self, text):
        pass

    def batch(self, loss):
        pass

    def epoch(self, record, improved):
        pass

    def stop(self):
        pass


class ConsoleProgress(NullProgress):
    """Tells the pace of the epoch in hand and the scores of those done."""

    def __init__(self, label=""):
        self.label, self.bar = label, None

    def start(self, config, batches, epoch):
        self.total, self.epochs, self.number = batches, config.epochs, epoch
        if not sys.stderr.isatty():
            return
        self.bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                            TextColumn("{task.fields[pace]}"), TimeRemainingColumn(), console=console, transient=True)
        self.bar.start()
        self.job = self.bar.add_task(self._title(), total=batches, pace="")

    def note(self, text):
        """What is worth knowing of a run by itself; not again for each of many."""
        if not self.label:
            console.print(text, soft_wrap=True)

    def _title(self):
        return f"{self.label}epoch {self.number + 1}/{self.epochs}"

    def batch(self, loss):
        if self.bar is not None:
            speed = self.bar.tasks[0].speed
            self.bar.update(self.job, advance=1, pace=f"loss {loss:.4f}, {speed:.0f}/s" if speed else f"loss {loss:.4f}")

    def epoch(self, record, improved):
        self.number = record["epoch"]
        name, score = next(item for item in record.items() if item[0].startswith("validation_"))
        console.print(f"{self.label}epoch {record['epoch']:>2}/{self.epochs}  loss {record['loss']:.4f}  "
                      f"{name.replace('_', ' ')} {score:.4f}{'  *' if improved else ''}", soft_wrap=True)
        if self.bar is not None and self.number < self.epochs:
            self.bar.reset(self.job, total=self.total, description=self._title())

    def stop(self):
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
