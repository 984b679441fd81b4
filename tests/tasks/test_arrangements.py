"""Arrangements: batches of similar length, streams, and the weights of targets."""

import math

import numpy as np
import pytest

import zoo
from tasks import arrangements, library
from tasks.data.roles import UNTAGGED
from tasks.text.pairs import TextPairs
from tasks.text.tagged_words import TaggedWords
from tasks.text.texts import TextTokens
from zoo.errors import RequestError
from zoo.evaluation.evaluator import Evaluator
from zoo.models.resolve import resolve

LENGTHS = [1 + (7 * k) % 23 for k in range(90)]


def numbered_batches(lengths, batch_size, seed=0, shuffled=True):
    """Return batches of examples of these lengths; words and tags are the index of the example."""
    names = [str(k) for k in range(len(lengths))]
    config = zoo.Config(characters="none", batch_size=batch_size, seed=seed)
    features = TaggedWords(config, {"words": names, "tags": names})
    examples = [
        {"words": [name] * length, "tags": [name] * length}
        for name, length in zip(names, lengths, strict=True)
    ]
    return arrangements.ALIGNED.batches(features, examples, config, shuffled)


def word_ids(batches, epoch):
    """Return the first word's id of each example, batch by batch."""
    return [inputs["words"].numpy()[:, 0].tolist() for inputs, _, _ in batches.epoch(epoch)]


@pytest.mark.parametrize("batch_size", [8, 10, 90, 200])
def test_each_epoch_has_every_example_once(batch_size):
    batches = numbered_batches(LENGTHS, batch_size)
    for epoch in range(3):
        ids = word_ids(batches, epoch)
        assert len(ids) == len(batches) == math.ceil(90 / batch_size)
        assert sorted(sum(ids, [])) == list(range(2, 92))


def test_order_depends_on_seed_and_epoch_only():
    batches = numbered_batches(LENGTHS, 8)
    orders = [word_ids(batches, epoch) for epoch in range(4)]
    assert all(one != other for k, one in enumerate(orders) for other in orders[:k])
    assert len({tuple(batch) for order in orders for batch in order}) > 24, (
        "batches are the same in every epoch"
    )
    assert [word_ids(batches, epoch) for epoch in (2, 0)] == [orders[2], orders[0]]
    assert word_ids(numbered_batches(LENGTHS, 8), 1) == orders[1]
    assert word_ids(numbered_batches(LENGTHS, 8, seed=5), 1) != orders[1]


def test_batches_have_sequences_of_similar_length():
    for inputs, _, weights in numbered_batches(LENGTHS, 8).epoch(0):
        lengths = weights.numpy().sum(1)
        assert len(lengths) < 8 or lengths.max() <= 1.5 * lengths.min() + 2
        assert inputs["words"].shape[1] == lengths.max()


def test_order_without_shuffling_is_the_same_in_every_epoch():
    batches = numbered_batches(LENGTHS, 8, shuffled=False)
    assert word_ids(batches, 0) == word_ids(batches, 3)
    assert [len(batch) for batch in word_ids(batches, 0)] == [8] * 11 + [2]


def test_padding_has_weight_zero():
    ((inputs, targets, weights),) = numbered_batches([2, 3, 1], 4, shuffled=False).epoch(0)
    assert inputs["words"].numpy().tolist() == [[4, 0, 0], [2, 2, 0], [3, 3, 3]]
    assert targets.numpy().tolist() == [[2, 0, 0], [0, 0, 0], [1, 1, 1]]
    assert weights.numpy().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


# Encoder-decoder


def translation_config(batch_size=2):
    return zoo.Config(task="translation", token="word", vocabulary_size=1000, batch_size=batch_size)


def test_target_tokens_and_end_token_have_weight_one():
    sample = library.get("translation").sample
    config = translation_config()
    features = TextPairs.fit(config, sample)
    count = 0
    for inputs, targets, weights in arrangements.ENCODER_DECODER.batches(
        features, sample, config, True
    ).epoch(0):
        assert inputs["target"].shape == targets.shape == weights.shape
        np.testing.assert_array_equal(weights, targets.numpy() != 0)
        np.testing.assert_array_equal(inputs["target"].numpy() != 0, targets.numpy() != 0)
        count += len(targets)
    assert count == len(sample)


@pytest.mark.parametrize("shuffled", [False, True])
def test_pairs_are_batched_by_source_length_then_target_length(shuffled):
    pairs = [{"source": "a " * (3 + k % 3), "target": "b " * (5 + k % 7)} for k in range(84)]
    config = translation_config(batch_size=4)
    features = TextPairs.fit(config, pairs)
    batches = arrangements.ENCODER_DECODER.batches(features, pairs, config, shuffled)
    for epoch in (0, 1):
        tensors = list(batches.epoch(epoch))
        assert all((inputs["source"].numpy() != 0).all() for inputs, _, _ in tensors)
        padding = sum((targets.numpy() == 0).sum() for _, targets, _ in tensors)
        assert padding < 50  # 170 in random order.
    source_lengths = [inputs["source"].shape[1] for inputs, _, _ in tensors]
    assert (source_lengths == sorted(source_lengths)) is not shuffled


# Streams


def numbered_stream(count, rows, window, seed=0):
    """Return streams of the tokens 0 to `count` - 1."""
    config = zoo.Config(batch_size=rows, bptt=window, seed=seed)
    return arrangements.Streams(np.arange(count), count, config)


@pytest.mark.parametrize(
    ("count", "rows", "window"), [(100, 3, 5), (101, 4, 8), (57, 2, 7), (20, 50, 4)]
)
def test_consecutive_windows_continue_each_row(count, rows, window):
    streams = numbered_stream(count, rows, window)
    for epoch in range(3):
        windows = [
            (inputs["tokens"].numpy(), targets.numpy()) for inputs, targets in streams.epoch(epoch)
        ]
        assert len(windows) == len(streams) > 0
        for inputs, targets in windows:
            np.testing.assert_array_equal(targets, inputs + 1)
            assert inputs.shape == (streams.rows, min(window, (count - 1) // streams.rows))
        for (inputs, _), (following, _) in zip(windows, windows[1:], strict=False):
            np.testing.assert_array_equal(following[:, 0], inputs[:, -1] + 1)
        tokens = np.concatenate([inputs for inputs, _ in windows], 1).ravel()
        assert len(set(tokens)) == len(tokens) > (count - 1) - streams.rows * 2 * window


def test_start_of_windows_depends_on_the_epoch():
    def first_window(streams, epoch):
        inputs, _ = next(iter(streams.epoch(epoch)))
        return inputs["tokens"].numpy().tolist()

    streams = numbered_stream(1000, 3, 10)
    windows = [first_window(streams, epoch) for epoch in range(6)]
    assert len({str(window) for window in windows}) > 2
    assert first_window(numbered_stream(1000, 3, 10), 4) == windows[4]


def test_text_of_one_token_is_rejected():
    with pytest.raises(RequestError, match="the text has 1 tokens"):
        numbered_stream(1, 3, 10)


def test_whole_text_is_scored_except_its_first_token():
    text = "a cat sat on a mat.\nö! "
    config = resolve(zoo.Config(task="language_model", cell="mgu", units=2, embedding=2))
    features = TextTokens.fit(config, [{"text": text}])
    model = zoo.build(config, features)
    sums = Evaluator(model, config, features, [{"text": text}]).sums()
    assert (sums["count"], sums["characters"]) == (len(text) - 1, len(text))


def test_words_without_a_tag_have_no_weight_and_unseen_tags_have_one():
    config = zoo.Config(characters="none", batch_size=2)
    features = TaggedWords(config, {"words": ["a"], "tags": ["X", "Y"]})
    examples = [
        {"words": ["a", "a", "a"], "tags": ["Y", UNTAGGED, "unseen"]},
        {"words": ["a"], "tags": ["X"]},
    ]
    batches = arrangements.ALIGNED.batches(features, examples, config, False)
    ((_, targets, weights),) = batches.epoch(0)
    rows = sorted(zip(targets.numpy().tolist(), weights.numpy().tolist(), strict=True))
    assert rows == [([0, 0, 0], [1, 0, 0]), ([1, 0, -1], [1, 0, 1])]
