"""Properties of models around a cell: precision, files, exports, compilation."""

import pathlib
import tempfile
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.models import small_model
from zoo.conformance.running import as_run, differentiate, over_time
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand, demand_same, demand_same_runs

# Low precision policy -> the accepted relative distance from float32. bfloat16 has three bits less
# than float16: its rounding errors are eight times as large.
PRECISIONS = {"mixed_bfloat16": 0.08, "mixed_float16": 0.01}


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
        f"{subject.equations}: a cast, a constant of a fixed dtype, or weights that are not "
        "read as attributes of the cell"
    )
    _demand_initial_dtype(subject, policy)
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


def _demand_initial_dtype(subject: Subject, policy: str) -> None:
    cell = subject.cell(dtype=policy)
    dtypes = {keras.backend.standardize_dtype(each.dtype) for each in cell.get_initial_state(2)}
    demand(
        dtypes == {cell.compute_dtype},
        f"expected initial states in {cell.compute_dtype} under {policy}; measured "
        f"{', '.join(sorted(dtypes))}. Check `get_initial_state` in {subject.file}.",
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
                f"{subject.equations}: a batch size or a length used as a Python number",
            )


def jit(subject: Subject) -> None:
    """Training and inference give the same results eagerly, as a graph and compiled by XLA."""
    cell = subject.cell()
    x = tf.constant(subject.inputs())
    states = [tf.constant(state) for state in subject.states(cell)]

    def train(x: Any, states: Any) -> Any:
        # One timestep per loop iteration: the smallest graph to trace and compile.
        return over_time(cell, x, states, unroll_factor=1)

    def compute(x: Any, states: Any) -> Any:
        return {
            "training": differentiate(cell, x, states, train),
            "inference": (*over_time(cell, x, states, None, "while_loop"), {}),
        }

    eager = compute(x, states)
    graph = tf.function(compute, autograph=False).get_concrete_function(x, states)
    compiled = tf.function(lambda x, states: graph(x, states), autograph=False, jit_compile=True)
    for form, function in (("as a graph", graph), ("compiled by XLA", compiled)):
        results = function(x, states)
        for mode, expected in eager.items():
            demand_same_runs(
                f"{mode} {form} equals {mode} run eagerly",
                as_run(*results[mode]),
                as_run(*expected),
                1e-4,  # XLA rounds the sums of a chunk in another order
                f"{subject.equations}: Python values that depend on tensors, or a counter",
            )
