"""A picture of a corpus: the most frequent classes, and the lengths of the training examples."""

from collections.abc import Mapping
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zoo.reports.plotting import COLORS, STYLE, Picture
from zoo.reports.texts import shortened

_SHOWN = 15  # classes
_NAME_LENGTH = 24  # characters of a class


def data_picture(inspection: Mapping[str, Any]) -> Picture:
    """Plot what `zoo inspect` found.

    Args:
        inspection: a `tasks.data.inspection.Inspection` as JSON values.
    """
    classes = inspection["classes"].get("train", {})
    lengths = inspection["lengths"]
    panels = bool(classes) + len(lengths)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.5 * max(1, panels), 3.6), layout="constrained")
        axes = iter(figure.subplots(1, max(1, panels), squeeze=False)[0])
        if classes:
            _plot_classes(next(axes), classes)
        for role, record in lengths.items():
            _plot_lengths(next(axes), role, record)
    source = inspection["summary"]["source"]
    text = f"Classes and lengths of the training examples of {source}."
    return Picture("data", "Data", text, figure)


def _plot_classes(axes: Axes, classes: Mapping[str, int]) -> None:
    shown = list(classes.items())[:_SHOWN]
    names = [shortened(name, _NAME_LENGTH) for name, _ in shown]
    positions = range(len(shown))
    axes.barh(positions, [number for _, number in shown], color=COLORS[0])
    axes.set_yticks(positions, names)
    axes.invert_yaxis()
    title = f"{len(classes):,} classes"
    if len(classes) > _SHOWN:
        title = f"the {_SHOWN} most frequent of {title}"
    axes.set(title=title, xlabel="occurrences in train")
    axes.grid(visible=False, axis="y")


def _plot_lengths(axes: Axes, role: str, record: Mapping[str, Any]) -> None:
    bins = record["histogram"]
    axes.bar(
        [least for least, _, _ in bins],
        [number for _, _, number in bins],
        width=[greatest - least + 1 for least, greatest, _ in bins],
        align="edge",
        color=COLORS[2],
    )
    axes.set(title=f"lengths of {role}", xlabel=record["unit"], ylabel="training examples")
