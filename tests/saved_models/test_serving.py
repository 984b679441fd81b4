"""Exported taggers, classifiers and regressors agree with their Keras models."""

import numpy as np
import pytest
import tensorflow as tf
from saved_models.exports import call, softmax

LONG = 3_000  # words in a long text
WORDS = ("ab", "cd", "Ef", "ghi", "çay", "k", "neverseen", "日本", "🙂")
SENTENCES = [
    "ab cd Ef",
    "",
    "k",
    "  çay\tghi unseen  日本 ab k k ",
    " ".join(WORDS[k % 7] for k in range(LONG)),
]
TEXTS = ["it is surely so", "", "NEVER!", "who knows 日本", "so " * LONG]


@pytest.fixture(scope="module")
def keras_probabilities(trained):
    """Return a function: (task, text) -> probabilities of the Keras model for this text alone."""
    models = {}

    def probabilities(task, text):
        run = trained(task)
        if task not in models:
            model = run.load_model()
            models[task] = tf.function(model, autograph=False, reduce_retracing=True)
        features = run.features
        encoded = features.encode(features.tokenize(tf.constant([text])))
        inputs = {name: ids.to_tensor() for name, ids in encoded.items()}
        return softmax(models[task](inputs, training=False)[0])

    return probabilities


@pytest.mark.parametrize("batch", [[0, 3, 1], [2], [3, 4], [1, 0]], ids=str)
def test_tags_match_the_keras_model(batch, loaded, trained, keras_probabilities):
    texts = [SENTENCES[k] for k in batch]
    outputs = call(loaded("pos_tagging"), text=tf.constant(texts))
    tokens = trained("pos_tagging").read_json("vocabularies.json")["tags"]
    longest = max(1, *(len(text.split()) for text in texts), 1)
    assert {name: value.shape for name, value in outputs.items()} == {
        "words": (len(texts), longest),
        "tags": (len(texts), longest),
        "scores": (len(texts), longest),
        "lengths": (len(texts),),
    }
    for text, words, tags, scores, length in zip(
        texts, *(outputs[name] for name in ("words", "tags", "scores", "lengths")), strict=True
    ):
        assert [word.decode() for word in words[:length]] == text.split()
        assert set(words[length:]) | set(tags[length:]) <= {b""} and not scores[length:].any()
        if text:
            expected = keras_probabilities("pos_tagging", text)
            assert [tag.decode() for tag in tags[:length]] == [
                tokens[k] for k in expected.argmax(-1)
            ]
            np.testing.assert_allclose(scores[:length], expected.max(-1), atol=1e-5)


@pytest.mark.parametrize("batch", [[0, 3, 1], [2], [3, 4]], ids=str)
def test_classes_match_the_keras_model(batch, loaded, keras_probabilities):
    texts = [TEXTS[k] for k in batch]
    outputs = call(loaded("classification"), text=tf.constant(texts))
    assert outputs["labels"].tolist() == [b"no", b"yes"]
    for text, label, score, scores in zip(
        texts, outputs["class"], outputs["score"], outputs["scores"], strict=True
    ):
        assert label == outputs["labels"][scores.argmax()] and score == scores.max()
        if text:
            expected = keras_probabilities("classification", text)
            np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert np.isfinite(outputs["scores"]).all()


@pytest.mark.parametrize("lengths", [[5, 2, 9], [1], [30]], ids=str)
def test_numbers_match_the_keras_model(lengths, loaded, trained):
    # The padding is not zero: the outputs must not depend on it.
    vectors = np.random.default_rng(2).random((len(lengths), max(lengths), 2), "float32")
    outputs = call(loaded("adding"), vectors=tf.constant(vectors), lengths=tf.constant(lengths))
    model = trained("adding").load_model()
    expected = [
        model({"vectors": sequence[None, :length], "mask": np.ones((1, length), bool)})[0, 0]
        for sequence, length in zip(vectors, lengths, strict=True)
    ]
    np.testing.assert_allclose(outputs["number"], expected, atol=1e-5)
