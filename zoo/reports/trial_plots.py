"""Pictures of the trials of a search: scores, choices, and learning curves."""

import collections
import itertools
import statistics
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zoo.reports.leaderboard import differing_fields, display_name, flatten_config, format_value
from zoo.reports.plotting import (
    COLORS,
    INK,
    MARKERS,
    Picture,
    use_log_scale,
    validation_scores,
)
from zoo.reports.report import Record, Report

MAX_FIELDS = 9  # maximum number of panels in the picture of choices


def search_picture(report: Report) -> Picture | None:
    """Plot the score of each trial in the order they ran, and the best score so far."""
    scored = scored_trials(report)
    if not scored:
        return None
    limit = plot_limit(report)
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots()
    better = max if report.metric.higher_is_better else min
    best_so_far = list(itertools.accumulate((trial["score"] for _, trial in scored), better))
    axes.step(
        [number for number, _ in scored],
        [clip(score, limit, report) for score in best_so_far],
        where="post",
        color=INK,
        alpha=0.5,
        linewidth=1,
        label="best so far",
    )
    _plot_scores(axes, scored, limit, report)
    name = f"validation {display_name(report.metric.name)}"
    axes.set(xlabel="trial, in the order they ran", ylabel=f"{name} ({report.metric.unit})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    clipped = sum(trial["score"] != clip(trial["score"], limit, report) for _, trial in scored)
    if clipped:
        axes.set_title(f"drawn at the edge: {clipped} far worse", loc="left")
    figure.legend(loc="outside right upper")
    return Picture(
        "search",
        "Score over trials",
        f"The {name} of {len(scored)} trials, by cell; the best is {best_so_far[-1]:.4g}.",
        figure,
    )


def _plot_scores(
    axes: Axes, scored: Sequence[tuple[int, Record]], limit: float, report: Report
) -> None:
    for cell, style in cell_styles(report.trials).items():
        points = [
            (number, clip(trial["score"], limit, report))
            for number, trial in scored
            if trial["config"]["cell"] == cell
        ]
        if points:
            numbers, scores = zip(*points, strict=True)
            axes.plot(numbers, scores, linestyle="none", markersize=7, label=cell, **style)


def choices_picture(report: Report) -> Picture | None:
    """Plot the score of each trial over the values of each field in which the trials differ."""
    scored = [trial for _, trial in scored_trials(report)]
    trials_of = {
        field: [trial for trial in scored if field in flatten_config(trial["config"])]
        for field in differing_fields(scored)
    }
    fields = [field for field, trials in trials_of.items() if field in differing_fields(trials)]
    fields = fields[:MAX_FIELDS]
    if len(scored) < 3 or not fields:
        return None
    columns = min(3, len(fields))
    rows = -(-len(fields) // columns)
    figure = Figure(figsize=(9, 2.5 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, field in itertools.zip_longest(grid.flat, fields):
        if field is None:
            axes.set_axis_off()
        else:
            _plot_field(axes, field, trials_of[field], report)
    for row in grid:
        row[0].set_ylabel(f"validation {display_name(report.metric.name)}")
    return Picture(
        "choices",
        "Score by hyperparameter",
        f"The score of each trial over the values of {', '.join(map(display_name, fields))}. A bar "
        "is the median; far worse scores are drawn at the edge.",
        figure,
    )


def _plot_field(axes: Axes, field: str, trials: Sequence[Record], report: Report) -> None:
    """Plot scores over a field's values: on a numeric axis for many numbers, else by category."""
    styles, limit = cell_styles(report.trials), plot_limit(report)
    values = [flatten_config(trial["config"]).get(field) for trial in trials]
    texts = [format_value(value) for value in values]
    scores = [clip(trial["score"], limit, report) for trial in trials]
    numbers = [value for value in values if isinstance(value, (int, float))]
    numeric = len(set(texts)) > 5 and len(numbers) == len(values)
    categories = sorted(set(texts), key=_numbers_first)
    groups = [categories.index(text) for text in texts]
    positions = numbers if numeric else _spread(groups)
    for position, score, trial in zip(positions, scores, trials, strict=True):
        style = styles[trial["config"]["cell"]]
        axes.plot([position], [score], markersize=5, alpha=0.8, linestyle="none", **style)
    if numeric:
        wide = min(numbers) > 0 and max(numbers) >= 20 * min(numbers)
        if wide:
            use_log_scale(axes, "x")
    else:
        _plot_medians(axes, categories, groups, scores)
    axes.set_title(display_name(field))


def _plot_medians(
    axes: Axes, categories: Sequence[str], groups: Sequence[int], scores: Sequence[float]
) -> None:
    """Draw the median score of each category as a bar, and label the axis with the categories."""
    for k in range(len(categories)):
        median = statistics.median(
            score for group, score in zip(groups, scores, strict=True) if group == k
        )
        axes.plot([k - 0.35, k + 0.35], [median] * 2, color=INK, alpha=0.6, linewidth=1.5)
    crowded = sum(map(len, categories)) > 24
    axes.set_xticks(
        range(len(categories)),
        [name or "none" for name in categories],
        rotation=30 if crowded else 0,
        ha="right" if crowded else "center",
    )
    axes.set_xlim(-0.6, len(categories) - 0.4)
    axes.grid(visible=False, axis="x")


def trial_curves_picture(report: Report) -> Picture | None:
    """Plot the validation metric of every trial over its epochs, the best trial on top."""
    curves = [
        (trial, report.histories[trial["id"]])
        for trial in report.trials
        if report.histories.get(trial["id"])
    ]
    if len(curves) < 2 or max(len(history) for _, history in curves) < 2:
        return None
    styles, limit = cell_styles(report.trials), plot_limit(report)
    labelled: set[str] = set()
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    for trial, history in curves:
        cell, best = trial["config"]["cell"], trial["id"] == report.best_trial
        axes.plot(
            [record["epoch"] for record in history],
            [clip(score, limit, report) for score in validation_scores(history, report.metric)],
            markersize=5 if best else 3,
            linewidth=2.5 if best else 1,
            alpha=1 if best else 0.6,
            zorder=3 if best else 2,
            label=None if cell in labelled else cell,
            **styles[cell],
        )
        labelled.add(cell)
    name = f"validation {display_name(report.metric.name)}"
    axes.set(xlabel="epoch", ylabel=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right upper")
    return Picture(
        "trial_curves",
        "Learning curves of all trials",
        f"The {name} of {len(curves)} trials over their epochs; the thick line is the best, trial "
        f"{report.best_trial}. Far worse scores are drawn at the edge.",
        figure,
    )


def cell_styles(trials: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Return the color and marker of each cell."""
    styles = zip(itertools.cycle(COLORS), itertools.cycle(MARKERS), strict=False)
    names = sorted({trial["config"]["cell"] for trial in trials})
    return {
        name: {"color": color, "marker": marker}
        for name, (color, marker) in zip(names, styles, strict=False)
    }


def scored_trials(report: Report) -> list[tuple[int, Record]]:
    """Return (number, trial) of the trials that have a score; numbers start from 1."""
    return [
        (number, trial)
        for number, trial in enumerate(report.trials, 1)
        if trial["score"] is not None
    ]


def plot_limit(report: Report) -> float:
    """Return the worst score on the axis: a diverged trial would compress all others into a line.

    Worse scores are drawn at this limit.
    """
    scores = sorted(
        (trial["score"] for _, trial in scored_trials(report)),
        reverse=report.metric.higher_is_better,
    )
    best, median, worst = scores[0], scores[len(scores) // 2], scores[-1]
    limit = median + 3 * (median - best)
    return worst if abs(worst - best) <= abs(limit - best) or limit == best else limit


def clip(score: float, limit: float, report: Report) -> float:
    """Return the score at which a trial is drawn: at the limit if it is worse."""
    return max(score, limit) if report.metric.higher_is_better else min(score, limit)


def _spread(groups: Sequence[int]) -> list[float]:
    """Return positions around each group's number, so that equal scores do not overlap."""
    sizes = collections.Counter(groups)
    seen: collections.Counter[int] = collections.Counter()
    positions = []
    for group in groups:
        positions.append(group + 0.4 * ((seen[group] + 0.5) / sizes[group] - 0.5))
        seen[group] += 1
    return positions


def _numbers_first(text: str) -> tuple[int, float, str]:
    """Sort key: numbers by value, then other texts."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
