"""What a model sees of an example, how examples become batches, and what scores and baselines count."""

import json
import math

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks import arrangements, baselines, metrics
from tasks.head import class_sums, number_sums
from tasks.library import tasks
from tasks.text.features import (
    NEWLINE,
    Features,
    LabelledText,
    TaggedWords,
    TextTokens,
    Vectors,
    ragged,
)
from tasks.text.vocabulary import Vocabulary, count

SPELT = ("convolution", "recurrent", "affixes", "none")
TAGGED = {"words": ["cat", "the"], "characters": list("acehtü"), "tags": ["D", "N"]}


def config(**fields):
    return zoo.Config(**{"batch_size": 4, **fields})


def listed(tensor):
    return tensor.to_list() if isinstance(tensor, tf.RaggedTensor) else tensor.numpy().tolist()


# Vocabularies


def test_a_vocabulary_keeps_two_ids_for_padding_and_the_unknown():
    table = Vocabulary(["b", "ä", "a"])
    assert len(table) == 5
    assert listed(table.ids(tf.constant(["b", "ä", "a", "z", ""]))) == [2, 3, 4, 1, 1]
    assert listed(table.texts(tf.constant([0, 1, 2, 3, 4]))) == [b"", b"", b"b", "ä".encode(), b"a"]


def test_labels_count_from_zero_and_an_unknown_one_is_minus_one():
    table = Vocabulary(["no", "yes"], reserved=False)
    assert len(table) == 2
    assert listed(table.ids(tf.constant(["yes", "no", "maybe", ""]))) == [1, 0, -1, -1]
    assert listed(table.texts(tf.constant([1, 0]))) == [b"yes", b"no"]


def test_vocabularies_pass_through_json_bytes_included():
    tokens = TextTokens.fit(config(token="byte"), ())
    assert len(tokens.tables["tokens"]) == 258
    again = TextTokens(tokens.config, json.loads(json.dumps(tokens.vocabularies)))
    assert again.vocabularies == tokens.vocabularies
    every = tf.constant([bytes(range(256))])
    for each in (tokens, again):
        ids = each.encode(each.split(every))["tokens"]
        assert listed(ids) == [list(range(2, 258))]
        assert each.join(each.tables["tokens"].texts(ids)).numpy()[0] == bytes(range(256))


def test_counting_ranks_by_frequency_and_then_by_text():
    assert count("banana") == ["a", "n", "b"]
    assert count("banana", least=2) == ["a", "n"]
    assert count("cabcab", most=2) == ["a", "b"]


# Features


def test_tagged_words_are_fitted():
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


def test_no_word_need_occur_twice():
    features = TaggedWords.fit(
        config(characters="affixes"), [{"words": ["a", "b"], "tags": ["X", "Y"]}]
    )
    assert listed(features.encode(ragged([["b", "z"]]))["words"]) == [[1, 1]]


def test_tagged_words_are_encoded():
    features = TaggedWords(config(characters="convolution"), TAGGED)
    encoded = features.examples(
        [{"words": ["the", "thé"], "tags": ["D", "?"]}, {"words": ["cat"], "tags": ["N"]}]
    )
    assert listed(encoded.inputs["words"]) == [[3, 1], [2]]
    assert listed(encoded.inputs["characters"]) == [[[6, 5, 4], [6, 5, 1]], [[3, 2, 6]]]
    assert listed(encoded.targets) == [[0, -1], [1]]
    assert encoded.lengths.tolist() == [2, 1]
    assert listed(features.split(tf.constant(["  the\tcat \n", ""]))) == [[b"the", b"cat"], []]


def test_a_long_word_is_cut_by_characters_not_by_bytes():
    features = TaggedWords(config(characters="convolution"), TAGGED)
    ids = listed(features.encode(ragged([["ü" * 30, "c"]]))["characters"])
    assert ids == [[[7] * 24, [3]]]


def test_affixes_are_prefixes_suffixes_and_a_shape():
    features = TaggedWords.fit(
        config(characters="affixes"), [{"words": ["Öz9ab", "Öz9ab", "a"], "tags": list("XXX")}]
    )
    assert set(features.vocabularies["characters"]) == {
        ">Ö",
        "b<",
        ">Öz",
        "ab<",
        ">Öz9",
        "9ab<",
        ">Öz9a",
        "z9ab<",
        "=Xx9x",
        ">a",
        "a<",
    }
    table = features.tables["characters"]
    encoded = features.encode(ragged([["Öz9ab"], ["q"]]))["characters"]
    assert encoded.shape[-1] == 9
    assert listed(table.texts(encoded.to_tensor())[0, 0]) == [
        text.encode()
        for text in (">Ö", "b<", ">Öz", "ab<", ">Öz9", "9ab<", ">Öz9a", "z9ab<", "=Xx9x")
    ]
    assert listed(encoded)[1] == [[1] * 9]


def test_labelled_text_is_lower_case_with_punctuation_apart():
    examples = [{"text": "Ja, JA!", "label": "yes"}, {"text": "nö", "label": "no"}]
    features = LabelledText.fit(config(token="word"), examples)
    assert features.vocabularies == {"tokens": ["ja", "!", ",", "nö"], "labels": ["no", "yes"]}
    encoded = features.examples(
        [{"text": "NÖ ja?", "label": "yes"}, {"text": "!", "label": "perhaps"}]
    )
    assert listed(encoded.inputs["tokens"]) == [[5, 2, 1], [3]]
    assert listed(encoded.targets) == [1, -1]
    assert encoded.lengths.tolist() == [3, 1]


def test_vectors_are_given_with_a_mask():
    features = Vectors.fit(config(), [{"vectors": [[1.0, 2.0]], "target": 3.0}])
    assert features.vocabularies == {"width": 2}
    encoded = features.examples(
        [{"vectors": [[1, 2], [3, 4]], "target": 5.0}, {"vectors": [[6, 7]], "target": 8.0}]
    )
    assert listed(encoded.inputs["vectors"]) == [[[1, 2], [3, 4]], [[6, 7]]]
    assert listed(encoded.inputs["mask"]) == [[True, True], [True]]
    assert listed(encoded.targets) == [[5.0], [8.0]]


@pytest.mark.parametrize(
    ("token", "tokens"),
    [
        ("char", ["d", "é", "\n", "\n", " ", "字", "🙂"]),
        ("byte", [bytes([value]) for value in "dé\n\n 字🙂".encode()]),
        ("word", ["dé", NEWLINE, NEWLINE, "字🙂"]),
    ],
)
def test_texts_are_cut(token, tokens):
    cut = listed(
        TextTokens(config(token=token), {"tokens": ["a"]}).split(tf.constant(["dé\n\n 字🙂"]))
    )
    assert cut == [[each.encode() if isinstance(each, str) else each for each in tokens]]


@pytest.mark.parametrize("token", ["char", "byte", "word"])
@pytest.mark.parametrize("text", ["dé 字 🙂", "one\ntwo three\nfour", "a"])
def test_split_and_join_are_a_round_trip(token, text):
    features = TextTokens.fit(config(token=token), [{"text": text}])
    ids = features.encode(features.split(tf.constant([text, "a"])))["tokens"].to_tensor()
    assert features.join(features.tables["tokens"].texts(ids)).numpy()[0].decode() == text


def test_a_stream_is_all_texts_a_line_each():
    features = TextTokens(config(token="char"), {"tokens": ["a", "é", "\n"]})
    ids, characters = features.stream([{"text": "aé"}, {"text": "éa"}])
    assert (ids.tolist(), characters) == ([2, 3, 4, 3, 2], 5)


@pytest.mark.parametrize("characters", SPELT)
def test_a_sentence_is_read_alike_beside_longer_words_and_sentences(characters):
    vocabularies = dict(TAGGED)
    if characters == "affixes":
        vocabularies["characters"] = [">c", "t<", ">t", "e<", "=x"]
    model = zoo.build(
        zoo.Config(task="pos_tagging", cell="gru", characters=characters, units=4, embedding=4),
        {
            name: tokens
            for name, tokens in vocabularies.items()
            if characters != "none" or name != "characters"
        },
    )
    features = TaggedWords(config(characters=characters), vocabularies)
    for weight in model.trainable_weights:  # biases too: they are what padding shows by
        weight.assign(np.random.default_rng(1).normal(size=weight.shape) * 0.5)

    def logits(*sentences):
        encoded = features.encode(ragged([sentence.split() for sentence in sentences]))
        return model(
            {name: ids.to_tensor() for name, ids in encoded.items()}, training=False
        ).numpy()

    alone = logits("the cat")[0]
    for beside in (
        ("the thethethethe cat",),
        ("cat a the cat the", "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"),
    ):
        np.testing.assert_allclose(logits("the cat", *beside)[0, :2], alone, atol=1e-5)
    assert np.abs(logits("the cet")[0, 1] - alone[1]).max() > 1e-4


def test_a_text_is_classified_alike_beside_longer_ones():
    features = LabelledText(config(token="word"), {"tokens": ["a", "b"], "labels": ["x", "y"]})
    model = zoo.build(
        zoo.Config(task="classification", cell="lstm", units=4, embedding=4), features
    )

    def logits(*texts):
        return model(
            {"tokens": features.encode(features.split(tf.constant(texts)))["tokens"].to_tensor()}
        ).numpy()

    np.testing.assert_allclose(logits("a b", "b b b a a b a")[0], logits("a b")[0], atol=1e-5)


# Batches


def numbered(lengths, size, seed=0, shuffled=True):
    """Batches of examples of these lengths; an example's number is its target, and each of its words."""
    features = TaggedWords(
        config(characters="none"),
        {
            "words": [str(k) for k in range(len(lengths))],
            "tags": [str(k) for k in range(len(lengths))],
        },
    )
    examples = [
        {"words": [str(k)] * length, "tags": [str(k)] * length} for k, length in enumerate(lengths)
    ]
    return arrangements.ALIGNED.batches(
        features, examples, config(batch_size=size, seed=seed), shuffled
    )


def examples_of(batches, epoch):
    """The examples' numbers, batch by batch."""
    return [inputs["words"].numpy()[:, 0].tolist() for inputs, _, _ in batches.epoch(epoch)]


LENGTHS = [1 + (7 * k) % 23 for k in range(90)]


@pytest.mark.parametrize("size", [8, 10, 90, 200])
def test_an_epoch_has_every_example_once(size):
    batches = numbered(LENGTHS, size)
    for epoch in range(3):
        seen = examples_of(batches, epoch)
        assert len(seen) == len(batches) == math.ceil(90 / size)
        assert sorted(sum(seen, [])) == list(range(2, 92))


def test_the_order_follows_from_the_seed_and_the_number_of_the_epoch():
    batches = numbered(LENGTHS, 8)
    orders = [examples_of(batches, epoch) for epoch in range(4)]
    assert all(one != other for k, one in enumerate(orders) for other in orders[:k])
    assert len({tuple(batch) for order in orders for batch in order}) > 24, (
        "batches are the same in every epoch"
    )
    assert [examples_of(batches, epoch) for epoch in (2, 0)] == [orders[2], orders[0]]
    assert examples_of(numbered(LENGTHS, 8), 1) == orders[1]
    assert examples_of(numbered(LENGTHS, 8, seed=5), 1) != orders[1]


def test_batches_hold_sequences_of_like_length():
    for inputs, _, weights in numbered(LENGTHS, 8).epoch(0):
        lengths = weights.numpy().sum(1)
        assert len(lengths) < 8 or lengths.max() <= 1.5 * lengths.min() + 2
        assert inputs["words"].shape[1] == lengths.max()


def test_for_scoring_the_order_is_always_the_same():
    batches = numbered(LENGTHS, 8, shuffled=False)
    assert examples_of(batches, 0) == examples_of(batches, 3)
    assert [len(batch) for batch in examples_of(batches, 0)] == [8] * 11 + [2]


def test_padding_weighs_nothing():
    ((inputs, targets, weights),) = numbered([2, 3, 1], 4, shuffled=False).epoch(0)
    assert listed(inputs["words"]) == [[4, 0, 0], [2, 2, 0], [3, 3, 3]]
    assert listed(targets) == [[2, 0, 0], [0, 0, 0], [1, 1, 1]]
    assert listed(weights) == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


# Streams


def stream(count, rows, width, seed=0):
    return arrangements.Streams(
        np.arange(count), count, config(batch_size=rows, bptt=width, seed=seed)
    )


@pytest.mark.parametrize(
    ("count", "rows", "width"), [(100, 3, 5), (101, 4, 8), (57, 2, 7), (20, 50, 4)]
)
def test_streams_go_on_from_window_to_window(count, rows, width):
    streams = stream(count, rows, width)
    for epoch in range(3):
        windows = [
            (inputs["tokens"].numpy(), targets.numpy()) for inputs, targets in streams.epoch(epoch)
        ]
        assert windows
        for inputs, targets in windows:
            np.testing.assert_array_equal(targets, inputs + 1)
            assert inputs.shape == (streams.rows, min(width, (count - 1) // streams.rows))
        for (inputs, _), (following, _) in zip(windows, windows[1:], strict=False):
            np.testing.assert_array_equal(following[:, 0], inputs[:, -1] + 1)
        seen = np.concatenate([inputs for inputs, _ in windows], 1).ravel()
        assert len(set(seen)) == len(seen) > (count - 1) - streams.rows * 2 * width


def test_windows_begin_elsewhere_in_each_epoch_and_again_for_the_same():
    streams = stream(1000, 3, 10)
    first = [next(iter(streams.epoch(epoch)))[0]["tokens"].numpy().tolist() for epoch in range(6)]
    assert len({str(window) for window in first}) > 2
    assert next(iter(stream(1000, 3, 10).epoch(4)))[0]["tokens"].numpy().tolist() == first[4]


def test_a_whole_text_is_scored_on_all_but_its_first_token(trained, problem):
    run, (_, corpus) = trained("language_model"), problem("language_model")
    text = corpus.splits["test"][0]["text"]
    sums = zoo.evaluation.evaluator.Evaluator(
        run.model, run.config, run.features, corpus.splits["test"]
    ).sums()
    assert (sums["count"], sums["characters"]) == (len(text) - 1, len(text))


# Baselines and metrics


def test_most_frequent_tag():
    train = [
        {"words": ["a", "b", "a", "c"], "tags": ["X", "Y", "X", "Y"]},
        {"words": ["a", "d"], "tags": ["Y", "Y"]},
    ]
    test = [{"words": ["a", "b", "new"], "tags": ["X", "X", "Y"]}, {"words": ["a"], "tags": ["Y"]}]
    assert baselines.most_frequent_tag(None, train, test) == {"correct": 2, "count": 4}


def test_most_frequent_class():
    train = [{"label": label} for label in ("x", "y", "y")]
    assert baselines.most_frequent_class(
        None, train, [{"label": label} for label in ("y", "x", "z", "y")]
    ) == {"correct": 2, "count": 4}


def test_unigram():
    features = TextTokens(config(token="char"), {"tokens": ["a", "b"]})
    sums = baselines.unigram(features, [{"text": "aaab"}], [{"text": "aba?"}])
    # Of four ids with one added to each count: padding 1, unknown 1, a 4, b 2; the first token is not predicted.
    assert sums["nats"] == pytest.approx(-math.log(2 / 8) - math.log(4 / 8) - math.log(1 / 8))
    assert (sums["correct"], sums["count"], sums["characters"]) == (1, 3, 4)


def test_mean_number():
    sums = baselines.mean_number(
        None, [{"target": 1.0}, {"target": 3.0}], [{"target": 2.0}, {"target": 5.0}]
    )
    assert sums == {"squared_error": 9.0, "count": 2}


def test_metrics_by_hand():
    sums = {"nats": 6.0, "correct": 3, "count": 4, "characters": 8}
    assert metrics.accuracy.function(sums) == 0.75
    assert metrics.nats_per_token.function(sums) == 1.5
    assert metrics.perplexity.function(sums) == pytest.approx(4.4816890703)
    assert metrics.bits_per_character.function(sums) == pytest.approx(0.75 / 0.69314718056)
    assert metrics.perplexity.function({"nats": 1e6, "count": 1}) < math.inf
    assert metrics.mean_squared_error.function({"squared_error": 3.0, "count": 4}) == 0.75
    records = {
        name: vars(metrics)[name]
        for name in (
            "accuracy",
            "nats_per_token",
            "perplexity",
            "bits_per_character",
            "mean_squared_error",
        )
    }
    assert {name: (record.name, record.higher_is_better) for name, record in records.items()} == {
        name: (name, name == "accuracy") for name in records
    }


def test_class_sums_never_count_an_unknown_label_as_right():
    logits = tf.math.log([[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]]])
    sums = class_sums(tf.constant([[0, -1, 1, 1]]), logits, tf.constant([[1.0, 1.0, 1.0, 0.0]]))
    assert (float(sums["correct"]), float(sums["count"])) == (1, 3)
    assert float(sums["nats"]) == pytest.approx(-2 * math.log(0.5) - math.log(0.1), rel=1e-5)


def test_number_sums():
    sums = number_sums(
        tf.constant([[1.0], [2.0], [9.0]]),
        tf.constant([[3.0], [2.5], [0.0]]),
        tf.constant([1.0, 1.0, 0.0]),
    )
    assert (float(sums["squared_error"]), float(sums["count"])) == (4.25, 2)


@pytest.mark.parametrize("name", tasks.names())
def test_a_task_is_made_of_what_fits(name):
    task = tasks.get(name)
    assert issubclass(task.features, Features) and task.metrics and task.sample
    assert set(task.defaults) | set(task.space) <= set(zoo.Config().to_json())
    entry = tasks.entry(name)
    assert (entry.metric, entry.arrangement, entry.dataset) == (
        task.metrics[0].name,
        task.arrangement.name,
        task.dataset,
    )
    for example in task.sample:
        assert set(example) == {role.name for role in task.roles}
