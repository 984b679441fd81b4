"""A cheap measurement of the gradient over time: its figures only, as for the trials of a search.

`zoo.diagnosis.recording` differentiates a loop over time, whose tracing takes seconds. `Probe`
traces two loops, whose bodies are one timestep, and one timestep with its derivative.
"""

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from zoo.diagnosis.cell_step import CellStep
from zoo.diagnosis.growth import summary
from zoo.diagnosis.layers import by_lag
from zoo.diagnosis.projections import random_signs
from zoo.diagnosis.recording import Recording, RecurrentLayer, perturbed_step, recorded
from zoo.diagnosis.subjects import as_batch, sequences_of
from zoo.graph_functions import graph_function

SEQUENCES = 8  # of a batch that are used

Tensors = list[tf.Tensor]


class Figures(NamedTuple):
    """The gradient over time of one direction of a recurrent layer.

    Attributes:
        layer: the name of the layer.
        direction: "forward" or "backward".
        lags: the number of timesteps of the longest sequence.
        ratio: the gradient at the largest lag over that at the smallest one; None if unknown.
        growth: factor by which the gradient grows per timestep of lag; None if unknown.
        effective_memory: the effective memory in timesteps; None if unknown.
    """

    layer: str
    direction: str
    lags: int
    ratio: float | None
    growth: float | None
    effective_memory: int | None


class LayerNorms(NamedTuple):
    """Norms of the gradient of a random projection of the last output of a layer.

    Attributes:
        source: the layer and its direction.
        norms: with respect to all states, (lags, sequences).
        influence: with respect to the inputs, (lags, sequences).
    """

    source: RecurrentLayer
    norms: np.ndarray
    influence: np.ndarray


class Probe:
    """Measures the gradient over time of a model, in inference, without changing the model.

    The loops of a layer are traced once for equal shapes, and read the present weights.

    Args:
        model: a built Keras model, to which the probe keeps a weak reference.

    Example:
        >>> import keras, numpy as np, zoo
        >>> from zoo.diagnosis.probe import Probe
        >>> model = keras.Sequential([keras.Input((None, 2)), zoo.Recurrent("gru", 4)])
        >>> figures = Probe(model).worst_layer((np.ones((8, 20, 2)),))
        >>> figures.lags, figures.direction
        (20, 'forward')
    """

    def __init__(self, model: Any) -> None:
        self._model = weakref.ref(model)  # the dictionary of probes of a search has weak keys
        self._loops: dict[int, Any] = {}  # id of a layer -> its traced loops
        self._found: list[LayerNorms] = []

    def worst_layer(self, batch: Sequence[Any]) -> Figures | None:
        """Return the figures of the recurrent layer whose gradient shrinks most.

        Args:
            batch: `(inputs, ...)`, of which the first 8 sequences are used.

        Returns:
            The figures of the layer and direction with the smallest ratio; None if the model did
            not call a recurrent layer.
        """
        _, layers = self.measure(sequences_of(as_batch(tuple(batch)), SEQUENCES)[0])
        return min(map(_figures, layers), key=_ratio, default=None)

    def measure(self, inputs: Any) -> tuple[Any, list[LayerNorms]]:
        """Return the outputs of the model, and the gradient norms of each layer that it called."""
        self._found = []
        model = self._model()
        assert model is not None, "the model of the probe has been deleted"
        with recorded(model, None, self._run):
            return model(inputs, training=False), self._found

    def _run(
        self,
        source: RecurrentLayer,
        tape: None,
        x: tf.Tensor,
        mask: tf.Tensor | None,
        initial_states: Tensors,
    ) -> Recording:
        """Run a layer over time as `zoo.diagnosis.recording.run` does, and keep its figures."""
        step = CellStep(source.layer)
        outputs, states, of_states, of_x = self._loops_of(source, step)(x, mask, initial_states)
        valid = None if mask is None else mask.numpy()[..., 0]
        norms, influence = (by_lag(_norms(each), valid) for each in (of_states, of_x))
        self._found.append(LayerNorms(source, norms, influence))
        return Recording(source, step, x, mask, initial_states, states, [], outputs)

    def _loops_of(self, source: RecurrentLayer, step: CellStep) -> Any:
        """Return the traced loops of a layer."""
        if id(source.layer) not in self._loops:
            self._loops[id(source.layer)] = graph_function(_Loops(step).run)
        return self._loops[id(source.layer)]


def _ratio(figures: Figures) -> float:
    return np.inf if figures.ratio is None else figures.ratio


def _figures(layer: LayerNorms) -> Figures:
    found = summary(layer.norms, layer.influence)
    return Figures(
        layer.source.name,
        layer.source.direction,
        found.lags,
        found.ratio if np.isfinite(found.ratio) else None,
        found.growth if np.isfinite(found.growth) else None,
        found.effective_memory,
    )


def _norms(gradients: tf.Tensor) -> np.ndarray:
    """Return the norms (timesteps, sequences) over the last axis; infinity instead of NaN."""
    norms = np.linalg.norm(gradients.numpy().astype("float64"), axis=-1)
    return np.where(np.isnan(norms), np.inf, norms)


class _Loops:
    """A loop over the steps of a cell, and one over their derivatives in reverse order."""

    def __init__(self, step: CellStep) -> None:
        self._step = step

    def run(
        self, x: tf.Tensor, mask: tf.Tensor | None, initial_states: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor, tf.Tensor]:
        """Run the cell, and differentiate a random projection of its last output.

        Returns:
            The outputs, the states, and the gradients with respect to all states after each
            timestep, side by side, and to the inputs: (timesteps, sequences, width) each.
        """
        with tf.GradientTape() as preparation:
            preparation.watch(x)
            prepared = self._step.prepare(x)
        zeros = tf.zeros((prepared.shape[1], self._step.output_size), prepared.dtype)
        first, function = [zeros, *initial_states], self._step.function()

        def after(t: Any, prepared_x: tf.Tensor, before: Tensors, added: Tensors) -> Tensors:
            valid = None if mask is None else mask[t]
            output, states = perturbed_step(
                function, prepared_x, added, valid, before[0], before[1:]
            )
            return [output, *states]

        outputs, *states = _forward(after, prepared, first)
        before = [
            tf.concat([initial[None], each[:-1]], 0)
            for initial, each in zip(first, (outputs, *states), strict=True)
        ]
        of_states, of_prepared = _backward(after, prepared, before, random_signs(zeros[None], 0)[0])
        of_x = preparation.gradient(prepared, x, of_prepared, unconnected_gradients="zero")
        return outputs, states, of_states, of_x


def _forward(after: Any, prepared: tf.Tensor, first: Tensors) -> Tensors:
    """Return the output and the states after each timestep, (timesteps, sequences, width) each."""
    timesteps, added = prepared.shape[0], [tf.zeros_like(each) for each in first[1:]]

    def body(t: Any, values: Tensors, arrays: list[Any]) -> tuple:
        values = after(t, prepared[t], values, added)
        pairs = zip(arrays, values, strict=True)
        return t + 1, values, [array.write(t, value) for array, value in pairs]

    arrays = [_array(timesteps, each) for each in first]
    _, _, arrays = tf.while_loop(lambda t, *_: t < timesteps, body, (0, first, arrays))
    return [array.stack() for array in arrays]


def _backward(
    after: Any, prepared: tf.Tensor, before: Tensors, projection: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradients with respect to the states and the prepared inputs.

    Args:
        after: the step, (t, prepared input, values before, zeros added to the states) -> values.
        prepared: the prepared inputs.
        before: the output and the states before each timestep, (timesteps, sequences, width) each.
        projection: the derivative with respect to the last output, (sequences, output_size).
    """
    timesteps, added = prepared.shape[0], [tf.zeros_like(each[0]) for each in before[1:]]
    count = len(added)

    def body(t: Any, upstream: Tensors, of_states: Any, of_prepared: Any) -> tuple:
        sources = [prepared[t], *added, *(each[t] for each in before)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            values = after(t, sources[0], sources[1 + count :], sources[1 : 1 + count])
        found = tape.gradient(values, sources, upstream, unconnected_gradients="zero")
        of_states = of_states.write(t, tf.concat(found[1 : 1 + count], -1))
        return t - 1, found[1 + count :], of_states, of_prepared.write(t, found[0])

    arrays = _array(timesteps, tf.concat(added, -1)), _array(timesteps, prepared[0])
    start = (timesteps - 1, [projection, *added], *arrays)
    _, _, of_states, of_prepared = tf.while_loop(lambda t, *_: t >= 0, body, start)
    return of_states.stack(), of_prepared.stack()


def _array(timesteps: int, like: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(like.dtype, timesteps, element_shape=like.shape)
