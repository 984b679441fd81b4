"""Learning curves of a run: losses and the validation metric, on axes that fit them."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zoo.reports.leaderboard import display_name
from zoo.reports.plotting import COLORS, INK, PAPER, Picture, use_log_scale, validation_scores
from zoo.reports.report import Report

WIDE = 20  # ratio of the largest value to the median from which an axis is logarithmic
# The legend covers the lines behind it.
LEGEND: dict[str, Any] = {
    "frameon": True,
    "facecolor": PAPER,
    "edgecolor": "none",
    "framealpha": 0.85,
}


def learning_curves_picture(report: Report) -> Picture | None:
    """Plot the losses and the validation metric over epochs, with the trivial baseline."""
    if not report.history:
        return None
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _plot_losses(left, report)
    _plot_validation(right, report)
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    name = display_name(report.metric.name)
    text = f"Losses and validation {name} over {len(report.history)} epochs."
    if report.best:
        score = report.best["scores"][report.metric.name]
        text += f" Epoch {report.best['epoch']} is chosen, with {score:.4g}."
    if report.loss_name != "loss":
        text += (
            " The training loss is that of a sampled softmax, which cannot be compared with the "
            "validation loss."
        )
    title = "Learning curves"
    if report.best_trial:
        title += f" of the best trial, {report.best_trial}"
    return Picture("learning_curves", title, text, figure)


def _plot_losses(axes: Axes, report: Report) -> None:
    curves = {f"training, {report.loss_name}": "loss", "validation": "validation_loss"}
    if report.loss_name == "loss":
        curves = {"training": "loss", "validation": "validation_loss"}
    values: list[float] = []
    for color, marker, (label, column) in zip(COLORS, "os", curves.items(), strict=False):
        points = [(each["epoch"], each[column]) for each in report.history if column in each]
        if points:  # epochs of an older version have no validation loss
            epochs, losses = zip(*points, strict=True)
            values += losses
            axes.plot(epochs, losses, marker=marker, markersize=4, color=color, label=label)
    fit_axis(axes, values)
    unit = report.metric.unit
    unit = unit if unit == "squared units" else "nats"
    axes.set(title="loss", xlabel="epoch", ylabel=unit)
    axes.legend(**LEGEND)


def _plot_validation(axes: Axes, report: Report) -> None:
    metric = report.metric
    scores = validation_scores(report.history, metric)
    axes.plot(
        [record["epoch"] for record in report.history],
        scores,
        marker="o",
        markersize=4,
        color=COLORS[0],
        label="validation",
    )
    shown = fit_axis(axes, scores, report.baseline)
    if report.baseline is not None:
        label = f"trivial baseline (validation): {report.baseline:.4g}"
        style: dict[str, Any] = {"color": INK, "alpha": 0.55, "linestyle": "--", "linewidth": 1}
        if shown:
            axes.axhline(report.baseline, label=label, **style)
        else:
            side = "below" if report.baseline < min(filter(math.isfinite, scores)) else "above"
            axes.plot([], [], label=f"{label}, {side} the axis", **style)
    if report.best:
        score = report.best["scores"][metric.name]
        axes.plot(
            [report.best["epoch"]],
            [score],
            marker="o",
            markersize=10,
            markerfacecolor="none",
            color=COLORS[4],
            linestyle="none",
            label=f"chosen: epoch {report.best['epoch']}, {score:.4g}",
        )
    axes.set(title=f"validation {display_name(metric.name)}", xlabel="epoch", ylabel=metric.unit)
    axes.legend(**LEGEND)


def fit_axis(axes: Axes, values: Sequence[float], baseline: float | None = None) -> bool:
    """Fit the y axis to a curve; include the baseline if the curve keeps a third of the axis.

    Args:
        axes: the axes of the curve.
        values: the values of the curve; those that are not finite are ignored.
        baseline: the value of a trivial baseline, None without one.

    Returns:
        Whether the baseline is within the axis.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return True
    low, high = min(finite), max(finite)
    log = low > 0 and high > WIDE * statistics.median(finite)
    scale = math.log if log else float
    if log:
        use_log_scale(axes, "y")
    ends = [scale(low), scale(high)]
    shown = False
    if baseline is not None and (not log or baseline > 0):
        wider = [min(ends[0], scale(baseline)), max(ends[1], scale(baseline))]
        shown = ends[1] - ends[0] >= (wider[1] - wider[0]) / 3
        ends = wider if shown else ends
    margin = 0.06 * (ends[1] - ends[0]) or 0.05 * abs(ends[0]) or 0.05
    bottom, top = ends[0] - margin, ends[1] + margin
    axes.set_ylim(*((math.exp(bottom), math.exp(top)) if log else (bottom, top)))
    return shown
