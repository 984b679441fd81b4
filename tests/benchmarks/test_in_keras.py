"""The benchmark of recurrence times Keras' `RNN` of the cell that the zoo's layer runs."""

import numpy as np
from small_layers import normal

from benchmarks.in_keras import stock_rnn
from zoo.timing import layers


def test_stock_rnn_computes_the_same_as_the_layer():
    shape = layers.Shape(2, 3, 4, 5)
    stock, ours = stock_rnn("mgu", shape), layers.build_layer("mgu", shape)
    for weight, other in zip(stock.trainable_weights, ours.trainable_weights, strict=True):
        weight.assign(other)
    x = normal(2, 3, 4)
    np.testing.assert_allclose(stock(x), ours(x), atol=1e-6)
