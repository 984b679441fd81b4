"""Named recipes for first weights: for kernels (gate by gate), and for the bias.

A recipe is asked for by name, with a number after a colon where it takes one: `glorot_uniform`, `scaled_identity:0.5`,
`chrono:784`. Kernels are fused (one block of columns per gate); each block is drawn by itself, as the papers mean it,
so that fans and orthogonality are those of one gate.
"""

import numpy as np

from registry import Registry
from zoo.errors import RequestError

initializers = Registry("initializer")


def _from_keras(name):
    def draw(shape, number):
        import keras  # listings read the names of this module: Keras stays away until weights are drawn

        return np.asarray(keras.initializers.get(name)(shape))

    return draw


initializers.register(
    "glorot_uniform",
    about="uniform, variance 2 / (rows + columns)",
    tags=("kernel",),
    year=2010,
    paper="Glorot & Bengio 2010",
)(_from_keras("glorot_uniform"))
initializers.register(
    "glorot_normal",
    about="normal, variance 2 / (rows + columns)",
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
    about="normal, variance 2 / rows; for ReLU",
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
    about="normal, variance 1 / rows",
    tags=("kernel",),
    year=1998,
    paper="LeCun et al. 1998, Efficient BackProp",
)(_from_keras("lecun_normal"))
initializers.register(
    "orthogonal",
    about="an orthogonal matrix: lengths neither grow nor shrink",
    tags=("kernel",),
    year=2013,
    paper="Saxe et al. 2013, arXiv 1312.6120",
)(_from_keras("orthogonal"))


@initializers.register(
    "identity", tags=("kernel",), year=2015, paper="Le et al. 2015, arXiv 1504.00941"
)
def identity(shape, number):
    """The identity matrix: with ReLU, a state that is kept until something is added to it."""
    return np.eye(*shape)


@initializers.register(
    "scaled_identity", tags=("kernel",), year=2015, paper="Le et al. 2015, arXiv 1504.00941"
)
def scaled_identity(shape, number):
    """The identity times a number (0.01 unless given): a state that fades."""
    return np.eye(*shape) * (0.01 if number is None else number)


@initializers.register(
    "unit_interval", tags=("diagonal",), year=2018, paper="Li et al. 2018, arXiv 1803.04831"
)
def unit_interval(shape, number):
    """Uniform between 0 and 1 on the diagonal: memories of every length; for diagonal recurrent kernels."""
    import keras

    return np.diag(np.asarray(keras.random.uniform(shape[:1])))


@initializers.register("zeros", tags=("kernel", "bias"))
def zeros(shape, number):
    """All zeros."""
    return np.zeros(shape)


@initializers.register(
    "unit_forget", tags=("bias",), year=2015, paper="Jozefowicz et al. 2015; Gers et al. 2000"
)
def unit_forget(gates, units, retention_gates, number):
    """1 where it opens the gate that keeps the state, 0 elsewhere."""
    gate, sign = next(iter(retention_gates.items()))
    return np.concatenate([np.full(units, float(sign) if name == gate else 0.0) for name in gates])


@initializers.register(
    "chrono", tags=("bias",), year=2018, paper="Tallec & Ollivier 2018, arXiv 1804.11188"
)
def chrono(gates, units, retention_gates, number):
    """Biases of the keeping gates drawn as log U(1, T - 1): memories of up to T timesteps (T = 100 unless given)."""
    import keras

    timesteps = 100 if number is None else number
    if timesteps < 3:
        raise RequestError(
            f"chrono:{number:g}: chrono needs at least 3 timesteps. Write for example chrono:100."
        )
    drawn = np.log(np.asarray(keras.random.uniform((units,), 1.0, timesteps - 1.0)))
    return np.concatenate([retention_gates.get(name, 0) * drawn for name in gates])


def parse_spec(spec, tag):
    """The recipe and the number behind `spec` ("chrono:100"); RequestError unless it is one for `tag`."""
    name, _, number = str(spec).partition(":")
    entry = initializers.entry(name)
    if tag not in entry.facts["tags"] and not (
        tag == "diagonal" and "kernel" in entry.facts["tags"]
    ):
        what = {"bias": "a bias", "kernel": "a kernel", "diagonal": "a diagonal recurrent kernel"}[
            tag
        ]
        fitting = ", ".join(initializers.names(tags=(tag,)))
        raise RequestError(f"initializer {spec!r} is not for {what}. Choose one of: {fitting}.")
    try:
        return entry.object, float(number) if number else None
    except ValueError:
        raise RequestError(
            f"initializer {spec!r}: {number!r} is not a number. Write for example {name}:0.5, or {name} alone."
        ) from None


def fused_kernel(spec, gates):
    """An initializer of shape (rows, gates * columns) that draws each gate's block by itself."""
    draw, number = parse_spec(spec, "kernel")

    def initialize(shape, dtype=None):
        return np.concatenate(
            [draw((shape[0], shape[1] // gates), number) for _ in range(gates)], axis=1
        )

    return initialize


def diagonal_kernel(spec, gates):
    """An initializer of shape (gates * units,): the diagonals of what the recipe draws for full kernels."""
    draw, number = parse_spec(spec, "diagonal")

    def initialize(shape, dtype=None):
        units = shape[0] // gates
        return np.concatenate([np.diag(draw((units, units), number)) for _ in range(gates)])

    return initialize


def fused_bias(spec, cell):
    """An initializer of the bias of `cell`, of shape (gates * units,) or (rows, gates * units), first row filled."""
    draw, number = parse_spec(spec, "bias")
    if draw is not zeros and not cell.retention_gates:
        raise RequestError(
            f"bias_initializer {spec!r} opens the gate that keeps the state, and {type(cell).__name__} "
            "has no such gate. Use zeros, or a gated cell such as lstm, gru or mgu."
        )

    def initialize(shape, dtype=None):
        bias = np.zeros(shape)
        if draw is not zeros:
            bias.reshape(-1, shape[-1])[0] = draw(
                cell.gates, cell.units, cell.retention_gates, number
            )
        return bias

    return initialize
