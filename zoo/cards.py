"""The card of a run: what it is, how well it does and how to use it, generated; with its learning curves."""

from tasks.library import tasks
from zoo import files, plots

CARD = """# {task} with {cell}

Trained on {source} by Recurrent Zoo. {seconds:.0f} s of training, {epochs} epochs, seed {seed}; {parameters:,} weights.
The model is that of epoch {best}, chosen on the validation split; the scores are on the {split} split.

| metric | score | trivial baseline | unit | better |
|---|---|---|---|---|
{rows}

![learning curves](plots/learning_curves.png)

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


def write(run, result):
    """Writes card.md and plots/learning_curves.png of a run with this result."""
    config, history = run.config, run.history
    metric = tasks.get(config.task).metrics[0].name
    best = result["validation"]["epoch"]
    plots.learning_curves(run.folder / "plots" / "learning_curves.png", history,
                          {"name": metric, **result["metrics"][metric]}, best)
    rows = "\n".join(
        f"| {name} | {score['value']:.4f} | {score['baseline']:.4f} | {score['unit']} | "
        f"{'higher' if score['higher_is_better'] else 'lower'} |" for name, score in result["metrics"].items())
    fields = "\n".join(f"| {name} | `{value}` |" for name, value in config.to_json().items()
                       if value not in (None, [], {}))
    files.write_text(run.folder / "card.md", CARD.format(
        task=config.task, cell=config.cell, source=config.dataset or ", ".join(config.data), split=result["split"],
        seconds=result["seconds"], epochs=len(history), seed=config.seed, best=best, rows=rows,
        parameters=run.model.count_params(), configuration=fields))
