"""Features of pairs of texts: the decoder's input and target, for each kind of token."""

import json

import pytest
import tensorflow as tf

import zoo
from tasks import library
from tasks.text.pairs import BEGIN, END, TextPairs
from zoo.config import TOKENS

SAMPLE = library.get("translation").sample


def strings(texts):
    return tf.constant(texts, tf.string)


def config(token="word"):
    return zoo.Config(task="translation", token=token, vocabulary_size=1000, batch_size=2)


@pytest.mark.parametrize("token", TOKENS)
def test_target_ids_are_converted_back_to_texts(token):
    pairs = [*SAMPLE, *SAMPLE]  # Words that occur once are unknown.
    fitted = TextPairs.fit(config(token), pairs)
    features = TextPairs(fitted.config, json.loads(json.dumps(fitted.vocabularies)))
    ids = features.encode_examples(pairs).targets[:, :-1]
    texts = features.detokenize(features.tables["target"].texts(ids.to_tensor()))
    assert [text.decode() for text in texts.numpy()] == [pair["target"] for pair in pairs]


@pytest.mark.parametrize("token", ["char", "byte", "subword"])
def test_characters_bytes_and_subwords_are_lossless(token):
    features = TextPairs.fit(config(token), SAMPLE)
    texts = [
        "",
        " ",
        "  two  spaces\n",
        "Été\u202f? l'«\u00a0homme\u00a0»",
        "👨‍👩‍👧 字",
        "x" * 70,
    ]
    restored = features.detokenize(features.tokenize(strings(texts)).to_tensor())
    assert [text.decode() for text in restored.numpy()] == texts


@pytest.mark.parametrize("token", TOKENS)
def test_decoder_input_is_the_target_shifted_by_one_timestep(token):
    features = TextPairs.fit(config(token), SAMPLE)
    assert features.vocabularies["target"][:2] == ["<begin>", "<end>"]
    encoded = features.encode_examples(SAMPLE)
    assert features.outputs == features.inputs[1].size == len(features.tables["target"])
    inputs, targets = encoded.inputs["target"].to_list(), encoded.targets.to_list()
    for decoder_input, target in zip(inputs, targets, strict=True):
        assert (decoder_input[0], target[-1]) == (BEGIN, END)
        assert decoder_input[1:] == target[:-1]
        assert not {BEGIN, END} & set(target[:-1])
    source = features.encode(features.tokenize(strings([pair["source"] for pair in SAMPLE])))
    assert source["source"].to_list() == encoded.inputs["source"].to_list()


def test_word_that_occurs_once_is_unknown():
    features = TextPairs.fit(config(), [{"source": "a b a", "target": "x x y"}])
    tokens = {"source": ["a"], "target": ["<begin>", "<end>", "x"]}
    assert features.vocabularies == {**tokens, "longest_source": 5}
    encoded = features.encode_examples([{"source": "b a", "target": "y x"}])
    assert encoded.targets.to_list() == [[1, 4, END]]


def test_subwords_are_learned_from_both_languages():
    features = TextPairs.fit(config("subword"), [{"source": "nation", "target": "nation nation"}])
    assert " nation" in features.vocabularies["source"]
    assert " nation" in features.vocabularies["target"]
    # An unseen source may need single characters; the decoder emits only tokens of the training.
    assert "n" in features.vocabularies["source"]
    assert "n" not in features.vocabularies["target"]
