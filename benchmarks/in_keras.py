"""Worker of `benchmarks.recurrence`: layers of stock Keras, with TensorFlow's own threads."""

import gc

import keras
import tensorflow as tf

from benchmarks.associative_scan import ScanMinGRU
from zoo.cells import cells
from zoo.timing import layers

STOCK = {
    "simple_rnn": (keras.layers.SimpleRNN, {}),
    "lstm": (keras.layers.LSTM, {}),
    "gru": (keras.layers.GRU, {}),
    "gru_reset_before": (keras.layers.GRU, {"reset_after": False}),
    "min_gru": (ScanMinGRU, {}),
}
NOT_XLA = ("min_gru",)  # XLA does not compile the conditional of `keras.ops.associative_scan`


def use_threads(threads):
    """Use the same number of threads for an operation and for operations side by side."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def prepare(cell, shape, peers):
    """Return the training steps of a cell by name, and no facts.

    Args:
        cell: name of the cell.
        shape: batch size, timesteps, features and units.
        peers: names of the peers to include.
    """
    keras.backend.clear_session()
    gc.collect()
    shape, steps = layers.Shape(*shape), {}
    for name, jit_compile in (("keras", None), ("keras_xla", True)):
        if cell in STOCK and name in peers and not (jit_compile and cell in NOT_XLA):
            steps[name] = layers.training_step(_stock(cell, shape), shape, jit_compile)
    if "keras_rnn" in peers:
        steps["keras_rnn"] = layers.training_step(stock_rnn(cell, shape), shape)
    return steps, {}


def _stock(cell, shape):
    layer_class, arguments = STOCK[cell]
    return _built(layer_class(shape.units, return_sequences=True, **arguments), shape)


def stock_rnn(cell, shape):
    """Return Keras' own `RNN` layer of a cell of the zoo."""
    return _built(keras.layers.RNN(cells.get(cell)(shape.units), return_sequences=True), shape)


def _built(layer, shape):
    layer.build((shape.batch_size, shape.timesteps, shape.features))
    return layer
