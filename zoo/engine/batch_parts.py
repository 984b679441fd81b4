"""Parts of a batch whose loops over time run side by side.

A loop over time waits at every matrix product for all threads of that product, and its elementwise
operations use one thread. Two loops, each over half of the rows, do not wait for each other, so two
cores are busy all the time. The rows of a batch are independent, so the results are the same but
for rounding: the kernels' gradients are sums of one product per part.
"""

import copy
from collections.abc import Sequence

import tensorflow as tf

from zoo.engine.dropout import Regularization
from zoo.engine.forward_pass import ScanInputs


def split(tensor: tf.Tensor, parts: int, axis: int) -> list[tf.Tensor]:
    """Split a tensor into parts of nearly equal size along an axis."""
    size = tensor.shape[axis]
    if size is None:
        size = tf.shape(tensor)[axis]
        sizes = tf.stack([size * (k + 1) // parts - size * k // parts for k in range(parts)])
        return tf.split(tensor, sizes, axis, num=parts)
    sizes = [size * (k + 1) // parts - size * k // parts for k in range(parts)]
    return tf.split(tensor, sizes, axis)


def split_inputs(inputs: ScanInputs, parts: int) -> list[ScanInputs]:
    """Return the inputs of each part; all parts share the weights."""
    projected = split(inputs.projected, parts, 1)
    loop_vars = zip(*(split(tensor, parts, 0) for tensor in inputs.loop_vars), strict=True)
    return [
        ScanInputs(rows, list(variables), inputs.step_weights, inputs.kernels)
        for rows, variables in zip(projected, loop_vars, strict=True)
    ]


def join_gradients(gradients: Sequence[ScanInputs]) -> ScanInputs:
    """Return the gradients of the whole batch's inputs from those of the parts' inputs."""
    return ScanInputs(
        tf.concat([each.projected for each in gradients], 1),
        [tf.concat(rows, 0) for rows in zip(*(each.loop_vars for each in gradients), strict=True)],
        [tf.add_n(terms) for terms in zip(*(each.step_weights for each in gradients), strict=True)],
        [tf.add_n(terms) for terms in zip(*(each.kernels for each in gradients), strict=True)],
    )


def split_regularization(regularization: Regularization, parts: int) -> list[Regularization]:
    """Return the regularization of each part: the rows of its dropout masks."""
    masks = {width: split(mask, parts, 0) for width, mask in regularization.operand_masks.items()}
    result = []
    for k in range(parts):
        part = copy.copy(regularization)
        part.operand_masks = {width: rows[k] for width, rows in masks.items()}
        result.append(part)
    return result
