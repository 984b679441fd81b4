"""The property that the options of the recurrence do to a cell what they say: noise, and a learned initial state."""

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.recurrences import MASK, PADDING
from zoo.conformance.running import as_run, differentiate, infer, over_time, run, weigh
from zoo.conformance.violation import demand, demand_same, demand_same_runs
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell

RATE = 0.4


def regularization(subject):
    """Zoneout, variational dropout, weight drop and a learned initial state: each as stated, in every loop alike."""
    look = (
        f"`step` in {subject.file}: products by `recur` alone, and no state beside those handed on"
    )
    _alike(subject, look)
    _inert(subject, look)
    _zoneout(subject, look)
    _variational(subject, look)
    if subject.builder.recurrent_shape != "none":
        _weight_drop(subject, look)


def _options(subject):
    drop = RATE if subject.builder.recurrent_shape != "none" else 0.0
    return {
        "zoneout": RATE,
        "variational_dropout": RATE,
        "weight_drop": drop,
        "recurrent_dropout": RATE,
        "seed": 5,
    }


def _alike(subject, look):
    """With all options at once, the engine, the Python loop and the stock RNN give the same, gradients included."""
    runs = {way: _with_all(subject, way, True) for way in ("engine", "python_loop", "stock")}
    for way in ("engine", "stock"):
        demand_same_runs(
            f"the {way} with noise equals the Python loop with it",
            runs[way],
            runs["python_loop"],
            1e-5,
            look,
        )
    demand_same_runs(
        "the stock RNN infers as the loop for inference does, with zoneout and a learned initial state",
        _with_all(subject, "stock", False),
        _with_all(subject, "while_loop", False),
        1e-5,
        look,
    )


def _with_all(subject, way, training):
    cell, x = subject.cell(), tf.constant(subject.inputs())
    options = {**_options(subject), "learned_initial_state": True}
    if way == "stock":
        holder = RegularizedCell(cell, **options)
        layer = keras.layers.RNN(holder, return_sequences=True, return_state=True)
    else:
        holder = layer = Recurrent(
            cell, return_sequences=True, return_state=True, unroll=way == "python_loop", **options
        )
    layer.build(x.shape)
    for number, weight in enumerate(holder.first):
        weight.assign(np.random.default_rng(number).normal(size=weight.shape))

    def compute(x, _):
        outputs, *final = layer(x, mask=MASK, training=training)
        return outputs, final[: len(cell.state_names)]

    with tf.GradientTape() as tape:  # of what is no weight of the cell
        first = [weight.value for weight in holder.first]
        total = weigh([compute(x, None)[0]], MASK)
    learned = tape.gradient(total, first, unconnected_gradients="zero")
    outputs, final, gradients = differentiate(cell, x, subject.states(cell), compute, MASK)
    gradients.update(zip((f"initial {name}" for name in cell.state_names), learned, strict=True))
    return as_run((outputs, final, gradients))


def _inert(subject, look):
    """What stands at masked timesteps changes nothing, whatever the noise."""
    cell, x = subject.cell(), subject.inputs()
    states, runs = subject.states(cell), []
    for padding in (0.0, PADDING):
        filled = np.where(MASK[:, :, None], x, np.float32(padding))
        runs.append(run(cell, filled, states, MASK, "engine", **_options(subject)))
    demand_same_runs("padding changes nothing under noise", *runs, 1e-6, look)
    demand(
        not runs[0].gradients["inputs"][~MASK].any(),
        f"expected no gradient at masked timesteps under noise; measured some. Look at {look}.",
    )


def _zoneout(subject, look):
    """Each unit of each state keeps its value at that rate; in inference, the expected value."""
    cell = subject.cell(units=16)
    x, old = subject.inputs(batch=32, timesteps=1), subject.states(cell, batch=32)
    new = infer(cell, x, old)[1:]
    trained = [np.asarray(state) for state in over_time(cell, x, old, zoneout=RATE, seed=5)[1]]
    expected = infer(cell, x, old, zoneout=RATE)[1:]
    kept = []
    for name, *four in zip(cell.state_names, old, new, trained, expected, strict=True):
        before, after, zoned, mean = four
        kept.append(zoned == before)
        share = kept[-1].mean()
        demand(
            abs(share - RATE) < 0.1,
            f"expected that zoneout={RATE} keeps that share of state {name}; measured "
            f"{share:.2f}. Look at {look}.",
        )
        demand_same(
            f"what zoneout does not keep of state {name} is new",
            np.where(kept[-1], after, zoned),
            after,
            1e-5,
            look,
        )
        demand_same(
            f"zoneout infers with the expected state {name}",
            mean,
            RATE * before + (1 - RATE) * after,
            1e-5,
            look,
        )
    demand(
        len(kept) == 1 or (kept[0] != kept[1]).any(),
        f"expected that zoneout draws for each state; measured one draw. Look at {look}.",
    )


def _variational(subject, look):
    """One mask for all timesteps: on the input, and on what the recurrent kernel reads."""
    cell = subject.cell(units=64, features=64)
    x, states = subject.inputs(batch=1, features=64), subject.states(cell, batch=1)
    plain, noisy = run(cell, x, states), run(cell, x, states, variational_dropout=RATE, seed=5)
    demand_same(
        "variational dropout does nothing in inference",
        infer(cell, x, states, variational_dropout=RATE, seed=5)[0],
        infer(cell, x, states)[0],
        0.0,
        look,
    )
    _share(
        "features",
        "variational_dropout",
        plain.gradients["inputs"],
        noisy.gradients["inputs"],
        (0, 1),
        look,
    )
    if subject.builder.recurrent_shape != "none":
        rows = [_by_unit(cell, one.gradients["recurrent_kernel"]) for one in (plain, noisy)]
        _share("units", "variational_dropout", *rows, 1, look)


def _by_unit(cell, gradient):
    """What belongs to one unit that is read, as a row."""
    return gradient.reshape(-1, cell.units).T if cell.recurrent_shape == "diagonal" else gradient


def _weight_drop(subject, look):
    """A dropped weight has no gradient, at any timestep."""
    cell = subject.cell(units=32)
    x, states = subject.inputs(batch=4), subject.states(cell, batch=4)
    plain, noisy = run(cell, x, states), run(cell, x, states, weight_drop=RATE, seed=5)
    demand_same(
        "weight drop does nothing in inference",
        infer(cell, x, states, weight_drop=RATE, seed=5)[0],
        infer(cell, x, states)[0],
        0.0,
        look,
    )
    _share(
        "weights",
        "weight_drop",
        *(one.gradients["recurrent_kernel"][..., None] for one in (plain, noisy)),
        -1,
        look,
    )


def _share(what, option, plain, noisy, axis, look):
    """Of what has a gradient without noise, the stated share has none with it."""
    alive = (plain != 0).any(axis)
    share = 1 - (noisy != 0).any(axis)[alive].mean()
    demand(
        abs(share - RATE) < 0.2,
        f"expected that {option}={RATE} cuts off that share of the {what}, by one mask for "
        f"all timesteps; measured {share:.2f}. Look at {look}.",
    )
