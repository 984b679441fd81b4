"""Records the inputs and the states of the recurrent layers of a model, in one forward pass.

While `recorded` is active, the recurrent layers of a model run in a plain loop that adds a watched
tensor of zeros to the states after each timestep. The gradient with respect to these zeros is the
gradient with respect to the states. The zeros have no effect on the outputs.
"""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from zoo.diagnosis.cell_step import CellStep
from zoo.engine.loops import select
from zoo.layers.recurrent import Recurrent
from zoo.layers.time_major import time_major

RECURRENT = (Recurrent, keras.layers.RNN)


class RecurrentLayer(NamedTuple):
    """A recurrent layer of a model.

    Attributes:
        name: its name; that of the wrapper if it is wrapped in `keras.layers.Bidirectional`.
        direction: "forward", or "backward" if it processes the sequence in reverse order.
        layer: the layer.
    """

    name: str
    direction: str
    layer: Any


@dataclasses.dataclass
class Recording:
    """What a recurrent layer computed; tensors are time-major, in the order of processing.

    Attributes:
        source: the layer.
        step: the step of its cell.
        x: inputs (timesteps, batch, features).
        mask: (timesteps, batch, 1) bool, True = valid; or None.
        initial_states: (batch, width) each.
        states: the states after each timestep, (timesteps, batch, width) each.
        perturbations: watched zeros of the shapes of `states`.
        outputs: (timesteps, batch, output_size).
    """

    source: RecurrentLayer
    step: CellStep
    x: tf.Tensor
    mask: tf.Tensor | None
    initial_states: list[tf.Tensor]
    states: list[tf.Tensor]
    perturbations: list[tf.Tensor]
    outputs: tf.Tensor

    def states_before(self) -> list[tf.Tensor]:
        """Return the states before each timestep, (timesteps, batch, width) each."""
        return [
            tf.concat([initial[None], states[:-1]], 0)
            for initial, states in zip(self.initial_states, self.states, strict=True)
        ]


def recurrent_layers(model: Any) -> list[RecurrentLayer]:
    """Return the recurrent layers of a model or a layer, in the order in which it holds them."""
    return list({id(found.layer): found for found in _recurrent_layers(model, model.name)}.values())


def _recurrent_layers(layer: Any, name: str) -> Iterator[RecurrentLayer]:
    if isinstance(layer, RECURRENT):
        yield RecurrentLayer(name, "backward" if layer.go_backwards else "forward", layer)
    elif isinstance(layer, keras.layers.Bidirectional):
        for part in (layer.forward_layer, layer.backward_layer):
            yield from _recurrent_layers(part, layer.name)
    else:
        for child in layer._flatten_layers(include_self=False, recursive=False):
            yield from _recurrent_layers(child, child.name)


# (layer, tape, inputs, mask, initial states) -> recording, as `run`.
Runner = Callable[..., Recording]


@contextlib.contextmanager
def recorded(
    model: Any, tape: tf.GradientTape | None, runner: Runner | None = None
) -> Iterator[list[Recording]]:
    """Record the calls of the recurrent layers of `model` inside the context.

    Not for concurrent calls of the model in several threads.

    Args:
        model: a built Keras model or layer.
        tape: the tape that watches the perturbations.
        runner: what runs a layer over time, in place of `run`.

    Yields:
        The list to which the first call of each layer adds its recording.
    """
    recordings: list[Recording] = []
    sources = recurrent_layers(model)
    for source in sources:
        call = functools.partial(
            _call, source, recordings, functools.partial(runner or run, source, tape)
        )
        vars(source.layer)["call"] = call  # not an attribute that Keras tracks
    try:
        yield recordings
    finally:
        for source in sources:
            vars(source.layer).pop("call", None)


def _call(
    source: RecurrentLayer,
    recordings: list[Recording],
    runner: Callable[..., Recording],
    sequences: tf.Tensor,
    initial_state: Any = None,
    mask: tf.Tensor | None = None,
    training: bool = False,
    **times: Any,
) -> Any:
    """Replace `call` of a recurrent layer."""
    layer = source.layer
    if len(sequences.shape) != 3:
        return type(layer).call(layer, sequences, initial_state, mask, training, **times)
    recording = _record(layer, runner, sequences, initial_state, mask, times)
    if all(each.source is not source for each in recordings):
        recordings.append(recording)
    outputs = recording.outputs
    valid = recording.mask
    if layer.return_sequences and layer.zero_output_for_mask and valid is not None:
        outputs = tf.where(valid, outputs, tf.zeros_like(outputs))
    output = tf.transpose(outputs, (1, 0, 2)) if layer.return_sequences else outputs[-1]
    final_states = [states[-1] for states in recording.states]
    return [output, *final_states] if layer.return_state else output


def _record(
    layer: Any,
    runner: Callable[..., Recording],
    sequences: tf.Tensor,
    initial_state: Any,
    mask: tf.Tensor | None,
    times: Mapping[str, Any],
) -> Recording:
    x, valid = _inputs(layer, sequences, mask, times.get("elapsed"))
    initial_states = _initial_states(layer, initial_state, times.get("started"), x)
    return runner(x, valid, initial_states)


def _inputs(
    layer: Any, sequences: tf.Tensor, mask: tf.Tensor | None, elapsed: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Return inputs and mask of a layer, time-major and in the order of processing."""
    sequences = tf.cast(sequences, layer.compute_dtype)
    if isinstance(layer, Recurrent):
        inputs = time_major(layer.cell, sequences, mask, elapsed, layer.go_backwards)
        x = inputs.x if inputs.elapsed is None else tf.concat([inputs.x, inputs.elapsed], -1)
        return x, inputs.mask
    x = tf.transpose(sequences, (1, 0, 2))
    valid = None if mask is None else tf.transpose(tf.cast(mask, "bool"))[:, :, None]
    if layer.go_backwards:
        x, valid = tf.reverse(x, [0]), None if valid is None else tf.reverse(valid, [0])
    return x, valid


def _initial_states(
    layer: Any, initial_state: Any, started: tf.Tensor | None, x: tf.Tensor
) -> list[tf.Tensor]:
    batch_size = x.shape[1] or tf.shape(x)[1]
    if isinstance(layer, Recurrent):
        return layer.initial_states(initial_state, started, batch_size, x.shape[1])
    if initial_state is None:
        initial_state = layer.states if layer.stateful else layer.get_initial_state(batch_size)
    states = tf.nest.flatten(initial_state)
    return [tf.cast(tf.convert_to_tensor(state), layer.compute_dtype) for state in states]


def run(
    source: RecurrentLayer,
    tape: tf.GradientTape,
    x: tf.Tensor,
    mask: tf.Tensor | None,
    initial_states: list[tf.Tensor],
) -> Recording:
    """Run the cell of a layer over time, and record it.

    Args:
        source: the layer.
        tape: the tape that watches the inputs and the perturbations.
        x: inputs (timesteps, batch, features).
        mask: (timesteps, batch, 1) bool, True = valid; or None.
        initial_states: (batch, width) each.
    """
    step = CellStep(source.layer)
    timesteps = x.shape[0] or tf.shape(x)[0]
    perturbations = [tf.zeros((timesteps, *state.shape), state.dtype) for state in initial_states]
    for each in (x, *perturbations):
        tape.watch(each)
    outputs, states = _loop(step, step.prepare(x), mask, initial_states, perturbations)
    return Recording(source, step, x, mask, initial_states, states, perturbations, outputs)


def _loop(
    step: CellStep,
    prepared: tf.Tensor,
    mask: tf.Tensor | None,
    initial_states: list[tf.Tensor],
    perturbations: list[tf.Tensor],
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Return outputs and states of all timesteps, with the perturbations of the states added."""
    inputs, *added = [_unstacked(each) for each in (prepared, *perturbations)]
    masks = None if mask is None else _unstacked(mask)
    function, timesteps = step.function(), tf.shape(prepared)[0]

    def body(t: Any, output: Any, states: Any, outputs: Any, all_states: Any) -> tuple:
        output, states = perturbed_step(
            function,
            inputs.read(t),
            [array.read(t) for array in added],
            None if masks is None else masks.read(t),
            output,
            states,
        )
        pairs = zip(all_states, states, strict=True)
        all_states = [array.write(t, state) for array, state in pairs]
        return t + 1, output, states, outputs.write(t, output), all_states

    rows = prepared.shape[1] or tf.shape(prepared)[1]
    zeros = tf.zeros((rows, step.output_size), prepared.dtype)
    outputs, *arrays = [_empty(timesteps, each) for each in (zeros, *initial_states)]
    _, _, _, outputs, arrays = tf.while_loop(
        lambda t, *_: t < timesteps,
        body,
        (tf.constant(0), zeros, list(initial_states), outputs, arrays),
        maximum_iterations=timesteps,
    )
    return outputs.stack(), [array.stack() for array in arrays]


def perturbed_step(
    function: Any, x: Any, perturbations: Any, mask: Any, output: Any, states: Any
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Return output and states after one timestep, with the perturbations of the states added."""
    new_output, new_states = function(x, states)
    outputs = [number for number, state in enumerate(new_states) if state is new_output]
    new_states = select(mask, new_states, states)
    new_states = [state + each for state, each in zip(new_states, perturbations, strict=True)]
    if outputs:  # the output is a state: the first one, or in a stack the last cell's
        new_output = new_states[outputs[0]]
    return select(mask, [new_output], [output])[0], new_states


def _unstacked(tensor: tf.Tensor) -> tf.TensorArray:
    """Return an array of the timesteps: its reads have gradients in time linear in their number."""
    array = tf.TensorArray(
        tensor.dtype,
        tensor.shape[0] or tf.shape(tensor)[0],
        element_shape=tensor.shape[1:],
        clear_after_read=False,
    )
    return array.unstack(tensor)


def _empty(timesteps: Any, like: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(like.dtype, timesteps, element_shape=like.shape)
