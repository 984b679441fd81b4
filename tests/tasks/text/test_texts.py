"""Features of texts: tokens, classes, answers and streams."""

import json

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.text.texts import NEWLINE, AnsweredText, LabelledText, TextTokens
from zoo.errors import RequestError

TEXTS = [
    "the cat sat on the mat, the cats sat.",
    "l'homme a vu le chat et les chats qu'il n'aimait pas.",
    "aujourd'hui les hommes ont 1234 chats !",
    "the thethe banana bananas",
]


def config(**fields):
    return zoo.Config(batch_size=4, **fields)


@pytest.mark.parametrize(
    ("token", "tokens"),
    [
        ("char", ["d", "é", "\n", "\n", " ", "字", "🙂"]),
        ("byte", [bytes([value]) for value in "dé\n\n 字🙂".encode()]),
        ("word", ["dé", NEWLINE, NEWLINE, "字🙂"]),
    ],
)
def test_text_is_tokenized_by_the_configured_token(token, tokens):
    features = TextTokens(config(token=token), {"tokens": ["a"]})
    expected = [each.encode() if isinstance(each, str) else each for each in tokens]
    assert features.tokenize(tf.constant(["dé\n\n 字🙂"])).to_list() == [expected]


@pytest.mark.parametrize("token", ["char", "byte", "word"])
@pytest.mark.parametrize("text", ["dé 字 🙂", "one\ntwo three\nfour", "a"])
def test_detokenize_inverts_tokenize(token, text):
    features = TextTokens.fit(config(token=token), [{"text": text}])
    ids = features.encode(features.tokenize(tf.constant([text, "a"])))["tokens"].to_tensor()
    texts = features.detokenize(features.tables["tokens"].texts(ids))
    assert texts.numpy()[0].decode() == text


def test_stream_joins_texts_with_newlines():
    features = TextTokens(config(token="char"), {"tokens": ["a", "é", "\n"]})
    ids, characters = features.stream([{"text": "aé"}, {"text": "éa"}])
    assert (ids.tolist(), characters) == ([2, 3, 4, 3, 2], 5)


def test_labelled_text_is_lowercased_and_split_from_punctuation():
    examples = [{"text": "Ja, JA!", "label": "yes"}, {"text": "nö", "label": "no"}]
    features = LabelledText.fit(config(token="word"), examples)
    assert features.vocabularies == {"tokens": ["ja", "!", ",", "nö"], "labels": ["no", "yes"]}
    encoded = features.encode_examples(
        [{"text": "NÖ ja?", "label": "yes"}, {"text": "!", "label": "perhaps"}]
    )
    assert encoded.inputs["tokens"].to_list() == [[5, 2, 1], [3]]
    assert encoded.targets.numpy().tolist() == [1, -1]
    assert encoded.lengths.tolist() == [3, 1]


def test_padding_does_not_change_logits_of_a_text():
    features = LabelledText(config(token="word"), {"tokens": ["a", "b"], "labels": ["x", "y"]})
    model = zoo.build(
        zoo.Config(task="classification", cell="lstm", units=4, embedding=4), features
    )

    def logits(*texts):
        ids = features.encode(features.tokenize(tf.constant(texts)))["tokens"]
        return model({"tokens": ids.to_tensor()}).numpy()

    np.testing.assert_allclose(logits("a b", "b b b a a b a")[0], logits("a b")[0], atol=1e-5)


def test_answers_are_encoded_as_targets():
    features = AnsweredText.fit(config(token="char"), [{"text": "ab?.", "answer": "..ab"}])
    assert features.vocabularies == {"tokens": [".", "?", "a", "b"], "tags": [".", "a", "b"]}
    encoded = features.encode_examples([{"text": "b?x", "answer": ".b!"}])
    assert encoded.inputs["tokens"].to_list() == [[5, 3, 1]]
    assert encoded.targets.to_list() == [[0, 2, -1]]


def test_answer_of_wrong_length_is_rejected():
    features = AnsweredText.fit(config(token="char"), [{"text": "ab", "answer": "ab"}])
    with pytest.raises(RequestError, match="example 1 has 2 tokens of text and 1 of answer"):
        features.encode_examples([{"text": "a", "answer": "a"}, {"text": "ab", "answer": "a"}])


@pytest.mark.parametrize("kind", [TextTokens, LabelledText])
def test_learned_subwords_cover_unseen_texts(kind):
    examples = [{"text": text, "label": "a"} for text in TEXTS]
    fitted = kind.fit(zoo.Config(token="subword", vocabulary_size=60), examples)
    features = kind(fitted.config, json.loads(json.dumps(fitted.vocabularies)))
    assert 45 < len(features.tables["tokens"]) <= 62
    text = "the homme sat, banana !"
    ids = features.encode(features.tokenize(tf.constant([text])))["tokens"]
    assert 1 not in ids.to_list()[0]
    assert ids.row_lengths()[0] < len(text)
    tokens = features.tables["tokens"].texts(ids.to_tensor())
    assert tf.strings.reduce_join(tokens).numpy().decode().strip() == text


def test_task_without_subwords_is_rejected_with_tasks_that_support_them():
    with pytest.raises(RequestError, match="classification, .*language_model, translation"):
        zoo.build(zoo.Config(task="pos_tagging", token="subword"), {})


def test_subwords_without_merges_are_rejected():
    with pytest.raises(RequestError, match="lacks merges"):
        zoo.build(zoo.Config(task="language_model", token="subword"), {"tokens": ["a"]})
