"""How long a recurrent layer takes, and how long it would if only its matrix products took time.

The limit is measured beside what it limits: one large matrix product takes its turns among the contenders.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from zoo.engine.step import step_signature
from zoo.engine.unrolling import choose_unroll_factor
from zoo.layers.recurrent import Recurrent
from zoo.recurrent_cell import RecurrentCell
from zoo.timing.interleaving import interleaved, turn

LIMIT = "matrix product"  # the contender that sets the limit
WIDTH = 1024  # of its matrices


class Shape(NamedTuple):
    """What a layer is timed at."""

    batch_size: int
    timesteps: int
    features: int
    units: int

    def __str__(self):
        return ", ".join(map(str, self))


def mode(layer, shape):
    """How a layer of the zoo runs its training at a shape."""
    if type(layer.cell).linear is not RecurrentCell.linear:
        return "linear"
    segment = layer.checkpoint_interval((shape.timesteps, shape.batch_size))
    turn = f"{choose_unroll_factor(segment or shape.timesteps, layer.unroll_factor)} a turn"
    return f"{turn}, segments of {segment}" if segment else turn


def layer(cell, shape, **arguments):
    """A layer of the zoo at a shape, built."""
    made = Recurrent(cell, shape.units, return_sequences=True, **arguments)
    made.build((shape.batch_size, shape.timesteps, shape.features))
    return made


def training_step(layer, shape, jit_compile=None):
    """A function of nothing that runs `layer` forward and back once: gradients of the input and of all weights.

    The loss is the sum of the outputs under fixed random weights, so that no gradient is like another.
    """
    x, weights = _drawn(shape)

    @tf.function(jit_compile=jit_compile)
    def step():
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, training=True) * weights)
        return tape.gradient(loss, [x, *layer.trainable_weights])

    return _to_its_end(step)


def inference(layer, shape, jit_compile=None):
    """A function of nothing that runs `layer` forward once."""
    x, _ = _drawn(shape)
    step = tf.function(lambda: layer(x, training=False), jit_compile=jit_compile)
    return _to_its_end(step)


def matrix_product():
    """A function of nothing that does one large float32 product, `product_flops` of them."""
    a, b = keras.random.normal((WIDTH, WIDTH), seed=0), keras.random.normal((WIDTH, WIDTH), seed=1)
    step = tf.function(lambda: tf.matmul(a, b))
    return _to_its_end(step)


def product_flops():
    return 2 * WIDTH**3


def flops(cell, shape, backward=True):
    """Floating point operations of the matrix products of a built cell over time; elementwise work is not counted.

    Going back, each product has two more of its size: the gradients of its two factors.
    """
    rows = shape.batch_size * shape.timesteps
    products = [(shape.features, cell.kernel.shape[-1])]
    products += [
        (width, columns.stop - columns.start)
        for width, columns in zip(
            step_signature(cell).operand_widths, step_signature(cell).columns, strict=True
        )
    ]
    return sum(2 * rows * width * columns for width, columns in products) * (3 if backward else 1)


def bench(cells, shape, rounds=5, backward=True, told=None):
    """Times cells of the zoo at a shape: the rate of the machine's matrix product, and a record for each cell.

    Returns {"shape", "gigaflops", "cells": [{"cell", "ms", "tokens_per_second", "share_of_limit", "mode"}]}.
    """
    layers, step_of = (
        {name: layer(name, shape) for name in cells},
        training_step if backward else inference,
    )
    steps = {
        LIMIT: matrix_product(),
        **{name: step_of(made, shape) for name, made in layers.items()},
    }
    seconds = interleaved(
        {name: lambda step=step: turn(step) for name, step in steps.items()}, rounds, told
    )
    rate = product_flops() / seconds[LIMIT]
    return {
        "shape": shape._asdict(),
        "gigaflops": round(rate / 1e9, 1),
        "cells": [
            {
                "cell": name,
                "ms": round(seconds[name] * 1e3, 3),
                "tokens_per_second": round(shape.batch_size * shape.timesteps / seconds[name]),
                "share_of_limit": round(
                    flops(layers[name].cell, shape, backward) / rate / seconds[name], 3
                ),
                "mode": mode(layers[name], shape) if backward else "1 a turn",
            }
            for name in cells
        ],
    }


def _drawn(shape):
    x = keras.random.normal(shape[:3], seed=0)
    return x, keras.random.normal((*shape[:2], shape.units), seed=1)


def _to_its_end(step):
    """TensorFlow may return before it has finished, on a GPU above all."""

    def run():
        step()
        tf.test.experimental.sync_devices()

    return run
