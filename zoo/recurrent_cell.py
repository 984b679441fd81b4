"""Base class of all cells: the step and the Keras cell interface."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from zoo.cell_base.keras_objects import numpy_activation, sigmoid
from zoo.cell_base.linear_step import Decay, MemoryTerms, memory_step, times_decay
from zoo.cell_base.products import CellProducts
from zoo.cell_base.step_context import Tensor
from zoo.cell_base.weights import Weight

State: TypeAlias = tuple[Tensor, ...]
StepResult: TypeAlias = tuple[Tensor, State]  # output, new state
Weights: TypeAlias = Mapping[str, np.ndarray]

__all__ = [
    "MemoryTerms",
    "RecurrentCell",
    "State",
    "StepResult",
    "Tensor",
    "Weight",
    "Weights",
    "by_gate",
    "numpy_activation",
    "sigmoid",
]


def by_gate(array: np.ndarray, count: int) -> list[np.ndarray]:
    """Split the last axis of a fused weight into `count` arrays, one per gate."""
    width, rest = divmod(array.shape[-1], count)
    if rest:
        raise ValueError(f"{array.shape} cannot be split into {count} equal parts")
    # A reference runs hundreds of times for finite differences; `np.split` is slower.
    return [array[..., k * width : (k + 1) * width] for k in range(count)]


class RecurrentCell(CellProducts):
    """Base class of recurrent cells; a subclass defines `step`, one application at one timestep.

    A cell runs in `zoo.Recurrent` and in `keras.layers.RNN` alike. A subclass sets the class
    attributes that differ from the defaults below and implements `reference` and one of `step`,
    `linear` and `memory`. All constructor arguments are JSON values or objects of Keras, so that
    Keras derives `get_config` from them. The methods are pure functions: they store nothing on the
    cell.

    Args:
        units: positive integer, width of the output and of each state, unless `output_size`,
            `state_sizes` or `gate_sizes` say otherwise.
        kernel_initializer: initializer of `kernel`; None: "glorot_uniform". A name (`zoo list
            initializers`, or a name of `keras.initializers`) initializes gate by gate. An object of
            `keras.initializers`, its config or a function of (shape, dtype) initializes the whole
            weight at once, as in `keras.layers.LSTM`.
        recurrent_initializer: the same for `recurrent_kernel`; None: the cell's default.
        bias_initializer: the same for `bias`; None: the cell's default.
        use_bias: whether the cell has the weight `bias`. If not, the attribute `bias` holds zeros.
        kernel_regularizer: name or object of `keras.regularizers`, for `kernel`.
        recurrent_regularizer: the same for `recurrent_kernel`.
        bias_regularizer: the same for `bias`.
        kernel_constraint: name or object of `keras.constraints`, for `kernel`.
        recurrent_constraint: the same for `recurrent_kernel`.
        bias_constraint: the same for `bias`.
        heads: number of heads of the recurrent kernel; it divides `units`. Each head of the state
            is multiplied by matrices of its own, one for each gate: the recurrent kernel is
            block-diagonal and has 1 / heads of the weights (Beck et al. 2024, arXiv 2405.04517,
            section 2.2). For cells whose recurrent kernel is full and has one square block per
            gate. Some other cells have an argument `heads` of their own.
        **kwargs: arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Attributes:
        gates: names of the gates, in the order of the columns of the kernels and of the bias.
        input_gates: the gates that have columns in `kernel`; None: all. Likewise
            `recurrent_gates` in `recurrent_kernel` and `bias_gates` in `bias`.
        previous_gates: input gates whose projected input is that of the previous timestep. The
            state "previous", the last one of `state_names`, holds their columns.
        state_names: names of the states, in the order of the state tuple. In most cells the output
            is the first state; a cell's class docstring defines its output.
        positive_states: states that are positive after the first timestep, such as divisors; the
            conformance suite draws positive initial values.
        unregularized_states: states that zoneout does not retain, such as the previous input or a
            clock.
        recurrent_shape: "full": `recurrent_kernel` is a matrix; "diagonal": a vector, one value per
            unit and gate; "none": the cell has no recurrent kernel; "derived": it is computed from
            further weights by `recurrent_matrix`.
        bias_rows: 1: one bias, added to the input projection; 2: the second row is the bias of the
            recurrent product (as in `keras.layers.GRU(reset_after=True)`).
        fixed_weights: those of "kernel", "recurrent_kernel" and "bias" that are not trained.
        retention_gates: gate -> 1 if opening the gate keeps the old state, -1 if opening it
            overwrites the state; the main gate first. Read by `unit_forget` and `chrono`.
        default_recurrent_initializer: used if `recurrent_initializer` is None.
        default_bias_initializer: used if `bias_initializer` is None.
        elapsed_time: the projected input has one more column, the last: the time since the
            previous timestep, 1 unless the layer is given `elapsed`.
        float32: compute in float32 also under a mixed precision policy.
        keras_layer: name of the layer in `keras.layers` with the same equations and weights, or
            None. On a GPU, training runs through it (cuDNN).
        search_space: hyperparameters to tune: constructor argument -> tuple of choices or
            {"min": ..., "max": ...}.

    Weights:
        kernel: (features, width of the input gates).
        recurrent_kernel: (width of the first state / heads, width of the recurrent gates), or one
            row if "diagonal".
        bias: (width of the bias gates,), or (2, width) if `bias_rows` is 2.
        Further weights as returned by `extra_weights`.

    Raises:
        RequestError: `units` is not a positive integer, an object is not one of Keras, or an
            argument is for `recurrent_kernel`, and the cell has no such weight.

    Example:
        >>> import keras, numpy as np, zoo
        >>> class LeakyCell(zoo.RecurrentCell):
        ...     def step(self, x, state):
        ...         (h,) = state
        ...         h = 0.5 * h + 0.5 * keras.ops.tanh(x + self.recur(h))
        ...         return h, (h,)
        >>> print(zoo.Recurrent(LeakyCell(4))(np.ones((2, 5, 3))).shape)
        (2, 4)
    """

    keras_layer: str | None = None
    search_space: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Keras silently overwrites a registered class of the same package and name, so the package
        # is the module's full name.
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    @property
    def state_size(self) -> int | list[int]:
        """Width of the state, or a list with the width of each state (Keras' cell interface)."""
        widths = self.state_widths()
        return widths[0] if len(widths) == 1 else widths

    @property
    def output_size(self) -> int:
        """Width of the output (Keras' cell interface)."""
        return self.units

    def step(self, x: Tensor, state: State) -> StepResult:
        """Apply the cell at one timestep.

        A cell with `linear` or `memory` inherits this method.

        Args:
            x: (batch, width of the input gates), the input projection as returned by `project`,
                with one more column if the cell uses the elapsed time.
            state: tuple with one (batch, width) tensor per state, without the state "previous".

        Returns:
            The output (batch, output_size) and the new state, a tuple as `state`.
        """
        (h,) = state
        if self.has_memory:
            output, h = memory_step(self.drop_values(self.memory(x)), h)
            return self.readout(x, output), (h,)
        if not self.is_linear:
            raise NotImplementedError(f"{type(self).__name__} does not implement step")
        decay, addition = self.linear(x)
        h = times_decay(decay, h) + self.candidate_dropout(addition)
        return self.readout(x, h), (h,)

    def linear(self, x: Tensor) -> tuple[Decay, Tensor]:
        """Return decay and addition of a cell of the form h' = decay * h + addition.

        Override this method, instead of `step`, in a cell whose gates do not read the state.

        Args:
            x: (..., width), the input projection of one timestep or of all.

        Returns:
            The pair (decay, addition). The addition is as wide as the state: (..., width). The
            decay may lack leading axes. A complex decay is a pair (real part, imaginary part),
            (..., width / 2) each; then the state is [real part | imaginary part].
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement linear")

    def memory(self, x: Tensor) -> MemoryTerms:
        """Return the terms of a cell whose state is a matrix for each head.

        Override this method, instead of `step`. The state holds S (heads, K, V), flattened, and
        with `log_gain` one more column for each head.

        Args:
            x: (..., width), the input projection of one timestep or of all.
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement memory")

    def readout(self, x: Tensor, h: Tensor) -> Tensor:
        """Return the output (..., output_size) of a cell with `linear` or `memory`.

        Args:
            x: (..., width), the input projection.
            h: the new state (..., width); with `memory` the output of `MemoryTerms`, q^T S' as
                (..., heads * V).
        """
        return h

    @property
    def is_linear(self) -> bool:
        """Whether the cell overrides `linear`."""
        return type(self).linear is not RecurrentCell.linear

    @property
    def has_memory(self) -> bool:
        """Whether the cell overrides `memory`."""
        return type(self).memory is not RecurrentCell.memory

    def drop_values(self, terms: MemoryTerms) -> MemoryTerms:
        """Apply recurrent dropout to the values v of a matrix-valued state."""
        shape = ops.shape(terms.v)
        values = ops.reshape(terms.v, (*shape[:-2], terms.v.shape[-2] * terms.v.shape[-1]))
        return terms._replace(v=ops.reshape(self.candidate_dropout(values), shape))

    def timestep(self, x: Tensor, state: State) -> StepResult:
        """Apply `step`, with the `previous_columns` one timestep later.

        Args:
            x: (batch, width), the input projection.
            state: tuple with one (batch, width) tensor per state, with the state "previous".
        """
        if not self.previous_gates:
            return self.step(x, state)
        *own_state, previous = state
        output, new_state = self.step(self.replace_previous(x, previous), tuple(own_state))
        return output, (*new_state, x[..., self.previous_columns()])

    def previous_columns(self) -> slice:
        """Return the slice of the projected input that `step` receives one timestep later.

        Override this method in a cell whose `project` returns these columns in another place.
        """
        return self.input_columns(*self.previous_gates)

    def replace_previous(self, x: Tensor, previous: Tensor) -> Tensor:
        """Return x with `previous` (..., width) in the `previous_columns`."""
        columns = self.previous_columns()
        return ops.concatenate([x[..., : columns.start], previous, x[..., columns.stop :]], -1)

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        """Apply the cell at one timestep in NumPy, gate by gate as in the paper; for tests.

        Args:
            weights: name -> array, in float64.
            x: (batch, features), the input itself.
            state: tuple with one (batch, width) array per state.

        Returns:
            The output (batch, output_size) and the new state.
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement reference")

    def call(
        self, x: Tensor, states: Sequence[Tensor], training: bool | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Apply the cell to inputs (batch, features), as `keras.layers.RNN` calls it.

        Returns:
            The output (batch, output_size) and the list of new states.
        """
        output, new_states = self.timestep(self.project_all(x), tuple(states))
        return output, list(new_states)

    def get_initial_state(self, batch_size: int | Tensor | None = None) -> list[Tensor]:
        """Return the initial states, zeros by default: one tensor (batch_size, width) per state."""
        return [
            ops.zeros((batch_size, width), dtype=self.compute_dtype)
            for width in self.state_widths()
        ]
