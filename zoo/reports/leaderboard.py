"""Table rows of a report: scores with the trivial baseline, and trials of a search."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from zoo.reports.report import Report

# The gradient over time at the end of a trial, and the share of clipped training steps.
GRADIENT_COLUMNS = ("growth per timestep", "effective memory", "clipped steps")
SCORE_COLUMNS = ("metric", ">score", ">trivial baseline", "unit", "better")  # ">": align right


class ScoreRow(NamedTuple):
    """A metric of a report, as texts in the order of `SCORE_COLUMNS`."""

    metric: str
    score: str
    baseline: str
    unit: str
    better: str


class TrialRow(NamedTuple):
    """A trial of a leaderboard.

    Attributes:
        trial: id of the trial.
        cell: name of the cell.
        values: the trial's values of the fields in `searched_fields`.
        score: the score, "" without one.
        parameters: number of weights, "" if unknown.
        gradient: the texts of `GRADIENT_COLUMNS`, "" where they are unknown.
        seconds: seconds of training, None for the baseline.
        remark: the reason of a failed trial; otherwise "best", the status and an early stop (see
            `remark`).
        failed: whether the trial failed.
    """

    trial: str
    cell: str
    values: tuple[str, ...]
    score: str
    parameters: str
    gradient: tuple[str, ...]
    seconds: float | None
    remark: str
    failed: bool


def score_rows(metrics: Mapping[str, Mapping[str, Any]]) -> list[ScoreRow]:
    """Return a row for each metric of a result.

    Args:
        metrics: metric name -> {"value", "baseline", "unit", "higher_is_better"}; a baseline of
            None is shown as "".

    Returns:
        The rows, in the order of `metrics`.
    """
    return [
        ScoreRow(
            name,
            f"{score['value']:.4f}",
            "" if score["baseline"] is None else f"{score['baseline']:.4f}",
            score["unit"],
            "higher" if score["higher_is_better"] else "lower",
        )
        for name, score in metrics.items()
    ]


def searched_fields(report: "Report") -> list[str]:
    """Return the fields, other than the cell, in which the trials of a search differ."""
    return [field for field in differing_fields(report.trials) if field != "cell"]


def trial_rows(report: "Report") -> list[TrialRow]:
    """Return a row for each trial of a search, the best trial first."""
    fields, rows = searched_fields(report), []
    for trial in rank_trials(report.trials, report.metric.higher_is_better):
        config = flatten_config(trial["config"])
        rows.append(
            TrialRow(
                trial["id"],
                config["cell"],
                tuple(format_value(config.get(field)) for field in fields),
                "" if trial["score"] is None else f"{trial['score']:.4f}",
                format_count(trial.get("parameters")),
                gradient_texts(trial),
                trial["seconds"],
                remark(trial, report.best_trial),
                bool(trial["reason"]),
            )
        )
    return rows


def baseline_row(report: "Report") -> TrialRow | None:
    """Return the row of the trivial baseline, or None before a search is finished."""
    if report.baseline is None:
        return None
    values = ("",) * len(searched_fields(report))
    score, gradient = f"{report.baseline:.4f}", ("",) * len(GRADIENT_COLUMNS)
    return TrialRow("", "trivial baseline", values, score, "", gradient, None, "", False)


def gradient_texts(trial: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the values of `GRADIENT_COLUMNS` of a trial; an older version did not measure them."""
    growth, clipped = trial.get("growth"), trial.get("clipped")
    return (
        "" if growth is None else f"{growth:.4f}",
        format_count(trial.get("effective_memory")),
        "" if clipped is None else f"{clipped:.0%}",
    )


def measured_columns(rows: Sequence[TrialRow]) -> list[int]:
    """Return the indices of the `GRADIENT_COLUMNS` that a trial has."""
    numbers = range(len(GRADIENT_COLUMNS))
    return [number for number in numbers if any(row.gradient[number] for row in rows)]


def flatten_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with each entry of `cell_args` as a field "cell_args.NAME"."""
    cell_args = {f"cell_args.{name}": value for name, value in config["cell_args"].items()}
    return {name: value for name, value in config.items() if name != "cell_args"} | cell_args


def differing_fields(trials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields in which the trials differ, in the order of the configuration."""
    configs = [flatten_config(trial["config"]) for trial in trials]
    names = dict.fromkeys(name for config in configs for name in config)
    return [
        name for name in names if len({format_value(config.get(name)) for config in configs}) > 1
    ]


def rank_trials(
    trials: Sequence[Mapping[str, Any]], higher_is_better: bool
) -> list[Mapping[str, Any]]:
    """Return the trials sorted by score, the best first and those without a score last."""
    sign = -1 if higher_is_better else 1
    return sorted(trials, key=lambda trial: (trial["score"] is None, sign * (trial["score"] or 0)))


def format_value(value: Any) -> str:
    """Return the value of a configuration's field as text, "" for an empty one."""
    if value in (None, "", (), [], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(format_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def format_count(number: int | None) -> str:
    """Return an integer with thousands separators, "" for None."""
    return "" if number is None else f"{number:,}"


def display_name(name: str) -> str:
    """Return the name of a field or metric with spaces instead of underscores."""
    return name.removeprefix("cell_args.").replace("_", " ")


def remark(trial: Mapping[str, Any], best_trial: str | None) -> str:
    """Return the reason of a failed trial; otherwise "best", the status and an early stop.

    The status is left out if the trial is completed.

    Args:
        trial: the record of the trial.
        best_trial: id of the best trial.
    """
    if trial["reason"]:
        return trial["reason"]
    stopped = trial.get("stopped") or {}  # absent in searches of version 0.1.0
    remarks = (
        "best" if trial["id"] == best_trial else "",
        "" if trial["status"] == "completed" else trial["status"],
        f"stopped after epoch {stopped['epoch']}" if stopped.get("reason") == "patience" else "",
    )
    return ", ".join(filter(None, remarks))
