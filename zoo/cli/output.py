"""What a verb prints: tables for people, one JSON value for programs."""

import contextlib
import json
import os

from rich.console import Console
from rich.table import Table

from zoo.reports.leaderboard import counted, differing, flat, ranked, remark, shown

SHOWN = 20  # trials in the leaderboard on a screen; --json has them all


def print_json(value):
    print(json.dumps(value, ensure_ascii=False, indent=1))


def table(columns, rows, title=None):
    """Prints a table on stdout; columns: names, with a leading ">" for those to align right."""
    shown = Table(header_style="bold", box=None, pad_edge=False)
    for name in columns:
        shown.add_column(
            name.lstrip(">"), justify="right" if name.startswith(">") else "left", overflow="fold"
        )
    for row in rows:
        shown.add_row(*["" if value is None else str(value) for value in row])
    console = Console(highlight=False)
    if not console.is_terminal:  # into a file or a pipe, lines are as long as they need to be
        console = Console(highlight=False, width=200)
    if title:
        console.print(title, soft_wrap=True)
    console.print(shown)


def scores(metrics, title):
    """The table of a report: each score beside the trivial baseline."""
    table(
        ("metric", ">score", ">trivial", "unit", "better"),
        [
            (
                name,
                f"{score['value']:.4f}",
                f"{score['baseline']:.4f}",
                score["unit"],
                "higher" if score["higher_is_better"] else "lower",
            )
            for name, score in metrics.items()
        ],
        title,
    )
    for name, score in metrics.items():
        if "signature" in score:
            print(f"{name}: {score['signature']}")


def leaderboard(report):
    """The trials of a search's Report, best first, with the fields in which they differ."""
    trials, name = report.trials, report.metric.name
    fields = [field for field in differing(trials) if field != "cell"]
    rows = []
    for trial in ranked(trials, report.metric.higher_is_better)[:SHOWN]:
        config = flat(trial["config"])
        rows.append(
            (
                trial["id"],
                config["cell"],
                *[shown(config.get(field)) for field in fields],
                "" if trial["score"] is None else f"{trial['score']:.4f}",
                counted(trial.get("parameters")),
                f"{trial['seconds']:.0f}",
                remark(trial, report.best_trial),
            )
        )
    if report.baseline is not None:
        rows.append(("", "trivial", *[""] * len(fields), f"{report.baseline:.4f}"))
    heads = [
        field.replace("recurrent_initializer", "recurrent_init").removeprefix("cell_args.")
        for field in fields
    ]
    table(
        ("trial", "cell", *heads, f">{name}", ">parameters", ">seconds", ""),
        rows,
        "leaderboard, validation",
    )
    if len(trials) > SHOWN:
        print(f"and {len(trials) - SHOWN} more; report.html and --json have all")


@contextlib.contextmanager
def _no_stderr():
    """TensorFlow's libraries greet on stderr, before any log level can tell them not to."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def quiet_tensorflow():
    """Imports TensorFlow without its greetings; to be called before anything that imports it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _no_stderr():
        import tensorflow

        tensorflow.constant(0)  # the devices are looked for now, with more to say
    tensorflow.get_logger().setLevel("ERROR")
