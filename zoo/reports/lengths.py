"""Picture of the score against sequence length, for runs trained at one length."""

import itertools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zoo.reports.plotting import COLORS, STYLE, Picture, save_picture, use_log_scale


def score_by_length(path: str | os.PathLike[str], result: Mapping[str, Any]) -> None:
    """Plot the scores of several runs against difficulty, beside the trivial baseline.

    Args:
        path: file of the picture; its suffix determines the format.
        result: the return value of `zoo.evaluation.score_by_length.score_by_length`.
    """
    with matplotlib.rc_context(STYLE):
        save_picture(_picture(result), path)


def run_labels(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a distinct label for each run.

    Args:
        runs: records with "cell", "trained_at" and "run_dir".

    Returns:
        The cell and the difficulty in training; also the run folder if these are not distinct.
    """
    labels = [f"{run['cell']}, trained at {run['trained_at']}" for run in runs]
    return [
        label if labels.count(label) == 1 else f"{label} ({run['run_dir']})"
        for label, run in zip(labels, runs, strict=True)
    ]


def _picture(result: Mapping[str, Any]) -> Picture:
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    difficulties, runs = result["difficulties"], result["runs"]
    axes.plot(
        difficulties, result["baseline"], color="gray", linestyle="--", label="trivial baseline"
    )
    _plot_runs(axes, difficulties, runs)
    _scale_score_axis(axes, result)
    trained_at = [run["trained_at"] for run in runs if run["trained_at"]]
    _scale_length_axis(axes, [*difficulties, *trained_at], difficulties)
    direction = "higher" if result["higher_is_better"] else "lower"
    axes.set(
        xlabel="length or delay (dotted: trained at)",
        title=f"{result['dataset']}: score against length",
        ylabel=f"{result['split']} {result['metric'].replace('_', ' ')}, {direction} is better",
    )
    axes.legend(fontsize="small")
    text = f"Score against length of {len(runs)} runs."
    return Picture("score_by_length", "Score against length", text, figure)


def _plot_runs(axes: Axes, difficulties: Sequence[int], runs: Sequence[Mapping[str, Any]]) -> None:
    # The line at the length in training is black if all runs share it, else in the run's color.
    same_length = all(run["trained_at"] == runs[0]["trained_at"] for run in runs)
    for color, run, label in zip(itertools.cycle(COLORS), runs, run_labels(runs), strict=False):
        axes.plot(difficulties, run["scores"], marker="o", color=color, label=label)
        if run["trained_at"]:
            line_color = "black" if same_length else color
            axes.axvline(run["trained_at"], color=line_color, linestyle=":", linewidth=1.5)


def _scale_score_axis(axes: Axes, result: Mapping[str, Any]) -> None:
    scores = [*result["baseline"], *(score for run in result["runs"] for score in run["scores"])]
    if result["unit"] == "fraction":
        axes.set_ylim(0, 1.03)
    elif min(scores) > 0 and max(scores) > 20 * min(scores):
        use_log_scale(axes, "y")


def _scale_length_axis(axes: Axes, lengths: Sequence[int], ticks: Sequence[int]) -> None:
    """Use a logarithmic axis if the lengths differ by a factor of 4 or more; label each tick."""
    if max(lengths) >= 4 * min(lengths):
        axes.set_xscale("log")
    axes.set_xticks(ticks, [str(length) for length in ticks])
    axes.minorticks_off()
