"""Time of recurrent layers, compared with the time of their matrix products alone.

One large matrix product, timed in the same interleaved runs, measures the speed of the products.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from zoo.engine.batch_parts import parallel_operations, row_ranges
from zoo.engine.tracing import step_trace
from zoo.engine.unrolling import choose_unroll_factor
from zoo.layers.recurrent import Recurrent
from zoo.recurrent_cell import RecurrentCell
from zoo.timing.interleaving import interleaved, timed_runs

LIMIT = "matrix product"  # name of the candidate that measures the speed of matrix products
WIDTH = 1024  # rows and columns of its matrices


class Shape(NamedTuple):
    """Sizes with which a layer is timed."""

    batch_size: int
    timesteps: int
    features: int
    units: int

    def __str__(self) -> str:
        return ", ".join(map(str, self))


def build_layer(cell: str, shape: Shape, **arguments: Any) -> Recurrent:
    """Return a built `zoo.Recurrent` layer of `cell`, with `arguments` of the layer."""
    layer = Recurrent(cell, shape.units, return_sequences=True, **arguments)
    layer.build((shape.batch_size, shape.timesteps, shape.features))
    return layer


def mode(layer: Recurrent, shape: Shape, training: bool = True) -> str:
    """Describe how a layer runs.

    Args:
        layer: a built layer.
        shape: the shape of its input.
        training: whether the layer is called in training mode.

    Returns:
        The name from `Recurrent.implementation`; for a loop of the engine also the interval of
        gradient checkpointing and the unroll factor; the parts of the batch, if there are several.
    """
    name = layer.implementation((shape.batch_size, shape.timesteps, shape.features), training)
    parts = layer.training_parts((shape.batch_size, shape.timesteps, shape.features))
    suffix = f", {parts} batch parts" if training and parts > 1 else ""
    if name not in ("engine", "checkpointed"):
        return name + suffix
    interval = None
    if name == "checkpointed":
        interval = layer.checkpoint_interval((shape.timesteps, shape.batch_size))
        name = f"{name} every {interval}"
    factor = choose_unroll_factor(interval or shape.timesteps, layer.unroll_factor)
    return f"{name}, unroll {factor}{suffix}"


def training_step(
    layer: Any, shape: Shape, jit_compile: bool | None = None
) -> Callable[[], list[tf.Tensor]]:
    """Return a zero-argument callable that runs one forward and backward pass.

    The loss is the sum of the outputs under fixed random weights, so that all gradients differ.

    Args:
        layer: a built layer that returns sequences.
        shape: the shape of its input.
        jit_compile: as in `tf.function`.

    Returns:
        The callable; it returns the gradients of the input and of all trainable weights.
    """
    x = _random_input(shape)
    weights = keras.random.normal(layer.compute_output_shape(x.shape), seed=1)

    @tf.function(autograph=False, jit_compile=jit_compile)
    def step() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, training=True) * weights)
        return tape.gradient(loss, [x, *layer.trainable_weights])

    return _synchronized(step)


def inference(layer: Any, shape: Shape, jit_compile: bool | None = None) -> Callable[[], tf.Tensor]:
    """Return a zero-argument callable that runs one forward pass and returns the outputs.

    Args:
        layer: a built layer.
        shape: the shape of its input.
        jit_compile: as in `tf.function`.
    """
    x = _random_input(shape)
    return _synchronized(
        tf.function(lambda: layer(x, training=False), autograph=False, jit_compile=jit_compile)
    )


def matrix_product() -> Callable[[], list[tf.Tensor]]:
    """Return a zero-argument callable that runs a float32 product of `product_flops()` FLOPs.

    It returns the rows of the product, in parts that run side by side if each operation has one
    thread.
    """
    a, b = keras.random.normal((WIDTH, WIDTH), seed=0), keras.random.normal((WIDTH, WIDTH), seed=1)
    parts = [a[first:end] for first, end in row_ranges(WIDTH, parallel_operations())]
    product = tf.function(lambda: [tf.matmul(part, b) for part in parts], autograph=False)
    return _synchronized(product)


def product_flops() -> int:
    """Return the FLOPs of `matrix_product`."""
    return 2 * WIDTH**3


def flops(cell: RecurrentCell, shape: Shape, backward: bool = True) -> int:
    """Return the FLOPs of a cell's matrix products; elementwise operations are not counted.

    Args:
        cell: a built cell.
        shape: the shape of the input.
        backward: whether to count the backward pass, too: for each product, the gradients of its
            two factors, each as large as the product.
    """
    rows = shape.batch_size * shape.timesteps
    products = [(shape.features, cell.kernel.shape[-1])]
    products += step_trace(cell).product_shapes
    return sum(2 * rows * width * columns for width, columns in products) * (3 if backward else 1)


def bench(
    cells: Sequence[str],
    shape: Shape,
    rounds: int = 5,
    backward: bool = True,
    on_block_end: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Time layers of registered cells in interleaved runs.

    Args:
        cells: names of the cells.
        shape: the shape of the input and the units.
        rounds: rounds of the interleaved runs.
        backward: whether to time training steps instead of inference.
        on_block_end: called after each candidate's runs in each round.

    Returns:
        {"shape", "gigaflops", "cells": [{"cell", "ms", "tokens_per_second", "share_of_limit",
        "mode"}]}; "gigaflops" is the speed of the matrix product, and "share_of_limit" the time
        that the cell's matrix products would take at this speed, over the measured time.
    """
    layers = {name: build_layer(name, shape) for name in cells}
    make_step = training_step if backward else inference
    steps: dict[str, Callable[[], object]] = {LIMIT: matrix_product()}
    steps |= {name: make_step(layer, shape) for name, layer in layers.items()}
    candidates = {name: lambda step=step: timed_runs(step) for name, step in steps.items()}
    seconds = interleaved(candidates, rounds, on_block_end)
    speed = product_flops() / seconds[LIMIT]
    return {
        "shape": shape._asdict(),
        "gigaflops": round(speed / 1e9, 1),
        "cells": [
            _record(name, layers[name], shape, backward, seconds[name], speed) for name in cells
        ],
    }


def _record(
    name: str, layer: Recurrent, shape: Shape, backward: bool, seconds: float, speed: float
) -> dict[str, Any]:
    limit = flops(layer.cell, shape, backward) / speed
    return {
        "cell": name,
        "ms": round(seconds * 1e3, 3),
        "tokens_per_second": round(shape.batch_size * shape.timesteps / seconds),
        "share_of_limit": round(limit / seconds, 3),
        "mode": mode(layer, shape, training=backward),
    }


def _random_input(shape: Shape) -> tf.Tensor:
    """Return an input (batch, timesteps, features)."""
    return keras.random.normal((shape.batch_size, shape.timesteps, shape.features), seed=0)


def _synchronized(step: Callable[[], Any]) -> Callable[[], Any]:
    """Return `step` with a wait for the devices: TensorFlow may return before they finish."""

    def run() -> Any:
        result = step()
        tf.test.experimental.sync_devices()
        return result

    return run
