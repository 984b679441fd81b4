"""Dropout variants and zoneout, drawn inside the step.

| option              | effect                                                 | mask drawn       |
|---------------------|--------------------------------------------------------|------------------|
| zoneout             | units of a state keep their old value                  | at each timestep |
| recurrent dropout   | drops units of the candidate state                     | at each timestep |
| variational dropout | drops units of inputs and recurrent products' operands | once per call    |
| dropout             | drops units of inputs                                  | once per call    |
| weight drop         | drops weights of the recurrent kernel                  | once per call    |

All masks are functions of one random key per call, of the purpose of the mask, and of the timestep
(stateless random numbers). So masks are not stored, the backward pass draws the masks of the
forward pass again, and every loop draws the same masks. All loops of this package, and
`zoo.layers.regularized_cell.RegularizedCell`, call `Regularization.step` for one timestep.
"""

import copy
import itertools
from collections.abc import Callable, Sequence

import tensorflow as tf

from zoo.cell_base.step_context import Product, StepContext
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.seeds import SeedGenerator
from zoo.engine.step import compute_dtype_scope, matrix, run_step
from zoo.engine.tracing import step_trace
from zoo.recurrent_cell import RecurrentCell

# The purpose of a mask is added to the key, so that no two masks of a call are the same. The
# zoneout mask of the n-th state has the purpose _ZONEOUT + n.
_INPUT, _OPERAND, _KERNEL, _CANDIDATE, _ZONEOUT = range(5)
_INPUT_DROPOUT = 500
# The purposes of further candidates and matrices of a step start here.
_MORE_CANDIDATES, _MORE_MATRICES = 1_000, 2_000


def _shape(tensor: tf.Tensor) -> list:
    """Return the shape, with a scalar tensor for each axis of unknown size."""
    return [
        tf.shape(tensor)[axis] if size is None else size for axis, size in enumerate(tensor.shape)
    ]


def fresh_key(generator: SeedGenerator) -> tf.Tensor:
    """Return a new random key for one call: two int32.

    `Regularization.draw` adds purpose and timestep to the key. The generator yields consecutive
    seeds, whose sums would collide; a key is drawn from such a seed, so that the sums of different
    calls are very unlikely to coincide.
    """
    seed = tf.bitcast(tf.cast(tf.convert_to_tensor(generator.next()), tf.uint32), tf.int32)
    return tf.random.stateless_uniform((2,), seed, None, None, tf.int32, alg="philox")


def draw_indices(mask: tf.Tensor | None) -> tf.Tensor | None:
    """Return for each timestep the index in the random sequence of its masks.

    The index is the number of earlier timesteps at which any row is valid. So timesteps that are
    padding in all rows do not change the masks of others, and `RegularizedCell`, which Keras does
    not pass the timestep, can count the index in a state.

    Args:
        mask: (timesteps, batch, 1) bool, True = valid, or None.

    Returns:
        int32 (timesteps,), or None without a mask: then the index is the timestep.
    """
    if mask is None:
        return None
    is_valid = tf.reduce_any(mask, axis=(1, 2))
    return tf.cumsum(tf.cast(is_valid, tf.int32), exclusive=True)


class Regularization:
    """Dropout and zoneout of one call of a recurrence.

    Args:
        cell: a built cell.
        rates: the rates, valid for the cell.
        key: from `fresh_key` in training; None in inference, where only zoneout has an effect (the
            expected value).
        batch: number of rows; required for variational dropout in training.
        draw_indices: from the function `draw_indices`.

    Attributes:
        operand_masks: variational dropout masks of the recurrent products' operands, by width;
            empty without variational dropout.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        rates: RegularizationRates,
        key: tf.Tensor | None = None,
        batch: int | tf.Tensor | None = None,
        draw_indices: tf.Tensor | None = None,
    ) -> None:
        self.cell, self.rates, self.key = cell, rates, key
        self.draw_indices = draw_indices
        self.operand_masks = {}
        if key is not None and rates.variational_dropout:
            widths = {cell.units, *step_trace(cell).operand_widths}
            self.operand_masks = {
                width: self.dropout_mask(rates.variational_dropout, (batch, width), _OPERAND)
                for width in widths
            }

    @property
    def varies_over_time(self) -> bool:
        """Whether the step differs from one timestep to the next, or zoneout is in effect."""
        has_recurrent_dropout = self.key is not None and bool(self.rates.recurrent_dropout)
        return self.rates.has_zoneout or has_recurrent_dropout

    def segment(self, first: tf.Tensor, timesteps: int) -> "Regularization":
        """Return the regularization of a segment of the sequence; its first timestep has index 0.

        Args:
            first: first timestep of the segment.
            timesteps: number of timesteps; those after the end of the sequence are padding.
        """
        segment = copy.copy(self)
        segment.draw_indices = first + tf.range(timesteps)
        if self.draw_indices is not None:
            last = tf.shape(self.draw_indices)[0] - 1
            inside = tf.minimum(segment.draw_indices, last)
            segment.draw_indices = tf.gather(self.draw_indices, inside)
        return segment

    def rows(self, first: int | tf.Tensor, end: int | tf.Tensor) -> "Regularization":
        """Return the regularization of the rows from `first` to before `end`.

        Masks of single timesteps (`varies_over_time`) would not be those of the whole batch.
        """
        part = copy.copy(self)
        part.operand_masks = {w: mask[first:end] for w, mask in self.operand_masks.items()}
        return part

    def drop_inputs(self, x: tf.Tensor) -> tf.Tensor:
        """Apply (variational) dropout to inputs (..., batch, features): one mask per call."""
        if self.key is None:
            return x
        shape = (tf.shape(x)[-2] if x.shape[-2] is None else x.shape[-2], x.shape[-1])
        if self.rates.variational_dropout:
            x = x * self.dropout_mask(self.rates.variational_dropout, shape, _INPUT)
        if self.rates.dropout:
            x = x * self.dropout_mask(self.rates.dropout, shape, _INPUT_DROPOUT)
        return x

    def matrix(self, name: str) -> tf.Tensor:
        """Return a matrix of the recurrent products, with weight drop in training.

        Args:
            name: "recurrent_kernel" or the name of a further weight.
        """
        kernel = matrix(self.cell, name)
        if self.key is None or not self.rates.weight_drop:
            return kernel
        purpose = _KERNEL
        if name != "recurrent_kernel":
            names = sorted({product.name for product in step_trace(self.cell).products})
            purpose = _MORE_MATRICES + names.index(name)
        return kernel * self.dropout_mask(self.rates.weight_drop, kernel.shape, purpose)

    def step_weights(self) -> list[tf.Tensor]:
        """Return the weights that the step reads, with weight drop in a diagonal kernel."""
        cell = self.cell
        with compute_dtype_scope(cell):
            return [
                self.matrix("recurrent_kernel")
                if cell.recurrent_shape == "diagonal" and weight is cell.recurrent_kernel
                else tf.convert_to_tensor(weight)
                for weight in step_trace(cell).weights
            ]

    def step(
        self,
        t: int | tf.Tensor,
        projected: tf.Tensor,
        states: Sequence[tf.Tensor],
        product: Product,
        weights: Sequence[tf.Tensor] = (),
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Run one step with dropout and zoneout; with all rates 0, the same as `step.run_step`.

        Args:
            t: the timestep.
            projected: projected input (batch, width).
            states: one (batch, width) tensor per state.
            product: (h, columns) -> h times these columns of a matrix.
            weights: from `step_weights`; if empty, the step reads the cell's variables.

        Returns:
            The output (batch, units) and a list of the new states.
        """
        index = t if self.draw_indices is None else self.draw_indices[t]
        drop_candidate = self._candidate_dropout(index)
        context = StepContext(self.cell, product, drop_candidate, self.operand_masks)
        trace = step_trace(self.cell)
        replacements = list(zip(trace.weights, weights, strict=True)) if weights else []
        output, new_states = run_step(context, projected, states, replacements)
        if not self.rates.has_zoneout:
            return output, new_states
        new_states = [
            self.apply_zoneout(index, number, new, old)
            for number, (new, old) in enumerate(zip(new_states, states, strict=True))
        ]
        return (new_states[0] if trace.output_is_state else output), new_states

    def _candidate_dropout(self, index: int | tf.Tensor) -> Callable | None:
        """Return the function that drops candidates of one step: a mask for each call."""
        if self.key is None or not self.rates.recurrent_dropout:
            return None
        purposes = itertools.chain([_CANDIDATE], itertools.count(_MORE_CANDIDATES))

        def drop(candidate):
            rate, shape = self.rates.recurrent_dropout, _shape(candidate)
            return candidate * self.dropout_mask(rate, shape, next(purposes), index)

        return drop

    def apply_zoneout(
        self, index: int | tf.Tensor, number: int, new: tf.Tensor, old: tf.Tensor
    ) -> tf.Tensor:
        """Apply zoneout to one state; in inference, return the expected value.

        Args:
            index: index in the random sequence.
            number: position of the state in the state tuple.
            new: the state after the step (batch, width).
            old: the state before the step (batch, width).
        """
        name = self.cell.state_names[number]
        rate = 0.0 if name in self.cell.unregularized_states else self.rates.zoneout_rate(name)
        if not rate:
            return new
        if self.key is None:
            return rate * old + (1 - rate) * new
        return tf.where(self.draw(rate, _shape(new), _ZONEOUT + number, index), old, new)

    def draw(
        self, rate: float, shape: Sequence, purpose: int, index: int | tf.Tensor = 0
    ) -> tf.Tensor:
        """Draw booleans, True with probability `rate`, determined by key, purpose and index."""
        # Draw integers: from the same key, XLA draws other floats than TensorFlow, and each float
        # precision other ones.
        key = self.key + tf.stack([purpose, index])
        drawn = tf.random.stateless_uniform(shape, key, None, None, tf.int32, alg="philox")
        drawn = tf.ensure_shape(drawn, [None if tf.is_tensor(size) else size for size in shape])
        return drawn < int(rate * 2**32) - 2**31

    def dropout_mask(
        self, rate: float, shape: Sequence, purpose: int, index: int | tf.Tensor = 0
    ) -> tf.Tensor:
        """Draw a mask whose elements are 0 with probability `rate`, otherwise 1 / (1 - rate)."""
        is_kept = tf.cast(~self.draw(rate, shape, purpose, index), self.cell.compute_dtype)
        return is_kept * tf.cast(1 / (1 - rate), self.cell.compute_dtype)
