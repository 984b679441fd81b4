"""The trace of a cell's step: its recurrent products, the weights that it reads, its structure.

The step is traced once per cell into a TensorFlow graph that is never run. Each recurrent product
is a placeholder there. The graph shows which products the step computes, which weights it reads,
and whether it is elementwise (`structure`).
"""

import dataclasses
import weakref
from collections.abc import Sequence

import keras
import tensorflow as tf

from zoo.cell_base.step_context import MatrixColumns, StepContext
from zoo.engine.step import StepInputs, StepOutputs, project, run_step
from zoo.engine.structure import InputWidths, StepStructure, analyze
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell


@dataclasses.dataclass(frozen=True)
class StepTrace:
    """What the graph of a cell's step shows.

    Attributes:
        products: the columns that each recurrent product multiplies by, in the order of the
            computation.
        operand_widths: width of the left operand of each product.
        output_is_state: True if the step returns its first state as its output.
        weights: the weights that the step reads, apart from the matrices of its products.
        projected_columns: for each product the columns of the projected input of the same gates;
            None if there are none or they are not adjacent.
        structure: whether the step is elementwise between its products.
    """

    products: tuple[MatrixColumns, ...]
    operand_widths: tuple[int, ...]
    output_is_state: bool
    weights: tuple[keras.Variable, ...]
    projected_columns: tuple[slice | None, ...]
    structure: StepStructure

    @property
    def product_shapes(self) -> list[tuple[int, int]]:
        """Rows and columns of the matrix of each product."""
        widths = (columns.stop - columns.start for columns in self.products)
        return list(zip(self.operand_widths, widths, strict=True))


_traces: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def step_trace(cell: RecurrentCell) -> StepTrace:
    """Return the trace of a built cell's step; computed at the first call, then cached."""
    trace = _traces.get(cell)
    if trace is None:
        with tf.init_scope():  # the graph is not part of one that is being built
            trace = _Tracer(cell).trace()
        _traces[cell] = trace
    return trace


class _Tracer:
    """Traces the step of a cell.

    Attributes:
        products: the columns of the products called so far.
        results: the placeholder of each product's result.
        operands: the left operand of each product.
    """

    def __init__(self, cell: RecurrentCell) -> None:
        self.cell = cell
        self.products: list[MatrixColumns] = []
        self.results: list[tf.Tensor] = []
        self.operands: list[tf.Tensor] = []
        self.result: StepTrace | None = None

    def trace(self) -> StepTrace:
        """Trace the step into a new graph, and read the graph."""
        cell = self.cell
        widths = [_projected_width(cell), *cell.state_widths()]
        specifications = [tf.TensorSpec((None, width), cell.compute_dtype) for width in widths]
        weights = [tf.TensorSpec(weight.shape, weight.dtype) for weight in cell.weights]
        graph = tf.function(self._build, autograph=False).get_concrete_function(
            specifications, weights
        )
        self._check_captures(graph.graph)
        assert self.result is not None
        return self.result

    def _build(self, inputs: Sequence[tf.Tensor], weights: Sequence[tf.Tensor]) -> None:
        self.graph = tf.compat.v1.get_default_graph()
        projected, *states = inputs
        context = StepContext(self.cell, self._product)
        replacements = list(zip(self.cell.weights, weights, strict=True))
        output, new_states = run_step(context, projected, states, replacements)
        output_is_state = output is new_states[0]
        operands = dict(enumerate(self.operands))
        projected_columns = tuple(_projected_columns(self.cell, each) for each in self.products)
        self.result = StepTrace(
            products=tuple(self.products),
            operand_widths=tuple(operand.shape[-1] for operand in self.operands),
            output_is_state=output_is_state,
            weights=tuple(weight for weight, read in replacements if read.consumers()),
            projected_columns=projected_columns,
            structure=analyze(
                StepInputs(projected, states, self.results),
                StepOutputs(None if output_is_state else output, new_states, operands),
                self._input_widths(),
                projected_columns,
            ),
        )

    def _product(self, h: tf.Tensor, columns: MatrixColumns) -> tf.Tensor:
        if tf.compat.v1.get_default_graph() is not self.graph:
            raise RequestError(
                f"{type(self.cell).__name__} computes a recurrent product inside a branch or a "
                "loop of its step. Call recur and multiply before it, and use the results inside."
            )
        self.products.append(columns)
        self.operands.append(h)
        shape = (None, columns.stop - columns.start)
        self.results.append(tf.compat.v1.placeholder(self.cell.compute_dtype, shape))
        return self.results[-1]

    def _input_widths(self) -> InputWidths:
        cell = self.cell
        recurrent_gates = cell.gates_of("recurrent_kernel")
        products = []
        for product in self.products:
            width = product.stop - product.start
            # Any blocks may be tried: `analyze` proves what it finds for them.
            widths = [width] if width % cell.units else [cell.units] * (width // cell.units)
            if product.name == "recurrent_kernel":
                ends = _ends(cell, recurrent_gates)
                widths = [
                    end - start
                    for start, end in zip([0, *ends], ends, strict=False)
                    if product.start <= start and end <= product.stop
                ]
            products.append(tuple(widths))
        projected = [*cell.widths(cell.gates_of("kernel")), *[1] * cell.elapsed_time]
        width = _projected_width(cell)
        if sum(projected) != width:  # the cell overrides `project`
            projected = [width]
        return InputWidths(tuple(projected), cell.state_widths(), products)

    def _check_captures(self, graph: tf.Graph) -> None:
        for captured, _ in graph.captures:
            if captured.dtype == tf.resource:
                raise RequestError(
                    f"the step of {type(self.cell).__name__} reads a variable that is not a weight "
                    "of the cell, so that it would not be trained. Declare it in extra_weights."
                )


def _projected_width(cell: RecurrentCell) -> int:
    """Return the width of the projected input, also of a cell that overrides `project`."""
    if type(cell).project is RecurrentCell.project:
        return sum(cell.widths(cell.gates_of("kernel"))) + cell.elapsed_time
    features = cell.kernel.shape[0] + cell.elapsed_time
    function = tf.function(lambda x: project(cell, x, training=False), autograph=False)
    specification = tf.TensorSpec((None, features), cell.compute_dtype)
    return function.get_concrete_function(specification).structured_outputs.shape[-1]


def _ends(cell: RecurrentCell, gates: Sequence[str]) -> list[int]:
    return [cell.adjacent_columns(gates, gates[: number + 1]).stop for number in range(len(gates))]


def _projected_columns(cell: RecurrentCell, product: MatrixColumns) -> slice | None:
    """Return the columns of the projected input of the gates whose columns a product has."""
    if product.name != "recurrent_kernel":
        return None
    recurrent_gates, input_gates = cell.gates_of("recurrent_kernel"), cell.gates_of("kernel")
    ends = _ends(cell, recurrent_gates)
    gates = tuple(
        gate
        for gate, start, end in zip(recurrent_gates, [0, *ends], ends, strict=False)
        if product.start <= start and end <= product.stop
    )
    try:
        return cell.adjacent_columns(input_gates, gates)
    except ValueError:  # the gates are not adjacent in the projected input, or have no columns
        return None
