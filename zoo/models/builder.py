"""Model builder: embeddings, recurrent layers and the task's head as one Keras graph."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
from keras import ops

from tasks.head import Head
from tasks.heads import heads
from tasks.library import tasks
from tasks.text.features import Features, Input
from tasks.text.tagged_words import AFFIXES
from zoo.config import Config
from zoo.layers.normalization import RMSNormalization
from zoo.layers.per_word import PerWord
from zoo.layers.pooling import AttentionPooling
from zoo.layers.recurrent import Recurrent
from zoo.layers.states import has_own_initial_state
from zoo.models.graph import Graph, InitialStates, StackOptions, StackOutput

CHARACTER_EMBEDDING = 32  # width of the embedding of a character or an affix
NORMALIZATION_LAYERS = {
    "layer": keras.layers.LayerNormalization,
    "rms": RMSNormalization,
}


def cell_arguments(config: Config) -> dict[str, Any]:
    """Return the cell's constructor arguments: initializers and `cell_args`."""
    return {
        "kernel_initializer": config.kernel_initializer,
        "recurrent_initializer": config.recurrent_initializer,
        "bias_initializer": config.bias_initializer,
        **config.cell_args,
    }


def regularization_arguments(config: Config) -> dict[str, float]:
    """Return the arguments of `zoo.Recurrent` that set dropout and zoneout."""
    return {
        name: getattr(config, name)
        for name in ("recurrent_dropout", "zoneout", "variational_dropout", "weight_drop")
    }


def head_of(config: Config) -> Head:
    """Return the task head of a resolved configuration."""
    assert config.head is not None
    return heads.get(config.head)


class ModelBuilder:
    """Connects layers, new ones or those of an existing model, to graphs.

    Args:
        config: a resolved configuration.
        features: the features of the task, with their vocabularies.
        layers: layers of an existing model, reused by name; a layer that is missing is created.
    """

    def __init__(self, config: Config, features: Features, layers: Iterable[Any] = ()) -> None:
        self.config, self.features = config, features
        self.task, self.head = tasks.get(config.task), head_of(config)
        self.layers = {layer.name: layer for layer in layers}

    def graph(self) -> Graph:
        """Return the graph from the inputs to predictions for whole sequences."""
        inputs = {item.name: self.input(item) for item in self.features.inputs}
        output = self._recurrent_stack(inputs).output
        return Graph(inputs, self.predictions(output))

    def single_step_graph(self) -> Graph:
        """Return the graph that takes initial states and returns new states.

        Requires the `layers` of an existing model. With `learned_initial_state`, or a cell whose
        initial states are not zeros, the graph has one more state, `started` (batch, 1): rows where
        it is zero start from the initial state of the layer, and its new value is one.

        Returns:
            A graph whose `outputs` are the input of the head; `predictions` applies the head.
        """
        inputs = {item.name: self.input(item) for item in self.features.inputs}
        cell = self._recurrent(self.config.units).cell
        needs_started = self.config.learned_initial_state or has_own_initial_state(cell)
        initial = InitialStates(
            self.state_inputs(), keras.Input((1,), name="started") if needs_started else None
        )
        output, states = self._recurrent_stack(inputs, initial)
        state_inputs = [state for layer in initial.states for state in layer]
        new_states = [state for layer in states for state in layer]
        if initial.started is not None:
            state_inputs.append(initial.started)
            new_states.append(ops.ones_like(initial.started))
        return Graph(inputs, output, tuple(state_inputs), tuple(new_states))

    def _recurrent_stack(
        self, inputs: dict[str, keras.KerasTensor], initial: InitialStates | None = None
    ) -> StackOutput:
        pools = self.config.pooling == "attention"
        options = StackOptions(
            bidirectional=bool(self.config.bidirectional),
            return_sequences=self.head.sequences or pools,
            return_states=self.task.arrangement.stateful,
        )
        mask = self._mask(inputs)
        stack = self.stack(self._embedded(inputs), mask, options, initial)
        if not pools:
            return stack
        return stack._replace(output=self.layer("pooling", AttentionPooling)(stack.output, mask))

    def _mask(self, inputs: dict[str, keras.KerasTensor]) -> keras.KerasTensor:
        """Return the mask (batch, timesteps): the input of kind "mask", else the nonzero tokens."""
        for item in self.features.inputs:
            if item.kind == "mask":
                return inputs[item.name]
        token = next(item for item in self.features.inputs if item.kind == "token")
        return ops.not_equal(inputs[token.name], 0)

    def input(self, item: Input) -> keras.KerasTensor:
        """Return a new symbolic input for one input of the features."""
        shape = {"token": (None,), "mask": (None,), "vector": (None, item.size)}.get(
            item.kind, (None, None)
        )
        dtype = {"vector": "float32", "mask": "bool"}.get(item.kind, "int32")
        return keras.Input(shape, dtype=dtype, name=item.name)

    def state_inputs(self, prefix: str = "") -> list[list[keras.KerasTensor]]:
        """Return new symbolic inputs (batch, width) for the states of each existing layer."""
        layers = [self.layers[f"{prefix}recurrent_{k}"] for k in range(self._layer_count)]
        return [
            [
                keras.Input((width,), name=f"{layer.name}_{state}")
                for state, width in zip(
                    layer.cell.state_names, layer.cell.state_widths(), strict=True
                )
            ]
            for layer in layers
        ]

    @property
    def _layer_count(self) -> int:
        assert self.config.layers is not None
        return self.config.layers

    def predictions(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Apply the task's head."""
        return self.layer("head", lambda: self.head.layer(self.features.outputs))(x)

    def layer(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the layer of this name, created by `make` if it does not exist yet."""
        if name not in self.layers:
            self.layers[name] = make()
            self.layers[name].name = name
        return self.layers[name]

    def _dropout(self, x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        rate = self.config.dropout
        return self.layer(name, lambda: keras.layers.Dropout(rate))(x) if rate else x

    def _normalization(self, x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        if self.config.normalization == "none":
            return x
        return self.layer(name, NORMALIZATION_LAYERS[self.config.normalization])(x)

    def stack(
        self,
        x: keras.KerasTensor,
        mask: keras.KerasTensor | None,
        options: StackOptions,
        initial: InitialStates | None = None,
    ) -> StackOutput:
        """Apply the recurrent layers, with dropout, normalization and residual connections.

        Args:
            x: (batch, timesteps, width).
            mask: bool (batch, timesteps), True = valid; None: all timesteps are valid.
            options: names, directions and outputs of the layers.
            initial: the initial states; None: zeros, or the learned initial state.

        Returns:
            The output of the last layer, and the final states of each layer.
        """
        prefix = options.prefix
        x, final_states = self._dropout(x, prefix + "dropout_0"), []
        for number in range(self._layer_count):
            layer = self._recurrent_layer(number, options, initial is None)
            y = layer(x, mask=mask, **_initial_arguments(initial, number))
            if options.return_states:
                y, *states = y
                final_states.append(states)
            y = self._normalization(y, f"{prefix}normalization_{number}")
            x = x + y if self.config.residual and x.shape == y.shape else y
            x = self._dropout(x, f"{prefix}dropout_{number + 1}")
        return StackOutput(x, final_states)

    def _recurrent_layer(self, number: int, options: StackOptions, may_learn_initial: bool) -> Any:
        def make() -> Any:
            layer = self._recurrent(
                self.config.units,
                **regularization_arguments(self.config),
                return_state=options.return_states,
                return_sequences=options.return_sequences or number < self._layer_count - 1,
                learned_initial_state=self.config.learned_initial_state and may_learn_initial,
                batch_parts=1 if options.bidirectional else None,
            )
            return keras.layers.Bidirectional(layer) if options.bidirectional else layer

        return self.layer(f"{options.prefix}recurrent_{number}", make)

    def output_width(self) -> int:
        """Return the width of the output of a unidirectional recurrent layer."""
        return self._recurrent(self.config.units).cell.output_size

    def _recurrent(self, units: int | None, **arguments: Any) -> Recurrent:
        cell = cell_arguments(self.config)
        if units != self.config.units and (units or 0) % (cell.get("heads") or 1):
            del cell["heads"]  # chosen for the units of the configuration
        return Recurrent(self.config.cell, units, **arguments, **cell)

    def _embedded(self, inputs: dict[str, keras.KerasTensor]) -> keras.KerasTensor:
        """Return the concatenation of all embedded inputs (batch, timesteps, width)."""
        embedded = []
        for item in self.features.inputs:
            if item.kind == "token":
                embedded.append(self.tokens(item, inputs[item.name]))
            elif item.kind == "vector":
                embedded.append(inputs[item.name])
            elif item.kind == "affixes":
                affixes = self._embedding(item, CHARACTER_EMBEDDING)(inputs[item.name])
                width = AFFIXES * CHARACTER_EMBEDDING
                embedded.append(keras.layers.Reshape((-1, width))(affixes))
            elif item.kind == "characters":
                embedded.append(self._characters(item, inputs[item.name]))
        return embedded[0] if len(embedded) == 1 else ops.concatenate(embedded, axis=-1)

    def tokens(self, item: Input, ids: keras.KerasTensor) -> keras.KerasTensor:
        """Return token embeddings (batch, timesteps, width), with word dropout.

        Word dropout zeroes whole token embeddings in training, so that the model also learns from
        a word's characters and context.
        """
        embedded = self._embedding(item, self.config.embedding)(ids)
        rate = self.config.token_dropout
        if not rate:
            return embedded
        return self.layer(
            "token_dropout", lambda: keras.layers.Dropout(rate, noise_shape=(None, None, 1))
        )(embedded)

    def _embedding(self, item: Input, width: int | None) -> Any:
        return self.layer(
            f"{item.name}_embedding", lambda: keras.layers.Embedding(item.size, width)
        )

    def _characters(self, item: Input, ids: keras.KerasTensor) -> keras.KerasTensor:
        """Encode the characters (batch, timesteps, n) of each word as (batch, timesteps, width)."""
        mask = ops.not_equal(ids, 0)
        embedded = self._embedding(item, CHARACTER_EMBEDDING)(ids)
        if self.config.characters == "recurrent":
            return self._character_recurrence(embedded, mask)
        # Padding is zero before and after the convolution: the encoding of a word does not depend
        # on the length of the other words.
        valid = ops.expand_dims(ops.cast(mask, embedded.dtype), -1)
        convolution = self.layer(
            "character_convolution",
            lambda: keras.layers.Conv2D(
                3 * CHARACTER_EMBEDDING, (1, 3), padding="same", activation="relu"
            ),
        )
        return ops.max(convolution(embedded * valid) * valid, axis=2)

    def _character_recurrence(
        self, embedded: keras.KerasTensor, mask: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Run a bidirectional recurrence over the characters of each word."""
        units = 3 * CHARACTER_EMBEDDING // 2
        layer = self.layer(
            "character_recurrence",
            lambda: PerWord(keras.layers.Bidirectional(self._recurrent(units, batch_parts=1))),
        )
        return layer(embedded, mask=mask)


def _initial_arguments(initial: InitialStates | None, number: int) -> dict[str, Any]:
    """Return the call arguments of recurrent layer `number` for its initial state."""
    if initial is None:
        return {"initial_state": None}
    started = {} if initial.started is None else {"started": initial.started}
    return {"initial_state": initial.states[number], **started}
