"""The property that a cell that names a Keras layer computes what that layer computes."""

import keras

from zoo.conformance.running import Run, as_run, differentiate, run
from zoo.conformance.subject import UNITS, Subject
from zoo.conformance.violation import demand, demand_same_runs


def keras_layer(subject: Subject) -> None:
    """The layer that `keras_layer` names gives the cell's outputs, final states and gradients."""
    name = vars(subject.builder).get("keras_layer")  # a subclass does not inherit it
    if name is None:
        return
    hint = f"`keras_layer` in {subject.file}: training on a GPU runs keras.layers.{name}"
    demand(
        issubclass(getattr(keras.layers, str(name), object), keras.layers.RNN),
        f"expected the name of a recurrent layer in keras.layers; measured {name!r}. Check {hint}.",
    )
    for arguments in subject.variants():
        actual = _run_keras_layer(subject, name, arguments, hint)
        cell = subject.cell(**arguments)
        expected = run(cell, subject.inputs(), subject.states(cell), implementation="python_loop")
        claim = f"keras.layers.{name} equals the cell with its weights"
        demand_same_runs(claim, actual, expected, 1e-5, hint)


def _run_keras_layer(subject: Subject, name: str, arguments: dict, hint: str) -> Run:
    """Run the Keras layer with the weights of a cell; name the gradients as those of the cell."""
    cell = subject.cell(**arguments)
    layer = getattr(keras.layers, name)(UNITS, return_sequences=True, return_state=True)
    x, states = subject.inputs(), subject.states(cell)
    layer.build(x.shape)
    shapes, expected = ([tuple(w.shape) for w in owner.weights] for owner in (layer, cell))
    demand(
        shapes == expected and len(states) == len(layer.cell.get_initial_state(1)),
        f"expected the weights {expected} and {len(states)} states in keras.layers.{name}; "
        f"measured the weights {shapes}. Check {hint}.",
    )
    layer.set_weights(cell.get_weights())
    pairs = zip(cell.weights, layer.weights, strict=True)
    others = {weight.name: other.value for weight, other in pairs}

    def compute(x: keras.KerasTensor, states: list) -> tuple:
        outputs, *final = layer(x, initial_state=states)
        return outputs, final

    return as_run(*differentiate(cell, x, states, compute, others=others))
