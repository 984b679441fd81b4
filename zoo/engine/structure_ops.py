"""What `structure` knows of TensorFlow's operations on (rows, columns) tensors.

`interpret` maps the values (`structure_values`) of an operation's inputs to those of its outputs.
It raises `NotElementwise` for each operation that is not known to keep rows and columns apart.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf
from tensorflow.python.framework.ops import get_gradient_function  # not in the public API

from zoo.engine.structure_values import (
    Aligned,
    Constant,
    NotElementwise,
    Origin,
    RowCount,
    RowShape,
    Uniform,
    Value,
    side_by_side,
    union,
)

_IDENTITIES = frozenset({"Identity", "EnsureShape"})
_ADDITIONS = frozenset({"Add", "AddV2", "AddN", "BiasAdd"})
_NOT_DIFFERENTIABLE = (
    "Ceil Equal Floor FloorDiv Greater GreaterEqual IsFinite IsInf IsNan Less LessEqual LogicalAnd "
    "LogicalNot LogicalOr NotEqual Rint Round Sign StopGradient"
)
_DIFFERENTIABLE = (
    "Abs Acos Acosh Asin Asinh Atan Atan2 Atanh Cast ClipByValue Cos Cosh Digamma Div DivNoNan Elu "
    "Erf Erfc Erfinv Exp Expm1 FloorMod LeakyRelu Lgamma Log Log1p Maximum Minimum Mul Neg Pow "
    "RealDiv Reciprocal Relu Relu6 Rsqrt SelectV2 Selu Sigmoid Sin Sinh Softplus Softsign Sqrt "
    "Square SquaredDifference Sub Tan Tanh"
)
_WITHOUT_GRADIENT = frozenset(_NOT_DIFFERENTIABLE.split())
# Operations that treat each element by itself, and whose gradients do. "Select" is not one of them:
# its condition may be a vector with one element per row.
_ELEMENTWISE = _IDENTITIES.union(_ADDITIONS, _WITHOUT_GRADIENT, _DIFFERENTIABLE.split())


def interpret(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    """Return the values of an operation's outputs; some of the last ones may be missing.

    Args:
        op: the operation; at least one of its inputs is not a constant.
        values: the values of its inputs.

    Raises:
        NotElementwise: the operation may mix columns or rows, or is not known.
    """
    if "_gradient_op_type" in op.node_def.attr:
        return [_silu(op, values)]
    if op.type in _ELEMENTWISE:
        return [_elementwise(op, values)]
    if op.type not in _STRUCTURAL:
        raise NotElementwise(f"operation {op.type} is not known to be elementwise")
    return _STRUCTURAL[op.type](op, values)


def _elementwise(op: tf.Operation, values: Sequence[Value]) -> Value:
    width = row_width(op.outputs[0])
    for tensor, value in zip(op.inputs, values, strict=True):
        _require_broadcast(op, tensor, value, width)
    aligned = [value for value in values if isinstance(value, Aligned)]
    if not aligned:
        return Uniform()
    blocks = aligned[0].blocks
    if any(value.blocks != blocks for value in aligned) or sum(blocks) != width:
        raise NotElementwise(f"{op.type} of tensors with different blocks")
    origins, misread = _read(op, values, len(blocks))
    has_gradient = op.outputs[0].dtype.is_floating and op.type not in _WITHOUT_GRADIENT
    return Aligned(
        blocks,
        origins,
        union(value.reads for value in aligned),
        union(value.gradients_to for value in aligned if has_gradient),
        misread or any(value.misread for value in aligned),
    )


def row_width(tensor: tf.Tensor) -> int:
    """Return the width of a real-valued (rows, width) tensor."""
    dtype, shape = tensor.dtype, tensor.shape
    if not (dtype.is_floating or dtype.is_integer or dtype.is_bool):
        raise NotElementwise(f"a tensor of dtype {dtype.name}")
    if shape.rank != 2 or shape[1] is None:
        raise NotElementwise(f"a tensor of shape {shape}, where (rows, width) is needed")
    return shape[1]


def _require_broadcast(op: tf.Operation, tensor: tf.Tensor, value: Value, width: int) -> None:
    """Raise unless the input is the same in all rows or aligned, and broadcasts to `width`."""
    if isinstance(value, Constant):
        _require_equal_rows(tensor, width)
    elif isinstance(value, Uniform):
        if row_width(tensor) not in (1, width):
            raise NotElementwise(f"{op.type} of tensors of different widths")
    elif not isinstance(value, Aligned):
        raise NotElementwise(f"{op.type} of the number of rows")


def _require_equal_rows(tensor: tf.Tensor, width: int) -> None:
    """Raise unless a constant, broadcast to (rows, width), is the same in all rows."""
    if not tensor.shape.is_fully_defined():
        raise NotElementwise("a constant of unknown shape")
    shape = tuple(tensor.shape.as_list())
    if shape not in ((), (1,), (width,), (1, 1), (1, width)):
        raise NotElementwise(f"a constant of shape {shape} beside (rows, {width})")


def _read(
    op: tf.Operation, values: Sequence[Value], count: int
) -> tuple[tuple[Origin | None, ...], bool]:
    """Return the origins of the `count` blocks of an elementwise result, and `misread`.

    In an addition, the gradient of the sum is the gradient of each summand. So a projected block
    that meets a product of the same columns has the product's gradient, whatever else is added.
    """
    no_origins: tuple[Origin | None, ...] = (None,) * count
    origins = [value.origins if isinstance(value, Aligned) else no_origins for value in values]
    if op.type in _IDENTITIES:
        return origins[0], False
    if op.type == "Sub":
        return origins[0], origins[1] != no_origins
    if op.type not in _ADDITIONS:
        return no_origins, any(other != no_origins for other in origins)
    total, misread = no_origins, False
    for other in origins:
        sums = [_add(a, b) for a, b in zip(total, other, strict=True)]
        total = tuple(origin for origin, _ in sums)
        misread = misread or any(wrong for _, wrong in sums)
    return total, misread


def _add(a: Origin | None, b: Origin | None) -> tuple[Origin | None, bool]:
    """Return the origin of the sum of two blocks, and whether the sum misreads them."""
    if a is None or b is None:
        return a or b, False
    return None, a.column != b.column or a.is_product == b.is_product


def _split(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    by_size = op.type == "SplitV"
    tensor, axis = (0, 2) if by_size else (1, 0)
    _require_last_axis(op, op.inputs[axis])
    start, pieces = 0, []
    for output in op.outputs:
        stop = start + row_width(output)
        pieces.append(_columns(values[tensor], start, stop))
        start = stop
    return pieces


def _require_last_axis(op: tf.Operation, axis: tf.Tensor) -> None:
    if tf.get_static_value(axis) not in (1, -1):
        raise NotElementwise(f"{op.type} along another axis than the last one")


def _columns(value: Value, start: int, stop: int) -> Value:
    if isinstance(value, Aligned):
        return value.columns(start, stop)
    if isinstance(value, Uniform):
        return value
    raise NotElementwise("a part of the number of rows")


def _strided_slice(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    begin, end, strides = (tf.get_static_value(tensor) for tensor in op.inputs[1:])
    masks = {
        name: op.get_attr(f"{name}_mask")
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    if begin is None or end is None or strides is None:
        raise NotElementwise("a slice with computed bounds")
    if isinstance(values[0], RowShape):
        if list(begin) == [0] and list(strides) == [1] and masks["shrink_axis"] == 1:
            return [RowCount()]
        raise NotElementwise("a part of a shape other than the number of rows")
    all_rows = masks["ellipsis"] == 1 or (masks["begin"] & masks["end"] & 1 and strides[0] == 1)
    if len(begin) != 2 or not all_rows or masks["new_axis"] or masks["shrink_axis"]:
        raise NotElementwise("a slice of other than columns")
    if strides[1] != 1 or masks["ellipsis"] > 1:
        raise NotElementwise("a slice with steps")
    bounds = slice(
        None if masks["begin"] & 2 else int(begin[1]), None if masks["end"] & 2 else int(end[1])
    )
    start, stop, _ = bounds.indices(row_width(op.inputs[0]))
    return [_columns(values[0], start, stop)]


def _slice(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    begin, size = (tf.get_static_value(tensor) for tensor in op.inputs[1:])
    all_rows = isinstance(values[2], RowShape) or size is not None and size[0] == -1
    if begin is None or len(begin) != 2 or begin[0] != 0 or not all_rows:
        raise NotElementwise("a slice of other than columns")
    start = int(begin[1])
    return [_columns(values[0], start, start + row_width(op.outputs[0]))]


def _concat(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    _require_last_axis(op, op.inputs[-1])
    parts = []
    for tensor, value in zip(op.inputs[:-1], values[:-1], strict=True):
        if not isinstance(value, (Aligned, Uniform)):
            raise NotElementwise("a concatenation with a constant")
        parts.append(
            value if isinstance(value, Aligned) else Aligned((row_width(tensor),), (None,))
        )
    return [side_by_side(parts)]


def _tile(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    multiples = tf.get_static_value(op.inputs[1])
    if multiples is None or len(multiples) != 2 or multiples[0] != 1 or multiples[1] < 1:
        raise NotElementwise("copies of rows")
    if isinstance(values[0], Aligned):
        return [side_by_side([values[0]] * int(multiples[1]))]
    return [values[0]]


def _shape(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    if not isinstance(values[0], (Aligned, Uniform)):
        raise NotElementwise("the shape of a shape")
    return [RowShape()]


def _pack(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    if list(map(type, values)) != [RowCount, Constant]:
        raise NotElementwise("a tensor made of the number of rows")
    return [RowShape()]


def _fill(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    """Interpret Fill (shape, value) and BroadcastTo (value, shape)."""
    shape, filling = (0, 1) if op.type == "Fill" else (1, 0)
    if not isinstance(values[shape], RowShape) or not isinstance(values[filling], Constant):
        raise NotElementwise(f"{op.type} of a tensor that is computed from step inputs")
    _require_equal_rows(op.inputs[filling], row_width(op.outputs[0]))
    return [Uniform()]


def _like(op: tf.Operation, values: Sequence[Value]) -> list[Value]:
    row_width(op.outputs[0])
    return [Uniform()]


def _silu(op: tf.Operation, values: Sequence[Value]) -> Value:
    """Interpret the custom gradient of `tf.nn.silu`, and reject any other one.

    The inputs of the operation are the result, x and beta: its gradient with respect to x is
    elementwise, that of beta is a sum.
    """
    if not _has_gradient_of_silu(op) or len(values) != 3 or not isinstance(values[2], Constant):
        raise NotElementwise("a custom gradient")
    return values[0]


def _has_gradient_of_silu(op: tf.Operation) -> bool:
    try:
        function = get_gradient_function(op)
        for name in ("tape_grad_fn", "grad_fn"):
            place = function.__code__.co_freevars.index(name)
            function = function.__closure__[place].cell_contents
        known = ("tensorflow.python.ops.nn_impl", "swish.<locals>.swish_impl.<locals>.grad")
        return (function.__module__, function.__qualname__) == known
    except (AttributeError, LookupError, TypeError, ValueError):
        return False


_STRUCTURAL: dict[str, Callable[[tf.Operation, Sequence[Value]], list[Value]]] = {
    "Split": _split,
    "SplitV": _split,
    "StridedSlice": _strided_slice,
    "Slice": _slice,
    "ConcatV2": _concat,
    "Tile": _tile,
    "Shape": _shape,
    "Pack": _pack,
    "Fill": _fill,
    "BroadcastTo": _fill,
    "ZerosLike": _like,
    "OnesLike": _like,
}
