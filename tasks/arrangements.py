"""The ways a recurrent network maps sequences, and the one converter of each from examples to batches.

A converter decides the shift between input and target and the weight of each target in the loss.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from zoo.errors import RequestError


@dataclass(frozen=True)
class Arrangement:
    """name; whether the model has a prediction for every timestep; whether its state is carried from batch to batch
    (a text without end) and it therefore may not look ahead; how examples become batches."""

    name: str
    sequences: bool
    stateful: bool
    batches: Callable  # (features, examples, config, shuffled) -> Batches or Streams


class Batches:
    """Examples in batches of like length, padded at the end. Each epoch has an order of its own, from the seed."""

    def __init__(self, encoded, config, shuffled, converter):
        self.encoded, self.size, self.converter = encoded, config.batch_size, converter
        self.count = len(encoded.lengths)
        self.seed = config.seed if shuffled else None
        # The dataset reads its order from variables: one pipeline, traced once, serves every epoch.
        self._examples = tf.Variable(np.zeros(self.count, "int64"), trainable=False)
        self._batches = tf.Variable(np.zeros(len(self), "int64"), trainable=False)
        dataset = (
            tf.data.Dataset.range(len(self)).map(self._batch, num_parallel_calls=2).prefetch(4)
        )
        self._dataset = without_autotune(dataset)

    def __len__(self):
        return -(-self.count // self.size)

    def _batch(self, number):
        start = self._batches[number] * self.size
        chosen = self._examples[start : start + self.size]
        inputs = {
            name: _dense(tf.gather(values, chosen)) for name, values in self.encoded.inputs.items()
        }
        return self.converter(inputs, tf.gather(self.encoded.targets, chosen))

    def epoch(self, number):
        """The dataset of (inputs, targets, weights), ordered for epoch `number`."""
        order = np.arange(len(self))
        if self.seed is None:
            examples = _by_length(self.encoded.lengths)
        else:
            random = np.random.default_rng((self.seed, number))
            examples = _by_length(self.encoded.lengths, random.uniform(0.9, 1.1, (self.count, 1)))
            if self.count % self.size == 0 or len(self) == 1:
                random.shuffle(order)
            else:  # the short batch is the last of the index, wherever it comes in the epoch
                examples = np.concatenate(
                    [np.delete(examples, (cut := self._cut(random))), examples[cut]]
                )
                random.shuffle(order)
        self._examples.assign(examples)
        self._batches.assign(order)
        return self._dataset

    def _cut(self, random):
        """Places of the short batch's examples: anywhere in the order of lengths, so that none is always left over."""
        short = self.count % self.size
        start = random.integers(0, self.count - short + 1)
        return np.arange(start, start + short)


class Streams:
    """A long text as parallel streams, window by window; each window goes on where the last one ended."""

    def __init__(self, ids, characters, config):
        self.ids, self.characters, self.config = np.asarray(ids, "int32"), characters, config
        if len(self.ids) < 2:
            raise RequestError(
                f"the text has {len(self.ids)} tokens, and a language model predicts one from another. "
                "Give a longer text."
            )
        self.rows = max(1, min(config.batch_size, (len(self.ids) - 1) // 2))

    def __len__(self):
        return max(1, (len(self.ids) - 1) // self.rows // self.config.bptt)

    def epoch(self, number):
        """The dataset of (inputs, targets): the windows start at another place in each epoch."""
        width, rows = self.config.bptt, self.rows
        stream = (len(self.ids) - 1) // rows
        random = np.random.default_rng((self.config.seed, number))
        start = random.integers(0, max(1, (len(self.ids) - 1) - stream * rows + 1))
        inputs = self.ids[start : start + stream * rows].reshape(rows, stream)
        targets = self.ids[start + 1 : start + 1 + stream * rows].reshape(rows, stream)
        # Another start costs no window, as long as it takes only what is left over after the last one.
        shift = random.integers(0, stream % width + 1) if stream > width else 0
        count = max(1, stream // width)
        windows = [
            array[:, shift : shift + count * width].reshape(rows, count, -1).transpose(1, 0, 2)
            for array in (inputs, targets)
        ]
        dataset = tf.data.Dataset.from_tensor_slices(({"tokens": windows[0]}, windows[1]))
        return without_autotune(dataset.prefetch(4))


def without_autotune(dataset):
    """`dataset`, whose thread that tunes buffers is left out: there is nothing to tune, and an iterator that ends waits
    until that thread wakes, after 10 ms, 20 ms, 40 ms and so on: up to as long as the whole epoch took."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _by_length(lengths, factors=1.0):
    """The examples from short to long; of two lengths the second decides among those that are alike in the first."""
    *first, last = (lengths.reshape(len(lengths), -1) * factors).T
    return np.lexsort([last, *map(np.round, reversed(first))])


def _dense(values):
    return values.to_tensor() if isinstance(values, tf.RaggedTensor) else values


def _aligned(features, examples, config, shuffled):
    def convert(inputs, targets):
        return (
            inputs,
            targets.to_tensor(),
            tf.sequence_mask(targets.row_lengths(), dtype=tf.float32),
        )

    return Batches(features.examples(examples), config, shuffled, convert)


def _many_to_one(features, examples, config, shuffled):
    def convert(inputs, targets):
        return inputs, targets, tf.ones(tf.shape(targets)[:1])

    return Batches(features.examples(examples), config, shuffled, convert)


def _next_step(features, examples, config, shuffled):
    return Streams(*features.stream(examples), config)


ALIGNED = Arrangement("aligned", sequences=True, stateful=False, batches=_aligned)
MANY_TO_ONE = Arrangement("many_to_one", sequences=False, stateful=False, batches=_many_to_one)
# Teacher forcing: the features give the decoder's input, which is its target one timestep later.
ENCODER_DECODER = Arrangement("encoder_decoder", sequences=True, stateful=False, batches=_aligned)
NEXT_STEP = Arrangement("next_step", sequences=True, stateful=True, batches=_next_step)
