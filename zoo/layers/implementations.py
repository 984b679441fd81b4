"""Select and run the implementation of the time loop of `zoo.Recurrent`."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import tensorflow as tf

from zoo.engine import checkpointing, cudnn, loops
from zoo.engine.batch_parts import batch_parts, row_ranges
from zoo.engine.dropout import Regularization
from zoo.engine.linear_recurrence import linear_recurrence
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.scan import scan
from zoo.engine.step import project
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

Shape: TypeAlias = Sequence[int | None]
LoopResult: TypeAlias = tuple[tf.Tensor, list[tf.Tensor]]  # outputs (timesteps, ...), final states


def is_linear(cell: RecurrentCell) -> bool:
    """Return whether a cell is linear in its state, which may be matrix-valued."""
    return cell.is_linear or cell.has_memory


class LoopInputs(NamedTuple):
    """The inputs of one time loop; tensors are time-major.

    Attributes:
        x: (timesteps, batch, features), as `step.project` takes it.
        initial_states: one (batch, width) tensor per state of the cell.
        mask: (timesteps, batch, 1) bool, True = valid; or None.
        regularization: the dropout and zoneout masks of this call.
        training: whether the call is differentiated and dropout is active.
        starts_at_zero: whether the initial states are known to be zeros.
        is_part: whether loops over other parts of the batch run side by side with this one.
    """

    x: tf.Tensor
    initial_states: list[tf.Tensor]
    mask: tf.Tensor | None
    regularization: Regularization
    training: bool
    starts_at_zero: bool
    is_part: bool = False

    def split(self, parts: int) -> list["LoopInputs"]:
        """Divide the batch into parts."""
        if parts == 1:
            return [self]
        rows = tf.shape(self.x)[1] if self.x.shape[1] is None else self.x.shape[1]
        return [self._rows(first, end) for first, end in row_ranges(rows, parts)]

    def _rows(self, first: int | tf.Tensor, end: int | tf.Tensor) -> "LoopInputs":
        return self._replace(
            x=self.x[:, first:end],
            initial_states=[state[first:end] for state in self.initial_states],
            mask=None if self.mask is None else self.mask[:, first:end],
            regularization=self.regularization.rows(first, end),
            is_part=True,
        )


@dataclasses.dataclass(frozen=True)
class TimeLoop:
    """The time loop of a built cell, with the options that select its implementation.

    Attributes:
        cell: the cell.
        rates: rates of dropout and zoneout.
        unroll: as in `zoo.Recurrent`, like the following attributes.
        parallel: whether a linear cell runs by an associative scan.
        checkpoint_every: timesteps between stored states; None: automatic.
        unroll_factor: timesteps per loop iteration in training; None: automatic.
        batch_parts: parts of the batch that run side by side in training; None: automatic.
    """

    cell: RecurrentCell
    rates: RegularizationRates
    unroll: bool
    parallel: bool
    checkpoint_every: int | None
    unroll_factor: int | None
    batch_parts: int | None

    def implementation(self, shape: Shape, training: bool) -> str:
        """Return the name of the implementation for time-major inputs of this shape.

        The class docstring of `zoo.Recurrent` has the table of names and conditions.
        """
        if self._runs_on_cudnn(training):
            return "cudnn"
        return self._implementation_without_cudnn(shape, training)

    def checkpoint_interval(self, shape: Shape) -> int | None:
        """Return the timesteps between checkpoints, or None for no gradient checkpointing.

        Args:
            shape: time-major shape (timesteps, batch, ...) of the inputs.
        """
        return self.checkpoint_every or checkpointing.default_interval(self.cell, shape)

    def training_parts(self, shape: Shape) -> int:
        """Return the number of parts of the batch that run side by side in training.

        Args:
            shape: time-major shape (timesteps, batch, ...) of the inputs.
        """
        # The masks of single timesteps are drawn for the whole batch.
        if self._varies_over_time(training=True) or self.implementation(shape, True) == "unrolled":
            return 1
        rows = shape[1]
        parts = self.batch_parts or batch_parts(self.cell, rows)
        return parts if rows is None else max(1, min(parts, rows))

    def run(self, inputs: LoopInputs) -> LoopResult:
        """Run the cell over time.

        Returns:
            The outputs (timesteps, batch, output_size) and the final states, one (batch, width)
            each.

        Raises:
            RequestError: `unroll` is set, and the number of timesteps is unknown.
        """
        run_without_cudnn = functools.partial(self._run_without_cudnn, inputs)
        if self._runs_on_cudnn(inputs.training):
            return cudnn.cudnn_scan(
                self.cell, inputs.x, inputs.initial_states, inputs.mask, fallback=run_without_cudnn
            )
        return run_without_cudnn()

    def _runs_on_cudnn(self, training: bool) -> bool:
        if not training or self.unroll or self.checkpoint_every or self.rates.changes_step:
            return False
        return cudnn.is_supported(self.cell, Regularization(self.cell, self.rates))

    def _implementation_without_cudnn(self, shape: Shape, training: bool) -> str:
        if self.unroll or shape[0] == 1:  # generation runs one timestep per call: no loop
            return "unrolled"
        runs_at_once = (training or self.parallel) and not self._varies_over_time(training)
        if is_linear(self.cell) and runs_at_once:
            return "linear"
        if training and self.checkpoint_interval(shape):
            return "checkpointed"
        return "engine" if training else "loop"

    def _varies_over_time(self, training: bool) -> bool:
        return self.rates.has_zoneout or (training and bool(self.rates.recurrent_dropout))

    def _run_without_cudnn(self, inputs: LoopInputs) -> LoopResult:
        shape = inputs.x.shape
        name = self._implementation_without_cudnn(shape, inputs.training)
        interval = self.checkpoint_interval(shape) if name == "checkpointed" else None
        parts = inputs.split(self.training_parts(shape) if inputs.training else 1)
        return _joined([self._run_part(name, interval, part) for part in parts])

    def _run_part(self, name: str, interval: int | None, inputs: LoopInputs) -> LoopResult:
        if interval:
            return self._run_checkpointed(inputs, interval)
        if name == "unrolled" and inputs.x.shape[0] is None:
            raise RequestError(
                "unroll=True needs a known number of timesteps, and the input has None. "
                "Set it in the shape of the input, or leave unroll out."
            )
        cell, (x, initial_states, mask, regularization, training, *_) = self.cell, inputs
        projected = project(cell, x, training)
        if name == "linear":
            return self._run_linear(projected, inputs)
        if name == "engine":
            return self._run_engine(projected, inputs)
        loop = loops.python_loop if name == "unrolled" else loops.while_loop
        return loop(cell, projected, initial_states, mask, regularization)

    def _run_checkpointed(self, inputs: LoopInputs, interval: int) -> LoopResult:
        return checkpointing.checkpointed_scan(
            self.cell,
            inputs.x,
            inputs.initial_states,
            inputs.mask,
            inputs.regularization,
            interval,
            self.unroll_factor,
            column_blocks=not inputs.is_part,
        )

    def _run_linear(self, projected: Any, inputs: LoopInputs) -> LoopResult:
        return linear_recurrence(
            self.cell,
            projected,
            inputs.initial_states,
            inputs.mask,
            self.parallel,
            self.checkpoint_every,
        )

    def _run_engine(self, projected: Any, inputs: LoopInputs) -> LoopResult:
        return scan(
            self.cell,
            projected,
            inputs.initial_states,
            inputs.mask,
            inputs.regularization,
            inputs.starts_at_zero,
            unroll_factor=self.unroll_factor,
            column_blocks=not inputs.is_part,
        )


def _joined(results: Sequence[LoopResult]) -> LoopResult:
    """Return the result of the whole batch from those of its parts."""
    if len(results) == 1:
        return results[0]
    outputs, states = zip(*results, strict=True)
    return tf.concat(outputs, 1), [tf.concat(parts, 0) for parts in zip(*states, strict=True)]
