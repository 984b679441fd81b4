"""The pictures of a report."""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zoo.reports.leaderboard import display_name
from zoo.reports.plotting import COLORS, INK, STYLE, Picture, validation_scores
from zoo.reports.report import Report
from zoo.reports.trial_plots import choices_picture, search_picture, trial_curves_picture


def pictures(report: Report) -> list[Picture]:
    """Return the pictures of a report, without those that have no data yet."""
    with matplotlib.rc_context(STYLE):
        drawn = [
            search_picture(report),
            choices_picture(report),
            trial_curves_picture(report),
            learning_curves_picture(report),
        ]
    return [picture for picture in drawn if picture is not None]


def learning_curves_picture(report: Report) -> Picture | None:
    """Plot the training loss and the validation metric over epochs, with the trivial baseline."""
    if not report.history:
        return None
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _plot_loss(left, report)
    _plot_validation(right, report)
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    name = display_name(report.metric.name)
    text = f"Training loss and validation {name} over {len(report.history)} epochs."
    if report.best:
        score = report.best["scores"][report.metric.name]
        text += f" Epoch {report.best['epoch']} is chosen, with {score:.4g}."
    title = "Learning curves"
    if report.best_trial:
        title += f" of the best trial, {report.best_trial}"
    return Picture("learning_curves", title, text, figure)


def _plot_loss(axes: Axes, report: Report) -> None:
    epochs = [record["epoch"] for record in report.history]
    losses = [record["loss"] for record in report.history]
    axes.plot(epochs, losses, marker="o", markersize=4, color=COLORS[0])
    unit = report.metric.unit
    axes.set(
        title="training loss", xlabel="epoch", ylabel=unit if unit == "squared units" else "nats"
    )


def _plot_validation(axes: Axes, report: Report) -> None:
    metric = report.metric
    axes.plot(
        [record["epoch"] for record in report.history],
        validation_scores(report.history, metric),
        marker="o",
        markersize=4,
        color=COLORS[0],
        label="validation",
    )
    if report.baseline is not None:
        axes.axhline(
            report.baseline,
            color=INK,
            alpha=0.55,
            linestyle="--",
            linewidth=1,
            label=f"trivial baseline ({report.baseline_split}): {report.baseline:.4g}",
        )
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
    axes.legend()
