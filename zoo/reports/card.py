"""The card of a run: what it is, how well it does and how to use it, in Markdown, generated."""

from zoo.reports.leaderboard import counted, shown

CARD = """# {task} with {cell}

Trained on {source} by Recurrent Zoo. {seconds:.0f} s of training{trials}, {epochs} epochs, seed {seed}; {parameters} weights.
The model is that of epoch {best}, chosen on the validation split; the scores are on the test split.

| metric | score | trivial baseline | unit | better |
|---|---|---|---|---|
{rows}

{signatures}![learning curves](plots/learning_curves.png)
{attention}
## Use it

```python
import zoo

model = zoo.load("this folder")  # a keras.Model, from ids; vocabularies.json says which
```

`zoo predict THIS_FOLDER --text=...` answers from texts, and `zoo export THIS_FOLDER` makes a SavedModel that does so
without this project. Plain `keras.saving.load_model("model.keras")` works after
`from zoo.cells import cells; cells.get({cell!r})`.

## Configuration

| field | value |
|---|---|
{configuration}
"""


def card(report):
    """The text of card.md for the Report of a finished run or search."""
    config = report.config
    rows = "\n".join(
        f"| {name} | {score['value']:.4f} | {score['baseline']:.4f} | {score['unit']} | "
        f"{'higher' if score['higher_is_better'] else 'lower'} |"
        for name, score in report.metrics.items()
    )
    signatures = "".join(
        f"{name}: `{score['signature']}`  \n"
        for name, score in report.metrics.items()
        if "signature" in score
    )
    attention = (
        "\n![attention](plots/attention.png)\n"
        if (report.folder / "plots" / "attention.png").exists()
        else ""
    )
    fields = "\n".join(f"| {name} | `{value}` |" for name, value in config.items() if shown(value))
    return CARD.format(
        task=config["task"],
        cell=config["cell"],
        source=config["dataset"] or ", ".join(config["data"]),
        seconds=report.seconds,
        trials=f" in {len(report.trials)} trials" if report.trials else "",
        epochs=len(report.history),
        seed=config["seed"],
        best=report.best["epoch"],
        rows=rows,
        signatures=signatures and signatures + "\n",
        attention=attention,
        parameters=counted(report.parameters),
        configuration=fields,
    )
