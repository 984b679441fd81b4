"""Initialization of a cell's fused weights: by name gate by gate, or by a Keras initializer object.

Kernels are fused (one block of columns per gate). A name initializes each block separately, so that
fans and orthogonality are those of one gate; the names of `keras.initializers` work likewise.

An object, such as `keras.initializers.GlorotUniform(seed=1)`, its config, or a function of
(shape, dtype) is called once with the shape of the whole weight, as in Keras: the weights are those
of a Keras layer with the same object. (A Keras initializer returns the same values at every call:
called for each gate, it would make all gates equal.)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import keras
import numpy as np
from keras import ops

from registry import UnknownName
from zoo.errors import RequestError
from zoo.initializers import Array, Shape, from_keras, initializers, parse_spec

WeightInitializer: TypeAlias = Callable[..., Array]  # (shape, dtype=None), as Keras calls it
Initializer: TypeAlias = str | Mapping[str, Any] | WeightInitializer  # name, config or object
NamedInitializer: TypeAlias = Callable[..., Array]  # a function of the registry


class Gated(Protocol):
    """The attributes of a `zoo.recurrent_cell.RecurrentCell` that a bias initializer reads."""

    retention_gates: Mapping[str, int]

    def gates_of(self, weight: Literal["kernel", "recurrent_kernel", "bias"]) -> tuple[str, ...]:
        """Return the gates that have columns in a weight, in order."""
        ...

    def widths(self, gates: Sequence[str]) -> list[int]:
        """Return the width of each gate."""
        ...


def as_initializer(spec: Initializer) -> str | WeightInitializer:
    """Return a name unchanged, and otherwise the object: that of a config, or `spec` itself.

    Raises:
        RequestError: `spec` is neither a name nor the config of an initializer nor callable.
    """
    if isinstance(spec, str):
        return spec
    try:
        return keras.initializers.get(spec)
    except (TypeError, ValueError):
        raise RequestError(
            f"{spec!r} is not an initializer. Give a name such as 'orthogonal', an object such as "
            "keras.initializers.Constant(0.1), or a function of (shape, dtype)."
        ) from None


def fused_kernel(spec: Initializer, widths: Sequence[int]) -> WeightInitializer:
    """Return an initializer of shape (rows, sum of the widths), one block of columns per gate.

    Args:
        spec: name of a kernel initializer, for each gate; or an object, for the whole weight.
        widths: number of columns of each gate.
    """

    def join(function: NamedInitializer, parameter: float | None, shape: Shape) -> Array:
        blocks = [function((shape[0], width), parameter) for width in widths]
        return ops.concatenate(blocks, axis=1)

    return _initializer(spec, "kernel", join)


def diagonal_kernel(spec: Initializer, gates: int) -> WeightInitializer:
    """Return an initializer of shape (gates * units,): the diagonals of full kernels.

    Args:
        spec: name of a kernel initializer or of one for diagonal kernels, for each gate; or an
            object, for the whole weight.
        gates: number of gates.
    """

    def join(function: NamedInitializer, parameter: float | None, shape: Shape) -> Array:
        units = shape[0] // gates
        diagonals = [ops.diag(function((units, units), parameter)) for _ in range(gates)]
        return ops.concatenate(diagonals)

    return _initializer(spec, "diagonal", join)


def fused_bias(spec: Initializer, cell: Gated) -> WeightInitializer:
    """Return an initializer of the bias of `cell`.

    Its shape is (width,) or (rows, width). An initializer of retention gates leaves the rows after
    the first at zero.

    Args:
        spec: name of a bias initializer, or an object.
        cell: the cell; the initializer reads its gates, their widths and the retention gates.

    Raises:
        RequestError: the initializer is for retention gates, and the cell has none.
    """
    gates = cell.gates_of("bias")
    widths = dict(zip(gates, cell.widths(gates), strict=True))
    retaining = [gate for gate in gates if gate in cell.retention_gates]
    reads_gates = _reads_gates(spec)
    if reads_gates and not retaining:
        raise RequestError(
            f"bias_initializer {spec!r} initializes the gate that keeps the state, and "
            f"{type(cell).__name__} has no such gate. Use zeros, or a gated cell such as lstm, "
            "gru or mgu."
        )

    def join(function: NamedInitializer, parameter: float | None, shape: Shape) -> Array:
        if not reads_gates:
            return function(shape, parameter)
        values = function(retaining, widths[retaining[0]], cell.retention_gates, parameter)
        blocks = {gate: ops.zeros((width,)) for gate, width in widths.items()}
        blocks.update(zip(retaining, ops.split(values, len(retaining)), strict=True))
        row = ops.concatenate([blocks[gate] for gate in gates])
        if len(shape) == 1:
            return row
        return ops.concatenate([row[None], ops.zeros((shape[0] - 1, shape[1]))])

    return _initializer(spec, "bias", join)


def _reads_gates(spec: Initializer) -> bool:
    """Return whether an initializer is a function of a cell's retention gates."""
    name = spec.partition(":")[0] if isinstance(spec, str) else None
    return name in initializers.names(tags=("bias",)) and name not in initializers.names(
        tags=("kernel",)
    )


def _initializer(
    spec: Initializer,
    tag: str,
    join: Callable[[NamedInitializer, float | None, Shape], Array],
) -> WeightInitializer:
    """Return the initializer of a weight: `join` for a name, or the object as it is."""
    spec = as_initializer(spec)
    if not isinstance(spec, str):
        return _whole_weight(spec)
    try:
        function, parameter = parse_spec(spec, tag)
    except UnknownName:
        if not _is_in_keras(spec):
            raise
        function, parameter = from_keras(spec), None

    def initialize(shape: Shape, dtype: Any = None) -> Array:
        weight = join(function, parameter, shape)
        return keras.ops.cast(weight, dtype or keras.config.floatx())

    return initialize


def _whole_weight(function: WeightInitializer) -> WeightInitializer:
    """Return the initializer of an object or a function, with a check of the shape."""

    def initialize(shape: Shape, dtype: Any = None) -> Array:
        # Operations such as the QR decomposition of `Orthogonal` lack half precision.
        drawn_dtype = "float32" if dtype in ("float16", "bfloat16") else dtype
        weight = ops.cast(function(shape, dtype=drawn_dtype), dtype or keras.config.floatx())
        if tuple(weight.shape) != tuple(shape):
            raise RequestError(
                f"the initializer {function!r} returned the shape {tuple(weight.shape)} for a "
                f"weight of shape {tuple(shape)}. Return an array of the requested shape."
            )
        return weight

    return initialize


def _is_in_keras(name: str) -> bool:
    """Return whether Keras knows an initializer of that name, such as "GlorotUniform"."""
    try:
        return callable(keras.initializers.get(name))
    except ValueError:
        return False


def inverse_softplus(low: float, high: float) -> WeightInitializer:
    """Return an initializer of numbers whose softplus is uniform in [low, high], low > 0."""

    def initialize(shape: Shape, dtype: Any = None) -> Array:
        return ops.log(ops.expm1(keras.random.uniform(shape, low, high, dtype)))

    return initialize


def fixed_values(values: np.ndarray) -> tuple[tuple[int, ...], WeightInitializer]:
    """Return the shape of a weight and an initializer of it with fixed values."""

    def initialize(shape: Shape, dtype: Any = None) -> Array:
        return ops.convert_to_tensor(values, dtype)

    return values.shape, initialize
