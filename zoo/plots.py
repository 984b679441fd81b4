"""Pictures of a run and of a search, by matplotlib, without a screen."""

from itertools import cycle

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zoo import files

COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple", "tab:brown", "tab:pink", "tab:olive", "tab:cyan")


def learning_curves(path, history, metric, best_epoch):
    """Training loss and the validation metric over epochs, the trivial baseline beside, the chosen epoch marked."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [record["epoch"] for record in history]
    left.plot(epochs, [record["loss"] for record in history], marker="o")
    left.set(title="training loss", xlabel="epoch", ylabel="nats" if metric["unit"] != "squared units" else metric["unit"])
    scores = [record[f"validation_{metric['name']}"] for record in history]
    right.plot(epochs, scores, marker="o", label="validation")
    right.axhline(metric["baseline"], color="gray", linestyle="--", label="trivial baseline (test)")
    chosen = epochs.index(best_epoch)
    right.plot([best_epoch], [scores[chosen]], marker="o", markersize=11, markerfacecolor="none", color="tab:red",
               linestyle="none", label=f"chosen: epoch {best_epoch}, {scores[chosen]:.4g}")
    right.set(title=metric["name"].replace("_", " "), xlabel="epoch", ylabel=metric["unit"])
    right.legend()
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    _save(figure, path)


def search(path, trials, metric, baseline):
    """The score of each trial in the order they ran, coloured by cell, the best so far as a line.

    metric: a `tasks.task.Metric`; baseline: the trivial predictor's score.
    """
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    done = [(k + 1, trial) for k, trial in enumerate(trials) if trial["score"] is not None]
    for cell in sorted({trial["config"]["cell"] for _, trial in done}):
        points = [(k, trial["score"]) for k, trial in done if trial["config"]["cell"] == cell]
        axes.plot(*zip(*points, strict=True), marker="o", linestyle="none", markersize=8, label=cell)
    best, line = None, []
    for _, trial in done:
        pick = max if metric.higher_is_better else min
        best = trial["score"] if best is None else pick(best, trial["score"])
        line.append(best)
    axes.step([k for k, _ in done], line, where="post", color="gray", linewidth=1, label="best so far")
    axes.set(xlabel="trial", ylabel=f"validation {metric.name.replace('_', ' ')}",
             title=f"search (trivial baseline: {baseline:.4g})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    _save(figure, path)


def score_by_length(path, result):
    """Score against difficulty for several runs, the trivial baseline beside, the trained difficulties marked.

    result: what `zoo.score_by_length` returns.
    """
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    numbers, runs = result["difficulties"], result["runs"]
    axes.plot(numbers, result["baseline"], color="gray", linestyle="--", label="trivial baseline")
    for colour, run, label in zip(cycle(COLOURS), runs, run_labels(runs)):
        axes.plot(numbers, run["scores"], marker="o", color=colour, label=label)
        if run["trained_at"]:
            # One line in no run's colour where all were trained at the same length.
            alike = all(other["trained_at"] == run["trained_at"] for other in runs)
            axes.axvline(run["trained_at"], color="black" if alike else colour, linestyle=":", linewidth=1.5)
    values = [*result["baseline"], *(score for run in runs for score in run["scores"])]
    if result["unit"] == "fraction":
        axes.set_ylim(0, 1.03)
    elif min(values) > 0 and max(values) > 20 * min(values):
        axes.set_yscale("log")
    _number_axis(axes, [*numbers, *(run["trained_at"] for run in runs if run["trained_at"])], numbers)
    axes.set(xlabel="length or delay (dotted: trained at)", title=f"{result['dataset']}: score against length",
             ylabel=f"{result['split']} {result['metric'].replace('_', ' ')}, "
                    f"{'higher' if result['higher_is_better'] else 'lower'} is better")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    _save(figure, path)


def run_labels(runs):
    """A label for each run: its cell and where it was trained, and its folder where that does not tell them apart."""
    labels = [f"{run['cell']}, trained at {run['trained_at']}" for run in runs]
    return [label if labels.count(label) == 1 else f"{label} ({run['run_dir']})"
            for label, run in zip(labels, runs, strict=True)]


def _number_axis(axes, shown, ticks):
    """Lengths on the x axis, by ratio where they are far apart, each of `ticks` written out."""
    if max(shown) >= 4 * min(shown):
        axes.set_xscale("log")
    axes.set_xticks(ticks, [str(number) for number in ticks])
    axes.minorticks_off()


def _save(figure, path):
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
