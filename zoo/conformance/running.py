"""A cell run over time in each of the ways there are, with its outputs, final states and gradients."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.subject import weights_by_name
from zoo.layers.recurrent import Recurrent

WAYS = ("engine", "while_loop", "python_loop", "stock")


@dataclasses.dataclass(frozen=True)
class Run:
    """Arrays of one run: outputs (batch, timesteps, units), final states, gradients by name."""

    outputs: np.ndarray
    final: list
    gradients: dict

    def named(self):
        """All arrays by a name for people."""
        final = {f"final state {number}": array for number, array in enumerate(self.final)}
        return {
            "outputs": self.outputs,
            **final,
            **{f"gradient of {k}": v for k, v in self.gradients.items()},
        }


def over_time(cell, x, states, mask=None, way="engine", **arguments):
    """Outputs of all timesteps and final states, as tensors; further arguments go to the layer."""
    arguments = {"return_sequences": True, "return_state": True, **arguments}
    if way == "stock":
        layer = keras.layers.RNN(cell, **arguments)
    else:
        layer = Recurrent(cell, unroll=way == "python_loop", dtype=cell.dtype_policy, **arguments)
    outputs, *final = layer(x, initial_state=list(states), mask=mask, training=way == "engine")
    return outputs, final


def weigh(tensors, mask=None, seed=4):
    """A number that depends on every element of outputs and final states, each in its own measure.

    mask: outputs where it is False do not count.
    """
    random, total = np.random.default_rng(seed), 0.0
    for number, tensor in enumerate(tensors):
        measure = random.normal(size=tuple(tensor.shape))
        if mask is not None and number == 0:
            measure = measure * np.asarray(mask)[:, :, None]
        total += tf.reduce_sum(tf.cast(tensor, "float32") * tf.constant(measure, "float32"))
    return total


def differentiate(cell, x, states, compute, mask=None):
    """Outputs, final states and gradients, as tensors, of compute(x, states) -> (outputs, final states)."""
    x, states = tf.convert_to_tensor(x), [tf.convert_to_tensor(state) for state in states]
    weights = [weight.value for weight in cell.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        outputs, final = compute(x, states)
        outputs = tf.ensure_shape(
            outputs, (*x.shape[:2], outputs.shape[-1])
        )  # a graph's loop forgets the timesteps
        total = weigh([outputs, *final], mask)
    found = tape.gradient(total, [x, *states, *weights], unconnected_gradients="zero")
    names = [
        "inputs",
        *(f"state {name}" for name in cell.state_names),
        *(w.name for w in cell.trainable_weights),
    ]
    return outputs, final, dict(zip(names, found, strict=True))


def run(cell, x, states, mask=None, way="engine", **arguments):
    """One run with its gradients; outputs at masked timesteps do not count towards them."""
    mask = None if mask is None else np.asarray(mask)

    def compute(x, states):
        return over_time(cell, x, states, mask, way, **arguments)

    return as_run(differentiate(cell, x, states, compute, mask))


def as_run(tensors):
    """The tensors of `differentiate` as arrays."""
    outputs, final, gradients = tensors
    return Run(
        _array(outputs),
        [_array(state) for state in final],
        {k: _array(v) for k, v in gradients.items()},
    )


def infer(cell, x, states, mask=None, **arguments):
    """Outputs and final states of the loop for inference, as arrays."""
    outputs, final = over_time(cell, x, states, mask, "while_loop", **arguments)
    return [_array(tensor) for tensor in (outputs, *final)]


def reference_over_time(cell, weights, x, states):
    """Outputs and final states of the cell's NumPy reference, in float64."""
    states, outputs = tuple(np.asarray(state, "float64") for state in states), []
    for t in range(x.shape[1]):
        output, states = cell.reference(weights, np.asarray(x[:, t], "float64"), states)
        outputs.append(output)
    return [np.stack(outputs, axis=1), *states]


def reference_gradients(cell, x, states, step=1e-6):
    """Central finite differences of `weigh` over the reference: name -> gradient, named as in `differentiate`."""
    weights = weights_by_name(cell)
    x, states = x.astype("float64"), [state.astype("float64") for state in states]
    random = np.random.default_rng(4)
    measures = [
        random.normal(size=array.shape) for array in reference_over_time(cell, weights, x, states)
    ]

    def total():
        arrays = reference_over_time(cell, weights, x, states)
        return sum((array * measure).sum() for array, measure in zip(arrays, measures, strict=True))

    places = {
        "inputs": x,
        **dict(zip((f"state {name}" for name in cell.state_names), states, strict=True)),
        **weights,
    }
    return {name: _finite_differences(total, array, step) for name, array in places.items()}


def _finite_differences(total, array, step):
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + step
        above = total()
        array[index] = value - step
        gradient[index] = (above - total()) / (2 * step)
        array[index] = value
    return gradient


def _array(tensor):
    if isinstance(tensor, tf.IndexedSlices):
        tensor = tf.convert_to_tensor(tensor)
    return np.asarray(keras.ops.convert_to_numpy(tensor), "float32")
