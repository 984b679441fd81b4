"""Translates with an encoder-decoder: tokens to tokens, inside a graph. Evaluation and exports ask the same one."""

import dataclasses

import tensorflow as tf

from tasks.text.pairs import BEGIN, END
from tasks.text.vocabulary import PADDING, UNKNOWN
from zoo.decoding import beam_search
from zoo.models import assembly


@dataclasses.dataclass(frozen=True)
class Translation:
    """texts (batch,); tokens (batch, target), padded with ""; lengths (batch,); scores (batch,), the geometric mean of
    the probabilities of a text's tokens, its end included; attention (batch, target, source), or None without."""

    texts: tf.Tensor
    tokens: tf.Tensor
    lengths: tf.Tensor
    scores: tf.Tensor
    attention: tf.Tensor | None


class Translator:
    """`model`'s way of translating. A translation has at most 3 tokens for each of its source and 30 more.

    An unknown word is said as the source's word that attention looks at most while it is said (after Luong et al. 2015,
    arXiv 1410.8206, which trains the pointers; here attention is all there is). Without attention it is never said.
    """

    def __init__(self, config, features, model):
        self.features, self.length_penalty = features, config.length_penalty
        self.parts = assembly.parts(config, features, model)
        self.attends = config.attention != "none"
        self.states = len(self.parts.recur.inputs) - 1
        banned_ids = (PADDING, BEGIN) if self.attends else (PADDING, UNKNOWN, BEGIN)
        self.language = beam_search.DecodingVocabulary(features.outputs, BEGIN, END, banned_ids)

    def translate(self, tokens, beam):
        """The `Translation` of ragged source tokens (batch, None), at least one in each row."""
        ids = self.features.encode(tokens)["source"].to_tensor()
        # Keras' own masks, tied to its tensors, end here: what is padding is told by name.
        encoded = [
            tf.identity(each) for each in tf.nest.flatten(self.parts.encode(ids, training=False))
        ]
        states, memory = encoded[: self.states], encoded[self.states :]
        if self.attends:
            memory = [*memory, tf.not_equal(ids, PADDING)]
        limits = 3 * tf.cast(tokens.row_lengths(), tf.int32) + 30
        said = self._said(states, memory, limits, beam)
        weights = self._attention(said, states, memory) if self.attends else None
        words = self._words(said, weights, tokens)
        count = tf.cast(said.lengths + 1, tf.float32)
        return Translation(
            self.features.join(words),
            words,
            said.lengths,
            tf.exp(said.log_probabilities / count),
            weights,
        )

    def _said(self, states, memory, limits, beam):
        def step(tokens, states):
            rows, width = tf.shape(tokens)[0], tokens.shape[1]
            outputs, *states = self.parts.recur(
                [tf.reshape(tokens, (-1, 1)), *states], training=False
            )
            # A row's hypotheses look at its source as if they were timesteps.
            outputs = tf.reshape(outputs, (rows, width, outputs.shape[-1]))
            return self._read(outputs, memory)[0], states

        if beam == 1:
            return beam_search.greedy(step, states, limits, self.language)
        return beam_search.beam(step, states, limits, self.language, beam, self.length_penalty)

    def _read(self, outputs, memory):
        read = self.parts.read([outputs, *memory], training=False)
        return read if self.attends else [read]

    def _attention(self, said, states, memory):
        """The weights while each token was said: the decoder is made to say all of it again, at once."""
        begin = tf.fill((tf.shape(said.ids)[0], 1), BEGIN)
        outputs, *_ = self.parts.recur([tf.concat([begin, said.ids], 1), *states], training=False)
        weights = self._read(outputs, memory)[1][:, :-1]
        return tf.where(
            tf.sequence_mask(said.lengths, tf.shape(said.ids)[1])[:, :, None], weights, 0.0
        )

    def _words(self, said, weights, tokens):
        words = self.features.tables["target"].texts(said.ids)
        if weights is None:
            return words
        looked_at = tf.gather(
            tokens.to_tensor(), tf.argmax(weights, -1, output_type=tf.int32), batch_dims=1
        )
        return tf.where(tf.equal(said.ids, UNKNOWN), looked_at, words)
