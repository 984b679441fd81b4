"""Picture of the confusions between classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from zoo.reports.plotting import Picture
from zoo.reports.texts import shortened

MAX_CLASSES = 24  # of a picture; of more classes, it shows the most confused ones
NAME_LIMIT = 22  # characters of a class's name
DARK, LIGHT = "#1b1f24", "#f6f8fa"  # counts on light and dark cells, the same on any page
OTHER = "other classes"


def confusion_picture(analysis: Mapping[str, Any] | None) -> Picture | None:
    """Draw how often each true class is predicted as each class.

    Args:
        analysis: the error analysis of a run, or None.

    Returns:
        The picture, or None without an analysis of classes.
    """
    if not analysis or not analysis.get("classes"):
        return None
    names = most_confused(analysis)
    partial = len(names) < len(analysis["classes"])
    counts = _counts(analysis, names, partial)
    size = max(3.4, 1.9 + 0.32 * len(names))
    figure = Figure(figsize=(9, size), layout="constrained")
    _draw(figure.subplots(), names, counts)
    title = "Confusions"
    text = (
        "Number of items of each true class (row) by predicted class (column). A darker cell is a "
        "larger share of its row."
    )
    if partial:
        title = f"Confusions of the {len(names)} most confused classes"
        text += f" {len(names)} of {len(analysis['classes'])} classes, the most confused ones."
    return Picture("confusions", title, text, figure)


def most_confused(analysis: Mapping[str, Any]) -> list[str]:
    """Return the classes of the picture, the confused ones beside each other if there are many."""
    names = [record["class"] for record in analysis["classes"]]
    if len(names) <= MAX_CLASSES:
        return names
    chosen: dict[str, None] = {}
    for confusion in analysis["confusions"]:
        pair = dict.fromkeys((confusion["true"], confusion["predicted"]))
        if len(chosen | pair) <= MAX_CLASSES:
            chosen |= pair
    return list(chosen or dict.fromkeys(names[:MAX_CLASSES]))


def _counts(analysis: Mapping[str, Any], names: Sequence[str], partial: bool) -> np.ndarray:
    """Return counts (true classes, predicted classes), with a last column of other classes."""
    place = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names) + partial), int)
    for record in analysis["classes"]:
        if record["class"] in place:
            counts[place[record["class"]], place[record["class"]]] = record["correct"]
    for confusion in analysis["confusions"]:
        if confusion["true"] in place:
            column = place.get(confusion["predicted"], len(names))
            counts[place[confusion["true"]], column] += confusion["count"]
    return counts


def _draw(axes: Axes, names: Sequence[str], counts: np.ndarray) -> None:
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    # The square root makes rare confusions visible.
    norm = PowerNorm(0.5, 0, 1)
    axes.pcolormesh(shares, cmap="Blues", norm=norm, edgecolors="#d9e2ec", linewidth=0.4)
    for row, column in zip(*counts.nonzero(), strict=True):
        axes.text(
            column + 0.5,
            row + 0.5,
            str(counts[row, column]),
            ha="center",
            va="center",
            fontsize=7 if len(names) > 12 else 8,
            color=LIGHT if norm(shares[row, column]) > 0.6 else DARK,
        )
    labels = [shortened(name, NAME_LIMIT) for name in names]
    columns = [*labels, OTHER][: counts.shape[1]]
    axes.set_xticks(
        np.arange(len(columns)) + 0.5, columns, rotation=60, ha="right", rotation_mode="anchor"
    )
    axes.set_yticks(np.arange(len(labels)) + 0.5, labels)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.invert_yaxis()
    axes.set_aspect("equal", anchor="W")
