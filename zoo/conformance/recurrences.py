"""Properties of a cell over time: direction, chunks, implementations, recurrent dropout."""

from typing import Any

import keras
import numpy as np

from zoo.conformance.masks import MASK
from zoo.conformance.running import IMPLEMENTATIONS, infer, over_time, run
from zoo.conformance.subject import TIMESTEPS, UNITS, Subject, randomize
from zoo.conformance.violation import demand, demand_same, demand_same_runs
from zoo.layers.recurrent import Recurrent


def direction(subject: Subject) -> None:
    """`go_backwards` equals reversed inputs; Bidirectional, also padded, equals its two halves."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    hint = f"`step` and `project` in {subject.file}: a dependence on the direction of time"
    for implementation in ("engine", "while_loop"):
        backwards, _ = over_time(cell, x, states, None, implementation, go_backwards=True)
        reversed_inputs, _ = over_time(cell, x[:, ::-1], states, None, implementation)
        claim = f"go_backwards in the {implementation} equals reversed inputs"
        demand_same(claim, backwards, reversed_inputs, 1e-6, hint)
    lengths = np.array([TIMESTEPS, 2, 3])
    for return_sequences in (True, False):
        layer = keras.layers.Bidirectional(
            Recurrent(subject.builder(UNITS), return_sequences=return_sequences)
        )
        layer.build(x.shape)
        randomize(layer, 6)
        outputs = np.asarray(layer(x, mask=np.arange(TIMESTEPS) < lengths[:, None]))
        for row, length in enumerate(lengths):
            actual = outputs[row : row + 1, :length] if return_sequences else outputs[row : row + 1]
            demand_same(
                "Bidirectional on padded rows equals its two halves on unpadded rows "
                f"(return_sequences={return_sequences})",
                actual,
                _halves(layer, x[row : row + 1, :length], return_sequences),
                1e-5,
                hint,
            )


def _halves(layer: Any, x: np.ndarray, return_sequences: bool) -> np.ndarray:
    """Run the two cells of a Bidirectional layer on one row; return the concatenated outputs."""

    def outputs_of(cell: Any, inputs: np.ndarray) -> np.ndarray:
        zeros = [np.asarray(state) for state in cell.get_initial_state(1)]
        return infer(cell, np.ascontiguousarray(inputs), zeros)[0]

    forward = outputs_of(layer.forward_layer.cell, x)
    backward = outputs_of(layer.backward_layer.cell, x[:, ::-1])
    if return_sequences:
        return np.concatenate([forward, backward[:, ::-1]], axis=-1)
    return np.concatenate([forward[:, -1], backward[:, -1]], axis=-1)


def chunks(subject: Subject) -> None:
    """Two chunks with carried state equal the whole sequence: outputs and final states."""
    cell = subject.cell()
    x, states, first_length = subject.inputs(), subject.states(cell), 2
    hint = (
        f"`step` in {subject.file}: a value stored outside the state, or a state that it does not "
        "return"
    )
    first, *carried = infer(cell, x[:, :first_length], states)
    second, *final = infer(cell, x[:, first_length:], carried)
    expected, *expected_final = infer(cell, x, states)
    outputs = np.concatenate([first, second], axis=1)
    demand_same(
        "the outputs of two chunks equal those of the sequence", outputs, expected, 1e-5, hint
    )
    for name, actual, state in zip(cell.state_names, final, expected_final, strict=True):
        claim = f"the final state {name} after two chunks equals that of the sequence"
        demand_same(claim, actual, state, 1e-5, hint)


def loops(subject: Subject) -> None:
    """Engine, inference loop, Python loop and `keras.layers.RNN` agree, gradients included."""
    hint = (
        f"{subject.file}: `step` may read only its arguments, recurrent products from `recur`, and "
        "weights other than the kernel and a bias of one row"
    )
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        x, states = subject.inputs(), subject.states(cell)
        for mask in (None, MASK):
            runs = {each: run(cell, x, states, mask, each) for each in IMPLEMENTATIONS}
            expected = runs.pop("python_loop")
            for implementation, actual in runs.items():
                mask_clause = "without a mask" if mask is None else "with a mask"
                claim = f"the {implementation} {mask_clause} equals the Python loop"
                demand_same_runs(claim, actual, expected, 1e-5, hint)


def recurrent_dropout(subject: Subject) -> None:
    """Recurrent dropout drops its rate of the candidates in training, and none in inference."""
    cell, rate = subject.cell(units=16), 0.4
    x, states = subject.inputs(batch=16, timesteps=8), subject.states(cell, batch=16)
    hint = f"`step` in {subject.file}: it must apply `candidate_dropout` to the candidate, once"
    expected = infer(cell, x, states)
    actual = infer(cell, x, states, recurrent_dropout=rate, seed=5)
    for array, expected_array in zip(actual, expected, strict=True):
        claim = "recurrent dropout has no effect in inference"
        demand_same(claim, array, expected_array, 0.0, hint)
    outputs, before, after = _record_candidates(cell, x, states, rate)
    demand(
        not np.allclose(outputs, expected[0], rtol=1e-3),
        f"expected that recurrent_dropout={rate} changes the outputs in training; measured no "
        f"change. Check {hint}.",
    )
    nonzero = before != 0
    dropped = float(np.mean(after[nonzero] == 0))
    demand(
        abs(dropped - rate) < 0.05,
        f"expected that a fraction of {rate} is dropped; measured {dropped:.3f}. Check {hint}.",
    )
    retained = nonzero & (after != 0)
    claim = "retained candidates are scaled by 1 / (1 - rate)"
    demand_same(claim, after[retained], before[retained] / (1 - rate), 1e-5, hint)


def _record_candidates(
    cell: Any, x: np.ndarray, states: list[np.ndarray], rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run in training; return the outputs, and all candidates before and after dropout."""
    before, after, candidate_dropout = [np.zeros(0)], [np.zeros(0)], cell.candidate_dropout

    def recording(candidate: Any) -> Any:
        masked = candidate_dropout(candidate)
        # The engine traces a symbolic step to find its products; its tensors have no values.
        if not isinstance(candidate, keras.KerasTensor):
            before.append(np.ravel(candidate))
            after.append(np.ravel(masked))
        return masked

    cell.candidate_dropout = recording
    outputs, _ = over_time(cell, x, states, recurrent_dropout=rate, seed=5)
    return np.asarray(outputs), np.concatenate(before), np.concatenate(after)
