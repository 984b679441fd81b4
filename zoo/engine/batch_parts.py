"""Parts of a batch that run side by side on a CPU, each in a time loop of its own.

A time loop waits for every small matrix product. Two loops, each over half of a batch, do not wait
for each other: TensorFlow's executor runs each on a thread of its own. This is faster if an
operation has one thread, as the command `zoo` sets it on two cores (`zoo.startup`). Otherwise the
threads of an operation and those of the other loop compete for the same cores, and the batch is not
divided.

The rows of a batch do not depend on each other. So the results are those of one loop; the gradients
of the weights, which are sums over the parts, differ by rounding. docs/engine.md has measurements.
"""

import itertools
import math
import os

import tensorflow as tf

from zoo.engine.matmul import on_cpu
from zoo.engine.tracing import step_trace
from zoo.recurrent_cell import RecurrentCell
from zoo.startup import cores

MIN_ROWS = 8  # of a part
# Elements of the recurrent products of a cell, or of all weights of a linear cell, which computes
# all timesteps at once; smaller cells gain nothing.
MIN_RECURRENT = 32 * 1024
MIN_LINEAR = 96 * 1024


def parallel_operations() -> int:
    """Return how many operations run at once with one thread each; 1 if they have more threads."""
    threading = tf.config.threading
    per_operation = threading.get_intra_op_parallelism_threads() or _variable("INTRAOP")
    if per_operation != 1 or not on_cpu():
        return 1
    operations = threading.get_inter_op_parallelism_threads() or _variable("INTEROP")
    return operations or cores()


def _variable(name: str) -> int:
    """Return the value of TF_NUM_..._THREADS, which TensorFlow reads; 0 if it is not set."""
    value = os.environ.get(f"TF_NUM_{name}_THREADS", "")
    return int(value) if value.isdecimal() else 0


def batch_parts(cell: RecurrentCell, rows: int | None) -> int:
    """Return the number of parts into which a training step divides a batch.

    Args:
        cell: a built cell.
        rows: number of rows of the batch; None: unknown.
    """
    parts = parallel_operations()
    if rows is not None:
        parts = min(parts, rows // MIN_ROWS)
    return max(1, parts) if _is_large(cell) else 1


def _is_large(cell: RecurrentCell) -> bool:
    if cell.is_linear or cell.has_memory:
        return sum(math.prod(weight.shape) for weight in cell.weights) >= MIN_LINEAR
    shapes = step_trace(cell).product_shapes
    return sum(rows * columns for rows, columns in shapes) >= MIN_RECURRENT


def row_ranges(rows: int | tf.Tensor, parts: int) -> list[tuple[int | tf.Tensor, int | tf.Tensor]]:
    """Return the first row of each part, and the row after its last one.

    Args:
        rows: number of rows, an integer or a scalar tensor.
        parts: number of parts, whose sizes differ by one row at most.
    """
    return list(itertools.pairwise(rows * part // parts for part in range(parts + 1)))
