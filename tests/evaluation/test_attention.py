"""The picture of attention weights marks copied words."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tasks.text.vocabulary import UNKNOWN
from zoo.decoding.translator import Translator
from zoo.evaluation import attention

EXAMPLE = {
    "source": ["the", "Zork"],
    "target": ["le", "Zork"],
    "weights": np.array([[0.9, 0.1], [0.2, 0.8]]),
}


def target_labels(example, monkeypatch, tmp_path):
    """Return (text, font weight) of each label of the picture's target axis."""
    saved = []
    monkeypatch.setattr(attention, "save_picture", lambda picture, path: saved.append(picture))
    attention.draw_attention(tmp_path / "attention.png", [example])
    (axes,) = saved[0].figure.axes
    return [(label.get_text(), label.get_fontweight()) for label in axes.get_yticklabels()]


def test_copied_word_is_marked(monkeypatch, tmp_path):
    example = {**EXAMPLE, "copied": [False, True]}
    labels = target_labels(example, monkeypatch, tmp_path)
    assert labels == [("le", "normal"), ("Zork (copied)", "bold")]


def test_picture_without_copied_words_has_no_mark(monkeypatch, tmp_path):
    assert target_labels(EXAMPLE, monkeypatch, tmp_path) == [("le", "normal"), ("Zork", "normal")]


@pytest.mark.costly
def test_translation_tells_which_tokens_are_copied(trained):
    """The decoder is made to emit an unknown token first; it is a copy of a source token."""
    run = trained("translation")
    translator = Translator(run.config, run.features, run.load_model())
    hypotheses = types.SimpleNamespace(
        ids=tf.constant([[UNKNOWN, 4]]), lengths=tf.constant([2]), log_probabilities=tf.zeros(1)
    )
    translator._search = lambda *arguments: hypotheses
    translation = translator.translate(tf.ragged.constant([["one", "zzz"]]), 1)
    assert translation.copied.numpy().tolist() == [[True, False]]
    assert translation.tokens.numpy()[0, 0] in (b"one", b"zzz")
