"""Features of tagged words: vocabularies, characters and affixes, and padding."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.data.roles import UNTAGGED
from tasks.text.features import NO_TARGET, ragged
from tasks.text.tagged_words import TaggedWords

VOCABULARIES = {"words": ["cat", "the"], "characters": list("acehtü"), "tags": ["D", "N"]}


def config(**fields):
    return zoo.Config(batch_size=4, **fields)


def test_fit_keeps_words_that_occur_twice():
    examples = [
        {"words": ["b", "a", "b"], "tags": ["Y", "X", "Y"]},
        {"words": ["éa", "a"], "tags": ["X", "Z"]},
    ]
    features = TaggedWords.fit(config(characters="convolution"), examples)
    assert features.vocabularies == {
        "words": ["a", "b"],
        "characters": ["a", "b", "é"],
        "tags": ["X", "Y", "Z"],
    }
    assert [(item.name, item.kind, item.size) for item in features.inputs] == [
        ("words", "token", 4),
        ("characters", "characters", 5),
    ]
    assert features.outputs == 3
    assert TaggedWords.fit(config(characters="none", vocabulary_size=1), examples).vocabularies == {
        "words": ["a"],
        "tags": ["X", "Y", "Z"],
    }


def test_fit_accepts_words_that_all_occur_once():
    examples = [{"words": ["a", "b"], "tags": ["X", "Y"]}]
    features = TaggedWords.fit(config(characters="affixes"), examples)
    assert features.encode(ragged([["b", "z"]]))["words"].to_list() == [[1, 1]]


def test_examples_are_encoded_as_ids():
    features = TaggedWords(config(characters="convolution"), VOCABULARIES)
    encoded = features.encode_examples(
        [{"words": ["the", "thé"], "tags": ["D", "?"]}, {"words": ["cat"], "tags": ["N"]}]
    )
    assert encoded.inputs["words"].to_list() == [[3, 1], [2]]
    assert encoded.inputs["characters"].to_list() == [[[6, 5, 4], [6, 5, 1]], [[3, 2, 6]]]
    assert encoded.targets.to_list() == [[0, -1], [1]]
    assert encoded.lengths.tolist() == [2, 1]


def test_sentences_are_split_at_white_space():
    features = TaggedWords(config(characters="convolution"), VOCABULARIES)
    tokens = features.tokenize(tf.constant(["  the\tcat \n", ""]))
    assert tokens.to_list() == [[b"the", b"cat"], []]


def test_long_word_is_truncated_by_characters_not_bytes():
    features = TaggedWords(config(characters="convolution"), VOCABULARIES)
    ids = features.encode(ragged([["ü" * 30, "c"]]))["characters"].to_list()
    assert ids == [[[7] * 24, [3]]]


def test_affixes_are_prefixes_suffixes_and_word_shape():
    examples = [{"words": ["Öz9ab", "Öz9ab", "a"], "tags": list("XXX")}]
    features = TaggedWords.fit(config(characters="affixes"), examples)
    affixes = [">Ö", "b<", ">Öz", "ab<", ">Öz9", "9ab<", ">Öz9a", "z9ab<", "=Xx9x"]
    assert set(features.vocabularies["characters"]) == {*affixes, ">a", "a<"}
    encoded = features.encode(ragged([["Öz9ab"], ["q"]]))["characters"]
    assert encoded.shape[-1] == 9
    texts = features.tables["characters"].texts(encoded.to_tensor())[0, 0]
    assert [text.decode() for text in texts.numpy()] == affixes
    assert encoded.to_list()[1] == [[1] * 9]


@pytest.mark.parametrize("characters", ["convolution", "recurrent", "affixes", "none"])
def test_padding_does_not_change_logits(characters):
    vocabularies = dict(VOCABULARIES)
    if characters == "affixes":
        vocabularies["characters"] = [">c", "t<", ">t", "e<", "=x"]
    if characters == "none":
        del vocabularies["characters"]
    fields = {"characters": characters, "units": 4, "embedding": 4}
    model = zoo.build(zoo.Config(task="pos_tagging", cell="gru", **fields), vocabularies)
    features = TaggedWords(config(characters=characters), vocabularies)
    for weight in model.trainable_weights:  # With zero biases, padding would have no effect.
        weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.5)

    def logits(*sentences):
        encoded = features.encode(ragged([sentence.split() for sentence in sentences]))
        dense = {name: ids.to_tensor() for name, ids in encoded.items()}
        return model(dense, training=False).numpy()

    alone = logits("the cat")[0]
    for longer in (("the thethethethe cat",), ("cat a the cat the", "h" * 31)):
        np.testing.assert_allclose(logits("the cat", *longer)[0, :2], alone, atol=1e-5)
    assert np.abs(logits("the cet")[0, 1] - alone[1]).max() > 1e-4


def test_words_without_a_tag_have_no_class_and_no_target():
    examples = [{"words": ["the", "cat"], "tags": ["D", UNTAGGED]}]
    assert TaggedWords.fit(config(characters="none"), examples).vocabularies["tags"] == ["D"]
    features = TaggedWords(config(characters="none"), VOCABULARIES)
    assert features.encode_examples(examples).targets.to_list() == [[0, NO_TARGET]]
