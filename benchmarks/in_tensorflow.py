"""Worker of `benchmarks.recurrence`: layers of the zoo, with the threads of the command `zoo`."""

import gc

import keras
import tensorflow as tf

from zoo.timing import layers


def use_threads(threads):
    """Use the threads of the command `zoo`: on two cores, one thread for each operation."""
    tf.config.threading.set_intra_op_parallelism_threads(1 if threads == 2 else threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def prepare(cell, shape, mode):
    """Return the training step of a cell and the matrix product by name, and facts of the layer.

    Args:
        cell: name of the cell.
        shape: batch size, timesteps, features and units.
        mode: "xla" or an unroll factor for the layer; None: the default.

    Returns:
        name -> step, and {"mode", "flops", "limit_flops"}.
    """
    keras.backend.clear_session()
    gc.collect()
    shape = layers.Shape(*shape)
    options = {} if mode in (None, "xla") else {"unroll_factor": int(mode)}
    layer = layers.build_layer(cell, shape, **options)
    steps = {
        layers.LIMIT: layers.matrix_product(),
        "zoo": layers.training_step(layer, shape, jit_compile=mode == "xla" or None),
    }
    return steps, {
        "mode": "xla" if mode == "xla" else layers.mode(layer, shape),
        "flops": layers.flops(layer.cell, shape),
        "limit_flops": layers.product_flops(),
    }
