"""The HTML page of a report: a single, self-contained file.

Texts from data are escaped, and the content security policy of the page forbids all requests.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from zoo.reports.error_tables import CLASS_COLUMNS, class_caption, class_rows, error_table
from zoo.reports.html_elements import section, table, tiles
from zoo.reports.leaderboard import (
    GRADIENT_COLUMNS,
    SCORE_COLUMNS,
    baseline_row,
    display_name,
    flatten_config,
    format_count,
    format_value,
    measured_columns,
    score_rows,
    searched_fields,
    trial_rows,
)
from zoo.reports.plotting import Picture, svg
from zoo.reports.report import Report, attention_picture
from zoo.reports.style import CSS, SCRIPT
from zoo.runs import data_summary

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


def page(report: Report, pictures: Sequence[Picture]) -> str:
    """Return the text of report.html."""
    figures = {picture.name: _figure(picture) for picture in pictures}
    sections = [
        _header(report),
        _scores(report),
        _data(report),
        figures.get("search"),
        _leaderboard(report),
        figures.get("choices"),
        figures.get("memory"),
        figures.get("learning_curves"),
        figures.get("trial_curves"),
        figures.get("gradients"),
        figures.get("gradient_heat"),
        figures.get("confusions"),
        _errors(report),
        _classes(report),
        _attention(report),
        _epochs(report),
        _failures(report),
        _space(report),
        _configuration(report),
        "<footer>Recurrent Zoo generated this page from the files in its folder; "
        "<code>zoo report</code> on the folder generates it again.</footer>",
    ]
    checksum = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return PAGE.format(
        hash=f"sha256-{checksum}",
        title=escape(_title(report)),
        css=CSS,
        script=SCRIPT,
        body="\n".join(filter(None, sections)),
    )


def _title(report: Report) -> str:
    task = report.config["task"]
    if report.kind == "search":
        return f"{task}: a search"
    return f"{task} with {report.config['cell']}"


def _header(report: Report) -> str:
    """Return the title, a summary of the training, its status and the main scores."""
    config = report.config
    source = config["dataset"] or ", ".join(config["data"]) or "the task's own data"
    facts = [f"trained on <b>{escape(source)}</b>", f"{report.seconds:,.0f} s of training"]
    if report.kind == "search":
        cells = {trial["config"]["cell"] for trial in report.trials}
        facts.insert(1, f"{_count(len(report.trials), 'trial')} of {_count(len(cells), 'cell')}")
    else:
        facts.insert(1, _count(len(report.history), "epoch"))
    if report.parameters is not None:
        model = " in the best trial" if report.kind == "search" else ""
        facts.append(f"{format_count(report.parameters)} weights{model}")
    note = "" if report.finished else "<p class=note>Not finished. The same command resumes it.</p>"
    if report.stopped and report.stopped["reason"] != "epochs":
        trial = "The best trial " if report.kind == "search" else "Training "
        note = f"<p class=note>{trial}{escape(report.stopped['text'])}.</p>{note}"
    return (
        f"<header><h1>{escape(_title(report))}</h1>\n<p>{'; '.join(facts)}.</p>\n"
        f"{note}{tiles(_main_scores(report))}</header>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _main_scores(report: Report) -> list[tuple[str, str]]:
    name = report.metric.name
    title, scores = display_name(name), []
    if report.metrics:
        score = report.metrics[name]
        scores += [(f"{title}, test", score["value"]), ("trivial baseline", score["baseline"])]
    if report.best:
        scores.append((f"{title}, validation", report.best["scores"][name]))
    return [(label, _number(value)) for label, value in scores]


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}"


def _scores(report: Report) -> str:
    if not report.metrics:
        return ""
    rows = [row._replace(metric=display_name(row.metric)) for row in score_rows(report.metrics)]
    model = "the best trial, " if report.kind == "search" else ""
    caption = f"On the test split, {model}chosen on validation; evaluated once."
    return section("Scores", table(SCORE_COLUMNS, rows, caption))


def _data(report: Report) -> str:
    summary = data_summary.read(report.folder)
    return section("Data", table(("what was read", ""), summary.rows())) if summary else ""


def _leaderboard(report: Report) -> str:
    if not report.trials:
        return ""
    ranked = trial_rows(report)
    measured = measured_columns(ranked)
    rows: list[tuple[str | int, ...]] = [
        (
            place if row.score else "",
            row.trial,
            row.cell,
            *row.values,
            row.score,
            row.parameters,
            *(row.gradient[number] for number in measured),
            f"{row.seconds:.1f}",
            "failed" if row.failed else row.remark,
        )
        for place, row in enumerate(ranked, 1)
    ]
    baseline = baseline_row(report)
    if baseline is not None:
        empty = ("",) * (len(measured) + 3)
        rows.append(("", "", baseline.cell, *baseline.values, baseline.score, *empty))
    columns = (
        ">place",
        ">trial",
        "cell",
        *map(display_name, searched_fields(report)),
        f">{display_name(report.metric.name)}",
        ">parameters",
        *(f">{GRADIENT_COLUMNS[number]}" for number in measured),
        ">seconds",
        "remark",
    )
    caption = (
        "On the validation split, with the fields in which the trials differ. "
        "Click on a column's name to sort by it."
    )
    return section("Leaderboard", table(columns, rows, caption, sortable=True))


def _epochs(report: Report) -> str:
    """Return the table of the epochs; epochs of an older version lack the validation loss."""
    if not report.history:
        return ""
    metrics = [name for name in report.history[-1] if name.startswith("validation_")]
    metrics.sort(key=lambda name: name != "validation_loss")
    best = (report.best or {}).get("epoch")
    rows = [
        (
            str(record["epoch"]),
            f"{record['learning_rate']:.3g}",
            *(_number(record[name]) if name in record else "" for name in ("loss", *metrics)),
            "chosen" if record["epoch"] == best else "",
        )
        for record in report.history
    ]
    loss = "training loss" if report.loss_name == "loss" else f"training loss ({report.loss_name})"
    names = [loss, *map(display_name, metrics)]
    columns = (">epoch", ">learning rate", *(f">{name}" for name in names), "remark")
    return section("Epochs", table(columns, rows, sortable=True))


def _classes(report: Report) -> str:
    rows = class_rows(report.analysis)
    if report.analysis is None or not rows:
        return ""
    caption = class_caption(report.analysis)
    return section("Scores by class", table(CLASS_COLUMNS, rows, caption, sortable=True))


def _errors(report: Report) -> str:
    errors = error_table(report.analysis)
    if errors is None:
        return ""
    return section(errors.title, table(errors.columns, errors.rows, errors.caption))


def _failures(report: Report) -> str:
    rows = [
        (trial["id"], trial["config"]["cell"], trial["reason"])
        for trial in report.trials
        if trial["reason"]
    ]
    return section("Failed trials", table((">trial", "cell", "reason"), rows)) if rows else ""


def _space(report: Report) -> str:
    rows = [
        (name, ", ".join(format_value(value) or "none" for value in values))
        for name, values in report.space.items()
    ]
    return section("Search space", table(("field", "values"), rows)) if rows else ""


def _configuration(report: Report) -> str:
    fields = flatten_config(report.config).items()
    rows = [(name, text) for name, value in fields if (text := format_value(value))]
    title = "Configuration" + (" of the best trial" if report.kind == "search" else "")
    return section(title, table(("field", "value"), rows))


def _figure(picture: Picture) -> str:
    text = escape(picture.text)
    return section(
        picture.title,
        f'<figure role="img" aria-label="{text}">{svg(picture)}</figure>\n<p class=note>{text}</p>',
    )


def _attention(report: Report) -> str:
    """Return the section of the saved attention picture; drawing it again would need the model."""
    path = attention_picture(report.folder)
    if path is None:
        return ""
    text = (
        "Attention weights of the translation of a sentence from the validation split. A target "
        "token with the mark (copied) is an unknown word, replaced by the source token with the "
        "largest weight."
    )
    data = base64.b64encode(path.read_bytes()).decode()
    return section(
        "Attention",
        f'<figure><img alt="{text}" style="max-width: 100%" src="data:image/png;base64,{data}">'
        f"</figure>\n<p class=note>{text}</p>",
    )
