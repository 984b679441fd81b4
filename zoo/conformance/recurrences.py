"""Properties of a cell over time: masks, direction, carried state, all loops alike, recurrent dropout."""

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.running import WAYS, infer, over_time, run
from zoo.conformance.subject import BATCH, FEATURES, TIMESTEPS, UNITS, randomize
from zoo.conformance.violation import demand, demand_same, demand_same_runs
from zoo.layers.recurrent import Recurrent

# A full row, a padded one, and one with a hole and padding.
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 1, 1, 0]], bool)
PADDING = 7.0  # what stands where nothing should look

assert MASK.shape == (BATCH, TIMESTEPS)


def padding(subject):
    """Masked timesteps are as if they were not there: outputs, final states, gradients."""
    cell = subject.cell()
    x, states = (
        np.where(MASK[:, :, None], subject.inputs(), np.float32(PADDING)),
        subject.states(cell),
    )
    for way in ("engine", "while_loop"):
        padded = run(cell, x, states, MASK, way)
        demand(
            not padded.gradients["inputs"][~MASK].any(),
            f"expected no gradient at masked timesteps; the {way} has some. Look at `project` in {subject.file}.",
        )
        for row in range(BATCH):
            _one_row(subject, cell, x, states, padded, row, way)


def _one_row(subject, cell, x, states, padded, row, way):
    """The valid timesteps of one row, run alone, give what they give between the masked ones."""
    valid, one = MASK[row], slice(row, row + 1)
    outputs, *final = infer(cell, x[one, valid], [state[one] for state in states])
    look = f"the {way}'s masks, and what `step` in {subject.file} keeps outside the state"
    demand_same(
        f"outputs at the valid timesteps of row {row} are those of the row cut short",
        padded.outputs[one, valid],
        outputs,
        1e-5,
        look,
    )
    for name, got, expected in zip(cell.state_names, padded.final, final, strict=True):
        demand_same(
            f"the final state {name} of row {row} is that of the row cut short",
            got[one],
            expected,
            1e-5,
            look,
        )


def padding_gradients(subject):
    """The gradients of states and weights do not change when a batch is padded."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    more = np.concatenate(
        [x[:, :2], np.full((BATCH, 2, FEATURES), PADDING, "float32"), x[:, 2:], x[:, :1]], axis=1
    )
    mask = np.zeros((BATCH, TIMESTEPS + 3), bool)
    mask[:, [0, 1, *range(4, TIMESTEPS + 2)]] = True
    padded, whole = (
        _pulled(cell, more, states, mask),
        _pulled(cell, x, states, np.ones((BATCH, TIMESTEPS), bool)),
    )
    padded["inputs"] = padded["inputs"][mask].reshape(x.shape)
    look = f"the engine's masks, and what `step` in {subject.file} keeps outside the state"
    for name, expected in whole.items():
        demand_same(
            f"the gradient of {name} is not changed by masked timesteps",
            padded[name],
            expected,
            1e-5,
            look,
        )


def _pulled(cell, x, states, mask):
    """Gradients of the weighed outputs at valid timesteps, the n-th of them weighed alike whatever is in between."""
    measure = (
        np.random.default_rng(5).normal(size=(BATCH, TIMESTEPS, cell.output_size)).astype("float32")
    )
    weights, inputs = [weight.value for weight in cell.trainable_weights], tf.constant(x)
    starts = [tf.constant(state) for state in states]
    with tf.GradientTape() as tape:
        tape.watch([inputs, *starts])
        outputs, final = over_time(cell, inputs, starts, mask)
        valid = tf.reshape(tf.boolean_mask(outputs, mask), measure.shape)
        total = tf.reduce_sum(valid * measure) + sum(tf.reduce_sum(state**2) for state in final)
    found = tape.gradient(total, [inputs, *starts, *weights], unconnected_gradients="zero")
    names = [
        "inputs",
        *(f"state {name}" for name in cell.state_names),
        *(w.name for w in cell.trainable_weights),
    ]
    return {
        name: tf.convert_to_tensor(array).numpy() for name, array in zip(names, found, strict=True)
    }


def direction(subject):
    """Backwards is the flipped input; both directions, padded, are the two halves computed apart."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    look = f"what `step` or `project` in {subject.file} knows of time"
    for way in ("engine", "while_loop"):
        backwards, _ = over_time(cell, x, states, None, way, go_backwards=True)
        flipped, _ = over_time(cell, x[:, ::-1], states, None, way)
        demand_same(
            f"go_backwards in the {way} equals the flipped input", backwards, flipped, 1e-6, look
        )
    for sequences in (True, False):
        layer = keras.layers.Bidirectional(
            Recurrent(subject.builder(UNITS), return_sequences=sequences)
        )
        layer.build(x.shape)
        randomize(layer, 6)
        mask = np.arange(TIMESTEPS) < np.array([[TIMESTEPS], [2], [3]])
        both = np.asarray(layer(x, mask=mask))
        for row, length in enumerate(mask.sum(axis=1)):
            _halves(layer, x[row : row + 1, :length], both[row : row + 1], sequences, look)


def _halves(layer, x, both, sequences, look):
    """One row of a Bidirectional layer's output beside its two cells run apart on the row cut short."""
    halves = []
    for half, turned in ((layer.forward_layer, x), (layer.backward_layer, x[:, ::-1])):
        zeros = [np.asarray(state) for state in half.cell.get_initial_state(1)]
        outputs = infer(half.cell, np.ascontiguousarray(turned), zeros)[0]
        halves.append(outputs[:, ::-1] if sequences and turned is not x else outputs)
    got = both[:, : x.shape[1]] if sequences else both
    expected = np.concatenate(halves if sequences else [half[:, -1] for half in halves], axis=-1)
    demand_same(
        f"Bidirectional on padded rows equals its halves computed apart (return_sequences={sequences})",
        got,
        expected,
        1e-5,
        look,
    )


def chunks(subject):
    """Two chunks with the state carried over are the whole: outputs, final states, gradients."""
    cell = subject.cell()
    x, states, cut = subject.inputs(), subject.states(cell), 2
    look = f"`step` in {subject.file}: something that is carried outside the state, or a state that is not handed on"
    first, *carried = infer(cell, x[:, :cut], states)
    second, *final = infer(cell, x[:, cut:], carried)
    whole, *final_of_whole = infer(cell, x, states)
    outputs = np.concatenate([first, second], axis=1)
    demand_same("the outputs of two chunks are those of the whole", outputs, whole, 1e-5, look)
    for name, got, expected in zip(cell.state_names, final, final_of_whole, strict=True):
        demand_same(
            f"the final state {name} after two chunks is that of the whole",
            got,
            expected,
            1e-5,
            look,
        )


def loops(subject):
    """The engine, the loop for inference, the Python loop and the stock RNN agree, gradients included."""
    look = (
        f"{subject.file}: `step` may read only its arguments, the recurrent product by `recur`, and weights other "
        "than the kernel and a bias of one row"
    )
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        x, states = subject.inputs(), subject.states(cell)
        for mask in (None, MASK):
            runs = {way: run(cell, x, states, mask, way) for way in WAYS}
            for way in ("engine", "while_loop", "stock"):
                what = f"the {way} {'without' if mask is None else 'with'} a mask equals the Python loop"
                demand_same_runs(what, runs[way], runs["python_loop"], 1e-5, look)


def recurrent_dropout(subject):
    """It drops the stated fraction of what enters the state, in training alone, in every cell."""
    cell, rate = subject.cell(units=16), 0.4
    x, states = subject.inputs(batch=16, timesteps=8), subject.states(cell, batch=16)
    look = f"`step` in {subject.file}: what is new in the state goes through `self.entering`, once"
    plain = infer(cell, x, states)
    for got, expected in zip(
        infer(cell, x, states, recurrent_dropout=rate, seed=5), plain, strict=True
    ):
        demand_same("recurrent dropout does nothing in inference", got, expected, 0.0, look)
    seen, candidate_dropout = [], cell.candidate_dropout
    cell.candidate_dropout = lambda candidate: _note(seen, candidate, candidate_dropout(candidate))
    trained, _ = over_time(cell, x, states, recurrent_dropout=rate, seed=5)
    demand(
        not np.allclose(trained, plain[0], rtol=1e-3),
        f"expected that recurrent_dropout={rate} changes outputs in training; measured no change. Look at {look}.",
    )
    before, after = (np.concatenate([np.ravel(pair[place]) for pair in seen]) for place in (0, 1))
    alive = before != 0
    dropped = float(np.mean(after[alive] == 0))
    demand(
        abs(dropped - rate) < 0.05,
        f"expected that a fraction of {rate} is dropped; measured {dropped:.3f}. Look at {look}.",
    )
    kept = alive & (after != 0)
    demand_same(
        "what is kept is scaled up in turn", after[kept], before[kept] / (1 - rate), 1e-5, look
    )


def _note(seen, candidate, masked):
    if not isinstance(
        candidate, keras.KerasTensor
    ):  # the symbolic step that discovers the products
        seen.append((np.asarray(candidate), np.asarray(masked)))
    return masked
