"""An encoder-decoder: one stack of recurrent layers reads the source, another, that starts from its states, writes."""

import dataclasses

import keras
from keras import ops

from zoo.layers.attention import make_attention


@dataclasses.dataclass(frozen=True)
class Submodels:
    """The model in three, on the same layers, for decoding step by step.

    encode: source ids (batch, source) to [*states, *memory]; memory is [keys, values], or nothing without attention.
    recur: [target ids (rows, timesteps), *states] to [outputs (rows, timesteps, units), *new states].
    read: [outputs (batch, timesteps, units), *memory, mask (batch, source)] to [logits, weights (batch, timesteps,
    source)]; without attention, outputs to logits.
    """

    encode: keras.Model
    recur: keras.Model
    read: keras.Model


class EncoderDecoder:
    """The graph through the layers that `wiring` makes or takes from a model (see `zoo.models.builder`).

    The decoder sees the token before the one that it predicts: in training that of the target (teacher forcing). It
    runs over all timesteps before the attention is asked once, for all of them.
    """

    def __init__(self, wiring):
        self.wiring, self.config = wiring, wiring.config
        self.source, self.target = wiring.features.inputs

    def graph(self):
        """Inputs by name, and logits (batch, target, vocabulary)."""
        inputs = {item.name: self.wiring.input(item) for item in (self.source, self.target)}
        states, memory = self._encoded(inputs[self.source.name])
        outputs, _ = self._decoded(inputs[self.target.name], lambda number, layer: states[number])
        logits, *_ = self._read(outputs, memory, ops.not_equal(inputs[self.source.name], 0))
        return inputs, logits

    def parts(self):
        source, tokens = self.wiring.input(self.source), self.wiring.input(self.target)
        states, memory = self._encoded(source)
        given = []
        outputs, new = self._decoded(
            tokens, lambda number, layer: self.wiring.state_inputs(layer, given)
        )
        asked = keras.Input((None, outputs.shape[-1]))
        stored = [keras.Input((None, each.shape[-1])) for each in memory]
        mask = [keras.Input((None,), dtype="bool")] if memory else []
        return Submodels(
            encode=keras.Model(source, [*sum(states, []), *memory]),
            recur=keras.Model([tokens, *given], [outputs, *sum(new, [])]),
            read=keras.Model([asked, *stored, *mask], self._read(asked, stored, *mask)),
        )

    def _encoded(self, ids):
        """The states that each layer of the decoder begins with, and what attention reads."""
        wiring = self.wiring
        values, final = wiring.stack(
            wiring.tokens(self.source, ids),
            ops.not_equal(ids, 0),
            "encoder_",
            self.config.bidirectional,
            stateful=True,
            sequences=self.config.attention != "none",
        )
        states = [self._bridged(number, each) for number, each in enumerate(final)]
        if self.config.attention == "none":
            return states, []
        keys = wiring.layer(
            "attention_keys", lambda: keras.layers.Dense(self.config.units, use_bias=False)
        )(values)
        return states, [keys, values]

    def _bridged(self, number, states):
        """A decoder's states from an encoder's: of two directions, each state's pair is brought to one state's width."""
        if not self.config.bidirectional:
            return states
        half = len(states) // 2
        return [
            self.wiring.layer(
                f"bridge_{number}_{k}", lambda: keras.layers.Dense(self.config.units)
            )(ops.concatenate([states[k], states[half + k]], -1))
            for k in range(half)
        ]

    def _decoded(self, ids, start):
        # Without a mask: padding comes last, and what it leads to weighs nothing.
        return self.wiring.stack(
            self.wiring.tokens(self.target, ids), None, "decoder_", stateful=True, start=start
        )

    def _read(self, outputs, memory, mask=None):
        """[logits] or [logits, weights]."""
        if not memory:
            return [self.wiring.predictions(outputs)]
        attention = self.wiring.layer("attention", lambda: make_attention(self.config.attention))
        attended, weights = attention(outputs, *memory, mask)
        return [self.wiring.predictions(attended), weights]
