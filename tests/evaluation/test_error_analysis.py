"""Scores by class, confusions and errors, computed from the predictions of a model."""

import collections
import json
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tasks.data.roles import UNTAGGED
from tasks.library import tasks
from zoo import Config
from zoo.evaluation import error_analysis as module
from zoo.evaluation.error_analysis import class_scores, error_analysis
from zoo.models.resolve import resolve

TEXTS = ["a", "a b", "b b a", "c", "b", "a c c"]
LABELS = ["one", "two", "two", "one", "new", "two"]


def logits_model(size, outputs, sequences):
    """Return a model whose logits are embeddings of the ids, or their sums over the timesteps."""
    inputs = keras.Input((None,), dtype="int32", name="tokens")
    table = 3 * np.random.default_rng(1).normal(size=(size, outputs)).astype("float32")
    embedding = keras.layers.Embedding(size, outputs, weights=[table])
    outputs = embedding(inputs)
    if not sequences:
        mask = keras.ops.cast(inputs > 0, "float32")[..., None]
        outputs = keras.ops.sum(outputs * mask, 1)
    return keras.Model({"tokens": inputs}, outputs), table


@pytest.fixture(scope="module")
def classification():
    """Return (model, configuration, features, examples); the class "new" is not in training."""
    config = resolve(Config(task="classification", token="word", batch_size=4))
    features = tasks.get("classification").features(
        config, {"tokens": ["a", "b", "c"], "labels": ["one", "two", "three"]}
    )
    model, table = logits_model(len(features.tables["tokens"]), 3, False)
    examples = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
    return model, config, features, examples, table


def probabilities(table, text):
    ids = {"a": 2, "b": 3, "c": 4}
    logits = sum(table[ids[word]] for word in text.split())
    return tf.nn.softmax(logits).numpy()


def test_class_scores_equal_those_of_each_example(classification):
    *arguments, examples, table = classification
    analysis = error_analysis(*arguments, examples)
    predicted = [("one", "two", "three")[probabilities(table, t).argmax()] for t in TEXTS]
    assert len(set(predicted)) > 1
    for record in analysis["classes"]:
        name = record["class"]
        correct = sum(p == label == name for p, label in zip(predicted, LABELS, strict=True))
        assert (record["correct"], record["support"]) == (correct, LABELS.count(name))
        assert record["predicted"] == predicted.count(name)
        support, guessed = record["support"], record["predicted"]
        assert record["recall"] == (correct / support if support else None)
        assert record["precision"] == (correct / guessed if guessed else None)
    assert [record["class"] for record in analysis["classes"]] == ["one", "two", "three", "new"]
    pairs = collections.Counter(zip(LABELS, predicted, strict=True))
    assert {(c["true"], c["predicted"]): c["count"] for c in analysis["confusions"]} == {
        pair: count for pair, count in pairs.items() if pair[0] != pair[1]
    }
    json.dumps(analysis, allow_nan=False)


def test_errors_are_the_most_confident_ones_first(classification):
    *arguments, examples, table = classification
    many = examples * 4  # more than ten errors
    errors = error_analysis(*arguments, many)["errors"]
    assert len(errors) == module.ERRORS
    confidences = [error["confidence"] for error in errors]
    assert confidences == sorted(confidences, reverse=True)
    everything = []
    for example in many:
        values = probabilities(table, example["text"])
        if ("one", "two", "three")[values.argmax()] != example["label"]:
            everything.append(float(values.max()))
    expected = sorted(everything, reverse=True)[: module.ERRORS]
    assert confidences == pytest.approx(expected, abs=1e-4)
    for error in errors:
        example = many[error["example"] - 1]
        assert (error["text"], error["true"]) == (example["text"], example["label"])
        assert error["true"] != error["predicted"]


def test_tag_errors_show_the_token_in_its_context():
    config = resolve(Config(task="pos_tagging", characters="none", batch_size=2))
    features = tasks.get("pos_tagging").features(
        config, {"words": ["w", "\udcff"], "tags": ["X", "Y"]}
    )
    table = np.array([[0, 0], [9, 0], [9, 0], [9, 0]], "float32")  # always X
    inputs = keras.Input((None,), dtype="int32", name="words")
    embedding = keras.layers.Embedding(4, 2, weights=[table])
    model = keras.Model({"words": inputs}, embedding(inputs))
    words = [f"w{number}" for number in range(20)]
    examples = [
        {"words": ["w", "\udcff"], "tags": ["X", "Y"]},
        {"words": words, "tags": ["X"] * 10 + ["Y"] + ["X"] * 9},
    ]
    analysis = error_analysis(model, config, features, examples)
    assert [(e["example"], e["position"], e["token"]) for e in analysis["errors"]] == [
        (1, 2, "\ufffd"),
        (2, 11, "w10"),
    ]
    assert analysis["errors"][0]["text"] == "w \ufffd"
    assert (
        analysis["errors"][1]["text"] == "… w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 …"
    )
    assert [record["support"] for record in analysis["classes"]] == [20, 2]
    assert analysis["macro_f1"] == pytest.approx((20 * 2 / 42 + 0) / 2)


def test_words_without_a_tag_are_not_analysed():
    """Such a word has the weight 0, unlike a word whose tag the training data lacks."""
    config = resolve(Config(task="pos_tagging", characters="none", batch_size=2))
    features = tasks.get("pos_tagging").features(config, {"words": ["w"], "tags": ["X", "Y"]})
    table = np.array([[0, 0], [9, 0], [9, 0]], "float32")  # always X
    inputs = keras.Input((None,), dtype="int32", name="words")
    embedding = keras.layers.Embedding(3, 2, weights=[table])
    model = keras.Model({"words": inputs}, embedding(inputs))
    examples = [
        {"words": ["w", "w", "w", "w"], "tags": [UNTAGGED, "X", UNTAGGED, "Y"]},
        {"words": ["w", "w"], "tags": [UNTAGGED, UNTAGGED]},
        {"words": ["w", "w"], "tags": ["new", UNTAGGED]},
    ]
    analysis = error_analysis(model, config, features, examples)
    support = {record["class"]: record["support"] for record in analysis["classes"]}
    assert support == {"X": 1, "Y": 1, "new": 1}
    wrong = [(each["example"], each["position"], each["true"]) for each in analysis["errors"]]
    assert sorted(wrong) == [(1, 4, "Y"), (3, 1, "new")]
    assert sum(each["count"] for each in analysis["confusions"]) == 2


def test_numbers_have_the_largest_errors_and_texts_have_none():
    config = resolve(Config(task="adding", batch_size=2))
    features = tasks.get("adding").features(config, {"width": 2})
    inputs = keras.Input((None, 2), name="vectors")
    mask = keras.Input((None,), dtype="bool", name="mask")
    model = keras.Model({"vectors": inputs, "mask": mask}, keras.ops.sum(inputs, 1)[:, :1])
    examples = [
        {"vectors": np.full((length, 2), 1.0, "float32"), "target": 2.0} for length in range(1, 14)
    ]
    errors = error_analysis(model, config, features, examples)["errors"]
    assert len(errors) == 10 and errors[0] == {"example": 13, "true": 2.0, "predicted": 13.0}
    language_model = types.SimpleNamespace(task="language_model")
    assert error_analysis(model, language_model, features, examples) is None


def test_accuracy_follows_from_the_class_scores_of_a_run(trained):
    run = trained("pos_tagging")
    analysis = json.loads((run.folder / "error_analysis.json").read_text(encoding="utf-8"))
    correct, support = (
        sum(record[name] for record in analysis["classes"]) for name in ("correct", "support")
    )
    accuracy = run.result["metrics"]["accuracy"]["value"]
    assert analysis["split"] == "test" and correct / support == pytest.approx(accuracy)


def test_scores_without_items_are_not_defined():
    scores = class_scores(["a"], [])
    assert scores["macro_f1"] is None and scores["classes"][0]["f1"] is None
