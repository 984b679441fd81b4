"""Picture of the gradient over time during training, from a run's gradients.csv."""

import csv
import itertools
import pathlib
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from zoo.reports.plotting import COLORS, INK, MARKERS, STYLE, Picture
from zoo.runs import files

FILE = "gradients.csv"
_NUMBERS = ("step", "ratio", "effective_memory", "gradient_norm")


def read(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Return the lines of a run's gradients.csv; none if the run was not watched.

    Raises:
        RunError: the file cannot be read, or lacks a column.
    """
    path = files.inside(folder, FILE)
    if not path.exists():
        return []
    rows = list(csv.DictReader(files.read_text(path).splitlines()))
    try:
        return [
            {**{name: float(row[name]) for name in _NUMBERS}, "line": _line(row)} for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise files.unreadable(path, f"invalid or missing value: {error}") from None


def _line(row: dict[str, str]) -> str:
    return f"{row['layer']}, {row['direction']}"


def gradients_picture(records: Sequence[dict[str, Any]]) -> Picture | None:
    """Plot the gradient at the largest lag, and the effective memory, against training steps."""
    if not records:
        return None
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        _plot(left, records, "ratio")
        if any(record["ratio"] > 0 for record in records):
            left.set_yscale("log")
            left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0e}"))
        left.axhline(1, color=INK, linestyle=":", linewidth=1)
        _plot(right, records, "effective_memory")
        left.set(title="gradient at the largest lag", ylabel="relative to the smallest lag")
        right.set(title="effective memory", ylabel="timesteps")
        left.legend(fontsize="small")
    last = {record["line"]: record["ratio"] for record in records}
    figures = "; ".join(f"{line}: {ratio:.1e}" for line, ratio in last.items())
    text = f"Gradient at the largest lag relative to the smallest one, at the last step: {figures}."
    return Picture("gradients", "Gradient over time", text, figure)


def _plot(axes: Axes, records: Sequence[dict[str, Any]], name: str) -> None:
    lines = dict.fromkeys(record["line"] for record in records)
    for line, color, marker in zip(
        lines, itertools.cycle(COLORS), itertools.cycle(MARKERS), strict=False
    ):
        points = [(each["step"], each[name]) for each in records if each["line"] == line]
        steps, values = zip(*points, strict=True)
        axes.plot(steps, values, color=color, marker=marker, markersize=4, label=line)
    axes.set_xlabel("training step")
