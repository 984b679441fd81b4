"""Noise on a recurrence, drawn inside the step from one key per call, so that no loop keeps it and each draws it alike.

The loops, the engine's backward step and `zoo.layers.regularized_cell.RegularizedCell` all step by `Noise.step`.
"""

import copy
import dataclasses

import tensorflow as tf

from zoo.engine.step import StepContext, step_signature, run_step, step_weights
from zoo.errors import RequestError

# What a draw is for: added to the key, so that no two masks of a call are alike. State number n: _STATE + n.
_INPUT, _READ, _KERNEL, _CANDIDATE, _STATE = range(5)


@dataclasses.dataclass(frozen=True)
class RegularizationRates:
    """The options, as fractions in [0, 1); zoneout may be a dict from names of states. All JSON values."""

    zoneout: object = 0.0
    variational_dropout: float = 0.0
    weight_drop: float = 0.0
    recurrent_dropout: float = 0.0

    def check(self, cell):
        """Raises RequestError for what is no fraction, or what the cell cannot have."""
        zoneout = self.zoneout if isinstance(self.zoneout, dict) else {None: self.zoneout}
        for state in zoneout:
            if state is not None and state not in cell.state_names:
                raise RequestError(
                    f"zoneout names {state!r}, and {type(cell).__name__} has the states "
                    f"{', '.join(cell.state_names)}. Name these, or give one rate for all."
                )
        apart = [
            (name, getattr(self, name))
            for name in ("variational_dropout", "weight_drop", "recurrent_dropout")
        ]
        for name, rate in [*(("zoneout", rate) for rate in zoneout.values()), *apart]:
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate < 1:
                raise RequestError(f"{name}={rate!r}: a fraction lies in [0, 1). Try 0.2.")
        if self.weight_drop and cell.recurrent_shape == "none":
            raise RequestError(
                f"weight_drop={self.weight_drop} drops parts of the recurrent kernel, and "
                f"{type(cell).__name__} has none. Leave it out, or try zoneout."
            )

    def zoneout_of(self, state):
        """The rate of the state of that name."""
        return self.zoneout.get(state, 0.0) if isinstance(self.zoneout, dict) else self.zoneout

    @property
    def zones(self):
        """Whether there is any zoneout."""
        return any(self.zoneout.values()) if isinstance(self.zoneout, dict) else bool(self.zoneout)

    @property
    def random(self):
        """Whether training draws anything."""
        return bool(
            self.zones or self.variational_dropout or self.weight_drop or self.recurrent_dropout
        )


def fresh_key(generator):
    """Two random int32 for one call. Counting them up by small numbers meets no other call's, unlike Keras' seeds."""
    seed = tf.bitcast(tf.cast(tf.convert_to_tensor(generator.next()), tf.uint32), tf.int32)
    return tf.random.stateless_uniform((2,), seed, None, None, tf.int32, alg="philox")


def clock_of(mask):
    """The timesteps so far at which any row was valid, for each timestep of mask (timesteps, batch, 1).

    So timesteps that are padding in all rows change no noise, and a cell that sees no time can count along.
    """
    return (
        None
        if mask is None
        else tf.cumsum(tf.cast(tf.reduce_any(mask, axis=(1, 2)), tf.int32), exclusive=True)
    )


class Regularization:
    """The options at work in one call of a recurrence: in training with a `key`, in inference without.

    batch: the number of rows. clock: from `clock_of`; None where timesteps count themselves.
    """

    def __init__(self, cell, rates, key=None, batch=None, clock=None):
        self.cell, self.rates, self.key, self.clock = cell, rates, key, clock
        self.masks = {}
        if key is not None and rates.variational_dropout:
            widths = {cell.units, *step_signature(cell).operand_widths}
            self.masks = {
                width: self._scaled(rates.variational_dropout, (batch, width), _READ)
                for width in widths
            }

    @property
    def each_timestep(self):
        """Whether anything differs from one timestep to the next."""
        return self.rates.zones or (self.key is not None and bool(self.rates.recurrent_dropout))

    def part(self, first, timesteps):
        """The same noise, for a run over some of the timesteps that counts them from 0."""
        part = copy.copy(self)
        part.clock = first + tf.range(timesteps)
        if self.clock is not None:  # which does not know of timesteps that fill up a last part
            part.clock = tf.gather(self.clock, tf.minimum(part.clock, tf.shape(self.clock)[0] - 1))
        return part

    def inputs(self, x):
        """The layer's input (..., batch, features) under variational dropout: one mask for all timesteps."""
        if self.key is None or not self.rates.variational_dropout:
            return x
        shape = (tf.shape(x)[-2] if x.shape[-2] is None else x.shape[-2], x.shape[-1])
        return x * self._scaled(self.rates.variational_dropout, shape, _INPUT)

    def kernel(self):
        """The recurrent kernel under weight drop."""
        kernel = tf.convert_to_tensor(self.cell.recurrent_kernel)
        if self.key is None or not self.rates.weight_drop:
            return kernel
        return kernel * self._scaled(self.rates.weight_drop, kernel.shape, _KERNEL)

    def values(self):
        """Tensors in the place of `step_weights(cell)`: a diagonal recurrent kernel is among them."""
        return [
            self.kernel()
            if self.cell.recurrent_shape == "diagonal" and weight is self.cell.recurrent_kernel
            else tf.convert_to_tensor(weight)
            for weight in step_weights(self.cell)
        ]

    def step(self, t, x, state, product, values=()):
        """One step at timestep t, as `run_step`; without options it is that."""
        rates, t = self.rates, t if self.clock is None else self.clock[t]
        candidate_dropout = None
        if self.key is not None and rates.recurrent_dropout:
            shape = (tf.shape(x)[0] if x.shape[0] is None else x.shape[0], self.cell.units)
            candidate_dropout = self._scaled(rates.recurrent_dropout, shape, _CANDIDATE, t)
        output, new = run_step(
            self.cell, x, state, StepContext(product, candidate_dropout, self.masks), values
        )
        if not rates.zones:
            return output, new
        new = [
            self._zoned(t, number, *pair)
            for number, pair in enumerate(zip(new, state, strict=True))
        ]
        return (new[0] if step_signature(self.cell).output_is_state else output), new

    def _zoned(self, t, number, new, old):
        rate = self.rates.zoneout_of(self.cell.state_names[number])
        if not rate:
            return new
        if self.key is None:
            return rate * old + (1 - rate) * new
        shape = [
            tf.shape(new)[axis] if size is None else size for axis, size in enumerate(new.shape)
        ]
        return tf.where(self._chosen(rate, shape, _STATE + number, t), old, new)

    def _chosen(self, rate, shape, purpose, t=0):
        """True with probability `rate`, the same for the same key, purpose and t."""
        # Integers: XLA makes other floats than TensorFlow from the same key, and each precision is to draw the same.
        drawn = tf.random.stateless_uniform(
            shape, self.key + tf.stack([purpose, t]), None, None, tf.int32, alg="philox"
        )
        drawn = tf.ensure_shape(drawn, [None if tf.is_tensor(size) else size for size in shape])
        return drawn < int(rate * 2**32) - 2**31

    def _scaled(self, rate, shape, purpose, t=0):
        """A mask of zeros, with probability `rate`, and of 1 / (1 - rate)."""
        kept = tf.cast(~self._chosen(rate, shape, purpose, t), self.cell.compute_dtype)
        return kept * tf.cast(1 / (1 - rate), self.cell.compute_dtype)
