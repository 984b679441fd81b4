"""The property that dropout, zoneout and the learned initial state behave as documented."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.masks import PADDING
from zoo.conformance.running import Run, as_run, differentiate, infer, over_time, run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand, demand_same, demand_same_runs
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell

RATE = 0.4
# A full row, a padded row, and a row with a gap.
MASK = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1]], bool)


def regularization(subject: Subject) -> None:
    """Zoneout, dropout, weight drop and a learned initial state behave as documented."""
    hint = (
        f"{subject.equations}: recurrent products from `recur` only, and no state other than "
        "the returned ones"
    )
    _demand_same_implementations(subject, hint)
    _demand_zoneout(subject, hint)
    _demand_unregularized_clocks(subject)
    _demand_dropout_masks(subject, hint)


def _options(subject: Subject) -> dict[str, Any]:
    return {
        "zoneout": RATE,
        "variational_dropout": RATE,
        "weight_drop": RATE if subject.builder.recurrent_shape != "none" else 0.0,
        "recurrent_dropout": RATE,
        "seed": 5,
    }


def _demand_same_implementations(subject: Subject, hint: str) -> None:
    expected = _run_with_all_options(subject, "python_loop", True)
    for implementation in ("engine", "stock"):
        actual = _run_with_all_options(subject, implementation, True, PADDING)
        claim = (
            f"the {implementation} with all options equals the Python loop with them, also with "
            f"{PADDING} at masked timesteps"
        )
        demand_same_runs(claim, actual, expected, 1e-5, hint)
        demand(
            not actual.gradients["inputs"][~MASK].any(),
            "expected no gradient at masked timesteps with all options; measured a nonzero one. "
            f"Check {hint}.",
        )
    demand_same_runs(
        "the stock RNN with zoneout and a learned initial state equals the inference loop",
        _run_with_all_options(subject, "stock", False),
        _run_with_all_options(subject, "while_loop", False),
        1e-5,
        hint,
    )


def _run_with_all_options(
    subject: Subject, implementation: str, training: bool, padding: float = 0.0
) -> Run:
    """Run with all options at once, with `padding` at masked timesteps.

    Only in training, the run is differentiated.
    """
    inputs = subject.inputs(timesteps=MASK.shape[1])
    cell, x = subject.cell(), tf.constant(np.where(MASK[:, :, None], inputs, np.float32(padding)))
    options = {**_options(subject), "learned_initial_state": True}
    if implementation == "stock":
        owner = RegularizedCell(cell, **options)
        layer = keras.layers.RNN(owner, return_sequences=True, return_state=True)
    else:
        options["unroll"] = implementation == "python_loop"
        owner = layer = Recurrent(cell, return_sequences=True, return_state=True, **options)
    layer.build(x.shape)
    learned = {}
    for number, weight in enumerate(owner.initial_state_weights):
        weight.assign(np.random.default_rng(number).normal(size=weight.shape))
        learned[f"initial {cell.state_names[number]}"] = weight.value

    def compute(x: tf.Tensor, _: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
        outputs, *final = layer(x, mask=MASK, training=training)
        return outputs, final[: len(cell.state_names)]

    if not training:
        return as_run(*compute(x, None))
    return as_run(*differentiate(cell, x, subject.states(cell), compute, MASK, learned))


def _demand_zoneout(subject: Subject, hint: str) -> None:
    """Each unit keeps its state at the given rate; inference uses the expected value."""
    cell = subject.cell(units=16)
    x, old_states = subject.inputs(batch=32, timesteps=1), subject.states(cell, batch=32)
    new_states = infer(cell, x, old_states)[1:]
    zoned_states = [np.asarray(s) for s in over_time(cell, x, old_states, zoneout=RATE, seed=5)[1]]
    expected_states = infer(cell, x, old_states, zoneout=RATE)[1:]
    masks = []
    for name, old, new, zoned, expected in zip(
        cell.state_names, old_states, new_states, zoned_states, expected_states, strict=True
    ):
        if name in cell.unregularized_states:
            demand_same(f"zoneout does not affect state {name}", zoned, new, 1e-6, hint)
            continue
        retained = zoned == old
        masks.append(retained)
        fraction = retained[new != old].mean()  # the step itself may leave a unit as it is
        demand(
            abs(fraction - RATE) < 0.1,
            f"expected that zoneout={RATE} retains that fraction of state {name}; measured "
            f"{fraction:.2f}. Check {hint}.",
        )
        claim = f"the values of state {name} that zoneout does not retain are the new ones"
        demand_same(claim, np.where(retained, new, zoned), new, 1e-5, hint)
        claim = f"zoneout uses the expected value of state {name} in inference"
        demand_same(claim, expected, RATE * old + (1 - RATE) * new, 1e-5, hint)
    demand(
        len(masks) == 1 or not np.array_equal(masks[0], masks[1]),
        f"expected a zoneout mask for each state; measured a shared one. Check {hint}.",
    )


def _demand_unregularized_clocks(subject: Subject) -> None:
    """Zoneout and dropout would stop a state that counts time: it must be left out of them."""
    cell = subject.cell()
    states = subject.states(cell)
    x = [subject.inputs(timesteps=1, seed=seed)[:, 0] for seed in (2, 4)]
    for number, name in enumerate(cell.state_names):
        others = [state + (index != number) for index, state in enumerate(states)]
        first, *further = (
            np.asarray(cell(each, before)[1][number])
            for each, before in ((x[0], states), (x[1], states), (x[0], others))
        )
        is_clock = all(np.array_equal(first, each) for each in further)
        demand(
            not is_clock or name in cell.unregularized_states,
            f"expected the state {name} in unregularized_states, since it depends neither on the "
            f"input nor on other states, as a time does; measured {cell.unregularized_states}. "
            f"Check the class attributes in {subject.file}.",
        )


def _demand_dropout_masks(subject: Subject, hint: str) -> None:
    """Variational dropout and weight drop: one mask for all timesteps, in training only."""
    cell = subject.cell(units=64, features=64)
    x = subject.inputs(batch=1, timesteps=3, features=64)
    states = subject.states(cell, batch=1)
    has_kernel = subject.builder.recurrent_shape in ("full", "diagonal")
    rates = {"variational_dropout": RATE, "weight_drop": RATE if has_kernel else 0.0}
    plain = run(cell, x, states)
    claim = "variational dropout and weight drop have no effect in inference"
    demand_same(claim, infer(cell, x, states, seed=5, **rates)[0], plain.outputs, 1e-5, hint)
    dropped = run(cell, x, states, variational_dropout=RATE, seed=5).gradients
    claim = f"variational_dropout={RATE} drops that fraction of the features"
    _demand_fraction(claim, plain.gradients["inputs"], dropped["inputs"], (0, 1), hint)
    if not has_kernel:
        return
    before, after = (
        _rows_by_unit(cell, each["recurrent_kernel"]) for each in (plain.gradients, dropped)
    )
    claim = f"variational_dropout={RATE} drops that fraction of the units"
    _demand_fraction(claim, before, after, 1, hint)
    dropped = run(cell, x, states, weight_drop=RATE, seed=5).gradients
    before, after = (each["recurrent_kernel"][..., None] for each in (plain.gradients, dropped))
    claim = f"weight_drop={RATE} drops that fraction of the weights"
    _demand_fraction(claim, before, after, -1, hint)


def _rows_by_unit(cell: Any, gradient: np.ndarray) -> np.ndarray:
    """Return the gradient of the recurrent kernel with one row per unit of its operand."""
    return gradient.reshape(-1, cell.units).T if cell.recurrent_shape == "diagonal" else gradient


def _demand_fraction(claim: str, plain: Any, dropped: Any, axis: Any, hint: str) -> None:
    """Demand that a fraction of `RATE` of the nonzero gradients is zero under dropout."""
    nonzero = (plain != 0).any(axis)
    fraction = 1 - (dropped != 0).any(axis)[nonzero].mean()
    demand(
        abs(fraction - RATE) < 0.2,
        f"expected that {claim}, by one mask for all timesteps; measured {fraction:.2f}. "
        f"Check {hint}.",
    )
