"""minGRU through `keras.ops.associative_scan`, the peer of the zoo's scan in the benchmarks."""

import keras
from keras import ops

from zoo.cells.min_gru import positive


class ScanMinGRU(keras.layers.Layer):
    """The equations of the zoo's `min_gru`, from a state of zeros.

    Args:
        units: width of the output.
        return_sequences: must be true; the layer returns the outputs of all timesteps.
    """

    def __init__(self, units, return_sequences):
        super().__init__()
        assert return_sequences
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 2 * self.units), name="kernel")
        self.bias = self.add_weight(shape=(2 * self.units,), name="bias", initializer="zeros")

    def call(self, x, training=None):
        z, n = ops.split(ops.matmul(x, self.kernel) + self.bias, 2, -1)
        terms = ops.sigmoid(z), ops.sigmoid(-z) * positive(n)
        return ops.associative_scan(_composed, terms, axis=1)[1]


def _composed(earlier, later):
    """Return decay and addition of two timesteps, or spans of timesteps, one after the other."""
    return earlier[0] * later[0], later[0] * earlier[1] + later[1]
