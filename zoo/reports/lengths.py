"""The picture of score against length, of models trained short and asked long."""

from itertools import cycle

import matplotlib
from matplotlib.figure import Figure

from zoo.reports.pictures import COLOURS, STYLE, Picture, save_png


def score_by_length(path, result):
    """Score against difficulty for several runs, the trivial baseline beside, the trained difficulties marked.

    result: what `zoo.evaluation.score_by_length` returns.
    """
    with matplotlib.rc_context(STYLE):
        save_png(_picture(result), path)


def _picture(result):
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    numbers, runs = result["difficulties"], result["runs"]
    axes.plot(numbers, result["baseline"], color="gray", linestyle="--", label="trivial baseline")
    for colour, run, label in zip(cycle(COLOURS), runs, run_labels(runs)):
        axes.plot(numbers, run["scores"], marker="o", color=colour, label=label)
        if run["trained_at"]:
            # One line in no run's colour where all were trained at the same length.
            alike = all(other["trained_at"] == run["trained_at"] for other in runs)
            axes.axvline(
                run["trained_at"], color="black" if alike else colour, linestyle=":", linewidth=1.5
            )
    values = [*result["baseline"], *(score for run in runs for score in run["scores"])]
    if result["unit"] == "fraction":
        axes.set_ylim(0, 1.03)
    elif min(values) > 0 and max(values) > 20 * min(values):
        axes.set_yscale("log")
    _number_axis(
        axes, [*numbers, *(run["trained_at"] for run in runs if run["trained_at"])], numbers
    )
    axes.set(
        xlabel="length or delay (dotted: trained at)",
        title=f"{result['dataset']}: score against length",
        ylabel=f"{result['split']} {result['metric'].replace('_', ' ')}, "
        f"{'higher' if result['higher_is_better'] else 'lower'} is better",
    )
    axes.legend(fontsize="small")
    return Picture(
        "score_by_length",
        "Score against length",
        f"Score against length of {len(runs)} runs.",
        figure,
    )


def run_labels(runs):
    """A label for each run: its cell and where it was trained, and its folder where that does not tell them apart."""
    labels = [f"{run['cell']}, trained at {run['trained_at']}" for run in runs]
    return [
        label if labels.count(label) == 1 else f"{label} ({run['run_dir']})"
        for label, run in zip(labels, runs, strict=True)
    ]


def _number_axis(axes, shown, ticks):
    """Lengths on the x axis, by ratio where they are far apart, each of `ticks` written out."""
    if max(shown) >= 4 * min(shown):
        axes.set_xscale("log")
    axes.set_xticks(ticks, [str(number) for number in ticks])
    axes.minorticks_off()
