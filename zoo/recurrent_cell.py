"""Base class of all cells: weights, fused matrix products and the Keras cell interface."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
from keras import ops

from zoo import initializers
from zoo.errors import RequestError

Tensor: TypeAlias = Any  # Keras and its backends ship no types
State: TypeAlias = tuple[Tensor, ...]
StepResult: TypeAlias = tuple[Tensor, State]  # output, new state
Weights: TypeAlias = Mapping[str, np.ndarray]

_NUMPY_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
}


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function of `x` in float64, for `RecurrentCell.reference`."""
    return 1 / (1 + np.exp(-np.asarray(x, "float64")))


def numpy_activation(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the NumPy activation "relu" or "tanh", for `RecurrentCell.reference`."""
    return _NUMPY_ACTIVATIONS[name]


def by_gate(array: np.ndarray, count: int) -> list[np.ndarray]:
    """Split the last axis of a fused weight into `count` arrays, one per gate."""
    return np.split(array, count, axis=-1)


class RecurrentCell(keras.layers.Layer):
    """Base class of recurrent cells; a subclass defines `step`, one application at one timestep.

    A cell runs in `zoo.Recurrent` and in `keras.layers.RNN` alike. A subclass sets the class
    attributes that differ from the defaults below and implements `step` and `reference`. All
    constructor arguments are JSON values, so that Keras derives `get_config` from them.

    Args:
        units: positive integer, width of the output and of each state.
        kernel_initializer: name of a kernel initializer (see `zoo.initializers`), for `kernel`.
        recurrent_initializer: the same for `recurrent_kernel`; None: the cell's default.
        bias_initializer: name of a bias initializer, for `bias`; None: the cell's default.
        **kwargs: arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Attributes:
        gates: names of the gates, in the order of the columns of the kernels and of the bias.
        state_names: names of the states, in the order of the state tuple. In most cells the output
            is the first state; a cell's class docstring defines its output.
        recurrent_shape: "full": `recurrent_kernel` is a matrix; "diagonal": a vector, one value per
            unit and gate; "none": the cell has no recurrent kernel.
        bias_rows: 1: one bias, added to the input projection; 2: the second row is the bias of the
            recurrent product (as in `keras.layers.GRU(reset_after=True)`).
        retention_gates: gate -> 1 if opening the gate keeps the old state, -1 if opening it
            overwrites the state; the main gate first. Read by `unit_forget` and `chrono`.
        default_recurrent_initializer: used if `recurrent_initializer` is None.
        default_bias_initializer: used if `bias_initializer` is None.
        keras_layer: name of the layer in `keras.layers` with the same equations and weights, or
            None. On a GPU, training runs through it (cuDNN).
        search_space: hyperparameters to tune: constructor argument -> tuple of choices or
            {"min": ..., "max": ...}.

    Weights:
        kernel: (features, gates * units).
        recurrent_kernel: (units, gates * units), or (gates * units,) if "diagonal".
        bias: (gates * units,), or (2, gates * units) if `bias_rows` is 2.
        Further weights as returned by `extra_weights`.

    Raises:
        RequestError: `units` is not a positive integer, or `recurrent_initializer` is given to a
            cell without a recurrent kernel.

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

    gates: tuple[str, ...] = ("n",)
    state_names: tuple[str, ...] = ("h",)
    recurrent_shape: Literal["full", "diagonal", "none"] = "full"
    bias_rows: int = 1
    retention_gates: Mapping[str, int] = {}
    default_recurrent_initializer: str = "orthogonal"
    default_bias_initializer: str = "zeros"
    keras_layer: str | None = None
    search_space: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Keras silently overwrites a registered class of the same package and name, so the package
        # is the module's full name.
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(
        self,
        units: int,
        kernel_initializer: str = "glorot_uniform",
        recurrent_initializer: str | None = None,
        bias_initializer: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise RequestError(
                f"units={units!r} is not a positive integer. Give a whole number, such as 128."
            )
        if recurrent_initializer and self.recurrent_shape == "none":
            raise RequestError(
                f"recurrent_initializer={recurrent_initializer!r}: {type(self).__name__} has no "
                "recurrent kernel. Leave it out."
            )
        self.units = units
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer or self.default_recurrent_initializer
        self.bias_initializer = bias_initializer or self.default_bias_initializer
        self._step_context: Any = None  # a zoo.engine.step.StepContext while the engine runs a step

    @classmethod
    def argument_names(cls) -> list[str]:
        """Return the names of the constructor's arguments, those of the subclass first.

        The list excludes `units` and the arguments of `keras.layers.Layer`.
        """
        constructors = [
            vars(base)["__init__"]
            for base in cls.__mro__
            if issubclass(base, RecurrentCell) and "__init__" in vars(base)
        ]
        return [
            parameter.name
            for constructor in constructors
            for parameter in inspect.signature(constructor).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
            and parameter.name not in ("self", "units")
        ]

    @property
    def state_size(self) -> int | list[int]:
        """Width of the state, or a list with the width of each state (Keras' cell interface)."""
        return self.units if len(self.state_names) == 1 else [self.units] * len(self.state_names)

    @property
    def output_size(self) -> int:
        """Width of the output (Keras' cell interface)."""
        return self.units

    def extra_weights(self) -> Mapping[str, tuple[tuple[int, ...], str]]:
        """Return the cell's further weights: name -> (shape, name of a Keras initializer).

        `build` creates each weight and sets it as the attribute `name` of the cell.
        """
        return {}

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the weights for inputs (..., features)."""
        gates, width = len(self.gates), len(self.gates) * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            name="kernel",
            initializer=initializers.fused_kernel(self.kernel_initializer, gates),
        )
        if self.recurrent_shape == "full":
            self.recurrent_kernel = self.add_weight(
                shape=(self.units, width),
                name="recurrent_kernel",
                initializer=initializers.fused_kernel(self.recurrent_initializer, gates),
            )
        elif self.recurrent_shape == "diagonal":
            self.recurrent_kernel = self.add_weight(
                shape=(width,),
                name="recurrent_kernel",
                initializer=initializers.diagonal_kernel(self.recurrent_initializer, gates),
            )
        self.bias = self.add_weight(
            shape=(width,) if self.bias_rows == 1 else (self.bias_rows, width),
            name="bias",
            initializer=initializers.fused_bias(self.bias_initializer, self),
        )
        for name, (shape, initializer) in self.extra_weights().items():
            setattr(self, name, self.add_weight(shape=shape, name=name, initializer=initializer))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        """Return the input projection: the product of the input and the kernel, plus the bias.

        Args:
            x: (..., features); all timesteps at once if there is a time axis.

        Returns:
            (..., gates * units).
        """
        matmul = ops.matmul if self._step_context is None else self._step_context.matmul
        return matmul(x, self.kernel) + (self.bias if self.bias_rows == 1 else self.bias[0])

    def split(self, x: Tensor) -> dict[str, Tensor]:
        """Split (batch, gates * units) into a dict gate -> (batch, units)."""
        return dict(zip(self.gates, ops.split(x, len(self.gates), -1), strict=True))

    def columns(self, *gates: str) -> slice:
        """Return the slice of the kernels' columns of adjacent `gates` (default: all)."""
        first, count = (self.gates.index(gates[0]), len(gates)) if gates else (0, len(self.gates))
        return slice(first * self.units, (first + count) * self.units)

    def recur(self, h: Tensor, *gates: str) -> Tensor:
        """Return the recurrent product: `h` times the recurrent kernel.

        Args:
            h: (batch, units).
            *gates: names of adjacent gates; selects their columns. All gates by default.

        Returns:
            (batch, number of gates * units).
        """
        columns = self.columns(*gates)
        if self._step_context is not None and self._step_context.operand_masks:
            h = h * self._step_context.operand_masks[h.shape[-1]]
        if self.recurrent_shape == "diagonal":
            copies = (columns.stop - columns.start) // self.units
            return (ops.tile(h, (1, copies)) if copies > 1 else h) * self.recurrent_kernel[columns]
        if self._step_context is not None:
            return self._step_context.product(h, columns)
        return ops.matmul(h, self.recurrent_kernel[:, columns])

    def candidate_dropout(self, candidate: Tensor) -> Tensor:
        """Apply recurrent dropout (arXiv 1603.05118) to the candidate (batch, units)."""
        if self._step_context is None or self._step_context.candidate_mask is None:
            return candidate
        return candidate * self._step_context.candidate_mask

    def step(self, x: Tensor, state: State) -> StepResult:
        """Apply the cell at one timestep.

        Args:
            x: (batch, gates * units), the input projection as returned by `project`.
            state: tuple with one (batch, units) tensor per state.

        Returns:
            The output (batch, units) and the new state, a tuple as `state`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement step")

    def linear(self, x: Tensor) -> tuple[Tensor, Tensor] | None:
        """Return decay and addition of a cell of the form h' = decay * h + addition.

        Override this method in a cell whose gates do not read the state, and whose only state h is
        also its output. The default returns None: the cell is not linear in its state.

        Args:
            x: (timesteps, batch, gates * units), the input projection of all timesteps.

        Returns:
            The pair (decay, addition), each (timesteps, batch, units), or None.
        """
        return None

    def reference(self, weights: Weights, x: np.ndarray, state: State) -> StepResult:
        """Apply the cell at one timestep in NumPy, gate by gate as in the paper; for tests.

        Args:
            weights: name -> array, in float64.
            x: (batch, features), the input itself.
            state: tuple with one (batch, units) array per state.

        Returns:
            The output (batch, units) and the new state.
        """
        raise NotImplementedError(f"{type(self).__name__} does not implement reference")

    def call(
        self, x: Tensor, states: Sequence[Tensor], training: bool | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Apply the cell to inputs (batch, features), as `keras.layers.RNN` calls it.

        Returns:
            The output (batch, units) and the list of new states.
        """
        output, new_states = self.step(self.project(x), tuple(states))
        return output, list(new_states)

    def get_initial_state(self, batch_size: int | Tensor | None = None) -> list[Tensor]:
        """Return zeros, one tensor (batch_size, units) per state."""
        return [
            ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.state_names
        ]
