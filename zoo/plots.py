"""Pictures of a run and of a search, by matplotlib, without a screen."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tasks.words import JOINER
from zoo import files


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


def attention(path, examples):
    """What each target token looked at in the source, dark where it looked; a panel for each of `examples`: {"source",
    "target", "weights"}, the weights (target tokens, source tokens)."""
    sizes = [(1.6 + 0.42 * len(each["source"]), 1.4 + 0.36 * max(1, len(each["target"]))) for each in examples]
    width, height = sum(width for width, _ in sizes), max(height for _, height in sizes)
    figure = Figure(figsize=(max(3.0, width), max(2.4, height)), layout="constrained")
    panels = figure.subplots(1, len(examples), squeeze=False, width_ratios=[width for width, _ in sizes])[0]
    for axes, each in zip(panels, examples, strict=True):
        shape = (max(1, len(each["target"])), len(each["source"]))
        axes.imshow(each["weights"].reshape(-1, shape[1]) if len(each["target"]) else [[0.0] * shape[1]], cmap="Blues",
                    vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(shape[1]), _shown(each["source"]), rotation=60, ha="left", rotation_mode="anchor")
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(each["target"])), _shown(each["target"]))
        axes.tick_params(length=0)
        axes.set(xlabel="source", ylabel="target")
    _save(figure, path)


def _shown(tokens):
    """Tokens as a font can draw them."""
    return [token.replace(JOINER, "_") for token in tokens]


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


def _save(figure, path):
    with files.replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
