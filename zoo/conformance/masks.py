"""Properties of masked timesteps: no effect on outputs, final states and gradients."""

from typing import Any

import numpy as np
import tensorflow as tf

from zoo.conformance.running import Run, infer, over_time, run
from zoo.conformance.subject import BATCH, FEATURES, TIMESTEPS, Subject
from zoo.conformance.violation import demand, demand_same

# A full row, a padded row, and a row with a gap and padding.
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 1, 1, 0]], bool)
MASK_NAMES = ("full", "padded", "gap")  # of the rows, for exceptions such as "padding:gap"
PADDING = 7.0  # the input at masked timesteps

assert MASK.shape == (BATCH, TIMESTEPS)


def padding(subject: Subject) -> None:
    """Masked timesteps affect neither outputs nor final states, and have no gradient."""
    cell = subject.cell()
    x = np.where(MASK[:, :, None], subject.inputs(), np.float32(PADDING))
    states, elapsed = subject.states(cell), subject.elapsed(cell)
    shortened = [_run_valid_timesteps(cell, x, states, elapsed, row) for row in range(BATCH)]
    padded = run(cell, x, states, MASK, elapsed=elapsed)  # `loops` compares it with other loops
    for row, (outputs, *final) in enumerate(shortened):
        with subject.part(MASK_NAMES[row]):
            demand(
                not padded.gradients["inputs"][row][~MASK[row]].any(),
                f"expected no gradient at masked timesteps of row {row}; measured a nonzero one. "
                f"Check `project` in {subject.file}.",
            )
            _demand_row(cell, padded, row, outputs, final, _hint(subject))


def _run_valid_timesteps(
    cell: Any, x: np.ndarray, states: list[np.ndarray], elapsed: np.ndarray | None, row: int
) -> list[np.ndarray]:
    """Return outputs and final states of one row without its masked timesteps."""
    one, valid = slice(row, row + 1), MASK[row]
    times = None if elapsed is None else elapsed[one, valid]
    return infer(cell, x[one, valid], [state[one] for state in states], elapsed=times)


def _demand_row(
    cell: Any, padded: Run, row: int, outputs: np.ndarray, final: list[np.ndarray], hint: str
) -> None:
    one = slice(row, row + 1)
    demand_same(
        f"outputs at the valid timesteps of row {row} equal those of the row without padding",
        padded.outputs[one, MASK[row]],
        outputs,
        1e-5,
        hint,
    )
    for name, actual, expected in zip(cell.state_names, padded.final, final, strict=True):
        demand_same(
            f"the final state {name} of row {row} equals that of the row without padding",
            actual[one],
            expected,
            1e-5,
            hint,
        )


def padding_gradients(subject: Subject) -> None:
    """Padding a batch does not change the gradients of inputs, states and weights."""
    # In float32, a cell that computes timesteps in chunks rounds them differently with padding.
    cell = subject.cell(dtype="float64")
    x, states = subject.inputs().astype("float64"), subject.states(cell)
    inserted = np.full((BATCH, 2, FEATURES), PADDING)
    padded_x = np.concatenate([x[:, :2], inserted, x[:, 2:], x[:, :1]], axis=1)
    mask = np.zeros((BATCH, TIMESTEPS + 3), bool)
    mask[:, [0, 1, *range(4, TIMESTEPS + 2)]] = True
    padded = _gradients_at_valid_timesteps(cell, padded_x, states, mask)
    padded["inputs"] = padded["inputs"][mask].reshape(x.shape)
    all_valid = np.ones((BATCH, TIMESTEPS), bool)
    for name, expected in _gradients_at_valid_timesteps(cell, x, states, all_valid).items():
        with subject.part(name):
            demand_same(
                f"masked timesteps do not change the gradient of {name}",
                padded[name],
                expected,
                1e-8,
                _hint(subject),
            )


def _gradients_at_valid_timesteps(
    cell: Any, x: np.ndarray, states: list[np.ndarray], mask: np.ndarray
) -> dict[str, np.ndarray]:
    """Differentiate a weighted sum in which the n-th valid timestep always has the same weights."""
    random = np.random.default_rng(5)
    factors = random.normal(size=(BATCH, TIMESTEPS, cell.output_size))
    inputs, initial = tf.constant(x), [tf.constant(state) for state in states]
    sources = {
        "inputs": inputs,
        **{f"state {name}": state for name, state in zip(cell.state_names, initial, strict=True)},
        **{weight.name: weight.value for weight in cell.trainable_weights},
    }
    with tf.GradientTape() as tape:
        tape.watch([inputs, *initial])
        outputs, final = over_time(cell, inputs, initial, mask)
        valid = tf.reshape(tf.boolean_mask(outputs, mask), factors.shape)
        total = tf.reduce_sum(valid * factors) + sum(tf.reduce_sum(state**2) for state in final)
    found = tape.gradient(total, sources, unconnected_gradients="zero")
    return {name: tf.convert_to_tensor(gradient).numpy() for name, gradient in found.items()}


def _hint(subject: Subject) -> str:
    return f"the masks of the engine, and {subject.equations}: values stored outside the state"
