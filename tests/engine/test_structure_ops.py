"""Operations that are known to keep units and rows apart, and others, which are rejected."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.engine.traced_step import Trace, rolled_gradient, vector
from zoo.engine.structure import StepStructure

UNITS = (1, 2, 3, 8, 12)


@tf.custom_gradient
def silu_with_another_gradient(x, beta):
    return x * tf.sigmoid(beta * x), lambda d: (tf.roll(d, 1, -1), None)


def overridden_gradient(x):
    with x.graph.gradient_override_map({"Tanh": "Identity"}):
        return tf.tanh(x)


def after_a_check(x):
    with tf.control_dependencies([tf.debugging.assert_all_finite(x, "x")]):
        return tf.identity(x)


def heads(x, units):
    count = 2 if units % 2 == 0 else 1
    return ops.reshape(ops.reshape(x, (-1, count, units // count)), (-1, units))


def swapped_halves(x, units):
    return ops.concatenate([x[:, units // 2 :], x[:, : units // 2]], -1)


def layer_norm(x):
    centered = x - ops.mean(x, -1, keepdims=True)
    return centered * ops.rsqrt(ops.var(x, -1, keepdims=True) + 1e-3)


def clipped_by_norm(x):
    return x / ops.maximum(1.0, ops.sqrt(ops.sum(x * x, -1, keepdims=True)))


def first_row(units):
    return tf.concat([tf.ones((1, units)), tf.zeros((1, units))], 0)


MIXES_UNITS_OR_ROWS = {
    "roll": lambda a, u: ops.roll(a, u // 2, -1),
    "roll_rows": lambda a, u: ops.roll(a, 1, 0),
    "small_roll": lambda a, u: a + 1e-6 * ops.roll(a, u // 2, -1),
    "roll_of_rare_values": lambda a, u: a + ops.roll(ops.relu(a - 1e6), 1, -1),
    "swapped_halves": swapped_halves,
    "softmax": lambda a, u: tf.nn.softmax(a),
    "log_softmax": lambda a, u: ops.log_softmax(a),
    "layer_norm": lambda a, u: layer_norm(a),
    "clipped_by_norm": lambda a, u: clipped_by_norm(a),
    "tf_clip_by_norm": lambda a, u: tf.clip_by_norm(a, 1.0, [1]),
    "cumsum": lambda a, u: ops.cumsum(a, -1),
    "reverse": lambda a, u: ops.flip(a, -1),
    "reverse_slice": lambda a, u: a[:, ::-1],
    "heads": heads,
    "transposed_twice": lambda a, u: ops.transpose(ops.transpose(a)),
    "rank_three": lambda a, u: ops.squeeze(ops.expand_dims(a, 0), 0),
    "mean_of_units": lambda a, u: a - ops.mean(a, -1, keepdims=True),
    "mean_of_rows": lambda a, u: a - ops.mean(a, 0, keepdims=True),
    "other_rows": lambda a, u: ops.concatenate([a[1:], a[:1]], 0),
    "first_row": lambda a, u: a[:1] * a,
    "norm": lambda a, u: a * ops.norm(a),
    "maximum_of_units": lambda a, u: a - ops.max(a, -1, keepdims=True),
    "matmul": lambda a, u: ops.matmul(a, tf.eye(u)),
    "einsum": lambda a, u: ops.einsum("bi,bj->bi", a, a),
    "gather": lambda a, u: ops.take(a, np.arange(u), axis=-1),
    "sorted": lambda a, u: ops.sort(a, -1),
    "cond": lambda a, u: ops.cond(ops.sum(a) > 0, lambda: a, lambda: -a),
    "loop": lambda a, u: ops.fori_loop(0, 2, lambda _, value: ops.sin(value), a),
    "function": lambda a, u: tf.function(lambda value: tf.roll(value, 1, -1))(a),
    "custom_gradient": lambda a, u: rolled_gradient(a),
    "other_gradient_of_silu": lambda a, u: silu_with_another_gradient(a, 1.0),
    "overridden_gradient": lambda a, u: overridden_gradient(a),
    "recomputed": lambda a, u: tf.recompute_grad(lambda value: tf.roll(value, 1, -1))(a),
    "after_a_check": lambda a, u: after_a_check(a),
    "complex": lambda a, u: tf.math.real(tf.cast(a, tf.complex64)),
    "number_of_rows": lambda a, u: a / tf.cast(tf.shape(a)[0], tf.float32),
    "shape": lambda a, u: a * tf.cast(tf.reduce_sum(tf.shape(a)), tf.float32),
    "range_of_rows": lambda a, u: a * tf.cast(tf.range(tf.shape(a)[0]), tf.float32)[:, None],
    "matrix_of_constants": lambda a, u: a * first_row(u),
    "cube_of_constants": lambda a, u: (a * tf.ones((1, 1, u)))[0],
    "random_mask": lambda a, u: a * tf.random.uniform(tf.shape(a)),
    "stateless_random_mask": lambda a, u: a * tf.random.stateless_uniform(tf.shape(a), (0, 1)),
    "time": lambda a, u: a * tf.cast(tf.timestamp(), tf.float32),
    "random_vector": lambda a, u: a * tf.random.uniform((u,)),
    "seeded_vector": lambda a, u: a * keras.random.uniform((u,), seed=3),
    "computed_fill": lambda a, u: tf.fill(tf.shape(a), tf.reduce_sum(a)),
    "python_function": lambda a, u: tf.ensure_shape(tf.py_function(tf.tanh, [a], a.dtype), a.shape),
}

# Each unit by itself.
KEEPS_UNITS = {
    "softplus": lambda a, u: ops.softplus(a),
    "silu": lambda a, u: ops.silu(a),
    "gelu": lambda a, u: ops.gelu(a, approximate=False),
    "mish": lambda a, u: keras.activations.get("mish")(a),
    "hard_sigmoid": lambda a, u: ops.hard_sigmoid(a),
    "log_sigmoid": lambda a, u: ops.log_sigmoid(a),
    "logaddexp": lambda a, u: ops.logaddexp(a, -a),
    "power": lambda a, u: a**2,
    "clip": lambda a, u: ops.clip(a, -1, 1),
    "where": lambda a, u: ops.where(a > 0, a + 0.5, ops.sigmoid(a)),
    "cast": lambda a, u: ops.cast(a > 0, "float32") * a,
    "integers": lambda a, u: ops.cast(ops.cast(ops.floor(a), "int32") % 2, "float32") * a,
    "straight_through": lambda a, u: a + ops.stop_gradient(ops.round(a) - a),
    "vector": lambda a, u: vector(u) * a + vector(u)[None],
    "vector_by_roll": lambda a, u: ops.roll(tf.nn.softmax(vector(u)), 1) * a,
    "scalars": lambda a, u: tf.ones((1, 1)) * a - tf.ones((1,)),
    "zeros": lambda a, u: a + ops.zeros_like(a) + ops.zeros((ops.shape(a)[0], u)),
    "ones": lambda a, u: a * ops.ones_like(a) * ops.full_like(a, 2.0),
    "broadcast": lambda a, u: a * ops.broadcast_to(vector(u), ops.shape(a)) * tf.ones(tf.shape(a)),
    "column_of_ones": lambda a, u: a * ops.ones((ops.shape(a)[0], 1)),
    "concatenated": lambda a, u: ops.concatenate([a, ops.zeros_like(a)], -1)[..., -2 * u : u],
    "tiled": lambda a, u: ops.split(ops.tile(a, (1, 3)), [u], -1)[0],
    "sliced": lambda a, u: ops.slice(ops.tile(a, (1, 2)), (0, u), (ops.shape(a)[0], u)),
    "tf_sliced": lambda a, u: tf.slice(tf.concat([a, a], 1), (0, 0), (-1, u)),
    "add_n": lambda a, u: tf.add_n([a, a, a]),
    "bias_add": lambda a, u: tf.nn.bias_add(a, vector(u)),
}


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("name", MIXES_UNITS_OR_ROWS)
def test_mixing_operation_is_rejected(name, units):
    mix = MIXES_UNITS_OR_ROWS[name]
    trace = Trace(lambda x, h, trace: tf.tanh(mix(x + trace.recur(h), units)), units)
    assert trace.structure == StepStructure(False, (0,), False)


@pytest.mark.parametrize("name", MIXES_UNITS_OR_ROWS)
def test_mixing_operation_in_an_operand_is_rejected(name):
    mix = MIXES_UNITS_OR_ROWS[name]
    trace = Trace(lambda x, h, trace: tf.tanh(x + trace.recur(mix(h, 4))), 4)
    assert not trace.structure.elementwise


@pytest.mark.parametrize("units", (1, 8))
@pytest.mark.parametrize("name", KEEPS_UNITS)
def test_elementwise_operation_is_accepted(name, units):
    keep = KEEPS_UNITS[name]
    trace = Trace(lambda x, h, trace: keep(x + trace.recur(keep(h, units)), units), units)
    assert trace.structure == StepStructure(True, (None,), True), trace.reason


@pytest.mark.parametrize("name", ["silu", "where", "power", "tiled", "clip"])
def test_jacobian_of_accepted_operation_is_diagonal(name):
    a = tf.constant(np.random.default_rng(0).normal(size=(1, 3)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(a)
        result = KEEPS_UNITS[name](a, 3)
    jacobian = tape.jacobian(result, a)[0, :, 0]
    np.testing.assert_array_equal(jacobian, np.diag(np.diag(jacobian)))


@pytest.mark.parametrize("units", UNITS)
def test_column_beside_all_units_is_rejected(units):
    trace = Trace(lambda x, h, trace: x + trace.recur(h) + h[:, :1] * h, units)
    assert trace.structure.elementwise == (units == 1)  # the first column is the whole state


@pytest.mark.parametrize("units", UNITS)
def test_constant_wider_than_a_column_is_rejected(units):
    trace = Trace(lambda x, h, trace: (x + trace.recur(h)) * tf.ones((units + 1,)), 1)
    assert not trace.structure.elementwise
