"""Run a layer over the characters of each word."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("zoo")
class PerWord(keras.layers.Wrapper):
    """Runs a layer over the characters of each word: (batch, words, characters, width) to (batch, words, its width).

    The words become the rows of one large batch, whose size is known only when the model runs.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def compute_mask(self, x, mask=None):
        return None  # it is of the characters, and they are gone

    def build(self, input_shape):
        if not self.layer.built:  # deserializing has built it already
            self.layer.build((None, *input_shape[2:]))
        self.built = True

    def call(self, x, mask=None, training=None):
        size = ops.shape(x)
        rows = ops.reshape(mask, (size[0] * size[1], size[2]))
        y = self.layer(
            ops.reshape(x, (size[0] * size[1], size[2], x.shape[-1])), mask=rows, training=training
        )
        return ops.reshape(y, (size[0], size[1], y.shape[-1]))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.layer.compute_output_shape((None, *input_shape[2:]))[-1])
