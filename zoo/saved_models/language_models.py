"""The serving module of language models: prompts to continuations, token by token."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tasks.text.features import pad_empty
from tasks.text.vocabulary import Vocabulary
from zoo.models import assembly
from zoo.saved_models.serving import (
    STRINGS,
    Answer,
    Outputs,
    ServingModule,
    decoded,
)
from zoo.saved_models.signatures import Signatures

SLICE = 32  # tokens generated in one call: between calls, a signal can end the generation
# Tokens of corpora for words outside of their vocabulary, in lower case.
UNKNOWN_MARKS = ("<unk>", "[unk]", "<unknown>", "[unknown]")


class ContinuationModule(ServingModule):
    """Serving module of language models: prompts to continuations.

    The loop over the tokens is part of the graph. `serve` generates all tokens in one call; a
    client that has to stop in between calls `read`, then `generate` for each slice of the tokens,
    then `detokenize`, with the same result.
    """

    output = "continuation"
    input_names = ("text", "length", "temperature", "seed")

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__(config, features, model)
        step = assembly.single_step_model(config, features, model)
        self._step = lambda ids, states: step([ids, *states], training=False)
        self._state_widths = [tensor.shape[-1] for tensor in step.inputs[1:]]
        self._unknown_ids = _unknown_ids(features.tables["tokens"])

    def signatures(self) -> Signatures:
        """Return the concrete functions by signature name."""
        tokens = len(self.features.tables["tokens"])
        logits = tf.TensorSpec((None, tokens), tf.float32, "logits")
        states = {
            f"state_{index}": tf.TensorSpec((None, width), tf.float32, f"state_{index}")
            for index, width in enumerate(self._state_widths)
        }
        text, length, temperature, seed, start, unknown = (
            tf.TensorSpec(shape, dtype, name)
            for shape, dtype, name in (
                ((None,), tf.string, "text"),
                ((), tf.int32, "length"),
                ((), tf.float32, "temperature"),
                ((), tf.int32, "seed"),
                ((), tf.int32, "start"),
                ((), tf.bool, "unknown"),
            )
        )
        numbers = length, temperature, seed
        ids = tf.TensorSpec((None, None), tf.int32, "ids")
        inputs = {
            "serve": ((text, *numbers), {}),
            "read": ((text,), {}),
            "generate": ((logits, *numbers, start, unknown), states),
            "detokenize": ((ids,), {}),
        }
        return Signatures(
            self,
            {
                name: functools.partial(
                    getattr(self, name).get_concrete_function, *arguments, **named
                )
                for name, (arguments, named) in inputs.items()
            },
        )

    @tf.function(autograph=False)
    def serve(
        self, text: tf.Tensor, length: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Continue each prompt.

        Args:
            text: (batch,), the prompts.
            length: number of tokens to generate; 0: empty continuations.
            temperature: divisor of the logits before sampling; 1: the model's distribution, 0: the
                most probable token.
            seed: seed of the sampling.

        Returns:
            continuation (batch,), without the prompt; scores (batch, length), the probability of
            each token at temperature 1. A token for unknown words that the training text itself
            holds, such as "<unk>", is not generated.
        """
        logits, *states = self._read(self.normalized(text))
        settings = length, temperature, seed, tf.constant(0), tf.constant(False)
        ids, scores, *_ = self._generate(logits, states, *settings)
        batch = tf.size(text)
        return {"continuation": self._texts(ids)[:batch], "scores": scores[:batch]}

    @tf.function(autograph=False)
    def read(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the logits (batch, tokens) and states (batch, width) after prompts (batch,)."""
        outputs = self._read(self.normalized(text))
        return self._named(*(tensor[: tf.size(text)] for tensor in outputs))

    @tf.function(autograph=False)
    def generate(
        self,
        logits: tf.Tensor,
        length: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
        start: tf.Tensor,
        unknown: tf.Tensor,
        **states: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Generate a slice of the tokens.

        Args:
            logits: output of `read`, or of the slice before.
            length: number of tokens of the slice.
            temperature: as in `serve`.
            seed: as in `serve`.
            start: number of tokens before the slice.
            unknown: whether tokens such as "<unk>" of the training text may be generated.
            **states: outputs of `read`, or of the slice before.

        Returns:
            ids, scores (batch, length); logits and states after the slice.
        """
        inputs = [states[f"state_{index}"] for index in range(len(states))]
        ids, scores, *after = self._generate(
            logits, inputs, length, temperature, seed, start, unknown
        )
        return {"ids": ids, "scores": scores, **self._named(*after)}

    @tf.function(autograph=False)
    def detokenize(self, ids: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the continuation (batch,) of token ids (batch, length)."""
        return {"continuation": self._texts(ids)}

    @staticmethod
    def _named(logits: tf.Tensor, *states: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"logits": logits, **{f"state_{k}": state for k, state in enumerate(states)}}

    @tf.function(input_signature=[STRINGS], autograph=False)
    def _read(self, text: tf.Tensor) -> list[tf.Tensor]:
        """Return the logits (batch, tokens) and states after prompts (batch,)."""
        tokens = self.features.encode(pad_empty(self.features.tokenize(text)))["tokens"]
        lengths, ids = tokens.row_lengths(), tokens.to_tensor()
        states = [tf.zeros((tf.shape(ids)[0], width)) for width in self._state_widths]
        logits, *states = self._step(ids, states)
        return [tf.gather(logits, lengths - 1, batch_dims=1), *states]

    def _texts(self, ids: tf.Tensor) -> tf.Tensor:
        texts = self.features.detokenize(self.features.tables["tokens"].texts(ids))
        if self.features.config.token == "word":
            texts = tf.strings.join([tf.where(tf.shape(ids)[1] > 0, " ", ""), texts])
        return texts

    @tf.function(autograph=False, reduce_retracing=True)
    def _generate(
        self,
        logits: tf.Tensor,
        states: list[tf.Tensor],
        length: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
        start: tf.Tensor,
        unknown: tf.Tensor,
    ) -> list[tf.Tensor]:
        """Return ids and probabilities (batch, length), and the logits and states after them."""
        length = tf.maximum(length, 0)
        banned = tf.one_hot(self._unknown_ids, tf.shape(logits)[1], True, False, dtype=tf.bool)
        banned = tf.reduce_any(banned, 0) & ~unknown

        def body(t: Any, logits: Any, states: Any, ids: Any, scores: Any) -> Any:
            allowed = _ban(logits, banned)
            token = _sample(allowed, temperature, tf.stack([seed, start + t]))
            score = tf.gather(self.probabilities(allowed), token, batch_dims=1)
            logits, *states = self._step(token[:, None], states)
            return t + 1, logits[:, 0], states, ids.write(t, token), scores.write(t, score)

        # An empty TensorArray cannot be stacked: it has one element before the first token.
        none, size = tf.zeros_like(logits[:, 0]), tf.maximum(length, 1)
        ids, scores = (
            tf.TensorArray(dtype, size, element_shape=(None,)).write(0, tf.cast(none, dtype))
            for dtype in (tf.int32, tf.float32)
        )
        loop = (0, logits, states, ids, scores)
        _, logits, states, ids, scores = tf.while_loop(
            lambda t, *_: t < length, body, loop, maximum_iterations=length
        )
        by_row = [tf.transpose(each.stack())[:, :length] for each in (ids, scores)]
        return [*by_row, logits, *states]

    @classmethod
    def run(
        cls,
        signatures: Mapping[str, Any],
        prompts: Sequence[str],
        length: int,
        temperature: float,
        seed: int,
        unknown: bool,
    ) -> dict[str, Any]:
        """Return the outputs of `serve` for at least one prompt, generated slice by slice.

        An export of version 0.1, which lacks the signatures for slices, generates in one piece.
        """
        text = tf.constant(prompts)
        settings = {
            "temperature": tf.constant(temperature, tf.float32),
            "seed": tf.constant(seed % 2**31),
        }
        if "generate" not in signatures:
            return signatures["serve"](text=text, length=tf.constant(length), **settings)
        state = dict(signatures["read"](text=text))
        ids, scores = [tf.zeros((len(prompts), 0), tf.int32)], [tf.zeros((len(prompts), 0))]
        for start in range(0, length, SLICE):
            size = {"length": tf.constant(min(SLICE, length - start)), "start": tf.constant(start)}
            state = dict(
                signatures["generate"](**state, **settings, **size, unknown=tf.constant(unknown))
            )
            ids.append(state.pop("ids"))
            scores.append(state.pop("scores"))
        outputs = signatures["detokenize"](ids=tf.concat(ids, 1))
        return {**outputs, "scores": tf.concat(scores, 1)}

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the continuation and the probabilities of its tokens for each prompt."""
        return [
            {"input": text, "output": decoded(continuation), "scores": scores.tolist()}
            for text, continuation, scores in zip(
                texts, outputs["continuation"], outputs["scores"], strict=True
            )
        ]


def _unknown_ids(vocabulary: Vocabulary) -> list[int]:
    """Return the ids of tokens by which corpora mark unknown words, "<unk>" for example."""
    return [
        vocabulary.first_id + index
        for index, token in enumerate(vocabulary.tokens)
        if token.lower() in UNKNOWN_MARKS
    ]


def _ban(logits: tf.Tensor, banned: tf.Tensor) -> tf.Tensor:
    """Set logits to the lowest finite value for padding, the unknown token (0 and 1) and `banned`.

    Args:
        logits: (batch, tokens).
        banned: bool (tokens,).
    """
    banned |= tf.range(tf.shape(logits)[1]) < 2
    return tf.where(banned, logits.dtype.min, logits)


def _sample(logits: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Sample token ids (batch,) from logits / temperature; at 0, return the most probable ids."""
    scaled = logits / tf.maximum(temperature, 1e-6)
    sampled = tf.random.stateless_categorical(scaled, 1, seed, dtype=tf.int32)[:, 0]
    return tf.where(temperature > 0, sampled, tf.argmax(logits, -1, output_type=tf.int32))
