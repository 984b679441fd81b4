"""Random cells, and the comparison of the engine's gradients with those of the unrolled loop."""

import linecache
import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from keras import ops

from tests.engine.cell_statements import StepDraft
from zoo.conformance.running import differentiate, over_time
from zoo.recurrent_cell import RecurrentCell

BATCH, TIMESTEPS, FEATURES = 4, 3, 2
UNROLL_FACTOR = 2  # an iteration of two timesteps, and one of the last timestep
# An odd width and two with even halves. Reversing 7 units keeps the parity of each position.
WIDTHS = ((3, 12, 8), (7, 12, 16))
TOLERANCES = {"float64": 1e-8, "float32": 1e-4}  # of the norm
# A norm below this part of the norm of all tensors together counts as this part: the gradient of
# the sum of a softmax, for example, consists of rounding errors.
SMALLEST_PART = 0.01


class Facts(NamedTuple):
    """What a seed draws for a cell.

    Attributes:
        source: the source code of the step.
        elementwise: True if every statement keeps the units apart.
        widths: the numbers of units at which the cell is compared.
        masked: whether it is compared with a mask.
        large: name of the tensor with values at scale 30 (an initial state, the inputs or a
            weight), or None.
    """

    source: str
    elementwise: bool
    widths: tuple[int, ...]
    masked: bool
    large: str | None


def draw_cell(seed: int) -> type[RecurrentCell]:
    """Return the class of the cell that `seed` draws; its attribute `facts` is a `Facts`."""
    draft = StepDraft(seed)
    source = "\n    ".join(["def step(self, x, state):", *draft.lines]) + "\n"
    large = draft.random.choice(["inputs", "bias", *draft.states, *draft.weights])
    facts = Facts(
        source,
        draft.elementwise,
        draft.random.choice(WIDTHS),
        masked=draft.random.random() < 1 / 3,
        large=large if draft.random.random() < 0.1 else None,
    )
    attributes = {
        "__module__": __name__,
        "facts": facts,
        "recurrent_shape": draft.recurrent_shape,
        "state_names": tuple(draft.states),
        "step": _compiled(source, f"<step of random cell {seed}>"),
        **_declarations(draft),
    }
    return type(f"RandomCell{seed}", (RecurrentCell,), attributes)


def _declarations(draft):
    """Return the attributes for the gates, widths and further weights of a draft."""

    def width(self, size):
        return eval(size, {"units": self.units}) if isinstance(size, str) else size

    def extra_weights(self):
        return {
            name: (tuple(width(self, size) for size in shape), "zeros")
            for name, shape in draft.weights.items()
        }

    attributes = {
        "gates": tuple(draft.gates),
        "recurrent_gates": tuple(draft.recurrent_gates),
        "bias_gates": tuple(draft.bias_gates),
        "extra_weights": extra_weights,
    }
    if draft.other:
        attributes["gate_sizes"] = lambda self: {"w": width(self, draft.other)}
        attributes["state_sizes"] = lambda self: {"m": width(self, draft.other)}
        attributes["output_size"] = property(lambda self: width(self, draft.output))
    return attributes


def _compiled(source, file):
    # Python (for tracebacks) and AutoGraph read the lines of a function from this cache.
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    namespace = {
        "math": math,
        "np": np,
        "ops": ops,
        "clipped_gradient": clipped_gradient,
        "rolled_gradient": rolled_gradient,
    }
    exec(compile(source, file, "exec"), namespace)
    return namespace["step"]


def clipped_gradient(value):
    """Return `value`, with a gradient that is not linear in that of the result."""
    return _with_gradient(value, lambda d: ops.clip(d, -0.1, 0.1))


def rolled_gradient(value):
    """Return `value`, with a gradient that couples units."""
    return _with_gradient(value, lambda d: d + ops.roll(d, 1, axis=-1))


def _with_gradient(value, gradient):
    return tf.custom_gradient(lambda tensor: (tf.identity(tensor), gradient))(value)


def relative_differences(builder: type[RecurrentCell], units: int, dtype: str) -> dict[str, float]:
    """Compare the engine with the unrolled loop.

    Args:
        builder: a class from `draw_cell`.
        units: the number of units.
        dtype: "float64" or "float32".

    Returns:
        For the outputs, each final state and each gradient the norm of the difference, relative to
        the norm of the expected tensor (see `SMALLEST_PART`); infinity for NaN.
    """
    problem = random_problem(builder, units, dtype)
    actual = _tensors(*problem, "engine", unroll_factor=UNROLL_FACTOR)
    expected = _tensors(*problem, "python_loop")
    norms = {name: float(np.linalg.norm(tensor)) for name, tensor in expected.items()}
    smallest = SMALLEST_PART * math.hypot(*norms.values())
    differences = {
        name: float(np.linalg.norm(actual[name] - tensor)) / max(norms[name], smallest)
        for name, tensor in expected.items()
    }
    return {name: math.inf if math.isnan(value) else value for name, value in differences.items()}


def random_problem(builder: type[RecurrentCell], units: int, dtype: str):
    """Return a built cell with random weights, random inputs and states, and a mask or None."""
    cell = builder(units, dtype=dtype)
    cell.build((None, FEATURES))
    rng = np.random.default_rng(units)
    values = {"inputs": rng.normal(size=(BATCH, TIMESTEPS, FEATURES))}
    for name, zeros in zip(cell.state_names, cell.get_initial_state(BATCH), strict=True):
        values[name] = rng.normal(size=tuple(zeros.shape))
    for weight in cell.trainable_weights:
        rows = weight.shape[0] if len(weight.shape) == 2 else 4
        values[weight.name] = rng.normal(scale=rows**-0.5, size=tuple(weight.shape))
    if builder.facts.large:
        values[builder.facts.large] *= 30
    for weight in cell.trainable_weights:
        weight.assign(values[weight.name])
    x, *states = [values[name].astype(dtype) for name in ("inputs", *cell.state_names)]
    mask = rng.random((BATCH, TIMESTEPS)) < 0.7 if builder.facts.masked else None
    return cell, x, states, mask


def _tensors(cell, x, states, mask, implementation, **arguments) -> dict[str, np.ndarray]:
    # Without a mask in the weighted sum: outputs at masked timesteps have gradients, too.
    outputs, final, gradients = differentiate(
        cell,
        x,
        states,
        lambda x, states: over_time(cell, x, states, mask, implementation, **arguments),
    )
    final = {f"final {name}": state for name, state in zip(cell.state_names, final, strict=True)}
    tensors = {"outputs": outputs, **final, **gradients}
    return {name: np.asarray(tensor, "float64") for name, tensor in tensors.items()}
