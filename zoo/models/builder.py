"""The graph of a model: embeddings, recurrent layers and the head, made anew or taken from a trained model."""

import keras
from keras import ops

from tasks.heads import heads
from tasks.library import tasks
from tasks.text.features import AFFIXES
from zoo.layers.per_word import PerWord
from zoo.layers.recurrent import Recurrent

SPELLING = 32  # width of a character's or an affix's embedding


def cell_arguments(config):
    return {
        "kernel_initializer": config.kernel_initializer,
        "recurrent_initializer": config.recurrent_initializer,
        "bias_initializer": config.bias_initializer,
        **config.cell_args,
    }


def regularization_arguments(config):
    return {
        name: getattr(config, name)
        for name in ("recurrent_dropout", "zoneout", "variational_dropout", "weight_drop")
    }


def _mask(inputs, items):
    for item in items:
        if item.kind == "mask":
            return inputs[item.name]
    token = next(item for item in items if item.kind == "token")
    return ops.not_equal(inputs[token.name], 0)


class ModelBuilder:
    """One graph through the layers of a network: made anew, or taken by name from a model that has them."""

    def __init__(self, config, features, layers=()):
        self.config, self.features = config, features
        self.task, self.head = tasks.get(config.task), heads.get(config.head)
        self.layers = {layer.name: layer for layer in layers}

    def graph(self, state_outside=False, predicting=True):
        """Inputs by name, predictions, the states' inputs and their new values (both empty unless `state_outside`).

        predicting: without it, what the head would read is there in the place of predictions.
        """
        inputs, given = {item.name: self.input(item) for item in self.features.inputs}, []
        outside = {}
        if state_outside:
            outside["start"] = lambda _, layer: self.state_inputs(layer, given)
            if self.config.learned_initial_state:
                outside["started"] = keras.Input((1,), name="started")
        x, made = self.stack(
            self._embedded(inputs),
            _mask(inputs, self.features.inputs),
            bidirectional=self.config.bidirectional,
            sequences=self.head.sequences,
            stateful=self.task.arrangement.stateful,
            **outside,
        )
        made = [state for states in made for state in states]
        if "started" in outside:
            # One more state that begins with zeros, as all do outside: rows of zeros start from what was learned.
            given, made = [*given, outside["started"]], [*made, ops.ones_like(outside["started"])]
        return inputs, self.predictions(x) if predicting else x, given, made

    def input(self, item):
        shape = {"token": (None,), "mask": (None,), "vector": (None, item.size)}.get(
            item.kind, (None, None)
        )
        dtype = {"vector": "float32", "mask": "bool"}.get(item.kind, "int32")
        return keras.Input(shape, dtype=dtype, name=item.name)

    def predictions(self, x):
        return self.layer("head", lambda: self.head.layer(self.features.outputs))(x)

    def layer(self, name, make):
        """The layer of this name, made if there is none yet."""
        if name not in self.layers:
            self.layers[name] = make()
            self.layers[name].name = name
        return self.layers[name]

    def dropped(self, x, name):
        rate = self.config.dropout
        return self.layer(name, lambda: keras.layers.Dropout(rate))(x) if rate else x

    def normalized(self, x, name):
        return (
            x
            if self.config.normalization == "none"
            else self.layer(name, keras.layers.LayerNormalization)(x)
        )

    def stack(
        self,
        x,
        mask=None,
        prefix="",
        bidirectional=False,
        sequences=True,
        stateful=False,
        start=None,
        started=None,
    ):
        """The recurrent layers over x (batch, timesteps, width): the output, and each layer's final states.

        sequences: whether the last layer puts out all timesteps. stateful: whether there are final states to tell.
        start: (number, layer) -> the states that the layer begins with; zeros, or what it learned, without it. started
        (batch, 1): rows of zeros begin with what was learned all the same.
        """
        x, final = self.dropped(x, prefix + "dropout_0"), []
        for number in range(self.config.layers):
            layer = self._recurrence(
                prefix + f"recurrent_{number}",
                bidirectional,
                return_state=stateful,
                return_sequences=sequences or number < self.config.layers - 1,
                learned_initial_state=self.config.learned_initial_state and start is None,
            )
            more = {} if started is None else {"started": started}
            y = layer(x, mask=mask, initial_state=start(number, layer) if start else None, **more)
            if stateful:
                y, *states = y
                final.append(states)
            y = self.normalized(y, prefix + f"normalization_{number}")
            x = x + y if self.config.residual and x.shape == y.shape else y
            x = self.dropped(x, prefix + f"dropout_{number + 1}")
        return x, final

    def _recurrence(self, name, bidirectional, **keywords):
        def make():
            layer = self._recurrent(
                self.config.units, **regularization_arguments(self.config), **keywords
            )
            return keras.layers.Bidirectional(layer) if bidirectional else layer

        return self.layer(name, make)

    def state_inputs(self, layer, given):
        """Inputs for the states of a recurrent layer, added to the list `given`."""
        states = [
            keras.Input((layer.cell.units,), name=f"{layer.name}_{state}")
            for state in layer.cell.state_names
        ]
        given += states
        return states

    def _recurrent(self, units, **keywords):
        return Recurrent(self.config.cell, units, **keywords, **cell_arguments(self.config))

    def _embedded(self, inputs):
        """All inputs side by side, as (batch, timesteps, width)."""
        parts = []
        for item in self.features.inputs:
            if item.kind == "token":
                parts.append(self.tokens(item, inputs[item.name]))
            elif item.kind == "vector":
                parts.append(inputs[item.name])
            elif item.kind == "affixes":
                looked_up = self._lookup(item, SPELLING)(inputs[item.name])
                parts.append(ops.concatenate([looked_up[:, :, k] for k in range(AFFIXES)], axis=-1))
            elif item.kind == "characters":
                parts.append(self._spelling(item, inputs[item.name]))
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)

    def tokens(self, item, ids):
        """Embedded tokens; in training some are dropped whole, so that a word's spelling and neighbours have to do."""
        embedded, rate = self._lookup(item, self.config.embedding)(ids), self.config.token_dropout
        if not rate:
            return embedded
        return self.layer(
            "token_dropout", lambda: keras.layers.Dropout(rate, noise_shape=(None, None, 1))
        )(embedded)

    def _lookup(self, item, width):
        return self.layer(
            f"{item.name}_embedding", lambda: keras.layers.Embedding(item.size, width)
        )

    def _spelling(self, item, ids):
        """What the characters (batch, timesteps, n) of each word say: (batch, timesteps, width)."""
        shown = ops.not_equal(ids, 0)
        embedded = self._lookup(item, SPELLING)(ids)
        if self.config.characters == "recurrent":
            return self._read_characters(embedded, shown)
        # Padding is zeroed before and after, so that a word reads the same beside longer words.
        present = ops.expand_dims(ops.cast(shown, embedded.dtype), -1)
        convolve = self.layer(
            "character_convolution",
            lambda: keras.layers.Conv2D(3 * SPELLING, (1, 3), padding="same", activation="relu"),
        )
        return ops.max(convolve(embedded * present) * present, axis=2)

    def _read_characters(self, embedded, shown):
        """A recurrence over each word's characters, both ways."""
        layer = self.layer(
            "character_recurrence",
            lambda: PerWord(keras.layers.Bidirectional(self._recurrent(3 * SPELLING // 2))),
        )
        return layer(embedded, mask=shown)
