"""Pairs of texts: how words are cut and joined, what the decoder reads and says, scores and baseline."""

import json
import math

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks import arrangements, baselines, metrics
from tasks.library import tasks
from tasks.text import words
from tasks.text.pairs import BEGIN, END, TextPairs
from zoo.config import TOKENS

SAMPLE = tasks.get("translation").sample
CUTS = {
    "Go!": ["Go", "￭!"],
    "Va !": ["Va", "!"],
    "Cours\u202f!": ["Cours", "￭\u202f!"],
    "Aujourd'hui j'ai dit qu'il n'y a pas l’homme.": [
        "Aujourd'hui",
        "j'￭",
        "ai",
        "dit",
        "qu'￭",
        "il",
        "n'￭",
        "y",
        "a",
        "pas",
        "l’￭",
        "homme",
        "￭.",
    ],
    "I don't, Tom's o'clock dogs' house": [
        "I",
        "don",
        "￭'t",
        "￭,",
        "Tom",
        "￭'s",
        "o'￭",
        "clock",
        "dogs",
        "￭'",
        "house",
    ],
    "« Est-ce 3,14 € ? » (oui)": [
        "«",
        "Est",
        "￭-￭",
        "ce",
        "3",
        "￭,￭",
        "14",
        "€",
        "?",
        "»",
        "(￭",
        "oui",
        "￭)",
    ],
    "'Hi', she said: \"É\u0301té?!\"": [
        "'￭",
        "Hi",
        "￭'",
        "￭,",
        "she",
        "said",
        "￭:",
        '"￭',
        "É\u0301té",
        "￭?",
        "￭!",
        '￭"',
    ],
    "--cell=lstm a_b/c.py {x} $5 👍ok": [
        "-",
        "￭-￭",
        "cell",
        "￭=￭",
        "lstm",
        "a_b",
        "￭/￭",
        "c",
        "￭.￭",
        "py",
        "{￭",
        "x",
        "￭}",
        "$￭",
        "5",
        "👍￭",
        "ok",
    ],
    "I_TURN_LEFT _x": ["I_TURN_LEFT", "_x"],
    "": [],
}


def strings(texts):
    return tf.constant(texts, tf.string)


def config(token="word", **fields):
    return zoo.Config(
        task="translation", token=token, **{"vocabulary_size": 1000, "batch_size": 2, **fields}
    )


@pytest.mark.parametrize(("text", "cut"), CUTS.items())
def test_words_are_cut_with_marks_apart_and_joined_again(text, cut):
    found = words.cut(strings([text, "x"]))
    assert [token.decode() for token in found.to_list()[0]] == cut
    assert words.join(found.to_tensor()).numpy()[0].decode() == text


def test_white_space_and_control_characters_are_one_space():
    assert (
        words.join(words.cut(strings([" a \t\n b\x1f\x1f'c "])).to_tensor()).numpy()[0] == b"a b 'c"
    )


@pytest.mark.parametrize("token", TOKENS)
def test_a_text_comes_back_through_ids(token):
    pairs = [*SAMPLE, *SAMPLE]  # words that occur once are unknown
    features = TextPairs.fit(config(token), pairs)
    features = TextPairs(features.config, json.loads(json.dumps(features.vocabularies)))
    texts = [pair["target"] for pair in pairs]
    ids = features.examples(pairs).targets[:, :-1]
    assert [
        text.decode()
        for text in features.join(features.tables["target"].texts(ids.to_tensor())).numpy()
    ] == texts


@pytest.mark.parametrize("token", ["char", "byte", "subword"])
@pytest.mark.parametrize(
    "text", ["", " ", "  two  spaces\n", "Été\u202f? l'«\u00a0homme\u00a0»", "👨‍👩‍👧 字", "x" * 70]
)
def test_only_words_lose_white_space(token, text):
    features = TextPairs.fit(config(token), SAMPLE)
    assert (
        features.join(features.split(strings([text, "ab"])).to_tensor()).numpy()[0].decode() == text
    )


@pytest.mark.parametrize("token", TOKENS)
def test_the_decoder_reads_its_target_one_timestep_later(token):
    features = TextPairs.fit(config(token), SAMPLE)
    assert features.vocabularies["target"][:2] == ["<begin>", "<end>"]
    encoded = features.examples(SAMPLE)
    assert features.outputs == features.inputs[1].size == len(features.tables["target"])
    for read, said in zip(
        encoded.inputs["target"].to_list(), encoded.targets.to_list(), strict=True
    ):
        assert (read[0], said[-1]) == (BEGIN, END)
        assert read[1:] == said[:-1]
        assert not {BEGIN, END} & set(said[:-1])
    source = features.encode(features.split(strings([pair["source"] for pair in SAMPLE])))
    assert source["source"].to_list() == encoded.inputs["source"].to_list()


def test_a_word_that_occurs_once_is_unknown():
    features = TextPairs.fit(config(), [{"source": "a b a", "target": "x x y"}])
    assert features.vocabularies == {"source": ["a"], "target": ["<begin>", "<end>", "x"]}
    assert features.examples([{"source": "b a", "target": "y x"}]).targets.to_list() == [
        [1, 4, END]
    ]


def test_subwords_are_learned_from_both_languages():
    features = TextPairs.fit(config("subword"), [{"source": "nation", "target": "nation nation"}])
    assert " nation" in features.vocabularies["source"]
    assert " nation" in features.vocabularies["target"]
    assert (
        "n" in features.vocabularies["source"]
    )  # for another text; a decoder says what it has seen
    assert "n" not in features.vocabularies["target"]


def test_batches_weigh_the_target_and_its_end():
    features = TextPairs.fit(config(), SAMPLE)
    batches = arrangements.ENCODER_DECODER.batches(features, SAMPLE, config(), True)
    count = 0
    for inputs, targets, weights in batches.epoch(0):
        assert inputs["target"].shape == targets.shape == weights.shape
        np.testing.assert_array_equal(weights, targets.numpy() != 0)
        np.testing.assert_array_equal(inputs["target"].numpy() != 0, targets.numpy() != 0)
        count += len(targets)
    assert count == len(SAMPLE)


@pytest.mark.parametrize("shuffled", [False, True])
def test_batches_are_of_like_length_in_source_and_then_in_target(shuffled):
    pairs = [{"source": "a " * (3 + k % 3), "target": "b " * (5 + k % 7)} for k in range(84)]
    features = TextPairs.fit(config(), pairs)
    for epoch in (0, 1):
        batches = list(
            arrangements.ENCODER_DECODER.batches(
                features, pairs, config(batch_size=4), shuffled
            ).epoch(epoch)
        )
        assert all((inputs["source"].numpy() != 0).all() for inputs, _, _ in batches)
        padding = sum((targets.numpy() == 0).sum() for _, targets, _ in batches)
        assert padding < 50  # in no order it is 170
    firsts = [inputs["source"].shape[1] for inputs, _, _ in batches]
    assert (firsts == sorted(firsts)) is not shuffled


def test_translations_are_scored_as_sacrebleu_does():
    sums = {
        "hypotheses": ["The cat sat on the mat.", "no"],
        "references": ["The cat sat on the mat.", "yes"],
        "nats": 6.0,
        "count": 4,
    }
    assert metrics.exact_match.function(sums) == 0.5
    assert metrics.nats_per_token.function(sums) == 1.5
    assert 80 < metrics.bleu.function(sums) < 100
    assert 50 < metrics.chrf.function(sums) < 100
    sums["hypotheses"] = sums["references"]
    assert metrics.bleu.function(sums) == pytest.approx(100)
    assert metrics.chrf.function(sums) == pytest.approx(100)


def test_a_score_of_translations_has_a_signature():
    assert metrics.bleu.signature().startswith(
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"
    )
    assert metrics.chrf.signature().startswith(
        "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:"
    )
    assert metrics.accuracy.signature is None


def test_the_baseline_copies_the_source():
    train = [{"source": "a a", "target": "x x"}, {"source": "a", "target": "x"}]
    features = TextPairs.fit(config(), train)
    sums = baselines.copy_source(
        features, train, [{"source": "OK x", "target": "x"}, {"source": "x", "target": "x"}]
    )
    assert sums["hypotheses"] == ["OK x", "x"]
    assert metrics.exact_match.function(sums) == 0.5
    assert sums["count"] == 4
    # 5 ids, 3 times x and 2 ends in training, each count one more: x 4/10, the end 3/10.
    assert sums["nats"] == pytest.approx(-2 * math.log(4 / 10) - 2 * math.log(3 / 10))
