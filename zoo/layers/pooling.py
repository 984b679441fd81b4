"""Attention pooling: one vector for a sequence, a weighted mean of its timesteps."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import keras
from keras import ops

Tensor: TypeAlias = Any
Shape: TypeAlias = Sequence[int | None]


@keras.saving.register_keras_serializable("zoo")
class AttentionPooling(keras.layers.Layer):
    """Pool the timesteps x_t of a sequence into a mean weighted by attention.

    u_t = tanh(x_t W + b)
    a = softmax over t of u_t . v     v: the trained query, `score_kernel`
    output = sum over t of a_t x_t

    Source: Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", NAACL
    2016, equations 5-7.

    Call arguments:
        x: (batch, timesteps, width), the outputs of a recurrent layer.
        mask: (batch, timesteps) bool, True = valid; None: all timesteps are valid.

    Output shape:
        (batch, width); zeros for a sequence without valid timesteps.

    Example:
        >>> import numpy as np
        >>> from zoo.layers.pooling import AttentionPooling
        >>> print(AttentionPooling()(np.ones((2, 5, 8))).shape)
        (2, 8)
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        width = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(width, width), name="kernel", initializer="glorot_uniform"
        )
        self.bias = self.add_weight(shape=(width,), name="bias", initializer="zeros")
        self.score_kernel = self.add_weight(
            shape=(width, 1), name="score_kernel", initializer="glorot_uniform"
        )

    def call(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        hidden = ops.tanh(ops.matmul(x, self.kernel) + self.bias)
        scores = ops.cast(ops.matmul(hidden, self.score_kernel), "float32")  # (batch, timesteps, 1)
        if mask is None:
            weights = ops.softmax(scores, 1)
        else:
            valid = ops.expand_dims(mask, -1)
            weights = ops.softmax(ops.where(valid, scores, -1e9), 1)
            weights = weights * ops.cast(valid, "float32")  # no valid timestep: zeros
        return ops.sum(ops.cast(weights, x.dtype) * x, 1)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """Return None: the output has no timesteps."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[-1])
