"""The layers of the zoo and of stock Keras, in the process of TensorFlow."""

import gc

import keras
import tensorflow as tf

from zoo.timing import layers

STOCK = {
    "simple_rnn": (keras.layers.SimpleRNN, {}),
    "lstm": (keras.layers.LSTM, {}),
    "gru": (keras.layers.GRU, {}),
    "gru_reset_before": (keras.layers.GRU, {"reset_after": False}),
}


def use_threads(threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def prepare(cell, shape, mode, peers):
    """Steps by name for a cell, and what is known of the zoo's: its mode and its matrix products' operations.

    mode: "xla", or timesteps a turn, forces it on the zoo's; None leaves it to the zoo. peers: names of those wanted.
    """
    keras.backend.clear_session()
    gc.collect()
    shape = layers.Shape(*shape)
    forced = {} if mode in (None, "xla") else {"unroll_factor": int(mode)}
    ours = layers.layer(cell, shape, **forced)
    steps = {
        layers.LIMIT: layers.matrix_product(),
        "zoo": layers.training_step(ours, shape, jit_compile=mode == "xla" or None),
    }
    for name, jit_compile in (("keras", None), ("keras_xla", True)):
        if cell in STOCK and name in peers:
            steps[name] = layers.training_step(_stock(cell, shape), shape, jit_compile)
    return steps, {
        "mode": "xla" if mode == "xla" else layers.mode(ours, shape),
        "flops": layers.flops(ours.cell, shape),
        "limit_flops": layers.product_flops(),
    }


def _stock(cell, shape):
    builder, arguments = STOCK[cell]
    made = builder(shape.units, return_sequences=True, **arguments)
    made.build((shape.batch_size, shape.timesteps, shape.features))
    return made
