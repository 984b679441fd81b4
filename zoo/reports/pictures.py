"""Pictures of a run and of a search, by matplotlib, without a screen: as PNG files and as SVG for a page."""

import collections
import dataclasses
import io
import itertools
import re
import statistics

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zoo.reports.leaderboard import differing, flat, shown, words
from zoo.runs import files

INK, RULE, PAPER = "#24292f", "#d0d7de", "#ffffff"  # a page has its own instead: light or dark
COLOURS = ("#3b82c4", "#d97a1e", "#2f9e6e", "#9a6dd7", "#d1495b", "#1f9eb5", "#a0754a", "#d66fa8")
MARKERS = "os^DvPX<>*"  # colours alone do not tell everyone the cells apart
STYLE = {
    "text.parse_math": False,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "zoo",
}
MOST_CHOICES = 9  # fields in the picture of choices
WITHOUT = {
    "Creator": None,
    "Date": None,
    "Format": None,
    "Type": None,
}  # the same report, the same bytes


@dataclasses.dataclass(frozen=True)
class Picture:
    """A figure with its title and, for those who do not see it, what it shows."""

    name: str
    title: str
    text: str
    figure: Figure


def pictures(report):
    """The pictures that there is something for."""
    with matplotlib.rc_context(STYLE):
        made = [_search(report), _choices(report), _trial_curves(report), _learning_curves(report)]
    return [picture for picture in made if picture is not None]


def save_png(picture, path):
    with matplotlib.rc_context(STYLE), files.replacing(path) as temporary:
        picture.figure.savefig(temporary, dpi=120)


def svg(picture):
    """The picture as an element of a page, in the page's own ink; nothing in it is fetched."""
    file = io.StringIO()
    with matplotlib.rc_context(STYLE):
        picture.figure.savefig(file, format="svg", transparent=True, metadata=WITHOUT)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    for mark, own in ((INK, "currentColor"), (RULE, "var(--rule)"), (PAPER, "var(--paper)")):
        text = text.replace(mark, own)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)  # a page needs no names of namespaces
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # nor two elements of one id
    return re.sub(
        r'^<svg[^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', text
    )


def _validation(history, metric):
    return [record[f"validation_{metric.name}"] for record in history]


def _learning_curves(report):
    """Training loss and the validation metric over epochs, the trivial baseline beside, the chosen epoch marked."""
    if not report.history:
        return None
    metric, best = report.metric, report.best
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [record["epoch"] for record in report.history]
    left.plot(
        epochs,
        [record["loss"] for record in report.history],
        marker="o",
        markersize=4,
        color=COLOURS[0],
    )
    left.set(
        title="training loss",
        xlabel="epoch",
        ylabel="nats" if metric.unit != "squared units" else metric.unit,
    )
    right.plot(
        epochs,
        _validation(report.history, metric),
        marker="o",
        markersize=4,
        color=COLOURS[0],
        label="validation",
    )
    _baseline(right, report)
    text = f"Training loss and validation {words(metric.name)} over {len(epochs)} epochs."
    if best:
        score = best["scores"][metric.name]
        right.plot(
            [best["epoch"]],
            [score],
            marker="o",
            markersize=10,
            markerfacecolor="none",
            color=COLOURS[4],
            linestyle="none",
            label=f"chosen: epoch {best['epoch']}, {score:.4g}",
        )
        text += f" Epoch {best['epoch']} is chosen, with {score:.4g}."
    right.set(title=f"validation {words(metric.name)}", xlabel="epoch", ylabel=metric.unit)
    right.legend()
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    title = "Learning curves" + (
        f" of the best trial, {report.best_trial}" if report.best_trial else ""
    )
    return Picture("learning_curves", title, text, figure)


def _baseline(axes, report):
    """The trivial score, where drawing it leaves the rest readable."""
    if report.baseline is not None:
        axes.axhline(
            report.baseline,
            color=INK,
            alpha=0.55,
            linestyle="--",
            linewidth=1,
            label=f"trivial ({report.baseline_split}): {report.baseline:.4g}",
        )


def _cells(trials):
    """Cell -> how its trials are drawn."""
    looks = zip(itertools.cycle(COLOURS), itertools.cycle(MARKERS), strict=False)
    names = sorted({trial["config"]["cell"] for trial in trials})
    return {
        name: {"color": colour, "marker": marker}
        for name, (colour, marker) in zip(names, looks, strict=False)
    }


def _scored(report):
    """(number from 1, trial) of the trials that have a score."""
    return [(k + 1, trial) for k, trial in enumerate(report.trials) if trial["score"] is not None]


def _worst_drawn(report):
    """Scores worse than this are drawn here, at the edge: one that diverged would press all others into a line."""
    scores = sorted(
        (trial["score"] for _, trial in _scored(report)), reverse=report.metric.higher_is_better
    )
    best, middle, worst = scores[0], scores[len(scores) // 2], scores[-1]
    edge = middle + 3 * (middle - best)
    return worst if abs(worst - best) <= abs(edge - best) or edge == best else edge


def _drawn(score, edge, report):
    return max(score, edge) if report.metric.higher_is_better else min(score, edge)


def _search(report):
    """The score of each trial in the order they ran, coloured by cell, the best so far as a line."""
    done = _scored(report)
    if not done:
        return None
    edge, pick = _worst_drawn(report), max if report.metric.higher_is_better else min
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots()
    so_far = list(itertools.accumulate((trial["score"] for _, trial in done), pick))
    axes.step(
        [k for k, _ in done],
        [_drawn(score, edge, report) for score in so_far],
        where="post",
        color=INK,
        alpha=0.5,
        linewidth=1,
        label="best so far",
    )
    for cell, look in _cells(report.trials).items():
        points = [
            (k, _drawn(trial["score"], edge, report))
            for k, trial in done
            if trial["config"]["cell"] == cell
        ]
        if points:
            axes.plot(
                *zip(*points, strict=True), linestyle="none", markersize=7, label=cell, **look
            )
    name = f"validation {words(report.metric.name)}"
    axes.set(xlabel="trial, in the order they ran", ylabel=f"{name} ({report.metric.unit})")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    beyond = sum(trial["score"] != _drawn(trial["score"], edge, report) for _, trial in done)
    if beyond:
        axes.set_title(f"{beyond} worse, drawn at the edge", loc="left")
    figure.legend(loc="outside right upper")
    return Picture(
        "search",
        "Score over trials",
        f"The {name} of {len(done)} trials, by cell; the best is {so_far[-1]:.4g}.",
        figure,
    )


def _choices(report):
    """The score of each trial over the values of each field in which trials differ: which choice mattered."""
    done = [trial for _, trial in _scored(report)]
    having = {
        field: [trial for trial in done if field in flat(trial["config"])]
        for field in differing(done)
    }
    fields = [field for field, trials in having.items() if field in differing(trials)][
        :MOST_CHOICES
    ]
    if len(done) < 3 or not fields:
        return None
    columns = min(3, len(fields))
    rows = -(-len(fields) // columns)
    figure = Figure(figsize=(9, 2.5 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, field in itertools.zip_longest(grid.flat, fields):
        if field is None:
            axes.set_axis_off()
        else:
            _choice(axes, field, having[field], report)
    for row in grid:
        row[0].set_ylabel(f"validation {words(report.metric.name)}")
    return Picture(
        "choices",
        "Which choices mattered",
        f"The score of each trial over the values of {', '.join(map(words, fields))}; a bar is "
        "the median, and what is far worse is drawn at the edge.",
        figure,
    )


def _choice(axes, field, trials, report):
    looks, edge = _cells(report.trials), _worst_drawn(report)
    values = [flat(trial["config"]).get(field) for trial in trials]
    scores = [_drawn(trial["score"], edge, report) for trial in trials]
    numbers = len(set(map(shown, values))) > 5 and all(
        isinstance(value, (int, float)) for value in values
    )
    order = sorted(set(map(shown, values)), key=_by_number)
    groups = [order.index(shown(value)) for value in values]
    places = values if numbers else _beside(groups)
    for place, score, trial in zip(places, scores, trials, strict=True):
        axes.plot(
            [place],
            [score],
            markersize=5,
            alpha=0.8,
            linestyle="none",
            **looks[trial["config"]["cell"]],
        )
    if numbers:
        axes.set_xscale("log" if min(values) > 0 and max(values) >= 20 * min(values) else "linear")
    else:
        for k in range(len(order)):
            middle = statistics.median(
                score for group, score in zip(groups, scores, strict=True) if group == k
            )
            axes.plot([k - 0.35, k + 0.35], [middle] * 2, color=INK, alpha=0.6, linewidth=1.5)
        crowded = sum(map(len, order)) > 24
        axes.set_xticks(
            range(len(order)),
            [name or "none" for name in order],
            rotation=30 if crowded else 0,
            ha="right" if crowded else "center",
        )
        axes.set_xlim(-0.6, len(order) - 0.4)
        axes.grid(visible=False, axis="x")
    axes.set_title(words(field))


def _beside(groups):
    """Places of the members of each group around its number, so that equal scores are seen to be several."""
    sizes, seen, places = collections.Counter(groups), collections.Counter(), []
    for group in groups:
        places.append(group + 0.4 * ((seen[group] + 0.5) / sizes[group] - 0.5))
        seen[group] += 1
    return places


def _by_number(text):
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _trial_curves(report):
    """The validation metric of every trial over its epochs, the best one's on top."""
    curves = [
        (trial, report.histories[trial["id"]])
        for trial in report.trials
        if report.histories.get(trial["id"])
    ]
    if len(curves) < 2 or max(len(history) for _, history in curves) < 2:
        return None
    looks, edge, named = _cells(report.trials), _worst_drawn(report), set()
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    for trial, history in curves:
        cell, first = trial["config"]["cell"], trial["id"] == report.best_trial
        scores = [_drawn(score, edge, report) for score in _validation(history, report.metric)]
        axes.plot(
            [record["epoch"] for record in history],
            scores,
            markersize=5 if first else 3,
            linewidth=2.5 if first else 1,
            alpha=1 if first else 0.6,
            zorder=3 if first else 2,
            label=None if cell in named else cell,
            **looks[cell],
        )
        named.add(cell)
    axes.set(xlabel="epoch", ylabel=f"validation {words(report.metric.name)}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right upper")
    return Picture(
        "trial_curves",
        "Learning curves of all trials",
        f"The validation {words(report.metric.name)} of {len(curves)} trials over their epochs; "
        f"the thick line is the best, trial {report.best_trial}. "
        "What is far worse is drawn at the edge.",
        figure,
    )
