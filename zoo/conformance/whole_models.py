"""Properties of models around a cell: determinism, precision, files, exports, compilation."""

import pathlib
import tempfile
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.masks import MASK
from zoo.conformance.models import small_model
from zoo.conformance.running import as_run, differentiate, over_time
from zoo.conformance.subject import Subject, weights_by_name
from zoo.conformance.violation import demand, demand_same, demand_same_runs

# Low precision policy -> the accepted relative distance from float32.
PRECISIONS = {"mixed_bfloat16": 0.06, "mixed_float16": 0.01}


def determinism(subject: Subject) -> None:
    """The same seed gives the same initial weights, outputs and gradients, also with dropout."""
    first, second = _seeded_arrays(subject), _seeded_arrays(subject)
    for name, expected in first.items():
        demand(
            np.array_equal(second[name], expected),
            f"expected the same {name} from the same seed; measured a difference. "
            f"Check {subject.file}: a counter, the clock, or a random generator of its own.",
        )


def _seeded_arrays(subject: Subject) -> dict[str, np.ndarray]:
    keras.utils.set_random_seed(11)
    cell = subject.builder(4)
    cell.build((None, 2))
    x, states = subject.inputs(timesteps=2), subject.states(cell)

    def compute(x: Any, states: Any) -> Any:
        return over_time(cell, x, states, recurrent_dropout=0.3)

    weights = {f"initial {name}": weight for name, weight in weights_by_name(cell).items()}
    return {**weights, **as_run(*differentiate(cell, x, states, compute)).named()}


def mixed_precision(subject: Subject) -> None:
    """Outputs in mixed precision are close to those of float32, and gradients are finite."""
    x = subject.inputs()
    expected = small_model(subject, dense=False)(x)
    for policy in PRECISIONS if subject.full else list(PRECISIONS)[:1]:
        _demand_low_precision(subject, policy, x, expected)


def _demand_low_precision(
    subject: Subject, policy: str, x: np.ndarray, expected: tf.Tensor
) -> None:
    hint = (
        f"`step` in {subject.file}: a cast, a constant of a fixed dtype, or weights that are not "
        "read as attributes of the cell"
    )
    model = small_model(subject, policy, dense=False)
    with tf.GradientTape() as tape:
        outputs = model(x, training=True)
        total = tf.reduce_sum(outputs)
    compute_dtype, dtype = keras.DTypePolicy(policy).compute_dtype, outputs.dtype.name
    demand(
        dtype == compute_dtype,
        f"expected outputs in {compute_dtype} under {policy}; measured {dtype}. Check {hint}.",
    )
    dtypes = sorted({weight.dtype for weight in model.weights})
    demand(
        dtypes == ["float32"],
        f"expected weights in float32 under {policy}; measured {dtypes}. Check {hint}.",
    )
    for training, actual in ((True, outputs), (False, model(x))):
        demand_same(
            f"outputs under {policy} are close to those of float32 (training={training})",
            tf.cast(actual, "float32"),
            expected,
            PRECISIONS[policy],
            hint,
        )
    gradients = tape.gradient(total, model.trainable_weights)
    demand(
        all(gradient is not None and np.isfinite(gradient).all() for gradient in gradients),
        f"expected a finite gradient of each weight under {policy}; measured NaN, infinity or "
        f"None. Check {hint}.",
    )


def keras_file(subject: Subject) -> None:
    """A model saved as a `.keras` file and loaded gives the same outputs."""
    model, x = small_model(subject, **subject.other_arguments()), subject.inputs()
    with tempfile.TemporaryDirectory(prefix="zoo-check-") as folder:
        path = pathlib.Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path)
    demand_same(
        "a model loaded from a .keras file gives the same outputs",
        loaded(x),
        model(x),
        0.0,
        f"`extra_weights` and the constructor in {subject.file}",
    )


def saved_model(subject: Subject) -> None:
    """An export gives the same outputs at batch sizes and lengths that were not traced."""
    model = small_model(subject)
    with tempfile.TemporaryDirectory(prefix="zoo-check-") as folder:
        model.export(folder, verbose=False)
        serve = tf.saved_model.load(folder).signatures["serving_default"]
        (argument,) = serve.structured_input_signature[1]
        for batch, timesteps in ((1, 1), (4, 9)):
            x = tf.constant(subject.inputs(batch, timesteps))
            (actual,) = serve(**{argument: x}).values()
            demand_same(
                f"an export gives the model's outputs at batch {batch} and {timesteps} timesteps",
                actual,
                model(x),
                1e-5,
                f"`step` in {subject.file}: a batch size or a length used as a Python number",
            )


def jit(subject: Subject) -> None:
    """Training and inference give the same results eagerly, as a graph and compiled by XLA."""
    cell = subject.cell()
    x = tf.constant(subject.inputs())
    states = [tf.constant(state) for state in subject.states(cell)]

    def train(x: Any, states: Any) -> Any:
        # One timestep per loop iteration: the smallest graph to trace and compile.
        return over_time(cell, x, states, MASK, "engine", unroll_factor=1)

    def compute(x: Any, states: Any) -> Any:
        return {
            "training": differentiate(cell, x, states, train, MASK),
            "inference": (*over_time(cell, x, states, MASK, "while_loop"), {}),
        }

    eager = compute(x, states)
    graph = tf.function(compute).get_concrete_function(x, states)
    compiled = tf.function(lambda x, states: graph(x, states), jit_compile=True)
    for form, function in (("as a graph", graph), ("compiled by XLA", compiled)):
        results = function(x, states)
        for mode, expected in eager.items():
            demand_same_runs(
                f"{mode} {form} equals {mode} run eagerly",
                as_run(*results[mode]),
                as_run(*expected),
                1e-5,
                f"`step` in {subject.file}: Python values that depend on tensors, or a counter",
            )
