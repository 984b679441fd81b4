"""Normalization between layers that Keras' own layer does not cover."""

from typing import Any

import keras


@keras.saving.register_keras_serializable("zoo")
class RMSNormalization(keras.layers.RMSNormalization):
    """`keras.layers.RMSNormalization` that passes its mask on, as `LayerNormalization` does.

    x / sqrt(mean(x^2) + epsilon) * scale, for each timestep by itself.

    Source: Zhang and Sennrich 2019, arXiv 1910.07467, equation 4.

    Example:
        >>> import numpy as np
        >>> from zoo.layers.normalization import RMSNormalization
        >>> print(RMSNormalization()(np.array([[3.0, 4.0]])).numpy().round(2))
        [[0.85 1.13]]
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supports_masking = True
