"""The structure of a step is proven from its graph: what is proven, and what is rejected."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from zoo.cells import cells
from zoo.engine.step import StepInputs, StepOutputs
from zoo.engine.structure import (
    InputWidths,
    NotElementwise,
    StepStructure,
    analyze,
    prove_elementwise,
)
from zoo.engine.tracing import step_trace

UNITS = (1, 2, 3, 8, 12)


class Trace:
    """The arguments of `analyze` for a step, which is a function (x, h, trace) -> outputs.

    Each output that it returns is a state; its inputs are the projected input, the first state and
    this object, with the other states and the functions `recur` and `multiply`.
    """

    def __init__(self, step, units, gates=1, state_widths=None):
        self.step, self.units = step, units
        self.state_widths = state_widths or [units]
        self.projected_widths = (units,) * gates if isinstance(gates, int) else tuple(gates)
        self.results, self.product_widths, self.columns, self.operands = [], [], [], []
        widths = [sum(self.projected_widths), *self.state_widths]
        with tf.__internal__.FuncGraph("step").as_default():
            self._build(*(tf.compat.v1.placeholder("float32", (None, width)) for width in widths))

    def _build(self, projected, *states):
        self.states = list(states)
        outputs = self.step(projected, states[0], self)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        operands = dict(enumerate(self.operands))
        self.arguments = (
            StepInputs(projected, self.states, self.results),
            StepOutputs(None, outputs, operands),
            InputWidths(self.projected_widths, self.state_widths, self.product_widths),
            self.columns,
        )
        self.structure = analyze(*self.arguments)

    @property
    def reason(self):
        """Why the step is not elementwise, or None."""
        try:
            prove_elementwise(*self.arguments)
        except NotElementwise as error:
            return str(error)
        return None

    def recur(self, operand, first=0, last=None):
        """Return a product with the columns of the gates `first` to `last` (excluded)."""
        gates = self.projected_widths[first:last]
        start = sum(self.projected_widths[:first])
        return self._product(operand, gates, slice(start, start + sum(gates)))

    def multiply(self, operand, *widths):
        """Return a product with a further weight."""
        return self._product(operand, widths, None)

    def _product(self, operand, widths, columns):
        self.operands.append(operand)
        self.product_widths.append(tuple(widths))
        self.columns.append(columns)
        shape = (None, sum(widths))
        self.results.append(tf.compat.v1.placeholder(operand.dtype, shape))
        return self.results[-1]


def vector(units):
    return tf.constant(np.linspace(0.5, 1.5, units), tf.float32)


@tf.custom_gradient
def rolled_gradient(x):
    return x * 1.0, lambda d: tf.roll(d, 1, -1)


@tf.custom_gradient
def identical_function_of_another_gradient(x):
    return x * tf.sigmoid(x), lambda d: d


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
    "softmax": lambda a, u: ops.softmax(a),
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
    "other_gradient_of_silu": lambda a, u: identical_function_of_another_gradient(a),
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
    "vector_by_roll": lambda a, u: ops.roll(ops.softmax(vector(u)), 1) * a,
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


@pytest.mark.parametrize("units", UNITS)
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


SHARING = {
    "sum": (lambda x, y, h, b: tf.tanh(x + y), True),
    "sum_is_the_state": (lambda x, y, h, b: y + x, True),
    "two_sums": (lambda x, y, h, b: tf.tanh(x + y) * tf.sigmoid(x + y), True),
    "small_step": (lambda x, y, h, b: h + 0.01 * (tf.tanh(x + y) - h), True),
    "biases": (lambda x, y, h, b: tf.tanh((x - b) + (y + b)), True),
    "peephole": (lambda x, y, h, b: tf.tanh(x + b * h + y), True),
    "identities": (lambda x, y, h, b: tf.identity(x) + tf.identity(y), True),
    "scaled_sum": (lambda x, y, h, b: tf.tanh(0.98 * (x + y)), True),
    "scaled_product": (lambda x, y, h, b: tf.tanh(x + 0.98 * y), False),
    "scaled_input": (lambda x, y, h, b: tf.tanh((1 + 1e-6) * x + y), False),
    "difference": (lambda x, y, h, b: tf.tanh(x - y), False),
    "negative_input": (lambda x, y, h, b: tf.tanh((b - x) + y), False),
    "double_input": (lambda x, y, h, b: tf.tanh(x + y + x), False),
    "both_twice": (lambda x, y, h, b: tf.tanh((x + x) + (y + y)), False),
    "also_alone": (lambda x, y, h, b: tf.tanh(x + y) + 1e-6 * tf.tanh(x), False),
    "product_alone": (lambda x, y, h, b: tf.tanh(x + y) * tf.sigmoid(y), False),
    "never_together": (lambda x, y, h, b: tf.tanh(x) + tf.tanh(y), False),
    "stopped": (lambda x, y, h, b: tf.tanh(tf.stop_gradient(x) + y) + x + y, False),
    "cast": (lambda x, y, h, b: tf.cast(tf.cast(x, "float64"), "float32") + y, False),
    "maximum": (lambda x, y, h, b: tf.maximum(x, y), False),
}


@pytest.mark.parametrize("name", SHARING)
def test_shared_gradients_need_sums_of_equal_columns(name):
    combine, shares = SHARING[name]
    trace = Trace(lambda x, h, trace: combine(x, trace.recur(h), h, vector(3)), 3)
    assert trace.structure == StepStructure(True, (0,), shares), trace.reason


def test_raw_outputs_and_operands_prevent_shared_gradients():
    for step in (
        lambda x, h, trace: (x + trace.recur(h), x),
        lambda x, h, trace: (x + trace.recur(h), trace.results[0]),
    ):
        assert not Trace(step, 3, state_widths=[3, 3]).structure.shares_gradients
    trace = Trace(lambda x, h, trace: x + trace.multiply(x, 3) + trace.recur(h), 3)
    assert trace.structure == StepStructure(True, (None, 0), False)


def two_products(first, second):
    """Return a step of two gates with one product per gate."""

    def step(x, h, trace):
        z, n = x[:, :3], x[..., 3:]
        z = tf.sigmoid(z + trace.recur(h, *first))
        return z * h + (1 - z) * tf.tanh(n + trace.recur(z * h, *second))

    return step


def test_products_of_disjoint_columns_share_gradients():
    trace = Trace(two_products((0, 1), (1, 2)), 3, gates=2)
    assert trace.structure == StepStructure(True, (0, None), True)


def test_products_of_equal_or_exchanged_columns_share_no_gradients():
    assert not Trace(two_products((0, 1), (0, 1)), 3, gates=2).structure.shares_gradients
    assert not Trace(two_products((1, 2), (0, 1)), 3, gates=2).structure.shares_gradients


def test_columns_without_product_prevent_shared_gradients():
    def step(x, h, trace):
        return tf.tanh(x[:, :3] + trace.recur(h, 0, 1)) * tf.sigmoid(x[:, 3:] + h)

    assert Trace(step, 3, gates=2).structure == StepStructure(True, (0,), False)


def test_gates_that_are_exchanged_before_the_sum_share_no_gradients():
    def step(x, h, trace):
        z, n = ops.split(ops.concatenate([x[:, 3:], x[:, :3]], -1) + trace.recur(h), 2, -1)
        return tf.sigmoid(z) * n

    assert Trace(step, 3, gates=2).structure == StepStructure(True, (0,), False)


def test_slices_inside_a_gate_are_rejected():
    for start in (1, 2, 4):
        trace = Trace(
            lambda x, h, trace, start=start: (x + trace.recur(h))[:, start : start + 3], 3, gates=3
        )
        assert "whole blocks" in trace.reason
    assert "steps" in Trace(lambda x, h, trace: (x + trace.recur(h))[:, ::2], 3, gates=2).reason


@pytest.mark.parametrize("units", [4, 12])
def test_state_as_wide_as_two_gates_is_kept_apart(units):
    half = units // 2

    def step(x, h, trace):
        return h * (x + trace.recur(h))  # unit j meets two gates of half the width

    assert not Trace(step, units, gates=(half, half)).structure.elementwise


def test_projection_to_another_width_is_elementwise():
    def step(x, h, trace):
        i, f, g, o = ops.split(x + trace.recur(h), 4, -1)
        c = ops.sigmoid(f) * trace.states[1] + ops.sigmoid(i) * ops.tanh(g)
        return trace.multiply(ops.sigmoid(o) * ops.tanh(c), width), c

    for width in (2, 5):  # also as wide as the units
        trace = Trace(step, 5, gates=4, state_widths=[width, 5])
        # The second product has no columns of the projected input.
        assert trace.structure == StepStructure(True, (0, None), False), trace.reason


def test_gates_of_unequal_widths_are_rejected():
    def step(x, h, trace):
        return tf.tanh(x[:, :3] + trace.recur(h, 0, 1)), tf.tanh(x[:, 3:] + trace.states[1])

    reason = Trace(step, 3, gates=(3, 2), state_widths=[3, 2]).reason
    assert reason == "the projected input or a product has gates of widths (3, 2)"


def test_output_cut_from_wider_blocks_is_rejected():
    # Its derivative with respect to the other state is zeros of another width, not None.
    def step(x, h, trace):
        joined = ops.concatenate([h, trace.states[1]], -1)
        return tf.tanh(x + trace.recur(h)) + joined[:, :3], trace.states[1]

    reason = Trace(step, 3, state_widths=[3, 1]).reason
    assert reason == "an output is computed from tensors of another width"


NOT_OUTPUTS = {
    "two_gates": lambda x, h, trace: x + trace.recur(h),
    "constant": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.ones((1, 3))),
    "array": lambda x, h, trace: ((x + trace.recur(h))[:, :3], np.ones((1, 3), "float32")),
    "integers": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.cast(h, "int32")),
    "shape": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.shape(h)),
    "vector": lambda x, h, trace: ((x + trace.recur(h))[:, :3], tf.reduce_sum(h, 1)),
}


@pytest.mark.parametrize("name", NOT_OUTPUTS)
def test_output_other_than_one_block_is_rejected(name):
    assert Trace(NOT_OUTPUTS[name], 3, gates=2).reason is not None


def test_constant_state_of_each_row_is_accepted():
    def step(x, h, trace):
        return tf.tanh(x + trace.recur(ops.ones_like(h))), ops.zeros_like(h)

    assert Trace(step, 3).structure == StepStructure(True, (None,), True)


@pytest.mark.parametrize(
    "step",
    [
        lambda x, h, trace: (trace.recur(h), tf.tanh(x + h))[1],
        lambda x, h, trace: tf.tanh(h + trace.recur(h)),
        lambda x, h, trace: tf.tanh(x + tf.stop_gradient(trace.recur(h))),
        lambda x, h, trace: tf.tanh(tf.floor(x) + trace.recur(h)),
    ],
)
def test_input_or_product_without_gradient_is_rejected(step):
    reason = "the projected input or a product has no effect on the outputs"
    assert Trace(step, 3).reason == reason


def test_operand_states_are_found_through_identities_only():
    def step(x, h, trace):
        c = trace.states[1]
        operands = [tf.identity(c), h, tf.stop_gradient(h), h + 0.0, rolled_gradient(h)]
        return x + sum(trace.multiply(operand, 3) for operand in operands), c

    trace = Trace(step, 3, state_widths=[3, 3])
    assert trace.structure == StepStructure(False, (1, 0, None, None, None), False)


def test_variable_that_the_step_changes_is_rejected():
    counter = tf.Variable(1.0)

    def step(x, h, trace):
        x = counter * x
        counter.assign_add(1.0)
        return tf.tanh(x + trace.recur(h))

    trace = Trace(step, 3)
    assert "also used by ['AssignAddVariableOp']" in trace.reason


def test_variable_that_the_step_reads_is_accepted():
    weight = tf.Variable(tf.ones((2, 3)))
    trace = Trace(lambda x, h, trace: weight[1] * x + trace.recur(h) * weight[0], 3)
    assert trace.structure.elementwise, trace.reason


def test_random_generator_with_a_seed_variable_is_rejected():
    generator = keras.random.SeedGenerator(1)
    trace = Trace(
        lambda x, h, trace: x * keras.random.uniform((3,), seed=generator) + trace.recur(h), 3
    )
    assert trace.reason is not None


def test_product_with_a_state_through_a_weight_is_rejected():
    weight = tf.Variable(tf.eye(3))
    trace = Trace(lambda x, h, trace: tf.tanh(x + trace.recur(h) + h @ weight), 3)
    assert trace.reason == "operation MatMul is not known to be elementwise"


def test_wrong_widths_are_an_error():
    trace = Trace(lambda x, h, trace: x + trace.recur(h), 3)
    inputs, outputs, widths, columns = trace.arguments
    with pytest.raises(ValueError, match="no blocks of widths"):
        analyze(inputs, outputs, widths._replace(states=[4]), columns)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize(
    ("name", "operand_states", "shares_gradients"),
    [
        ("coupled_lstm", (0,), True),
        ("gru", (0,), False),  # the reset gate multiplies the product alone
        ("gru_reset_before", (0, None), True),  # the second operand is r * h
        ("ind_rnn", (), False),
        ("lstm", (0,), True),
        ("mgu", (0, None), True),
        ("min_gru", (), False),
        ("multiplicative_lstm", (0, None), False),
        ("peephole_lstm", (0,), True),
        ("simple_rnn", (0,), True),
    ],
)
def test_registered_cells_are_elementwise(name, operand_states, shares_gradients, units):
    cell = cells.get(name)(units)
    cell.build((None, None, 3))
    expected = StepStructure(True, operand_states, shares_gradients)
    assert step_trace(cell).structure == expected


@pytest.mark.parametrize("dtype", ["mixed_float16", "bfloat16", "float64"])
def test_structure_does_not_depend_on_the_precision(dtype):
    cell = cells.get("peephole_lstm")(4, dtype=dtype)
    cell.build((None, None, 3))
    assert step_trace(cell).structure == StepStructure(True, (0,), True)
