"""Runs of a cell over time by each implementation: outputs, final states and gradients."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.layers.recurrent import Recurrent

# The training engine, the inference loop, the unrolled loop, and `keras.layers.RNN`.
IMPLEMENTATIONS = ("engine", "while_loop", "python_loop", "stock")
# Further implementations in training, with the arguments of the layer that select them.
OPTIONS: dict[str, dict[str, Any]] = {
    "checkpointed": {"checkpoint_every": 2},
    "parallel": {"parallel": True},
}


@dataclasses.dataclass(frozen=True)
class Run:
    """The arrays of one run: outputs (batch, timesteps, width), final states, gradients by name."""

    outputs: np.ndarray
    final: list[np.ndarray]
    gradients: dict[str, np.ndarray]

    def named(self) -> dict[str, np.ndarray]:
        """Return all arrays by a name for messages."""
        final = {f"final state {number}": array for number, array in enumerate(self.final)}
        gradients = {f"gradient of {name}": array for name, array in self.gradients.items()}
        return {"outputs": self.outputs, **final, **gradients}


def weights_by_name(cell: Any) -> dict[str, np.ndarray]:
    """Return the weights of `cell` in float64 by name, as `reference` takes them."""
    return {
        weight.name: keras.ops.convert_to_numpy(weight).astype("float64") for weight in cell.weights
    }


def over_time(
    cell: Any,
    x: Any,
    states: Iterable[Any],
    mask: Any = None,
    implementation: str = "engine",
    elapsed: Any = None,
    **arguments: Any,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Run `cell` over all timesteps.

    Args:
        cell: A built cell.
        x: Inputs (batch, timesteps, features).
        states: Initial states, one (batch, width) per state.
        mask: A bool mask (batch, timesteps), or None.
        implementation: One of `IMPLEMENTATIONS` or `OPTIONS`. "engine" and those of `OPTIONS` run
            in training mode, the others in inference mode.
        elapsed: The elapsed times (batch, timesteps) of a cell that uses them, or None.
        **arguments: Further arguments of the layer.

    Returns:
        The outputs of all timesteps and the final states.
    """
    arguments = {"return_sequences": True, "return_state": True, **arguments}
    if implementation == "stock":
        layer = keras.layers.RNN(cell, **arguments)
    else:
        arguments = {**OPTIONS.get(implementation, {}), **arguments}
        unroll = implementation == "python_loop"
        layer = Recurrent(cell, unroll=unroll, dtype=cell.dtype_policy, **arguments)
    training = implementation == "engine" or implementation in OPTIONS
    times = {} if elapsed is None else {"elapsed": elapsed}
    outputs, *final = layer(x, initial_state=list(states), mask=mask, training=training, **times)
    return outputs, final


def weighted_sum(tensors: Iterable[tf.Tensor], mask: Any = None, seed: int = 4) -> tf.Tensor:
    """Return the sum of all elements of `tensors`, each times a random weight.

    Args:
        tensors: The outputs (batch, timesteps, units), followed by any others.
        mask: A bool mask (batch, timesteps): outputs at masked timesteps have weight 0.
        seed: The seed of the random weights.
    """
    random, total = np.random.default_rng(seed), 0.0
    for number, tensor in enumerate(tensors):
        weights = random.normal(size=tuple(tensor.shape))
        if mask is not None and number == 0:
            weights = weights * np.asarray(mask)[:, :, None]
        dtype = tf.float64 if tensor.dtype == tf.float64 else tf.float32
        total += tf.reduce_sum(tf.cast(tensor, dtype) * tf.constant(weights, dtype))
    return total


def differentiate(
    cell: Any,
    x: Any,
    states: Iterable[Any],
    compute: Callable,
    mask: Any = None,
    others: Mapping[str, Any] | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor], dict[str, tf.Tensor]]:
    """Differentiate `weighted_sum` of outputs and final states.

    Args:
        cell: A built cell.
        x: Inputs (batch, timesteps, features).
        states: Initial states, one (batch, width) per state.
        compute: A function (x, states) -> (outputs, final states).
        mask: A bool mask (batch, timesteps): outputs at masked timesteps have weight 0.
        others: Tensors or variables to differentiate by in addition to inputs, states and the
            cell's weights, or instead of those of the same name.

    Returns:
        The outputs, the final states, and the gradients by name.
    """
    x, states = tf.convert_to_tensor(x), [tf.convert_to_tensor(state) for state in states]
    sources = {
        "inputs": x,
        **{f"state {name}": state for name, state in zip(cell.state_names, states, strict=True)},
        **{weight.name: weight.value for weight in cell.trainable_weights},
        **(others or {}),
    }
    with tf.GradientTape() as tape:
        tape.watch(list(sources.values()))
        outputs, final = compute(x, states)
        # In a graph, a while loop loses the static number of timesteps.
        outputs = tf.ensure_shape(outputs, (*x.shape[:2], outputs.shape[-1]))
        total = weighted_sum([outputs, *final], mask)
    return outputs, final, tape.gradient(total, sources, unconnected_gradients="zero")


def run(
    cell: Any,
    x: Any,
    states: Iterable[Any],
    mask: Any = None,
    implementation: str = "engine",
    elapsed: Any = None,
    **arguments: Any,
) -> Run:
    """Run `cell` as `over_time` does, and differentiate the result."""
    mask = None if mask is None else np.asarray(mask)
    times = {} if elapsed is None else {"elapsed": tf.convert_to_tensor(elapsed)}

    def compute(x: Any, states: Iterable[Any]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        return over_time(cell, x, states, mask, implementation, **times, **arguments)

    return as_run(*differentiate(cell, x, states, compute, mask, times))


def as_run(outputs: Any, final: Iterable[Any], gradients: Mapping[str, Any] | None = None) -> Run:
    """Convert the tensors of a run to a `Run` of arrays."""
    return Run(
        _array(outputs),
        [_array(state) for state in final],
        {name: _array(gradient) for name, gradient in (gradients or {}).items()},
    )


def infer(
    cell: Any, x: Any, states: Iterable[Any], mask: Any = None, **arguments: Any
) -> list[np.ndarray]:
    """Run the inference loop; return the outputs and the final states as arrays."""
    outputs, final = over_time(cell, x, states, mask, "while_loop", **arguments)
    return [_array(tensor) for tensor in (outputs, *final)]


def step_once(
    cell: Any, x: np.ndarray, states: Iterable[Any], elapsed: np.ndarray | None = None
) -> list[np.ndarray]:
    """Apply `step` to one timestep, without a layer; return what `infer` returns.

    Args:
        cell: A built cell.
        x: Inputs (batch, 1, features) in the cell's dtype.
        states: States, one (batch, width) per state.
        elapsed: The elapsed times (batch, 1) of a cell that uses them, or None.
    """
    times = () if elapsed is None else (tf.constant(elapsed),)
    projected = cell.project_all(tf.constant(x[:, 0]), *times)
    output, new_states = cell.timestep(projected, tuple(tf.constant(state) for state in states))
    return [_array(output)[:, None], *map(_array, new_states)]


def _array(tensor: Any) -> np.ndarray:
    if isinstance(tensor, tf.IndexedSlices):
        tensor = tf.convert_to_tensor(tensor)
    array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array if array.dtype == np.float64 else array.astype("float32")


def reference_over_time(
    cell: Any,
    weights: Mapping[str, np.ndarray],
    x: np.ndarray,
    states: Iterable[Any],
    elapsed: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Run the cell's NumPy reference in float64; return the outputs and the final states."""
    states, outputs = tuple(np.asarray(state, "float64") for state in states), []
    for t in range(x.shape[1]):
        times = {} if elapsed is None else {"elapsed": np.asarray(elapsed[:, t, None], "float64")}
        with np.errstate(over="ignore"):  # 1 / (1 + exp(-x)) is 0 where exp overflows
            output, states = cell.reference(
                weights, np.asarray(x[:, t], "float64"), states, **times
            )
        outputs.append(output)
    return [np.stack(outputs, axis=1), *states]
