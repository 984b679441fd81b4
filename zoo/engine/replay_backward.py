"""The backward pass for any cell: run each step again under a gradient tape.

From the last timestep to the first, the loop runs the step again on the recorded states and
differentiates it. The replayed step does not compute its recurrent products: a product returns its
recorded result, and the gradient of its operand is the product of its gradient and the transposed
kernel. The loop records the operands of the products and the gradients of their results, from which
`Scan.kernel_gradients` computes the kernel gradients after the loop.

The module `scan` lists the conditions of this backward pass.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.cell_base.step_context import MatrixColumns
from zoo.engine.forward_pass import Scan, ScanInputs, write_all
from zoo.engine.tracing import step_trace

# columns of a kernel in `Scan.kernels` -> function that multiplies by the transposed kernel
TransposedKernels = dict[MatrixColumns, Callable[[tf.Tensor], tf.Tensor]]


class _Gradients(NamedTuple):
    """Loop variables of the backward loop."""

    d_loop_vars: list[tf.Tensor]
    d_step_weights: list[tf.Tensor]
    d_projected: tf.TensorArray
    d_products: list[tf.TensorArray]
    operands: list[tf.TensorArray]


class _Sources(NamedTuple):
    """The tensors with respect to which a replayed step is differentiated."""

    projected: tf.Tensor
    loop_vars: list[tf.Tensor]
    products: list[tf.Tensor]
    step_weights: list[tf.Tensor]


class _ReplayedProducts:
    """The recurrent products of a replayed step: recorded results, with a product's gradient.

    Args:
        results: the recorded result of each product (batch, width).
        transposed: the transposed kernels.

    Attributes:
        operands: the left operands of the products called so far, (batch, width) each.
    """

    def __init__(
        self,
        results: Sequence[tf.Tensor],
        transposed: TransposedKernels,
    ) -> None:
        self.results, self.transposed = results, transposed
        self.operands: list[tf.Tensor] = []

    def __call__(self, h: tf.Tensor, columns: MatrixColumns) -> tf.Tensor:
        multiply_transposed = self.transposed[columns]
        result = self.results[len(self.operands)]
        self.operands.append(h)

        @tf.custom_gradient
        def product(h, result):
            # The gradient of `result` is recorded as the gradient of the product.
            return tf.identity(result), lambda d: (multiply_transposed(d), d)

        return product(h, result)


def backward(scan: Scan, d_outputs: tf.Tensor, d_loop_vars: list[tf.Tensor]) -> ScanInputs:
    """Compute the gradients of all inputs of a scan.

    Args:
        scan: a scan after its forward pass.
        d_outputs: gradient of the outputs (timesteps, batch, output_size).
        d_loop_vars: gradients of the final loop variables, as a flat list.

    Returns:
        The gradients, as `ScanInputs`.
    """
    transposed = {key: kernel.transposed() for key, kernel in scan.kernels.items()}

    def body(t, gradients):
        gradients = _backward_step(scan, t, d_outputs, gradients, transposed)
        return t - 1, gradients

    _, gradients = tf.while_loop(
        lambda t, *_: t >= 0,
        body,
        (scan.timesteps - 1, _initial(scan, d_loop_vars)),
        maximum_iterations=scan.timesteps,
    )
    operands, d_products = [], []
    for operand, d_product in zip(gradients.operands, gradients.d_products, strict=True):
        operands.append(operand.stack())
        d_products.append(d_product.stack())
    return ScanInputs(
        gradients.d_projected.stack(),
        gradients.d_loop_vars,
        gradients.d_step_weights,
        scan.kernel_gradients(operands, d_products),
    )


def _initial(scan: Scan, d_loop_vars: list[tf.Tensor]) -> _Gradients:
    return _Gradients(
        d_loop_vars,
        [tf.zeros_like(weight) for weight in scan.inputs.step_weights],
        scan.array(scan.inputs.projected.shape[-1]),
        scan.product_arrays(),
        [scan.array(width) for width in step_trace(scan.cell).operand_widths],
    )


def _backward_step(
    scan: Scan,
    t: tf.Tensor,
    d_outputs: tf.Tensor,
    gradients: _Gradients,
    transposed: TransposedKernels,
) -> _Gradients:
    """Replay the step at timestep t, and add its gradients to those of later timesteps."""
    sources = _Sources(
        scan.inputs.projected[t],
        [tensor[t] for tensor in scan.before.flatten()],
        [result[t] for result in scan.products],
        list(scan.inputs.step_weights),
    )
    products = _ReplayedProducts(sources.products, transposed)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(sources)
        new = scan.step(t, sources.projected, sources.loop_vars, products)
    d_output, *d_others = gradients.d_loop_vars
    d_sources = tape.gradient(
        new,
        sources,
        unconnected_gradients="zero",
        output_gradients=[d_output + d_outputs[t], *d_others],
    )
    weight_pairs = zip(gradients.d_step_weights, d_sources.step_weights, strict=True)
    return _Gradients(
        d_sources.loop_vars,
        [total + d_weight for total, d_weight in weight_pairs],
        gradients.d_projected.write(t, d_sources.projected),
        write_all(gradients.d_products, t, d_sources.products),
        write_all(gradients.operands, t, products.operands),
    )
