"""Wrapper that runs a layer over the characters of each word."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("zoo")
class PerWord(keras.layers.Wrapper):
    """Wrapper that runs a layer over the characters of each word.

    The wrapped layer processes all words as the rows of one batch. The mask is one of characters,
    so the output does not have a mask.

    Args:
        layer: layer from (rows, characters, features) to (rows, width) that takes a mask.
        **kwargs: arguments of `keras.layers.Wrapper`.

    Call arguments:
        x: (batch, words, characters, features).
        mask: (batch, words, characters) bool, True = valid; or None.
        training: as in `layer`.

    Output shape:
        (batch, words, width).

    Example:
        >>> import numpy as np, zoo
        >>> from zoo.layers.per_word import PerWord
        >>> layer = PerWord(zoo.Recurrent("gru", 4))
        >>> print(layer(np.ones((2, 3, 5, 6)), mask=np.ones((2, 3, 5), bool)).shape)
        (2, 3, 4)
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def compute_mask(self, x: Any, mask: Any = None) -> None:
        return None

    def build(self, input_shape: Sequence[int | None]) -> None:
        if not self.layer.built:  # a deserialized layer is built already
            self.layer.build((None, *input_shape[2:]))
        self.built = True

    def call(self, x: Any, mask: Any = None, training: bool | None = None) -> Any:
        batch, words, characters = ops.shape(x)[:3]
        rows = ops.reshape(x, (batch * words, characters, x.shape[-1]))
        row_mask = None if mask is None else ops.reshape(mask, (batch * words, characters))
        outputs = self.layer(rows, mask=row_mask, training=training)
        return ops.reshape(outputs, (batch, words, outputs.shape[-1]))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.layer.compute_output_shape((None, *input_shape[2:]))[-1])
