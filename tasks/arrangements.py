"""Arrangements: the kinds of mapping from an input sequence to targets, and their batches.

Aligned many-to-many, many-to-one, encoder-decoder and next-step prediction. `Batches` pads
sequences of similar length and weights each target in the loss; `Streams` divides a long text into
windows, whose targets are the inputs one timestep later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import tensorflow as tf

from tasks.data.roles import Example
from tasks.text.features import NO_TARGET, Encoded, Features
from zoo.config import Config
from zoo.errors import RequestError

Inputs = dict[str, tf.Tensor]
Batch = tuple[Inputs, tf.Tensor, tf.Tensor]


class Epochs(Protocol):
    """Batches whose order may change from epoch to epoch."""

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""

    def epoch(self, number: int) -> tf.data.Dataset:
        """Return the dataset of the batches of epoch `number`."""


@dataclass(frozen=True)
class Arrangement:
    """A kind of mapping from an input sequence to targets.

    Args:
        name: the name, such as "many_to_one".
        sequences: whether the model predicts at every timestep, rather than once per sequence.
        stateful: whether the state of the recurrence is carried from batch to batch (truncated
            BPTT over a long text). Such a model cannot be bidirectional.
        batches: function of `(features, examples, config, shuffled)` that returns the batches:
            `Streams` if `stateful`, otherwise `Batches`.

    Example:
        >>> from tasks import arrangements
        >>> arrangements.MANY_TO_ONE.sequences, arrangements.NEXT_STEP.stateful
        (False, True)
    """

    name: str
    sequences: bool
    stateful: bool
    batches: Callable[[Features, Sequence[Example], Config, bool], Epochs]


class Batches:
    """Batches of sequences of similar length, padded at the end.

    Args:
        encoded: all examples as tensors.
        config: a resolved configuration; `batch_size` and `seed` are used.
        shuffled: whether the order differs from epoch to epoch; the seed and the number of the
            epoch determine it. If False, examples are sorted by length in every epoch.
        converter: function of `(inputs, targets)` of a batch that returns
            `(inputs, targets, weights)`. Its inputs are dense tensors by name; its targets are
            ragged if the arrangement predicts sequences.
    """

    def __init__(
        self,
        encoded: Encoded,
        config: Config,
        shuffled: bool,
        converter: Callable[[Inputs, tf.Tensor], Batch],
    ) -> None:
        self.encoded, self.converter = encoded, converter
        assert config.batch_size is not None
        self.batch_size = config.batch_size
        self.count = len(encoded.lengths)
        self.seed = config.seed if shuffled else None
        # The dataset reads its order from variables, so that it is traced once for all epochs.
        self._example_order = tf.Variable(np.zeros(self.count, "int64"), trainable=False)
        self._batch_order = tf.Variable(np.zeros(len(self), "int64"), trainable=False)
        batch = tf.autograph.experimental.do_not_convert(self._batch)
        dataset = tf.data.Dataset.range(len(self)).map(batch, num_parallel_calls=2)
        self._dataset = without_autotune(dataset.prefetch(4))

    def __len__(self) -> int:
        return -(-self.count // self.batch_size)

    def epoch(self, number: int) -> tf.data.Dataset:
        """Return the dataset of (inputs, targets, weights), in the order of epoch `number`."""
        examples, batches = self._order(number)
        self._example_order.assign(examples)
        self._batch_order.assign(batches)
        return self._dataset

    def examples_of_epoch(self, number: int) -> np.ndarray:
        """Return the index of each example, in the order of the rows of unshuffled batches."""
        return self._order(number)[0]

    def _order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the order of the examples, and the order of the batches that divide them."""
        batches = np.arange(len(self))
        if self.seed is None:
            return _sort_by_length(self.encoded.lengths), batches
        random = np.random.default_rng((self.seed, epoch))
        examples = _sort_by_length(self.encoded.lengths, random.uniform(0.9, 1.1, (self.count, 1)))
        remainder = self.count % self.batch_size
        if remainder and len(self) > 1:
            # The last batch is smaller. Its examples are a random run of the order by length:
            # otherwise they would always be the longest ones.
            start = random.integers(0, self.count - remainder + 1)
            last = np.arange(start, start + remainder)
            examples = np.concatenate([np.delete(examples, last), examples[last]])
        random.shuffle(batches)
        return examples, batches

    def _batch(self, index: tf.Tensor) -> Batch:
        start = self._batch_order[index] * self.batch_size
        examples = self._example_order[start : start + self.batch_size]
        inputs = {
            name: _to_dense(tf.gather(values, examples))
            for name, values in self.encoded.inputs.items()
        }
        return self.converter(inputs, tf.gather(self.encoded.targets, examples))


class Streams:
    """A long text as parallel streams, for truncated BPTT.

    The rows of a batch are windows of `config.bptt` tokens; each continues the same row of the
    batch before it.

    Args:
        ids: int array (tokens,), the ids of the text.
        characters: the number of characters of the text, for the metric bits per character.
        config: a resolved configuration; `batch_size`, `bptt` and `seed` are used.

    Raises:
        RequestError: the text has fewer than two tokens.

    Example:
        >>> import zoo
        >>> from tasks.arrangements import Streams
        >>> streams = Streams(range(9), 9, zoo.Config(batch_size=2, bptt=4))
        >>> inputs, targets = next(iter(streams.epoch(0)))
        >>> inputs["tokens"].numpy().tolist()
        [[0, 1, 2, 3], [4, 5, 6, 7]]
        >>> targets.numpy().tolist()
        [[1, 2, 3, 4], [5, 6, 7, 8]]
    """

    def __init__(self, ids: Sequence[int] | np.ndarray, characters: int, config: Config) -> None:
        assert config.batch_size is not None and config.bptt is not None
        self.ids, self.characters = np.asarray(ids, "int32"), characters
        self.window, self.seed = config.bptt, config.seed
        if len(self.ids) < 2:
            raise RequestError(
                f"the text has {len(self.ids)} tokens, but a language model needs at least two: an "
                "input and its target. Give a longer text."
            )
        self.rows = max(1, min(config.batch_size, (len(self.ids) - 1) // 2))

    def __len__(self) -> int:
        return max(1, (len(self.ids) - 1) // self.rows // self.window)

    def epoch(self, number: int) -> tf.data.Dataset:
        """Return the dataset of (inputs, targets); its first token depends on seed and `number`."""
        width, rows = self.window, self.rows
        stream = (len(self.ids) - 1) // rows
        random = np.random.default_rng((self.seed, number))
        start = int(random.integers(0, max(1, (len(self.ids) - 1) - stream * rows + 1)))
        inputs = self.ids[start : start + stream * rows].reshape(rows, stream)
        targets = self.ids[start + 1 : start + 1 + stream * rows].reshape(rows, stream)
        # The offset only skips tokens that do not fill a window, so all epochs are equally long.
        offset = int(random.integers(0, stream % width + 1)) if stream > width else 0
        count = max(1, stream // width)
        windows = [
            array[:, offset : offset + count * width].reshape(rows, count, -1).transpose(1, 0, 2)
            for array in (inputs, targets)
        ]
        dataset = tf.data.Dataset.from_tensor_slices(({"tokens": windows[0]}, windows[1]))
        return without_autotune(dataset.prefetch(4))


def without_autotune(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Return `dataset` without autotuning, whose thread delays the end of an iterator."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _sort_by_length(lengths: np.ndarray, factors: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the indices of the examples from short to long.

    Args:
        lengths: (examples,), or (examples, 2) for the lengths of sources and targets. Examples of
            equal source length, after rounding, are sorted by target length.
        factors: factors (examples, 1) of the lengths, or a scalar; random ones vary the order.
    """
    *first, last = (lengths.reshape(len(lengths), -1) * factors).T
    return np.lexsort([last, *map(np.round, reversed(first))])


def _to_dense(values: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
    return values.to_tensor() if isinstance(values, tf.RaggedTensor) else values


def _aligned(
    features: Features, examples: Sequence[Example], config: Config, shuffled: bool
) -> Batches:
    def convert(inputs: Inputs, targets: tf.RaggedTensor) -> Batch:
        weights = tf.sequence_mask(targets.row_lengths(), dtype=tf.float32)
        dense = targets.to_tensor()
        has_target = tf.not_equal(dense, NO_TARGET)
        return inputs, tf.where(has_target, dense, 0), weights * tf.cast(has_target, tf.float32)

    return Batches(features.encode_examples(examples), config, shuffled, convert)


def _many_to_one(
    features: Features, examples: Sequence[Example], config: Config, shuffled: bool
) -> Batches:
    def convert(inputs: Inputs, targets: tf.Tensor) -> Batch:
        return inputs, targets, tf.ones(tf.shape(targets)[:1])

    return Batches(features.encode_examples(examples), config, shuffled, convert)


def _next_step(
    features: Features, examples: Sequence[Example], config: Config, shuffled: bool
) -> Streams:
    ids, characters = features.stream(examples)
    return Streams(ids, characters, config)


ALIGNED = Arrangement("aligned", sequences=True, stateful=False, batches=_aligned)
MANY_TO_ONE = Arrangement("many_to_one", sequences=False, stateful=False, batches=_many_to_one)
# Teacher forcing: the features return the decoder's input, its target delayed by one timestep.
ENCODER_DECODER = Arrangement("encoder_decoder", sequences=True, stateful=False, batches=_aligned)
NEXT_STEP = Arrangement("next_step", sequences=True, stateful=True, batches=_next_step)
