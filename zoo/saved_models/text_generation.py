"""Serving modules that emit texts token by token: continuations and translations."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tasks.text.features import pad_empty
from zoo.decoding.translator import Translation, Translator
from zoo.models import assembly
from zoo.saved_models.serving import STRINGS, Answer, Outputs, ServingModule


class ContinuationModule(ServingModule):
    """Serving module of language models: prompts to continuations.

    The loop over the tokens is part of the graph.
    """

    output = "continuation"

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__(config, features, model)
        step = assembly.single_step_model(config, features, model)
        self._step = lambda ids, states: step([ids, *states], training=False)
        self._state_widths = [tensor.shape[-1] for tensor in step.inputs[1:]]

    def signatures(self) -> dict[str, Any]:
        """Return the concrete functions by signature name."""
        return {
            "serve": self.serve.get_concrete_function(
                tf.TensorSpec((None,), tf.string, "text"),
                tf.TensorSpec((), tf.int32, "length"),
                tf.TensorSpec((), tf.float32, "temperature"),
                tf.TensorSpec((), tf.int32, "seed"),
            )
        }

    @tf.function
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
            each token at temperature 1.
        """
        tokens = pad_empty(self.features.tokenize(text))
        logits, states = self._read(self.features.encode(tokens)["tokens"])
        ids, scores = self._generate(logits, states, length, temperature, seed)
        texts = self.features.detokenize(self.features.tables["tokens"].texts(ids))
        if self.features.config.token == "word":
            texts = tf.strings.join([tf.where(length > 0, " ", ""), texts])
        return {"continuation": texts, "scores": scores}

    def _read(self, tokens: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return the logits (batch, tokens) and states after ragged prompts (batch, None)."""
        lengths, ids = tokens.row_lengths(), tokens.to_tensor()
        states = [tf.zeros((tf.shape(ids)[0], width)) for width in self._state_widths]
        logits, *states = self._step(ids, states)
        return tf.gather(logits, lengths - 1, batch_dims=1), states

    def _generate(
        self, logits: Any, states: Any, length: Any, temperature: Any, seed: Any
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the ids and probabilities (batch, length) of the generated tokens."""

        def body(t: Any, logits: Any, states: Any, ids: Any, scores: Any) -> Any:
            allowed = _ban_reserved(logits)
            token = _sample(allowed, temperature, tf.stack([seed, t]))
            score = tf.gather(self.probabilities(allowed), token, batch_dims=1)
            logits, *states = self._step(token[:, None], states)
            return t + 1, logits[:, 0], states, ids.write(t, token), scores.write(t, score)

        steps = tf.maximum(length, 1)  # an empty TensorArray cannot be stacked
        ids = tf.TensorArray(tf.int32, steps, element_shape=(None,))
        scores = tf.TensorArray(tf.float32, steps, element_shape=(None,))
        loop = (0, logits, states, ids, scores)
        *_, ids, scores = tf.while_loop(
            lambda t, *_: t < steps, body, loop, maximum_iterations=steps
        )
        shape = (steps, tf.shape(logits)[0])
        ids = tf.ensure_shape(tf.transpose(tf.reshape(ids.stack(), shape)), (None, None))
        return ids[:, :length], tf.transpose(tf.reshape(scores.stack(), shape))[:, :length]

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the continuation and the probabilities of its tokens for each prompt."""
        return [
            {"input": text, "output": _decode(continuation), "scores": scores.tolist()}
            for text, continuation, scores in zip(
                texts, outputs["continuation"], outputs["scores"], strict=True
            )
        ]


class TranslationModule(ServingModule):
    """Serving module of encoder-decoders: texts to their translations."""

    output = "translation"

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__(config, features, model)
        self._translator, self._beam = Translator(config, features, model), config.beam
        self._has_attention = config.attention != "none"

    def signatures(self) -> dict[str, Any]:
        """Return the concrete functions by signature name; `attend` only with attention."""
        functions = {"serve": self.serve, "greedy": self.greedy}
        if self._has_attention:
            functions["attend"] = self.attend
        return {name: function.get_concrete_function() for name, function in functions.items()}

    @tf.function(input_signature=[STRINGS])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate each of `text` (batch,) by beam search.

        Returns:
            translation (batch,); score (batch,), the geometric mean of the probabilities of the
            translation's tokens.
        """
        _, translation = self._translate(text, self._beam)
        return {"translation": translation.texts, "score": translation.scores}

    @tf.function(input_signature=[STRINGS])
    def greedy(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate as `serve` does, but by greedy search, which is faster."""
        _, translation = self._translate(text, 1)
        return {"translation": translation.texts, "score": translation.scores}

    @tf.function(input_signature=[STRINGS])
    def attend(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate as `serve` does, and return the attention weights, too.

        Returns:
            Also source_tokens (batch, source) and target_tokens (batch, target), padded with "";
            source_lengths and target_lengths (batch,); attention (batch, target, source), whose
            rows sum to 1.
        """
        tokens, translation = self._translate(text, self._beam)
        return {
            "translation": translation.texts,
            "score": translation.scores,
            "source_tokens": tokens.to_tensor(),
            "source_lengths": tf.cast(tokens.row_lengths(), tf.int32),
            "target_tokens": translation.tokens,
            "target_lengths": translation.lengths,
            "attention": translation.attention,
        }

    def _translate(self, text: tf.Tensor, beam: int) -> tuple[Any, Translation]:
        tokens = pad_empty(self.features.tokenize(text))
        return tokens, self._translator.translate(tokens, beam)

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the translation and its score for each text."""
        return [
            {"input": text, "output": _decode(translation), "scores": float(score)}
            for text, translation, score in zip(
                texts, outputs["translation"], outputs["score"], strict=True
            )
        ]

    @classmethod
    def attention(cls, outputs: Outputs) -> list[dict[str, Any]]:
        """Return source tokens, target tokens and weights from the outputs of `attend`."""
        names = ("source_tokens", "target_tokens", "source_lengths", "target_lengths", "attention")
        return [
            {
                "source": [_decode(token) for token in source[:source_length]],
                "target": [_decode(token) for token in target[:target_length]],
                "weights": weights[:target_length, :source_length],
            }
            for source, target, source_length, target_length, weights in zip(
                *(outputs[name] for name in names), strict=True
            )
        ]


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _ban_reserved(logits: tf.Tensor) -> tf.Tensor:
    """Set the logits of padding and the unknown token, ids 0 and 1, to the lowest finite value."""
    return tf.concat([tf.fill([tf.shape(logits)[0], 2], logits.dtype.min), logits[:, 2:]], 1)


def _sample(logits: tf.Tensor, temperature: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Sample token ids (batch,) from logits / temperature; at 0, return the most probable ids."""
    scaled = logits / tf.maximum(temperature, 1e-6)
    sampled = tf.random.stateless_categorical(scaled, 1, seed, dtype=tf.int32)[:, 0]
    return tf.where(temperature > 0, sampled, tf.argmax(logits, -1, output_type=tf.int32))
