"""Properties of a cell over time: direction, chunks, implementations, recurrent dropout."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.gates import kept_states
from zoo.conformance.masks import MASK, PADDING
from zoo.conformance.running import Run, infer, over_time, run
from zoo.conformance.shared_runs import infer_part
from zoo.conformance.subject import TIMESTEPS, UNITS, Subject, randomize
from zoo.conformance.violation import demand, demand_same, demand_same_runs
from zoo.layers.recurrent import Recurrent


def direction(subject: Subject) -> None:
    """`go_backwards` equals reversed inputs; Bidirectional, also padded, equals its two halves."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    hint = f"{subject.equations}, and `project`: a dependence on the direction of time"
    backwards, _ = over_time(cell, x, states, go_backwards=True)
    reversed_inputs, _ = over_time(cell, x[:, ::-1], states)
    claim = "go_backwards equals reversed inputs"
    demand_same(claim, backwards, reversed_inputs, 1e-6, hint)
    _demand_halves(subject, hint)


def _demand_halves(subject: Subject, hint: str) -> None:
    """Compare a bidirectional layer with its two cells, on a full and on a padded row."""
    lengths = (TIMESTEPS, 2)
    x = subject.inputs(batch=len(lengths))
    mask = np.arange(TIMESTEPS) < np.array(lengths)[:, None]
    expected = None
    for return_sequences in (True, False):
        keras.utils.set_random_seed(6)  # for weights that are random and not trained
        layer = keras.layers.Bidirectional(
            Recurrent(subject.builder(UNITS), return_sequences=return_sequences)
        )
        layer.build(x.shape)
        randomize(layer, 6)
        if expected is None:
            expected = [_halves(layer, x[n : n + 1, :length]) for n, length in enumerate(lengths)]
        outputs = np.asarray(layer(x, mask=mask))
        for row, (length, (forward, backward)) in enumerate(zip(lengths, expected, strict=True)):
            claim = "Bidirectional on padded rows equals its two halves on unpadded rows"
            if return_sequences:
                halves = np.concatenate([forward, backward[:, ::-1]], axis=-1)
                demand_same(claim, outputs[row : row + 1, :length], halves, 1e-5, hint)
            else:
                halves = np.concatenate([forward[:, -1], backward[:, -1]], axis=-1)
                demand_same(claim, outputs[row : row + 1], halves, 1e-5, hint)


def _halves(layer: Any, x: np.ndarray) -> list[np.ndarray]:
    """Run the two cells of a Bidirectional layer on one row, each in its direction."""
    runs = ((layer.forward_layer.cell, x), (layer.backward_layer.cell, x[:, ::-1]))
    return [
        infer(cell, np.ascontiguousarray(inputs), map(np.asarray, cell.get_initial_state(1)))[0]
        for cell, inputs in runs
    ]


def chunks(subject: Subject) -> None:
    """Two chunks with carried state equal the whole sequence: outputs and final states."""
    cell = subject.cell()
    first_length = 3  # `causality` runs these timesteps, too
    hint = (
        f"{subject.equations}: a value stored outside the state, or a state that it does not return"
    )
    first, *carried = infer_part(subject, timesteps=slice(first_length))
    second, *final = infer(cell, subject.inputs()[:, first_length:], carried)
    expected, *expected_final = infer_part(subject)
    outputs = np.concatenate([first, second], axis=1)
    demand_same(
        "the outputs of two chunks equal those of the sequence", outputs, expected, 1e-5, hint
    )
    for name, actual, state in zip(cell.state_names, final, expected_final, strict=True):
        claim = f"the final state {name} after two chunks equals that of the sequence"
        demand_same(claim, actual, state, 1e-5, hint)


def loops(subject: Subject) -> None:
    """Engine, inference loop, Python loop and `keras.layers.RNN` agree, gradients included."""
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        for mask in (None, MASK):
            _demand_same_implementations(subject, cell, mask)


def _demand_same_implementations(subject: Subject, cell: Any, mask: np.ndarray | None) -> None:
    x, states, elapsed = subject.inputs(), subject.states(cell), subject.elapsed(cell)
    others = ["engine"]
    if cell.is_linear or cell.has_memory:
        others.append("parallel")
    if mask is not None:
        x = np.where(mask[:, :, None], x, np.float32(PADDING))
        others += ["while_loop", "checkpointed"]  # without a mask, `reference` runs the loop
    pairs = {each: ("python_loop", elapsed) for each in others}
    pairs["stock"] = ("python_loop", None)  # the time between its timesteps is always 1
    runs: dict[tuple[str, bool], Run] = {}

    def run_once(implementation: str, elapsed: np.ndarray | None) -> Run:
        key = implementation, elapsed is None
        if key not in runs:
            runs[key] = run(cell, x, states, mask, implementation, elapsed)
        return runs[key]

    for implementation, (expected, times) in pairs.items():
        demand_same_runs(
            f"the {implementation} {'without' if mask is None else 'with'} a mask equals the "
            "Python loop",
            run_once(implementation, times),
            run_once(expected, times),
            # Products of many rows round differently from those of few: 1.0e-5 for rwkv6.
            3e-5,
            f"{subject.equations}: it may depend on its arguments and on weights only",
        )


def recurrent_dropout(subject: Subject) -> None:
    """Recurrent dropout drops its rate of the candidates, in training; it spares a kept state."""
    cell, rate = subject.new_cell(units=16), 0.4
    x, states = subject.inputs(batch=32, timesteps=3), subject.states(cell, batch=32)
    hint = f"{subject.equations}: it must apply `candidate_dropout` to the candidate, once"
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
    _demand_spared_state(subject, hint)


def _demand_spared_state(subject: Subject, hint: str) -> None:
    """Demand that a state which saturated gates keep is the same if all candidates are dropped."""
    cell, saturations = subject.new_cell(), [dict(subject.builder.retention_gates)]
    kept = kept_states(subject, cell, saturations)
    cell.candidate_dropout = lambda candidate: 0 * candidate
    demand(
        (kept_states(subject, cell, saturations) >= kept).all(),
        f"expected that recurrent dropout spares a state that {saturations[0]} keep; measured that "
        f"it drops it. Check {hint}.",
    )


def _record_candidates(
    cell: Any, x: np.ndarray, states: list[np.ndarray], rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run in training; return the outputs, and all candidates before and after dropout."""
    before, after, candidate_dropout = [np.zeros(0)], [np.zeros(0)], cell.candidate_dropout

    def recording(candidate: Any) -> Any:
        masked = candidate_dropout(candidate)
        # The engine traces a symbolic step to find its structure; its tensors have no values.
        if not tf.is_symbolic_tensor(candidate):
            before.append(np.ravel(candidate))
            after.append(np.ravel(masked))
        return masked

    cell.candidate_dropout = recording
    outputs, _ = over_time(cell, x, states, recurrent_dropout=rate, seed=5)
    return np.asarray(outputs), np.concatenate(before), np.concatenate(after)
