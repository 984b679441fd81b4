"""The picture of what each target token looked at in the source."""

import matplotlib
import tensorflow as tf
from matplotlib.figure import Figure

from tasks.library import tasks
from tasks.text.features import pad_empty
from tasks.text.words import JOINER
from zoo.decoding.translator import Translator
from zoo.reports.pictures import STYLE, Picture, save_png

READABLE = 9  # tokens of a source whose attention is shown


def attention_of_run(run, model, examples):
    """Draws plots/attention.png of a run that has attention: what the translation of one of `examples` looks at."""
    config, features = run.config, run.features
    if tasks.get(config.task).decoding != "translation" or config.attention == "none":
        return
    tokens = pad_empty(
        features.split(tf.constant([example["source"] for example in examples[:200]]))
    )
    chosen = int((abs(tokens.row_lengths().numpy() - READABLE)).argmin())
    found = Translator(config, features, model).translate(tokens[chosen : chosen + 1], config.beam)
    attention(
        run.folder / "plots" / "attention.png",
        [
            {
                "source": [token.decode("utf-8", "replace") for token in tokens[chosen].numpy()],
                "target": [token.decode("utf-8", "replace") for token in found.tokens[0].numpy()],
                "weights": found.attention[0].numpy(),
            }
        ],
    )


def attention(path, examples):
    """What each target token looked at in the source, dark where it looked; a panel for each of `examples`: {"source",
    "target", "weights"}, the weights (target tokens, source tokens)."""
    with matplotlib.rc_context({**STYLE, "axes.grid": False}):
        save_png(_picture(examples), path)


def _picture(examples):
    sizes = [
        (1.6 + 0.42 * len(each["source"]), 1.4 + 0.36 * max(1, len(each["target"])))
        for each in examples
    ]
    width, height = sum(width for width, _ in sizes), max(height for _, height in sizes)
    figure = Figure(figsize=(max(3.0, width), max(2.4, height)), layout="constrained")
    panels = figure.subplots(
        1, len(examples), squeeze=False, width_ratios=[width for width, _ in sizes]
    )[0]
    for axes, each in zip(panels, examples, strict=True):
        shape = (max(1, len(each["target"])), len(each["source"]))
        axes.imshow(
            each["weights"].reshape(-1, shape[1]) if len(each["target"]) else [[0.0] * shape[1]],
            cmap="Blues",
            vmin=0,
            vmax=1,
            aspect="auto",
        )
        axes.set_xticks(
            range(shape[1]), _shown(each["source"]), rotation=60, ha="left", rotation_mode="anchor"
        )
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(each["target"])), _shown(each["target"]))
        axes.tick_params(length=0)
        axes.set(xlabel="source", ylabel="target")
    return Picture(
        "attention", "Attention", "What each target token looked at in the source.", figure
    )


def _shown(tokens):
    """Tokens as a font can draw them."""
    return [token.replace(JOINER, "_") for token in tokens]
