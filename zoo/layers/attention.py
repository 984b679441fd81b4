"""Attention layers of a decoder, applied to all target timesteps at once."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import keras
from keras import ops

from zoo.errors import RequestError

Tensor: TypeAlias = Any
Shape: TypeAlias = Sequence[int | None]


class _Attention(keras.layers.Layer):
    """Base class of attention layers; a subclass defines `scores`.

    The context of a query is the weighted mean of the values; the weights are the softmax, over the
    source timesteps, of the scores of the query with each key. The layer returns
    query + context W. W is initialized near zero, so that the outputs of an untrained layer are
    close to its queries.

    Call arguments:
        queries: (batch, target timesteps, units), outputs of the decoder.
        keys: (batch, source timesteps, units), projected outputs of the encoder.
        values: (batch, source timesteps, width), outputs of the encoder.
        mask: (batch, source timesteps) bool, True = valid; at least one per row.

    Output shape:
        A pair: the attended queries (batch, target timesteps, units), and the attention weights
        (batch, target timesteps, source timesteps), which are 0 at masked source timesteps and sum
        to 1 over the source.
    """

    def build(
        self,
        queries_shape: Shape,
        keys_shape: Shape,
        values_shape: Shape,
        mask_shape: Shape | None = None,
    ) -> None:
        self.kernel = self.add_weight(
            shape=(values_shape[-1], queries_shape[-1]),
            name="kernel",
            initializer=keras.initializers.RandomNormal(stddev=0.01),
        )

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return the score of each query with each key, (batch, target, source timesteps)."""
        raise NotImplementedError(f"{type(self).__name__} does not implement scores")

    def call(
        self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        scores = ops.cast(self.scores(queries, keys), "float32")
        weights = ops.softmax(ops.where(mask[:, None, :], scores, -1e9))
        context = ops.matmul(ops.cast(weights, values.dtype), values)
        return queries + ops.matmul(context, self.kernel), weights

    def compute_output_shape(
        self,
        queries_shape: Shape,
        keys_shape: Shape,
        values_shape: Shape,
        mask_shape: Shape | None = None,
    ) -> tuple[Shape, Shape]:
        return queries_shape, (*queries_shape[:2], keys_shape[1])


@keras.saving.register_keras_serializable("zoo")
class AdditiveAttention(_Attention):
    """Additive attention: score(q, k) = v . tanh(q W_q + k).

    Source: Bahdanau, Cho & Bengio 2015, arXiv 1409.0473, section 3.1 and appendix A.1.2; the key k
    is the projected encoder output.
    Deviations: the query is the decoder's output at the same timestep, not its previous state, so
    that the recurrence does not depend on the attention; the context is added to the output
    afterwards and not fed back.

    Example:
        >>> import numpy as np
        >>> from zoo.layers.attention import AdditiveAttention
        >>> queries, keys, values = np.ones((2, 3, 8)), np.ones((2, 5, 8)), np.ones((2, 5, 6))
        >>> outputs, weights = AdditiveAttention()(queries, keys, values, np.ones((2, 5), bool))
        >>> print(outputs.shape, weights.shape)
        (2, 3, 8) (2, 3, 5)
    """

    def build(
        self,
        queries_shape: Shape,
        keys_shape: Shape,
        values_shape: Shape,
        mask_shape: Shape | None = None,
    ) -> None:
        super().build(queries_shape, keys_shape, values_shape, mask_shape)
        self.query_kernel = self.add_weight(
            shape=(queries_shape[-1], keys_shape[-1]),
            name="query_kernel",
            initializer="glorot_uniform",
        )
        self.score_kernel = self.add_weight(
            shape=(keys_shape[-1], 1), name="score_kernel", initializer="glorot_uniform"
        )

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        projected = ops.expand_dims(ops.matmul(queries, self.query_kernel), 2)
        keys = ops.expand_dims(keys, 1)
        return ops.matmul(ops.tanh(projected + keys), self.score_kernel)[..., 0]


@keras.saving.register_keras_serializable("zoo")
class DotProductAttention(_Attention):
    """Scaled dot-product attention: score(q, k) = q . k / sqrt(units).

    Source: Luong, Pham & Manning 2015, arXiv 1508.04025, equation 8, "general"; the key k is the
    projected encoder output.
    Deviations: scores are divided by sqrt(units) (Vaswani et al. 2017, arXiv 1706.03762, section
    3.2.1). The context is added to the query, where equation 5 is tanh(W [context; query]); no
    input feeding (section 3.3).

    Example:
        >>> import numpy as np
        >>> from zoo.layers.attention import DotProductAttention
        >>> queries, keys, values = np.ones((2, 3, 8)), np.ones((2, 5, 8)), np.ones((2, 5, 6))
        >>> outputs, weights = DotProductAttention()(queries, keys, values, np.ones((2, 5), bool))
        >>> print(weights[0, 0].numpy().round(3))
        [0.2 0.2 0.2 0.2 0.2]
    """

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        return ops.matmul(queries, ops.transpose(keys, (0, 2, 1))) / queries.shape[-1] ** 0.5


ATTENTION_LAYERS = {"additive": AdditiveAttention, "dot_product": DotProductAttention}


def make_attention(name: str) -> _Attention:
    """Return a new attention layer.

    Args:
        name: "additive" or "dot_product".

    Raises:
        RequestError: the name is unknown.
    """
    if name not in ATTENTION_LAYERS:
        raise RequestError(
            f"unknown attention {name!r}. Choose one of: {', '.join(ATTENTION_LAYERS)}, none."
        )
    return ATTENTION_LAYERS[name]()
