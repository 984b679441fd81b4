"""The peer of `min_gru` in the benchmarks computes the same."""

import keras
import numpy as np

import zoo
from benchmarks.associative_scan import ScanMinGRU


def test_scan_of_keras_equals_the_layer_of_the_zoo():
    x = keras.random.normal((2, 7, 3), seed=0)
    ours = zoo.Recurrent("min_gru", 4, return_sequences=True, bias_initializer="random_uniform:0.5")
    peer = ScanMinGRU(4, return_sequences=True)
    expected = ours(x)
    peer.build(x.shape)
    peer.set_weights(ours.get_weights())
    np.testing.assert_allclose(peer(x), expected, rtol=1e-5, atol=1e-6)
