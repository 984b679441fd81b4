"""Seeds of random masks, drawn atomically: threads may share a layer."""

import random
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_PHILOX = 1  # the algorithm of `RngReadAndSkip`
_SKIPPED = 256  # the operation adds this number to the counter


class SeedGenerator(keras.random.SeedGenerator):
    """`keras.random.SeedGenerator` that never gives a seed twice, also to concurrent calls.

    Keras' generator reads its state and writes it in two operations: another thread, or another
    execution of a graph, may read the same state in between. Here one operation of TensorFlow,
    `RngReadAndSkip`, does both. The seeds are those of Keras' generator.

    Args:
        seed: integer; None: drawn at random, as in Keras.
        name: name of the generator.

    Attributes:
        state: int64 (3,): 256 times the number of seeds drawn, 0, and the seed. It can also be
            assigned the state of Keras' generator, (2,): the seed and the number of seeds drawn.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        seed = random.randint(1, 10**9) if seed is None else seed
        super().__init__(seed, name)
        with keras.name_scope(self.name):
            self.state = _State(
                lambda shape, dtype: tf.constant([0, 0, seed], dtype),
                shape=(3,),
                dtype="int64",
                trainable=False,
                aggregation="none",
                name="seed_generator_state",
            )

    def next(self, ordered: bool = True) -> tf.Tensor:
        """Return the next seed: int64 (2,), the seed of the generator and the number of the call.

        Args:
            ordered: not used; the seeds are always numbered consecutively.
        """
        state = self.state.value
        if isinstance(state, tf.Variable):
            state = tf.raw_ops.RngReadAndSkip(
                resource=state.handle, alg=_PHILOX, delta=tf.constant(1, tf.uint64)
            )
        else:  # a tensor in a `keras.StatelessScope`, or a variable of a distribution strategy
            state = tf.convert_to_tensor(state)
            self.state.assign(state + [_SKIPPED, 0, 0])
        return tf.stack([state[2], state[0] // _SKIPPED])


class _State(keras.Variable):
    """The variable of `SeedGenerator`; checkpoints of version 0.1 have Keras' two numbers."""

    def assign(self, value: Any) -> Any:
        if np.shape(value) == (2,):
            seed, count = value
            value = [_SKIPPED * count, 0, seed]
        return super().assign(value)
