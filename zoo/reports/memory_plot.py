"""Picture of the score of each trial of a search against its effective memory."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator, SymmetricalLogLocator

from zoo.reports.leaderboard import display_name
from zoo.reports.plotting import INK, PAPER, Picture
from zoo.reports.report import Report
from zoo.reports.trial_plots import cell_styles, clip, plot_limit, scored_trials


def memory_picture(report: Report) -> Picture | None:
    """Plot the score of each trial against its effective memory, with a marker for each cell."""
    trials = [
        trial for _, trial in scored_trials(report) if trial.get("effective_memory") is not None
    ]
    if not trials:
        return None
    limit, figure = plot_limit(report), Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots()
    for cell, style in cell_styles(report.trials).items():
        points = [
            (trial["effective_memory"], clip(trial["score"], limit, report))
            for trial in trials
            if trial["config"]["cell"] == cell
        ]
        if points:
            memories, scores = zip(*points, strict=True)
            marks: dict[str, Any] = {"markersize": 8, "alpha": 0.7, "markeredgecolor": PAPER}
            axes.plot(memories, scores, linestyle="none", label=cell, **marks, **style)
    lags = {trial.get("lags") for trial in trials}
    if len(lags) == 1 and (count := lags.pop()):  # all trials had the same sequences
        label = f"longest lag that was measured: {count - 1}"
        axes.axvline(count - 1, color=INK, linestyle=":", linewidth=1.2, label=label)
    # Logarithmic from 1 on: an effective memory can be 0 timesteps.
    axes.set_xscale("symlog", linthresh=1, linscale=0.3)
    axes.set_xlim(-0.3, 1.3 * max(1, *axes.get_xlim()))
    axes.xaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1, subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    name = f"validation {display_name(report.metric.name)}"
    axes.set(xlabel="effective memory (timesteps)", ylabel=f"{name} ({report.metric.unit})")
    figure.legend(loc="outside right upper")
    return Picture(
        "memory",
        "Score against effective memory",
        f"The {name} of {len(trials)} trials against the effective memory of the layer whose "
        "gradient shrinks most, by cell. Far worse scores are drawn at the edge.",
        figure,
    )
