"""Properties of models around a cell: compiled, in low precision, repeated, saved, exported."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.models import folder, small_model
from zoo.conformance.recurrences import MASK
from zoo.conformance.running import as_run, differentiate, over_time
from zoo.conformance.subject import weights_by_name
from zoo.conformance.violation import Violation, demand, demand_same, demand_same_runs

PRECISIONS = {"mixed_bfloat16": 0.06, "mixed_float16": 0.01}


def jit(subject):
    """Compiled to a graph, and by XLA, the engine and the loop for inference give what they give one by one."""
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)

    def engine(x, states):
        return differentiate(
            cell, x, states, lambda x, states: over_time(cell, x, states, MASK, "engine"), MASK
        )

    def inference(x, states):
        outputs, final = over_time(cell, x, states, MASK, "while_loop")
        return outputs, final, {}

    for run in (engine, inference):
        plain = as_run(run(x, states))
        for compiled in (False, True):
            how = "compiled by XLA" if compiled else "as a graph"
            got = as_run(
                tf.function(run, jit_compile=compiled)(
                    tf.constant(x), [tf.constant(s) for s in states]
                )
            )
            demand_same_runs(
                f"the {run.__name__} {how} equals itself run eagerly",
                got,
                plain,
                1e-5,
                f"`step` in {subject.file}: Python values that depend on tensors, or a counter",
            )


def mixed_precision(subject):
    """In low precision: finite, near float32, put out in the compute type, weights in float32."""
    x = subject.inputs()
    expected = small_model(subject, dense=False)(x)
    for policy in PRECISIONS if subject.full else list(PRECISIONS)[:1]:
        model = small_model(subject, policy, dense=False)
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            total = tf.reduce_sum(outputs)
        look = f"`step` in {subject.file}: a cast, a constant of a fixed type, or weights read past `self`"
        compute = keras.DTypePolicy(policy).compute_dtype
        given = outputs.dtype.name
        demand(
            given == compute,
            f"expected outputs in {compute} under {policy}; measured {given}. Look at {look}.",
        )
        kinds = sorted({weight.dtype for weight in model.weights})
        demand(
            kinds == ["float32"],
            f"expected weights in float32 under {policy}; measured {kinds}. Look at {look}.",
        )
        for training, got in ((True, outputs), (False, model(x))):
            demand_same(
                f"outputs under {policy} are near those of float32 (training={training})",
                tf.cast(got, "float32"),
                expected,
                PRECISIONS[policy],
                look,
            )
        gradients = tape.gradient(total, model.trainable_weights)
        finite = all(gradient is not None and np.isfinite(gradient).all() for gradient in gradients)
        demand(
            finite,
            f"expected a finite gradient of each weight under {policy}; measured others. Look at {look}.",
        )


def determinism(subject):
    """The same seed gives the same first weights, outputs and gradients, recurrent dropout included."""
    first, second = _seeded(subject), _seeded(subject)
    for name, expected in first.items():
        demand(
            np.array_equal(second[name], expected),
            f"expected the same {name} from the same seed; measured a difference. "
            f"Look at {subject.file}: a counter, the clock, or random numbers of its own.",
        )


def _seeded(subject):
    keras.utils.set_random_seed(11)
    cell = subject.builder(4)
    cell.build((None, 2))
    x, states = subject.inputs(), subject.states(cell)

    def engine(x, states):
        return over_time(cell, x, states, None, "engine", recurrent_dropout=0.3)

    made = {f"first {name}": weight for name, weight in weights_by_name(cell).items()}
    return {**made, **as_run(differentiate(cell, x, states, engine)).named()}


def config(subject):
    """Every argument of the constructor travels in the configuration."""
    given = {**subject.other_arguments(), "name": "other", "dtype": "mixed_float16"}
    cell = subject.builder(7, **given)
    written = json.loads(json.dumps(cell.get_config()))
    look = f"the constructor in {subject.file}: each argument has a name of its own, and the rest go on by **kwargs"
    for name, value in {"units": 7, **given}.items():
        if name == "dtype":
            continue
        demand(
            name in written,
            f"expected {name} in the configuration; measured {sorted(written)}. Look at {look}.",
        )
        demand(
            written[name] == value,
            f"expected {name}={value!r} in the configuration; measured {written[name]!r}. "
            f"Look at {look}.",
        )
    again = subject.builder.from_config(written)
    demand(
        again.get_config() == cell.get_config(),
        f"expected the configuration again after from_config; measured {again.get_config()}. Look at {look}.",
    )
    demand(
        again.dtype_policy.name == "mixed_float16",
        f"expected the policy mixed_float16 after from_config; measured {again.dtype_policy.name}. Look at {look}.",
    )
    _behaves_alike(subject, look)


def _behaves_alike(subject, look):
    """Each choice of the search space survives a configuration in what the cell computes, too."""
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        again = subject.builder.from_config(json.loads(json.dumps(cell.get_config())))
        again.build((None, 2))
        again.set_weights(cell.get_weights())
        x, states = subject.inputs()[:, 0], subject.states(cell)
        demand_same(
            f"a cell made from its configuration with {arguments} gives the same output",
            again(x, states)[0],
            cell(x, states)[0],
            0.0,
            look,
        )


def keras_file(subject):
    """A model saved as a `.keras` file and loaded gives the same numbers."""
    model, x = small_model(subject, **subject.other_arguments()), subject.inputs()
    with folder() as place:
        model.save(place / "model.keras")
        loaded = keras.saving.load_model(place / "model.keras")
    demand_same(
        "a model loaded from a .keras file gives the same outputs",
        loaded(x),
        model(x),
        0.0,
        f"`extra_weights` and the constructor in {subject.file}",
    )


def fresh_process(subject):
    """The same file loads in a process that has only looked the cell up."""
    reason = in_fresh_process([subject])[subject.name]
    if reason:
        raise Violation(reason)


def in_fresh_process(subjects):
    """Saves a model for each subject and loads all of them in ONE new process: name -> what is wrong, or None."""
    reasons = {}
    with folder() as place:
        for subject in subjects:
            try:
                model, x = small_model(subject), subject.inputs()
                model.save(place / f"{subject.name}.keras")
                np.savez(place / f"{subject.name}.npz", x=x, outputs=model(x))
            except Exception as error:
                reasons[subject.name] = (
                    f"expected a .keras file; measured {type(error).__name__} while saving: {error}"
                )
        names = [subject.name for subject in subjects if subject.name not in reasons]
        # What this process can import, a checkout or a plugin beside it, the new one must find as well.
        paths = os.pathsep.join(str(pathlib.Path(path).absolute()) for path in sys.path)
        done = subprocess.run(
            [sys.executable, "-m", "zoo.conformance.fresh", str(place), *names],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    try:
        return {**reasons, **json.loads(done.stdout.splitlines()[-1])}
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        return {
            **reasons,
            **{
                name: f"expected that a new process loads the model; measured that it ended with status "
                f"{done.returncode}, saying: {last}"
                for name in names
            },
        }


def saved_model(subject):
    """An export runs without Keras, at batch sizes and lengths that were not traced, and gives the same numbers."""
    model = small_model(subject)
    with folder() as place:
        model.export(place / "1", verbose=False)
        serve = tf.saved_model.load(str(place / "1")).signatures["serving_default"]
        (argument,) = serve.structured_input_signature[1]
        for batch, timesteps in ((1, 1), (4, 9)):
            x = tf.constant(subject.inputs(batch, timesteps))
            (got,) = serve(**{argument: x}).values()
            what = f"an export gives the model's outputs at batch {batch} and {timesteps} timesteps"
            demand_same(
                what,
                got,
                model(x),
                1e-5,
                f"`step` in {subject.file}: a batch size or a length taken as a Python number",
            )
