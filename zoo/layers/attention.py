"""Attention: what a decoder reads in a source, for all target timesteps at once."""

import keras
from keras import ops

from zoo.errors import RequestError


class _Attention(keras.layers.Layer):
    """Reads `values` where the keys answer to the queries; a subclass says how well (`scores`).

    Inputs: queries (batch, target, units); keys (batch, source, units), projected once by `attention_keys`; values
    (batch, source, width); mask (batch, source), True = valid. A source has at least one valid timestep.
    Output: query + W context (batch, target, units), and the weights (batch, target, source), which are 0 where the source
    is padding and sum to 1. W begins near zero: a decoder that has not learned to attend yet says what it would
    say without attention.
    """

    def build(self, queries_shape, keys_shape, values_shape, mask_shape=None):
        units = queries_shape[-1]
        self.kernel = self.add_weight(
            shape=(values_shape[-1], units),
            name="kernel",
            initializer=keras.initializers.RandomNormal(stddev=0.01),
        )

    def scores(self, queries, keys):
        """How well each key answers to each query: (batch, target, source)."""
        raise NotImplementedError(f"{type(self).__name__} has no scores")

    def call(self, queries, keys, values, mask):
        scores = ops.cast(self.scores(queries, keys), "float32")
        weights = ops.softmax(ops.where(mask[:, None, :], scores, -1e9))
        context = ops.matmul(ops.cast(weights, values.dtype), values)
        return queries + ops.matmul(context, self.kernel), weights

    def compute_output_shape(self, queries_shape, keys_shape, values_shape, mask_shape=None):
        return queries_shape, (*queries_shape[:2], keys_shape[1])


@keras.saving.register_keras_serializable("zoo")
class AdditiveAttention(_Attention):
    """score(h, k) = v . tanh(W_q h + k), with k = W_k e of an encoder's output e.

    Source: Bahdanau, Cho and Bengio 2015, arXiv 1409.0473, equations of section 3.1 and appendix A.1.2.
    Deviations: h is the decoder's output at the same timestep, not its state before it, so that the recurrence does not
    wait for the attention; the context is added to it afterwards, and not fed back.
    """

    def build(self, queries_shape, keys_shape, values_shape, mask_shape=None):
        super().build(queries_shape, keys_shape, values_shape, mask_shape)
        units = queries_shape[-1]
        self.query_kernel = self.add_weight(
            shape=(units, keys_shape[-1]), name="query_kernel", initializer="glorot_uniform"
        )
        self.score_kernel = self.add_weight(
            shape=(keys_shape[-1], 1), name="score_kernel", initializer="glorot_uniform"
        )

    def scores(self, queries, keys):
        asked = ops.expand_dims(ops.matmul(queries, self.query_kernel), 2)
        return ops.matmul(ops.tanh(asked + ops.expand_dims(keys, 1)), self.score_kernel)[..., 0]


@keras.saving.register_keras_serializable("zoo")
class DotProductAttention(_Attention):
    """score(h, k) = h . k / sqrt(units), with k = W_k e of an encoder's output e.

    Source: Luong, Pham and Manning 2015, arXiv 1508.04025: "general" of equation 8.
    Deviations: divided by the root of the width (Vaswani et al. 2017, arXiv 1706.03762, section 3.2.1), without which
    a softmax over products of wide vectors learns slowly. The context is added to the query, where equation 5 is
    tanh(W [context; query]); no input feeding (section 3.3).
    """

    def scores(self, queries, keys):
        return ops.matmul(queries, ops.transpose(keys, (0, 2, 1))) / queries.shape[-1] ** 0.5


KINDS = {"additive": AdditiveAttention, "dot_product": DotProductAttention}


def make_attention(name):
    """The attention layer of that name."""
    if name not in KINDS:
        raise RequestError(
            f"there is no attention {name!r}. Choose one of: {', '.join(KINDS)}, none."
        )
    return KINDS[name]()
