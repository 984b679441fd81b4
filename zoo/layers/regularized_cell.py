"""Dropout variants, zoneout and learned initial states for cells in `keras.layers.RNN`."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from zoo.engine.dropout import Regularization, fresh_key
from zoo.engine.initial_state import add_initial_state_weights, broadcast_initial_state
from zoo.engine.loops import kernel_blocks
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.seeds import SeedGenerator
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

_RANDOM_STATE_BYTES = 12  # three int32: the key (two) and the timestep


@keras.saving.register_keras_serializable("zoo")
class RegularizedCell(keras.layers.Layer):
    """Wrapper that regularizes a cell inside `keras.layers.RNN`.

    With the same options and seed, it computes the same results as `zoo.Recurrent`. It adds one
    state to those of the cell, the random state (batch, 12): the key of the call and the index of
    the timestep, one byte per element, because Keras casts states to floats, and half precision
    cannot represent large integers.

    Keras creates the initial state, and with it the random state, without passing `training`. So
    each call of the RNN draws a key, also in inference. An initial state passed by the caller must
    end with `initial_random_state(batch_size)`. A stateful RNN continues the random sequence from
    batch to batch; its `reset_state` sets all states to zeros, also the random state and a state
    that started from a learned one. Keras does not pass the mask to a cell, so masked timesteps
    must hold finite numbers: with NaN there, all gradients are NaN (not in `zoo.Recurrent`).

    Args:
        cell: a `zoo.RecurrentCell`.
        zoneout: as in `zoo.Recurrent`.
        variational_dropout: as in `zoo.Recurrent`.
        weight_drop: as in `zoo.Recurrent`.
        recurrent_dropout: as in `zoo.Recurrent`.
        dropout: as in `zoo.Recurrent`.
        learned_initial_state: as in `zoo.Recurrent`.
        seed: integer, seed of the dropout and zoneout masks.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        RequestError: `cell` is not a cell of the zoo, or a rate is invalid.

    Example:
        >>> import keras, numpy as np, zoo
        >>> from zoo.layers.regularized_cell import RegularizedCell
        >>> cell = RegularizedCell(zoo.cells.get("lstm")(4), zoneout={"h": 0.05, "c": 0.5})
        >>> print(keras.layers.RNN(cell)(np.ones((2, 5, 3)), training=True).shape)
        (2, 4)
    """

    def __init__(
        self,
        cell: RecurrentCell,
        zoneout: float | Mapping[str, float] = 0.0,
        variational_dropout: float = 0.0,
        weight_drop: float = 0.0,
        recurrent_dropout: float = 0.0,
        dropout: float = 0.0,
        learned_initial_state: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(cell, RecurrentCell):
            raise RequestError(
                f"{cell!r} is not a cell of the zoo. Give an instance of zoo.RecurrentCell."
            )
        super().__init__(**{"dtype": cell.dtype_policy, **kwargs})
        self.cell = cell
        self.rates = RegularizationRates(
            zoneout, variational_dropout, weight_drop, recurrent_dropout, dropout
        )
        self.rates.check(cell)
        self.learned_initial_state, self.seed = learned_initial_state, seed
        self.seed_generator = SeedGenerator(seed)
        self.state_size = [*cell.state_widths(), _RANDOM_STATE_BYTES]
        self.output_size = cell.output_size

    def build(self, input_shape: Sequence[int | None]) -> None:
        if not self.cell.built:  # a deserialized cell is built already
            self.cell.build(input_shape)
        if self.learned_initial_state:
            self.initial_state_weights = add_initial_state_weights(self, self.cell)
        self.built = True

    def call(
        self, x: tf.Tensor, states: Sequence[tf.Tensor], training: bool = False
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        *cell_states, random_state = states
        key_and_timestep = _decode(random_state)
        regularization = Regularization(
            self.cell,
            self.rates,
            key_and_timestep[:2] if training else None,
            tf.shape(x)[0] if x.shape[0] is None else x.shape[0],
        )
        blocks = kernel_blocks(self.cell, regularization)
        output, new_states = regularization.step(
            key_and_timestep[2],
            self.cell.project_all(regularization.drop_inputs(x)),
            cell_states,
            lambda h, columns: tf.matmul(h, blocks[columns]),
            regularization.step_weights(),
        )
        new_random_state = _encode(key_and_timestep + [0, 0, 1], tf.shape(x)[0], random_state.dtype)
        return output, [*new_states, new_random_state]

    def initial_random_state(self, batch_size: Any) -> tf.Tensor:
        """Return the random state (batch_size, 12) at the first timestep, with a new key."""
        key_and_timestep = tf.concat([fresh_key(self.seed_generator), [0]], 0)
        return _encode(key_and_timestep, batch_size, self.compute_dtype)

    def get_initial_state(self, batch_size: Any = None) -> list[tf.Tensor]:
        """Return the initial states of the cell, zeros or learned, and the random state."""
        states = self.cell.get_initial_state(batch_size)
        if self.learned_initial_state:
            states = broadcast_initial_state(
                self.initial_state_weights, batch_size, self.compute_dtype
            )
        return [*states, self.initial_random_state(batch_size)]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            **dataclasses.asdict(self.rates),
            "seed": self.seed,
            "learned_initial_state": self.learned_initial_state,
            "cell": keras.saving.serialize_keras_object(self.cell),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "RegularizedCell":
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def _encode(key_and_timestep: tf.Tensor, batch_size: Any, dtype: Any) -> tf.Tensor:
    """Return three int32 values as twelve bytes (batch, 12), the same in every row."""
    row = tf.reshape(
        tf.cast(tf.bitcast(key_and_timestep, tf.uint8), dtype), (1, _RANDOM_STATE_BYTES)
    )
    return tf.tile(row, (batch_size, 1))


def _decode(random_state: tf.Tensor) -> tf.Tensor:
    """Return the three int32 values: the maximum, as masked rows hold an earlier timestep."""
    rows = tf.bitcast(tf.reshape(tf.cast(random_state, tf.uint8), (-1, 3, 4)), tf.int32)
    return tf.reduce_max(rows, axis=0)
