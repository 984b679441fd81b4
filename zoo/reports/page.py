"""The page of a report: one file of HTML that opens from a disk, light or dark, on a screen or on paper.

Every text that comes from data goes through `html.escape`; the page's own policy forbids it to fetch anything.
"""

import base64
import hashlib
from html import escape

from zoo.reports.leaderboard import counted, differing, flat, ranked, remark, shown, words
from zoo.reports.pictures import svg
from zoo.reports.style import CSS, SCRIPT

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '{hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
<main>
{body}
</main>
<script>{script}</script>
</body>
</html>
"""


def page(report, pictures):
    """The text of report.html."""
    drawn = {picture.name: _figure(picture) for picture in pictures}
    parts = [
        _head(report),
        _scores(report),
        drawn.get("search"),
        _leaderboard(report),
        drawn.get("choices"),
        drawn.get("learning_curves"),
        drawn.get("trial_curves"),
        _attention(report),
        _failures(report),
        _space(report),
        _configuration(report),
        "<footer>Recurrent Zoo wrote this page from the files beside it; "
        "<code>zoo report</code> on the folder writes it again.</footer>",
    ]
    checksum = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return PAGE.format(
        hash=f"sha256-{checksum}",
        title=escape(_title(report)),
        css=CSS,
        script=SCRIPT,
        body="\n".join(filter(None, parts)),
    )


def _title(report):
    task = report.config["task"]
    return (
        f"{task}: a search" if report.kind == "search" else f"{task} with {report.config['cell']}"
    )


def _head(report):
    """What was trained, on what, how far it is, and the number that it comes down to."""
    config = report.config
    source = config["dataset"] or ", ".join(config["data"]) or "the task's own data"
    facts = [f"trained on <b>{escape(source)}</b>", f"{report.seconds:,.0f} s of training"]
    if report.kind == "search":
        cells = {trial["config"]["cell"] for trial in report.trials}
        facts.insert(1, f"{_count(len(report.trials), 'trial')} of {_count(len(cells), 'cell')}")
    else:
        facts.insert(1, _count(len(report.history), "epoch"))
    if report.parameters is not None:
        facts.append(
            f"{counted(report.parameters)} weights"
            + (" in the best" if report.kind == "search" else "")
        )
    state = (
        ""
        if report.finished
        else "<p class=note>Not finished: this is how far it is. The same command goes on.</p>"
    )
    return f"<header><h1>{escape(_title(report))}</h1>\n<p>{'; '.join(facts)}.</p>\n{state}{_tiles(report)}</header>"


def _count(number, noun):
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _tiles(report):
    name, title = report.metric.name, escape(words(report.metric.name))
    tiles = []
    if report.metrics:
        score = report.metrics[name]
        tiles += [(f"{title}, test", score["value"]), ("trivial baseline", score["baseline"])]
    if report.best:
        tiles.append((f"{title}, validation", report.best["scores"][name]))
    return (
        "<dl class=tiles>"
        + "".join(f"<div><dt>{label}</dt><dd>{_number(value)}</dd></div>" for label, value in tiles)
        + "</dl>"
        if tiles
        else ""
    )


def _number(value):
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}"


def _scores(report):
    if not report.metrics:
        return ""
    rows = [
        (
            words(name),
            f"{score['value']:.4f}",
            f"{score['baseline']:.4f}",
            score["unit"],
            "higher" if score["higher_is_better"] else "lower",
        )
        for name, score in report.metrics.items()
    ]
    chosen = "the best trial, " if report.kind == "search" else ""
    return _section(
        "Scores",
        _table(
            ("metric", ">score", ">trivial baseline", "unit", "better"),
            rows,
            f"On the test split, {chosen}chosen on validation, looked at once.",
        ),
    )


def _leaderboard(report):
    if not report.trials:
        return ""
    fields = [name for name in differing(report.trials) if name != "cell"]
    rows = []
    for place, trial in enumerate(ranked(report.trials, report.metric.higher_is_better), 1):
        config = flat(trial["config"])
        rows.append(
            (
                place if trial["score"] is not None else "",
                trial["id"],
                config["cell"],
                *[shown(config.get(name)) for name in fields],
                "" if trial["score"] is None else f"{trial['score']:.4f}",
                counted(trial.get("parameters")),
                f"{trial['seconds']:.1f}",
                _remark_in_short(trial, report.best_trial),
            )
        )
    if report.baseline is not None:
        rows.append(("", "", "trivial", *[""] * len(fields), f"{report.baseline:.4f}", "", "", ""))
    columns = (
        ">place",
        ">trial",
        "cell",
        *map(words, fields),
        f">{words(report.metric.name)}",
        ">parameters",
        ">seconds",
        "remark",
    )
    return _section(
        "Leaderboard",
        _table(
            columns,
            rows,
            "On the validation split, with the fields in which trials differ. A column's name sorts by it.",
            sortable=True,
        ),
    )


def _remark_in_short(trial, best):
    return "failed" if trial["reason"] else remark(trial, best)


def _failures(report):
    failed = [
        (trial["id"], trial["config"]["cell"], trial["reason"])
        for trial in report.trials
        if trial["reason"]
    ]
    return _section("Failed trials", _table((">trial", "cell", "why"), failed)) if failed else ""


def _space(report):
    rows = [
        (name, ", ".join(shown(value) or "none" for value in values))
        for name, values in report.space.items()
    ]
    return _section("Searched", _table(("field", "values"), rows)) if rows else ""


def _configuration(report):
    rows = [(name, text) for name, value in flat(report.config).items() if (text := shown(value))]
    return _section(
        "Configuration" + (" of the best trial" if report.kind == "search" else ""),
        _table(("field", "value"), rows),
    )


def _figure(picture):
    return _section(
        picture.title,
        f'<figure role="img" aria-label="{escape(picture.text)}">{svg(picture)}'
        f"</figure>\n<p class=note>{escape(picture.text)}</p>",
    )


def _attention(report):
    """The picture that a translation's training left; to draw it again would need the model."""
    path = report.folder / "plots" / "attention.png"
    if not path.exists():
        return ""
    text = "What each target token looked at in the source, in a translation from the validation split."
    return _section(
        "Attention",
        f'<figure><img alt="{text}" style="max-width: 100%" src="data:image/png;base64,'
        f'{base64.b64encode(path.read_bytes()).decode()}"></figure>\n<p class=note>{text}</p>',
    )


def _section(title, body):
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>"


def _table(columns, rows, caption="", sortable=False):
    """columns: names, with a leading ">" for numbers. rows: texts, escaped here."""
    kinds = [' class="number"' if name.startswith(">") else "" for name in columns]
    heads = "".join(
        f'<th scope="col"{kind}>{_head_cell(name.lstrip(">"), sortable)}</th>'
        for name, kind in zip(columns, kinds, strict=True)
    )
    lines = "\n".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{escape(str(value))}</td>" for value, kind in zip(row, kinds, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    mark, told = (
        " data-sortable" if sortable else "",
        f"<caption>{escape(caption)}</caption>" if caption else "",
    )
    return (
        f'<div class="wide" tabindex="0"><table{mark}>{told}\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def _head_cell(name, sortable):
    return f"<button>{escape(name)}</button>" if sortable else escape(name)
