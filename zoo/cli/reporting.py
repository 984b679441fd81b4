"""`zoo report`: the report of a run or a search, in the terminal and as HTML."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.text import Text

from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import leaderboard, print_json, print_text, quiet_tensorflow, scores
from zoo.reports.terminal import curve
from zoo.runs.console import new_console, printable

if TYPE_CHECKING:
    from zoo.reports.report import Report


def run(argv: Sequence[str]) -> int:
    """Run `zoo report`."""
    verb = Verb(
        "report",
        "zoo report RUN_DIR\n\n"
        "Shows learning curves, leaderboard and scores of a run or a search, finished or not.\n"
        "Writes RUN_DIR/report.html and RUN_DIR/plots.",
        ("RUN_DIR",),
    )
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    folder = existing_path(verb, positionals["RUN_DIR"], "RUN_DIR")
    quiet_tensorflow()
    from zoo.reports.writing import write

    report = write(folder)
    if verb["json"]:
        print_json(report.to_json())
    else:
        _print(report, folder)
    return 0


def _print(report: "Report", folder: str) -> None:
    _print_curves(report)
    if report.trials:
        leaderboard(report)
    if report.metrics:
        best = "the best trial, " if report.kind == "search" else ""
        scores(
            report.metrics,
            f"\ntest, {best}chosen on validation; {report.seconds:.0f} s of training",
        )
    else:
        print("\nnot finished: no test scores yet. Repeat the command that started it to resume.")
    print_text(f"\nwritten: {folder}/report.html, {folder}/plots")


def _print_curves(report: "Report") -> None:
    """Print loss and score over the epochs, side by side where the terminal is wide enough."""
    if not report.history:
        return
    console = new_console()
    metric = report.metric.name
    columns = {
        f"training {report.loss_name}": "loss",
        "validation loss": "validation_loss",
        f"validation {metric.replace('_', ' ')}": f"validation_{metric}",
    }
    curves = [
        curve(title, values, first, ascii_only=console.options.ascii_only)
        for title, column in columns.items()
        for first, values in [_curve_values(report.history, column)]
        if values
    ]
    trial = f"trial {report.best_trial}, " if report.best_trial else ""
    best = f"; best epoch: {report.best['epoch']}" if report.best else ""
    title = f"learning curves, {trial}{len(report.history)} epochs{best}"
    console.print(printable(title), soft_wrap=True)
    if report.stopped and report.stopped["reason"] != "epochs":
        console.print(printable(report.stopped["text"]), soft_wrap=True)
    texts = [Text("\n".join(lines), no_wrap=True) for lines in curves]
    console.print(Columns(texts, padding=(0, 4)))


def _curve_values(history: Sequence[dict[str, Any]], column: str) -> tuple[int, list[float]]:
    """Return the first epoch and the values of a column, without values that are not finite.

    Epochs of an older version lack some columns.
    """
    finite = [each for each in history if math.isfinite(each.get(column, math.nan))]
    return (finite[0]["epoch"] if finite else 1), [each[column] for each in finite]
