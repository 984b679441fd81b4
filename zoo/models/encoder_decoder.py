"""Encoder-decoder (sequence to sequence) with teacher forcing and optional attention."""

import dataclasses
import functools

import keras
from keras import ops

from zoo.layers.attention import make_attention
from zoo.models.builder import ModelBuilder
from zoo.models.graph import Graph, InitialStates, StackOptions


@dataclasses.dataclass(frozen=True)
class Submodels:
    """Encoder, decoder and readout that share the layers of one model, for decoding.

    The `memory` is the input of attention: [keys, values], each (batch, source, width). Without
    attention it is empty.

    Attributes:
        encoder: source ids (batch, source) to [*states, *memory].
        decoder: [target ids (rows, timesteps), *states] to
            [outputs (rows, timesteps, units), *new states].
        readout: with attention, [outputs (batch, timesteps, units), *memory, mask (batch, source)]
            to [logits (batch, timesteps, tokens), weights (batch, timesteps, source)]; without
            attention, outputs to logits.
    """

    encoder: keras.Model
    decoder: keras.Model
    readout: keras.Model


class EncoderDecoder:
    """Connects encoder, decoder, attention and head.

    At each timestep, the decoder reads the token before the one that it predicts. In training this
    is the previous token of the target (teacher forcing): the decoder runs over all timesteps, and
    then attention is computed for all of them at once.

    Args:
        builder: creates the layers, or reuses those of an existing model.
    """

    def __init__(self, builder: ModelBuilder) -> None:
        assert builder.config.attention is not None
        self.builder, self.config = builder, builder.config
        self.attention: str = builder.config.attention
        self.source, self.target = builder.features.inputs

    def graph(self) -> Graph:
        """Return the graph for teacher forcing; its outputs are logits (batch, target, tokens)."""
        inputs = {item.name: self.builder.input(item) for item in (self.source, self.target)}
        states, memory = self._encode(inputs[self.source.name])
        outputs, _ = self._decode(inputs[self.target.name], states)
        logits, *_ = self._read_out(outputs, memory, ops.not_equal(inputs[self.source.name], 0))
        return Graph(inputs, logits)

    def submodels(self) -> Submodels:
        """Return the encoder, the decoder and the readout as separate models.

        Requires a builder that has the layers of an existing model.
        """
        source, tokens = self.builder.input(self.source), self.builder.input(self.target)
        states, memory = self._encode(source)
        state_inputs = self.builder.state_inputs("decoder_")
        outputs, new_states = self._decode(tokens, state_inputs)
        outputs_input = keras.Input((None, outputs.shape[-1]))
        memory_inputs = [keras.Input((None, tensor.shape[-1])) for tensor in memory]
        mask = [keras.Input((None,), dtype="bool")] if memory else []
        return Submodels(
            encoder=keras.Model(source, [*sum(states, []), *memory]),
            decoder=keras.Model([tokens, *sum(state_inputs, [])], [outputs, *sum(new_states, [])]),
            readout=keras.Model(
                [outputs_input, *memory_inputs, *mask],
                self._read_out(outputs_input, memory_inputs, *mask),
            ),
        )

    def _encode(
        self, ids: keras.KerasTensor
    ) -> tuple[list[list[keras.KerasTensor]], list[keras.KerasTensor]]:
        """Return the initial states of each decoder layer, and the memory."""
        builder = self.builder
        options = StackOptions(
            prefix="encoder_",
            bidirectional=bool(self.config.bidirectional),
            return_sequences=self.attention != "none",
            return_states=True,
        )
        values, final_states = builder.stack(
            builder.tokens(self.source, ids), ops.not_equal(ids, 0), options
        )
        states = [self._bridge(number, layer) for number, layer in enumerate(final_states)]
        if self.attention == "none":
            return states, []
        keys = builder.layer(
            "attention_keys",
            lambda: keras.layers.Dense(builder.output_width(), use_bias=False),
        )(values)
        return states, [keys, values]

    def _bridge(self, number: int, states: list[keras.KerasTensor]) -> list[keras.KerasTensor]:
        """Return a decoder layer's initial states from the final states of the encoder's layer.

        For a bidirectional encoder, a dense layer maps its forward and backward states to one.
        """
        if not self.config.bidirectional:
            return states
        half = len(states) // 2
        return [
            self.builder.layer(
                f"bridge_{number}_{k}", functools.partial(keras.layers.Dense, states[k].shape[-1])
            )(ops.concatenate([states[k], states[half + k]], -1))
            for k in range(half)
        ]

    def _decode(
        self, ids: keras.KerasTensor, states: list[list[keras.KerasTensor]]
    ) -> tuple[keras.KerasTensor, list[list[keras.KerasTensor]]]:
        # Without a mask: padding comes last, and its outputs have weight 0 in the loss.
        return self.builder.stack(
            self.builder.tokens(self.target, ids),
            None,
            StackOptions(prefix="decoder_", return_states=True),
            InitialStates(states),
        )

    def _read_out(
        self,
        outputs: keras.KerasTensor,
        memory: list[keras.KerasTensor],
        mask: keras.KerasTensor | None = None,
    ) -> list[keras.KerasTensor]:
        """Return [logits, attention weights], or [logits] without attention."""
        if not memory:
            return [self.builder.predictions(outputs)]
        attention = self.builder.layer("attention", lambda: make_attention(self.attention))
        attended, weights = attention(outputs, *memory, mask)
        return [self.builder.predictions(attended), weights]
