"""The model card of a run or a search, in Markdown: training, scores, usage, configuration."""

from zoo.reports.error_tables import error_table
from zoo.reports.leaderboard import (
    GRADIENT_COLUMNS,
    format_count,
    format_value,
    measured_columns,
    score_rows,
    searched_fields,
    trial_rows,
)
from zoo.reports.report import Report, attention_picture
from zoo.reports.texts import markdown
from zoo.runs import data_summary

TRIALS = 10  # trials in the card; report.html has all

CARD = """# {task} with {cell}

Trained on {source} by Recurrent Zoo: {seconds:.0f} s of training{trials}, {epochs} epochs,
seed {seed}; {parameters} weights.
{stopped}The model is that of {best}, chosen on the validation split; the scores are on the
test split.

| metric | score | trivial baseline | unit | better |
|---|---|---|---|---|
{rows}

{data}
{signatures}![learning curves](plots/learning_curves.png)
{attention}{errors}{leaderboard}
## Use it

```python
import zoo

model = zoo.load("this folder")  # a keras.Model of token ids; vocabularies.json lists the tokens
```

`zoo predict THIS_FOLDER --text=...` predicts from texts, and `zoo export THIS_FOLDER` creates a
SavedModel that does so without this project. Plain `keras.saving.load_model("model.keras")` works
after `import zoo; zoo.cells.get({cell!r})`.

## Configuration

| field | value |
|---|---|
{configuration}
"""


def card(report: Report) -> str:
    """Return the text of card.md for a finished run or search."""
    config, best = report.config, report.best or {}
    metrics = report.metrics or {}
    signatures = "".join(
        f"{name}: `{score['signature']}`  \n"
        for name, score in metrics.items()
        if "signature" in score
    )
    has_attention = attention_picture(report.folder) is not None
    fields = [f"| {name} | `{value}` |" for name, value in config.items() if format_value(value)]
    return CARD.format(
        task=config["task"],
        cell=config["cell"],
        source=config["dataset"] or ", ".join(config["data"]),
        seconds=report.seconds,
        trials=f" in {len(report.trials)} trials" if report.trials else "",
        epochs=len(report.history),
        seed=config["seed"],
        best=f"epoch {best['epoch']}" if best else "its best epoch",
        rows="\n".join(f"| {' | '.join(row)} |" for row in score_rows(metrics)),
        signatures=signatures and signatures + "\n",
        data=_data(report),
        attention="\n![attention](plots/attention.png)\n" if has_attention else "",
        stopped=_stopped(report),
        errors=_errors(report),
        leaderboard=_leaderboard(report),
        parameters=format_count(report.parameters),
        configuration="\n".join(fields),
    )


def _data(report: Report) -> str:
    """Return the section about what was read; "" for examples that were not read."""
    summary = data_summary.read(report.folder)
    if summary is None:
        return ""
    rows = "\n".join(f"| {name} | {markdown(value)} |" for name, value in summary.rows())
    return f"## Data\n\n| what was read | |\n|---|---|\n{rows}\n"


def _leaderboard(report: Report) -> str:
    """Return the section of the best trials of a search, "" for a run."""
    ranked = trial_rows(report)[:TRIALS] if report.trials else []
    if not ranked:
        return ""
    measured = measured_columns(ranked)
    names = [GRADIENT_COLUMNS[number] for number in measured]
    columns = ["trial", "cell", *searched_fields(report), report.metric.name, *names, "remark"]
    rows = [
        (
            *(row.trial, row.cell, *row.values, row.score),
            *(row.gradient[number] for number in measured),
            row.remark,
        )
        for row in ranked
    ]
    lines = [columns, ["---"] * len(columns), *(map(markdown, row) for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"\n## Best trials\n\nScores are on the validation split.\n\n{table}\n"


def _stopped(report: Report) -> str:
    """Return a sentence about the end of training before the last epoch, otherwise ""."""
    if report.stopped is None or report.stopped["reason"] == "epochs":
        return ""
    return f"Training {report.stopped['text']}.\n"


def _errors(report: Report) -> str:
    """Return the picture of the confusions and the table of the errors, "" without an analysis."""
    text = ""
    if report.analysis and report.analysis.get("classes"):
        text += "![confusions](plots/confusions.png)\n"
    errors = error_table(report.analysis)
    if errors is None:
        return text and f"\n{text}"
    names = [name.lstrip(">") for name in errors.columns]
    rows = [f"| {' | '.join(map(markdown, row))} |" for row in errors.rows]
    return (
        f"\n{text}\n## {errors.title}\n\n{errors.caption}\n\n"
        f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n" + "\n".join(rows) + "\n"
    )
