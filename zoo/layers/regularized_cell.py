"""A cell with the recurrence's options on it, for the stock `keras.layers.RNN`."""

import dataclasses

import keras
import tensorflow as tf

from zoo.engine.dropout import Regularization, RegularizationRates, fresh_key
from zoo.engine.initial_state import add_learned, broadcast
from zoo.engine.loops import kernel_parts
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

_DIGITS = 12  # bytes of the key and of the count


@keras.saving.register_keras_serializable("zoo")
class RegularizedCell(keras.layers.Layer):
    """A cell of the zoo that gives in `keras.layers.RNN` what `zoo.Recurrent` gives with the same options and seed.

    Options: those of `zoo.Recurrent`. One more state goes along, the clock (batch, 12): the bytes of the call's key and
    of the count of timesteps, as numbers from 0 to 255, since Keras makes floats of all states and half precision
    counts no further. Who gives an initial state gives `clock(batch)` with it. Each call of the RNN draws a key, in
    inference as well: Keras does not say which it is when it asks for the initial state. In a stateful RNN the noise
    goes on with the text, and `reset_state` makes all states zeros, the learned ones and the key included.
    """

    def __init__(
        self,
        cell,
        zoneout=0.0,
        variational_dropout=0.0,
        weight_drop=0.0,
        recurrent_dropout=0.0,
        learned_initial_state=False,
        seed=None,
        **kwargs,
    ):
        if not isinstance(cell, RecurrentCell):
            raise RequestError(
                f"{cell!r} is no cell of the zoo. Give an instance of zoo.recurrent_cell.RecurrentCell."
            )
        super().__init__(**{"dtype": cell.dtype_policy, **kwargs})
        self.cell, self.rates = (
            cell,
            RegularizationRates(zoneout, variational_dropout, weight_drop, recurrent_dropout),
        )
        self.rates.check(cell)
        self.learned_initial_state, self.seed = learned_initial_state, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.state_size, self.output_size = (
            [cell.units] * len(cell.state_names) + [_DIGITS],
            cell.output_size,
        )

    def build(self, input_shape):
        if not self.cell.built:  # deserializing has built it already
            self.cell.build(input_shape)
        if self.learned_initial_state:
            self.first = add_learned(self, self.cell)
        self.built = True

    def call(self, x, states, training=False):
        *state, clock = states
        numbers = _decode(clock)
        regularization = Regularization(
            self.cell,
            self.rates,
            numbers[:2] if training else None,
            tf.shape(x)[0] if x.shape[0] is None else x.shape[0],
        )
        parts = kernel_parts(self.cell, regularization)
        output, new = regularization.step(
            numbers[2],
            self.cell.project(regularization.inputs(x)),
            state,
            lambda h, columns: tf.matmul(h, parts[columns.start, columns.stop]),
            regularization.values(),
        )
        return output, [*new, _encode(numbers + [0, 0, 1], tf.shape(x)[0], clock.dtype)]

    def clock(self, batch_size):
        """The last of the states at the start of a text, with a new key."""
        return _encode(
            tf.concat([fresh_key(self.seed_generator), [0]], 0), batch_size, self.compute_dtype
        )

    def get_initial_state(self, batch_size=None):
        """Zeros or what was learned, one tensor (batch, units) per state of the cell, and the clock."""
        states = self.cell.get_initial_state(batch_size)
        if self.learned_initial_state:
            states = broadcast(self.first, batch_size, self.compute_dtype)
        return [*states, self.clock(batch_size)]

    def get_config(self):
        return {
            **super().get_config(),
            **dataclasses.asdict(self.rates),
            "seed": self.seed,
            "learned_initial_state": self.learned_initial_state,
            "cell": keras.saving.serialize_keras_object(self.cell),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def _encode(numbers, batch, dtype):
    """Three int32 as bytes, alike in every row."""
    return tf.tile(
        tf.reshape(tf.cast(tf.bitcast(numbers, tf.uint8), dtype), (1, _DIGITS)), (batch, 1)
    )


def _decode(clock):
    """The three int32 again. A masked row has kept an earlier count: the latest is right."""
    rows = tf.bitcast(tf.reshape(tf.cast(clock, tf.uint8), (-1, 3, 4)), tf.int32)
    return tf.reduce_max(rows, axis=0)
