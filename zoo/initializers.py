"""Named weight initializers: for kernels (gate by gate) and for the bias.

An initializer is selected by name, with a parameter after a colon if it takes one:
"glorot_uniform", "scaled_identity:0.5", "chrono:784". `zoo.cell_base.initialization` applies
them to the weights of a cell.

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
from typing import Any, TypeAlias

import numpy as np

from registry import Registry
from zoo.errors import RequestError

Array: TypeAlias = Any  # NumPy, or a tensor of Keras' backend
Shape: TypeAlias = tuple[int, ...]  # of kernels: (rows, columns)

initializers: Registry[Callable[..., Array]] = Registry(
    "initializer", list_command="zoo list initializers"
)


def from_keras(
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
)(from_keras("glorot_uniform"))
initializers.register(
    "glorot_normal",
    about="truncated normal, variance 2 / (rows + columns)",
    tags=("kernel",),
    year=2010,
    paper="Glorot & Bengio 2010",
)(from_keras("glorot_normal"))
initializers.register(
    "he_uniform",
    about="uniform, variance 2 / rows; for ReLU",
    tags=("kernel",),
    year=2015,
    paper="He et al. 2015, arXiv 1502.01852",
)(from_keras("he_uniform"))
initializers.register(
    "he_normal",
    about="truncated normal, variance 2 / rows; for ReLU",
    tags=("kernel",),
    year=2015,
    paper="He et al. 2015, arXiv 1502.01852",
)(from_keras("he_normal"))
initializers.register(
    "lecun_uniform",
    about="uniform, variance 1 / rows",
    tags=("kernel",),
    year=1998,
    paper="LeCun et al. 1998, Efficient BackProp",
)(from_keras("lecun_uniform"))
initializers.register(
    "lecun_normal",
    about="truncated normal, variance 1 / rows",
    tags=("kernel",),
    year=1998,
    paper="LeCun et al. 1998, Efficient BackProp",
)(from_keras("lecun_normal"))
initializers.register(
    "orthogonal",
    about="orthogonal matrix: preserves norms",
    tags=("kernel",),
    year=2013,
    paper="Saxe et al. 2013, arXiv 1312.6120",
)(from_keras("orthogonal"))


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
)(from_keras("random_uniform", lambda limit: {"minval": -limit, "maxval": limit}))
initializers.register(
    "random_normal",
    about="normal, standard deviation: the parameter (default 0.05)",
    tags=("kernel", "bias"),
)(from_keras("random_normal", lambda deviation: {"stddev": deviation}))
initializers.register(
    "truncated_normal",
    about="truncated normal, standard deviation: the parameter (default 0.05)",
    tags=("kernel", "bias"),
)(from_keras("truncated_normal", lambda deviation: {"stddev": deviation}))
initializers.register(
    "variance_scaling",
    about="truncated normal, variance the parameter (default 1) / rows",
    tags=("kernel",),
)(from_keras("variance_scaling", lambda scale: {"scale": scale}))


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
