"""The serving module of encoder-decoders: texts to their translations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tasks.text.features import pad_empty
from zoo.decoding.sentences import is_long, join_parts, split_long
from zoo.decoding.translator import Translator
from zoo.saved_models.serving import (
    STRINGS,
    Answer,
    Outputs,
    ServingModule,
    decoded,
    first_rows,
)
from zoo.saved_models.signatures import Signatures

PARTS = ("sentences", "longer_than_training")  # outputs that exports of version 0.1 lack


class TranslationModule(ServingModule):
    """Serving module of encoder-decoders: texts to their translations."""

    output = "translation"

    def __init__(self, config: Any, features: Any, model: Any) -> None:
        super().__init__(config, features, model)
        self._translator, self._beam = Translator(config, features, model), config.beam
        self._has_attention = config.attention != "none"

    def signatures(self) -> Signatures:
        """Return the concrete functions by signature name; `attend` only with attention."""
        functions = {"serve": self.serve, "greedy": self.greedy}
        if self._has_attention:
            functions["attend"] = self.attend
        return Signatures(
            self, {name: each.get_concrete_function for name, each in functions.items()}
        )

    @tf.function(input_signature=[STRINGS], autograph=False)
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate each of `text` (batch,) by beam search.

        A text that is longer than the sources of the training data is translated sentence by
        sentence: a model ends the translation of a long text too early.

        Returns:
            translation (batch,); score (batch,), the geometric mean of the probabilities of the
            translation's tokens; sentences (batch,), the number of parts of the text that were
            translated one by one; longer_than_training (batch,), whether one of these parts is
            longer than the sources of the training data.
        """
        return self._translate_parts(text, self._beam)

    @tf.function(input_signature=[STRINGS], autograph=False)
    def greedy(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate as `serve` does, but by greedy search, which is faster."""
        return self._translate_parts(text, 1)

    @tf.function(input_signature=[STRINGS], autograph=False)
    def attend(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate each of `text` (batch,) as a whole, and return the attention weights.

        Returns:
            translation, score (batch,); source_tokens (batch, source) and target_tokens (batch,
            target), padded with ""; source_lengths and target_lengths (batch,); attention (batch,
            target, source), whose rows sum to 1; copied (batch, target), whether a target token is
            a copy of a source token, in place of the unknown token.
        """
        tokens = pad_empty(self.features.tokenize(self.normalized(text)))
        translation = self._translator.translate(tokens, self._beam)
        outputs = {
            "translation": translation.texts,
            "score": translation.scores,
            "source_tokens": tokens.to_tensor(),
            "source_lengths": tf.cast(tokens.row_lengths(), tf.int32),
            "target_tokens": translation.tokens,
            "target_lengths": translation.lengths,
            "attention": translation.attention,
            "copied": translation.copied,
        }
        return first_rows(outputs, tf.size(text))

    def _translate_parts(self, text: tf.Tensor, beam: int) -> dict[str, tf.Tensor]:
        parts = split_long(self.normalized(text), self.features.longest_source)
        rows, flat = parts.value_rowids(), parts.flat_values
        tokens = pad_empty(self.features.tokenize(flat))
        translation = self._translator.translate(tokens, beam)
        counts = tf.cast(parts.row_lengths(), tf.int32)
        # The score of a text is that of its parts as one sequence of tokens.
        lengths = tf.cast(translation.lengths + 1, tf.float32)
        sums = tf.math.segment_sum(lengths * tf.math.log(translation.scores), rows)
        long = tf.cast(is_long(flat, self.features.longest_source), tf.int32)
        outputs = {
            "translation": join_parts(parts.with_flat_values(translation.texts)),
            "score": tf.exp(sums / tf.math.segment_sum(lengths, rows)),
            "sentences": counts,
            "longer_than_training": tf.math.segment_max(long, rows) > 0,
        }
        return first_rows(outputs, tf.size(text))

    @classmethod
    def answers(cls, texts: Sequence[str], outputs: Outputs) -> list[Answer]:
        """Return the translation and its score for each text."""
        return [
            {"input": text, "output": decoded(translation), "scores": float(score)}
            | {name: outputs[name][row].item() for name in PARTS if name in outputs}
            for row, (text, translation, score) in enumerate(
                zip(texts, outputs["translation"], outputs["score"], strict=True)
            )
        ]

    @classmethod
    def attention(cls, outputs: Outputs) -> list[dict[str, Any]]:
        """Return a record for each text from the outputs of `attend`.

        Returns:
            One {"source", "target", "weights", "copied"} per text: two lists of tokens, an array
            (target tokens, source tokens), and whether each target token is a copied source token.
        """
        nothing = np.zeros(outputs["target_tokens"].shape, bool)  # for exports of version 0.1
        copied = outputs.get("copied", nothing)
        records = []
        for row, weights in enumerate(outputs["attention"]):
            source, target = outputs["source_lengths"][row], outputs["target_lengths"][row]
            records.append(
                {
                    "source": list(map(decoded, outputs["source_tokens"][row, :source])),
                    "target": list(map(decoded, outputs["target_tokens"][row, :target])),
                    "weights": weights[:target, :source],
                    "copied": copied[row, :target].tolist(),
                }
            )
        return records
