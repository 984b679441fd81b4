"""Translation with an encoder-decoder: source tokens to target tokens, inside a graph.

Evaluation and exported models use the same `Translator`.
"""

import dataclasses
from typing import Any

import tensorflow as tf

from tasks.text.features import Features
from tasks.text.pairs import BEGIN, END
from tasks.text.vocabulary import PADDING, UNKNOWN
from zoo.config import Config
from zoo.decoding.beam_search import beam_search
from zoo.decoding.greedy_search import greedy_search
from zoo.decoding.hypotheses import DecodingVocabulary, Hypotheses
from zoo.models import assembly


@dataclasses.dataclass(frozen=True)
class Translation:
    """Translations of a batch.

    Attributes:
        texts: (batch,), strings.
        tokens: (batch, target), strings, padded with "".
        lengths: (batch,), number of tokens of each translation.
        scores: (batch,), geometric mean of the probabilities of a translation's tokens, the end
            token included.
        attention: weights (batch, target, source), or None for a model without attention.
        copied: bool (batch, target), whether a token is a copied source token in place of an
            unknown one.
    """

    texts: tf.Tensor
    tokens: tf.Tensor
    lengths: tf.Tensor
    scores: tf.Tensor
    attention: tf.Tensor | None
    copied: tf.Tensor


class Translator:
    """Translates with a trained encoder-decoder, by greedy or beam search.

    A source of n tokens has a translation of at most 3 n + 30 tokens, the end token included. With
    attention, an unknown token is replaced by the source token with the largest attention weight
    (after Luong et al. 2015, arXiv 1410.8206, who train such pointers). Without attention, the
    unknown token is never emitted.

    Args:
        config: the resolved configuration of the model.
        features: the features of the model.
        model: the trained `keras.Model`.
    """

    def __init__(self, config: Config, features: Features, model: Any) -> None:
        self.features, self.length_penalty = features, config.length_penalty or 0.0
        self.submodels = assembly.submodels(config, features, model)
        self.attends = config.attention != "none"
        self.state_count = len(self.submodels.decoder.inputs) - 1
        banned_ids = (PADDING, BEGIN) if self.attends else (PADDING, UNKNOWN, BEGIN)
        self.vocabulary = DecodingVocabulary(features.outputs, BEGIN, END, banned_ids)

    def translate(self, tokens: tf.RaggedTensor, beam: int) -> Translation:
        """Translate ragged source tokens.

        Args:
            tokens: strings (batch, None), at least one in each row.
            beam: number of hypotheses of beam search; 1: greedy search.

        Returns:
            The translation of each row.
        """
        ids = self.features.encode(tokens)["source"].to_tensor()
        # `tf.identity` drops the masks that Keras attaches to its tensors: the mask of the source
        # is passed explicitly.
        encoded = [
            tf.identity(tensor)
            for tensor in tf.nest.flatten(self.submodels.encoder(ids, training=False))
        ]
        states, memory = encoded[: self.state_count], encoded[self.state_count :]
        if self.attends:
            memory = [*memory, tf.not_equal(ids, PADDING)]
        limits = 3 * tf.cast(tokens.row_lengths(), tf.int32) + 30
        hypotheses = self._search(states, memory, limits, beam)
        weights = self._attention(hypotheses, states, memory) if self.attends else None
        target = self._target_tokens(hypotheses, weights, tokens)
        length_with_end = tf.cast(hypotheses.lengths + 1, tf.float32)
        return Translation(
            texts=self.features.detokenize(target),
            tokens=target,
            lengths=hypotheses.lengths,
            scores=tf.exp(hypotheses.log_probabilities / length_with_end),
            attention=weights,
            copied=tf.equal(hypotheses.ids, UNKNOWN),
        )

    def _search(
        self, states: list[tf.Tensor], memory: list[tf.Tensor], limits: tf.Tensor, beam: int
    ) -> Hypotheses:
        def step(tokens: tf.Tensor, states: list[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
            rows, width = tf.shape(tokens)[0], tokens.shape[1]
            outputs, *states = self.submodels.decoder(
                [tf.reshape(tokens, (-1, 1)), *states], training=False
            )
            # The hypotheses of a row attend to the same source: they are stacked as timesteps.
            outputs = tf.reshape(outputs, (rows, width, outputs.shape[-1]))
            return self._read_out(outputs, memory)[0], states

        if beam == 1:
            return greedy_search(step, states, limits, self.vocabulary)
        return beam_search(step, states, limits, self.vocabulary, beam, self.length_penalty)

    def _read_out(self, outputs: tf.Tensor, memory: list[tf.Tensor]) -> list[tf.Tensor]:
        """Return [logits, weights], or [logits] without attention."""
        results = self.submodels.readout([outputs, *memory], training=False)
        return results if self.attends else [results]

    def _attention(
        self, hypotheses: Hypotheses, states: list[tf.Tensor], memory: list[tf.Tensor]
    ) -> tf.Tensor:
        """Return the attention weights at each emitted token.

        The decoder runs once more over the hypotheses, as in teacher forcing.
        """
        begin = tf.fill((tf.shape(hypotheses.ids)[0], 1), BEGIN)
        outputs, *_ = self.submodels.decoder(
            [tf.concat([begin, hypotheses.ids], 1), *states], training=False
        )
        weights = self._read_out(outputs, memory)[1][:, :-1]
        valid = tf.sequence_mask(hypotheses.lengths, tf.shape(hypotheses.ids)[1])
        return tf.where(valid[:, :, None], weights, 0.0)

    def _target_tokens(
        self, hypotheses: Hypotheses, weights: tf.Tensor | None, source: tf.RaggedTensor
    ) -> tf.Tensor:
        """Return the emitted tokens as strings, with unknown tokens replaced by source tokens."""
        tokens = self.features.tables["target"].texts(hypotheses.ids)
        if weights is None:
            return tokens
        attended = tf.gather(
            source.to_tensor(), tf.argmax(weights, -1, output_type=tf.int32), batch_dims=1
        )
        return tf.where(tf.equal(hypotheses.ids, UNKNOWN), attended, tokens)
