"""Cells against the stored runs of other implementations, in float64."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.golden import stored_runs
from tests.golden.stored_runs import Arrays, Run, stored


def all_runs() -> list[Run]:
    """Return the runs of `stored_runs` and of the modules runs_*.py of this folder."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("runs_*.py"))
    modules = [importlib.import_module(f"tests.golden.{name}") for name in names]
    return [run for module in (stored_runs, *modules) for run in module.RUNS]


RUNS = all_runs()


def repeat(run: Run) -> tuple[zoo.Recurrent, dict[str, Arrays], dict[str, Any]]:
    """Return our layer without their weights, the stored run and the layer's call arguments."""
    data = stored(run.file)
    layer = zoo.Recurrent(
        run.cell,
        dtype="float64",
        return_sequences=True,
        return_state=True,
        **{"units": 4, **run.arguments},
    )
    layer.build(data[""]["inputs"].shape)
    return layer, data, {name: data[""][name] for name in ("elapsed",) if name in data[""]}


def assign(layer: zoo.Recurrent, weights: Arrays) -> None:
    """Set all trainable weights of the cell, and others that `weights` holds."""
    trainable = {variable.name for variable in layer.cell.trainable_weights}
    assert trainable <= set(weights) <= {variable.name for variable in layer.cell.weights}
    for name, value in weights.items():
        getattr(layer.cell, name).assign(value)


def assert_close(actual: Any, expected: Any, what: str = "") -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9, err_msg=what)


def assert_outputs_match(run: Run, data: dict[str, Arrays], outputs: Any, final: list[Any]) -> None:
    assert_close(outputs, data[""]["outputs"], "outputs")
    expected = run.states(data["weights"], data["final"])
    for number, (ours, theirs) in enumerate(zip(final, expected, strict=True)):
        assert_close(ours, theirs, f"final state {number}")


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.file)
def test_inference_matches_the_stored_run(run):
    layer, data, arguments = repeat(run)
    assign(layer, run.weights(data["weights"]))
    initial = run.states(data["weights"], data["initial"]) if data["initial"] else None
    outputs, *final = layer(data[""]["inputs"], initial_state=initial, **arguments)
    assert_outputs_match(run, data, outputs, final)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.file)
def test_training_and_its_gradients_match_the_stored_run(run):
    layer, data, arguments = repeat(run)
    theirs = {name: tf.Variable(value) for name, value in data["weights"].items()}
    their_states = {name: tf.Variable(value) for name, value in data["initial"].items()}
    with tf.GradientTape() as mapping:
        weights = {k: tf.convert_to_tensor(v) for k, v in run.weights(theirs).items()}
        states = run.states(theirs, their_states) if their_states else []
    assign(layer, weights)

    inputs, initial = tf.Variable(data[""]["inputs"]), [tf.Variable(state) for state in states]
    with tf.GradientTape() as tape:
        outputs, *final = layer(inputs, initial_state=initial or None, training=True, **arguments)
        loss = tf.reduce_sum(outputs * data[""]["coefficients"])
    assert_outputs_match(run, data, outputs, final)

    ours = [inputs, *initial, *(getattr(layer.cell, name).value for name in weights)]
    of_inputs, *others = tape.gradient(loss, ours, unconnected_gradients="zero")
    assert_close(of_inputs, data["gradients"]["inputs"], "inputs")
    named = {**theirs, **{f"initial/{name}": state for name, state in their_states.items()}}
    for name in (*run.not_compared, "initial/t"):
        named.pop(name, None)
    gradients = mapping.gradient(
        [*states, *weights.values()],
        named,
        output_gradients=others,
        unconnected_gradients="zero",
    )
    for name, gradient in gradients.items():
        assert_close(gradient, data["gradients"][name], name)
