"""Weight initializers: by name (kernels gate by gate), or a Keras initializer object.

A name may have a parameter after a colon: "glorot_uniform", "scaled_identity:0.5", "chrono:784".
Kernels are fused (one block of columns per gate); a name initializes each block separately, so that
fans and orthogonality are those of one gate. The names of `keras.initializers` work likewise.

An object, such as `keras.initializers.GlorotUniform(seed=1)`, its config, or a function of
(shape, dtype) is called once with the shape of the whole weight, as in Keras: the weights are those
of a Keras layer with the same object. (A Keras initializer returns the same values at every call,
so gates that call it one by one would be equal.)

Example:
    >>> import numpy as np, zoo
    >>> from zoo.initializers import initializers
    >>> initializers.names(tags=("bias",))
    ['chrono', 'constant', 'ones', 'random_normal', 'random_uniform', 'truncated_normal', \
'unit_forget', 'zeros']
    >>> cell = zoo.cells.get("mgu")(2, recurrent_initializer="scaled_identity:0.5")
    >>> cell.build((None, 3))
    >>> print(np.asarray(cell.recurrent_kernel))  # gates f and n
    [[0.5 0.  0.5 0. ]
     [0.  0.5 0.  0.5]]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from registry import Registry, UnknownName
from zoo.errors import RequestError

Array: TypeAlias = Any  # NumPy, or a tensor of Keras' backend
Shape: TypeAlias = tuple[int, ...]  # of kernels: (rows, columns)
WeightInitializer: TypeAlias = Callable[..., Array]  # (shape, dtype=None), as Keras calls it
Initializer: TypeAlias = str | Mapping[str, Any] | WeightInitializer  # name, config or object

initializers: Registry[Callable[..., Array]] = Registry(
    "initializer", list_command="zoo list initializers"
)


def _from_keras(
    name: str, options: Callable[[float], dict[str, float]] | None = None
) -> Callable[[Shape, float | None], Array]:
    """Return the Keras initializer of that name, with the options that a parameter stands for."""

    def initialize(shape: Shape, parameter: float | None) -> Array:
        import keras  # `zoo list` imports this module: Keras is imported when weights are created

        if parameter is None:
            return keras.initializers.get(name)(shape)
        if options is None:
            raise RequestError(
                f"initializer '{name}:{parameter:g}': {name} takes no parameter. Write {name}."
            )
        return type(keras.initializers.get(name))(**options(parameter))(shape)

    return initialize


initializers.register(
    "glorot_uniform",
    about="uniform, variance 2 / (rows + columns)",
    tags=("kernel",),
    year=2010,
    paper="Glorot & Bengio 2010",
)(_from_keras("glorot_uniform"))
initializers.register(
    "glorot_normal",
    about="truncated normal, variance 2 / (rows + columns)",
    tags=("kernel",),
    year=2010,
    paper="Glorot & Bengio 2010",
)(_from_keras("glorot_normal"))
initializers.register(
    "he_uniform",
    about="uniform, variance 2 / rows; for ReLU",
    tags=("kernel",),
    year=2015,
    paper="He et al. 2015, arXiv 1502.01852",
)(_from_keras("he_uniform"))
initializers.register(
    "he_normal",
    about="truncated normal, variance 2 / rows; for ReLU",
    tags=("kernel",),
    year=2015,
    paper="He et al. 2015, arXiv 1502.01852",
)(_from_keras("he_normal"))
initializers.register(
    "lecun_uniform",
    about="uniform, variance 1 / rows",
    tags=("kernel",),
    year=1998,
    paper="LeCun et al. 1998, Efficient BackProp",
)(_from_keras("lecun_uniform"))
initializers.register(
    "lecun_normal",
    about="truncated normal, variance 1 / rows",
    tags=("kernel",),
    year=1998,
    paper="LeCun et al. 1998, Efficient BackProp",
)(_from_keras("lecun_normal"))
initializers.register(
    "orthogonal",
    about="orthogonal matrix: preserves norms",
    tags=("kernel",),
    year=2013,
    paper="Saxe et al. 2013, arXiv 1312.6120",
)(_from_keras("orthogonal"))


@initializers.register(
    "identity", tags=("kernel",), year=2015, paper="Le et al. 2015, arXiv 1504.00941"
)
def identity(shape: Shape, parameter: float | None) -> np.ndarray:
    """Identity matrix: with ReLU, the state persists until an input changes it."""
    return np.eye(shape[0], shape[1])


@initializers.register(
    "scaled_identity", tags=("kernel",), year=2015, paper="Le et al. 2015, arXiv 1504.00941"
)
def scaled_identity(shape: Shape, parameter: float | None) -> np.ndarray:
    """Identity matrix times the parameter (default 0.01): the state decays."""
    return np.eye(shape[0], shape[1]) * (0.01 if parameter is None else parameter)


@initializers.register(
    "unit_interval", tags=("diagonal",), year=2018, paper="Li et al. 2018, arXiv 1803.04831"
)
def unit_interval(shape: Shape, parameter: float | None) -> Array:
    """Uniform in [0, 1), for diagonal kernels: units with short and long time scales."""
    import keras

    return keras.ops.diag(keras.random.uniform(shape[:1]))


@initializers.register("zeros", tags=("kernel", "bias"))
def zeros(shape: Shape, parameter: float | None) -> np.ndarray:
    """All zeros."""
    return np.zeros(shape)


@initializers.register("ones", tags=("kernel", "bias"))
def ones(shape: Shape, parameter: float | None) -> np.ndarray:
    """All ones."""
    return np.ones(shape)


@initializers.register("constant", tags=("kernel", "bias"))
def constant(shape: Shape, parameter: float | None) -> np.ndarray:
    """All equal to the parameter (default 0)."""
    return np.full(shape, 0.0 if parameter is None else parameter)


initializers.register(
    "random_uniform",
    about="uniform in [-p, p], p: the parameter (default 0.05)",
    tags=("kernel", "bias"),
)(_from_keras("random_uniform", lambda limit: {"minval": -limit, "maxval": limit}))
initializers.register(
    "random_normal",
    about="normal, standard deviation: the parameter (default 0.05)",
    tags=("kernel", "bias"),
)(_from_keras("random_normal", lambda deviation: {"stddev": deviation}))
initializers.register(
    "truncated_normal",
    about="truncated normal, standard deviation: the parameter (default 0.05)",
    tags=("kernel", "bias"),
)(_from_keras("truncated_normal", lambda deviation: {"stddev": deviation}))
initializers.register(
    "variance_scaling",
    about="truncated normal, variance the parameter (default 1) / rows",
    tags=("kernel",),
)(_from_keras("variance_scaling", lambda scale: {"scale": scale}))


@initializers.register(
    "unit_forget", tags=("bias",), year=2015, paper="Jozefowicz et al. 2015; Gers et al. 2000"
)
def unit_forget(
    gates: Sequence[str],
    units: int,
    retention_gates: Mapping[str, int],
    parameter: float | None,
) -> np.ndarray:
    """1 for the main retention gate (-1 if its closing keeps the state), 0 for other gates."""
    main_gate, sign = next(iter(retention_gates.items()))
    return np.concatenate(
        [np.full(units, float(sign if gate == main_gate else 0)) for gate in gates]
    )


@initializers.register(
    "chrono", tags=("bias",), year=2018, paper="Tallec & Ollivier 2018, arXiv 1804.11188"
)
def chrono(
    gates: Sequence[str],
    units: int,
    retention_gates: Mapping[str, int],
    parameter: float | None,
) -> Array:
    """Biases log U(1, T - 1) of retention gates: memory of up to T timesteps (default 100)."""
    import keras

    timesteps = 100 if parameter is None else parameter
    if timesteps < 3:
        raise RequestError(
            f"chrono:{parameter:g}: chrono needs at least 3 timesteps. "
            "Write for example chrono:100."
        )
    bias = keras.ops.log(keras.random.uniform((units,), 1.0, timesteps - 1.0))
    return keras.ops.concatenate([retention_gates.get(gate, 0) * bias for gate in gates])


class Gated(Protocol):
    """The attributes of a `zoo.recurrent_cell.RecurrentCell` that a bias initializer reads."""

    retention_gates: Mapping[str, int]

    def gates_of(self, weight: Literal["kernel", "recurrent_kernel", "bias"]) -> tuple[str, ...]:
        """Return the gates that have columns in a weight, in order."""
        ...

    def widths(self, gates: Sequence[str]) -> list[int]:
        """Return the width of each gate."""
        ...


_PURPOSES = {
    "bias": "a bias",
    "kernel": "a kernel",
    "diagonal": "a diagonal recurrent kernel",
}


def parse_spec(spec: str, tag: str) -> tuple[Callable[..., Array], float | None]:
    """Look up the initializer of a specification.

    Args:
        spec: a registered name, with a parameter after a colon if it takes one ("chrono:100").
        tag: kind of weight to initialize: "kernel", "bias", or "diagonal", for which kernel
            initializers are valid too.

    Returns:
        The registered function and the parameter, None if `spec` has none.

    Raises:
        RequestError: the initializer does not have the tag, or its parameter is not a number.
        UnknownName: the name is not registered.
    """
    name, _, number = spec.partition(":")
    entry = initializers.entry(name)
    suitable_tags = {tag, "kernel"} if tag == "diagonal" else {tag}
    if suitable_tags.isdisjoint(entry.facts["tags"]):
        names = ", ".join(initializers.names(tags=(tag,)))
        raise RequestError(
            f"initializer {spec!r} is not for {_PURPOSES[tag]}. Choose one of: {names}."
        )
    try:
        return entry.object, float(number) if number else None
    except ValueError:
        raise RequestError(
            f"initializer {spec!r}: {number!r} is not a number. "
            f"Write for example {name}:0.5, or {name} alone."
        ) from None


def as_initializer(spec: Initializer) -> str | WeightInitializer:
    """Return a name unchanged, and otherwise the object: that of a config, or `spec` itself.

    Raises:
        RequestError: `spec` is neither a name nor the config of an initializer nor callable.
    """
    import keras

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

    def join(function: Callable[..., Array], parameter: float | None, shape: Shape) -> Array:
        from keras import ops

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

    def join(function: Callable[..., Array], parameter: float | None, shape: Shape) -> Array:
        from keras import ops

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

    def join(function: Callable[..., Array], parameter: float | None, shape: Shape) -> Array:
        from keras import ops

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
    join: Callable[[Callable[..., Array], float | None, Shape], Array],
) -> WeightInitializer:
    """Return the initializer of a weight: `join` for a name, or the object as it is."""
    import keras

    if not isinstance(spec, str):
        return as_initializer(spec)
    try:
        function, parameter = parse_spec(spec, tag)
    except UnknownName:
        if not _is_in_keras(spec):
            raise
        function, parameter = _from_keras(spec), None

    def initialize(shape: Shape, dtype: Any = None) -> Array:
        weight = join(function, parameter, shape)
        return keras.ops.cast(weight, dtype or keras.config.floatx())

    return initialize


def _is_in_keras(name: str) -> bool:
    """Return whether Keras knows an initializer of that name, such as "GlorotUniform"."""
    import keras

    try:
        return callable(keras.initializers.get(name))
    except ValueError:
        return False
