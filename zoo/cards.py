"""The card of a run: what it is, how well it does and how to use it, generated; with its learning curves."""

import tensorflow as tf

from tasks.features import at_least_one
from tasks.library import tasks
from zoo import files, plots
from zoo.translator import Translator

CARD = """# {task} with {cell}

Trained on {source} by Recurrent Zoo. {seconds:.0f} s of training, {epochs} epochs, seed {seed}; {parameters:,} weights.
The model is that of epoch {best}, chosen on the validation split; the scores are on the {split} split.

| metric | score | trivial baseline | unit | better |
|---|---|---|---|---|
{rows}

{notes}![learning curves](plots/learning_curves.png)

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

READABLE = 9  # tokens of a source whose attention is shown


def write(run, result, examples):
    """Writes card.md and plots/ of a run with this result. examples: of which attention shows one, where there is any."""
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
        notes=_signatures(result["metrics"]) + _attention(run, examples), seconds=result["seconds"],
        epochs=len(history), seed=config.seed, best=best, rows=rows, parameters=run.model.count_params(),
        configuration=fields))


def _signatures(metrics):
    """How exactly the scores were computed that have many ways."""
    lines = [f"{name}: `{score['signature']}`  \n" for name, score in metrics.items() if "signature" in score]
    return "".join(lines) + "\n" if lines else ""


def _attention(run, examples):
    """Draws what the translation of one example looks at; returns the lines that show it."""
    config, features = run.config, run.features
    if tasks.get(config.task).decoding != "translation" or config.attention == "none":
        return ""
    tokens = at_least_one(features.split(tf.constant([example["source"] for example in examples[:200]])))
    lengths = tokens.row_lengths().numpy()
    chosen = int((abs(lengths - READABLE)).argmin())
    found = Translator(config, features, run.model).translate(tokens[chosen:chosen + 1], config.beam)
    plots.attention(run.folder / "plots" / "attention.png", [{
        "source": [token.decode("utf-8", "replace") for token in tokens[chosen].numpy()],
        "target": [token.decode("utf-8", "replace") for token in found.tokens[0].numpy()],
        "weights": found.attention[0].numpy()}])
    return "![attention](plots/attention.png)\n\n"
