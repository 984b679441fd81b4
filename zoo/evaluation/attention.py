"""Picture of a translation's attention weights, source tokens by target tokens."""

import os
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import matplotlib
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.library import tasks
from tasks.text.features import pad_empty
from tasks.text.words import JOINER
from zoo.decoding.translator import Translator
from zoo.reports.plotting import STYLE, Picture, save_picture
from zoo.runs import files
from zoo.runs.run import Run

PREFERRED_LENGTH = 9  # tokens of the source sentence that a run's picture shows
CANDIDATES = 200  # sentences from which the one closest to this length is chosen


def draw_run_attention(run: Run, model: keras.Model, examples: Sequence[dict[str, Any]]) -> None:
    """Draw `plots/attention.png` of a run whose model has attention; otherwise do nothing.

    Args:
        run: the run.
        model: its model.
        examples: examples with a "source"; the picture shows the translation of one of them.
    """
    config, features = run.config, run.features
    if tasks.get(config.task).decoding != "translation" or config.attention == "none":
        return
    sources = tf.constant([example["source"] for example in examples[:CANDIDATES]])
    tokens = pad_empty(features.tokenize(sources))
    chosen = int(abs(tokens.row_lengths().numpy() - PREFERRED_LENGTH).argmin())
    translator = Translator(config, features, model)
    translation = translator.translate(tokens[chosen : chosen + 1], config.beam or 1)
    assert translation.attention is not None
    example = {
        "source": _decode(tokens[chosen]),
        "target": _decode(translation.tokens[0]),
        "weights": translation.attention[0].numpy(),
        "copied": translation.copied[0].numpy().tolist(),
    }
    draw_attention(files.inside(run.folder, "plots", "attention.png"), [example])


def draw_attention(path: str | os.PathLike[str], examples: Sequence[dict[str, Any]]) -> None:
    """Draw attention weights, one panel per example; a darker color is a larger weight.

    Args:
        path: file of the picture; its suffix determines the format.
        examples: records {"source", "target", "weights"}: two lists of tokens, and an array
            (target tokens, source tokens); optionally "copied", whether each target token is a
            copied source token, which is marked.
    """
    style: dict[Any, Any] = {**STYLE, "axes.grid": False}
    with matplotlib.rc_context(style):
        save_picture(_picture(examples), pathlib.Path(path))


def _picture(examples: Sequence[dict[str, Any]]) -> Picture:
    widths = [1.6 + 0.42 * len(example["source"]) for example in examples]
    heights = [1.4 + 0.36 * max(1, len(example["target"])) for example in examples]
    figure = Figure(figsize=(max(3.0, sum(widths)), max(2.4, *heights)), layout="constrained")
    panels = figure.subplots(1, len(examples), squeeze=False, width_ratios=widths)[0]
    for axes, example in zip(panels, examples, strict=True):
        _draw_panel(axes, example)
    return Picture(
        "attention", "Attention", "Attention weights of source tokens by target token.", figure
    )


def _draw_panel(axes: Axes, example: dict[str, Any]) -> None:
    source, target = example["source"], example["target"]
    empty = [[0.0] * len(source)]
    weights = example["weights"].reshape(-1, len(source)) if target else empty
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(
        range(len(source)), _printable(source), rotation=60, ha="left", rotation_mode="anchor"
    )
    axes.xaxis.tick_top()
    copied = example.get("copied") or [False] * len(target)
    axes.set_yticks(
        range(len(target)),
        [
            f"{token} (copied)" if each else token
            for token, each in zip(_printable(target), copied, strict=True)
        ],
    )
    for label, each in zip(axes.get_yticklabels(), copied, strict=True):
        label.set_fontweight("bold" if each else "normal")
    axes.tick_params(length=0)
    axes.set(xlabel="source", ylabel="target")


def _printable(tokens: Sequence[str]) -> list[str]:
    """Return the tokens with "_" in place of the joiner, which many fonts lack."""
    return [token.replace(JOINER, "_") for token in tokens]


def _decode(tokens: tf.Tensor) -> list[str]:
    return [token.decode("utf-8", "replace") for token in tokens.numpy()]
