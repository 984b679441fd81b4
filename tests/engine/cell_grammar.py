"""The grammar of random cells: templates of statements, in the language of a cell's `step`."""

WEIGHTS = {
    "vector": ("units",),
    "row": (2, "units"),
    "column": ("units", 1),
    "scalar": (),
    "matrix": ("units", "units"),
    "up": ("units", "other"),
    "down": ("other", "units"),
    "other_vector": ("other",),
}
CHOICES = {
    "gate": ("ops.sigmoid({a})", "ops.sigmoid({a})", "(0.5 + 0.5 * ops.tanh({a}))"),
    "distance": ("1", "-1", "2", "6", "units // 2", "units // 3", "-(units // 4)"),
    "own": ("self.bias[:units]", "self.kernel[0, :units]"),
    "heads": ("math.gcd(units, 4)", "math.gcd(units, 2)"),
}
# Fields: a, b and c a value (batch, units); state a state of this width; wide and wider a value and
# wide_state a state of the other width; the names of WEIGHTS a further weight (with _name: its
# name), those of CHOICES one of these.

# Statements that keep the units apart.
ELEMENTWISE = (
    "ops.sigmoid({a})",
    "ops.tanh({a} + {b})",
    "ops.relu({a})",
    "ops.softplus({a})",
    "ops.silu({a})",
    "ops.gelu({a})",
    "ops.exp(-ops.softplus({a}))",
    "ops.exp(0.5 * ops.tanh({a}))",
    "ops.sin({a})",
    "ops.square(ops.tanh({a}))",
    "ops.abs({a})",
    "-{a}",
    "1 - {gate}",
    "{a} * {b}",
    "{gate} * {a}",
    "{gate} * {state} + (1 - {gate}) * {b}",
    "{a} + {b} + {c}",
    "{a} - {b}",
    "{a} / (1.0 + ops.abs({b}))",
    "ops.log(1.0 + {a} * {a})",
    "ops.sqrt(1.0 + ops.square({a}))",
    "{state} + 0.01 * ({a} - {state})",
    "{a} + 1e-3 * {b}",
    "ops.clip({a}, -0.7, 0.7)",
    "ops.maximum({a}, {b})",
    "ops.minimum({a}, {state})",
    "ops.where({a} > {b}, {a}, {c})",
    "ops.where({a} > 0.1, {b}, -{b})",
    "ops.cast({a} > {b}, x.dtype) * {c}",
    "ops.cast(ops.cast(ops.floor(3.0 * {a}), 'int32') % 2, x.dtype) * {b}",
    "ops.where(ops.logical_and({a} > -0.5, {b} < 0.5), {a}, {c})",
    "ops.stop_gradient({a}) * {b}",
    "{a} + ops.stop_gradient({b} - {a})",
    "{a} * {vector}",
    "{vector} * {a}",
    "{a} + {vector}",
    "ops.sigmoid({a} + {vector} * {state})",
    "{scalar} * {a}",
    "{a} - {scalar}",
    "{row}[1] * {a} + {row}[0]",
    "{own} * {a} + {b}",
    "ops.softmax({vector}) * {a}",
    "{a} * ops.sum({vector}) - ops.roll({vector}, 1)",
    "{matrix}[0] * {a}",
    "ops.where({vector} > 0, {a}, {b})",
    "{a} * ops.linspace(0.5, 1.5, units, dtype=x.dtype)",
    "{a} * ops.cast(ops.arange(units) % 2, x.dtype) + {b}",
    "ops.where(ops.arange(units) < units // 2, {a}, {b})",
    "{a} * ops.cast(np.cos(np.arange(units)), x.dtype)",
    "ops.softmax(ops.stack([{a}, {b}], -1), axis=-1)[..., 0] * {c}",
    "ops.concatenate([{a}, {b}], -1)[:, units:] + {a}",
)
# Statements that couple units, or that only a closer look shows to keep them apart.
COUPLING = (
    "ops.roll({a}, 1, axis=-1)",
    "ops.roll({a}, units // 2, axis=-1)",
    "ops.roll({a}, {distance}, axis=-1)",
    "{a} + 1e-3 * ops.roll({b}, {distance}, axis=-1)",
    "{state} + 0.01 * (ops.roll({state}, units // 2, axis=-1) - {state})",
    "ops.roll(ops.relu({vector} * {a} - 4.0), 1, axis=-1) + {b}",
    "{a} + ops.roll(ops.relu({b} - 3.5), {distance}, axis=-1)",
    "ops.flip({a}, axis=-1)",
    "{a}[:, ::-1]",
    "{a} - ops.mean({a}, axis=-1, keepdims=True)",
    "{a} * ops.tanh(ops.sum({b}, axis=-1, keepdims=True))",
    "{a} - ops.max({a}, axis=-1, keepdims=True)",
    "{a} - 1e-3 * ops.max({b}, axis=-1, keepdims=True)",
    "{a} - ops.logsumexp({b}, axis=-1, keepdims=True)",
    "ops.cumsum({a}, axis=-1) / units",
    "ops.softmax({a})",
    "units * ops.softmax(0.1 * {a}) * {b}",
    "({a} - ops.mean({a}, -1, keepdims=True)) * ops.rsqrt(ops.var({a}, -1, keepdims=True) + 1e-3)",
    "{vector} * ops.rms_normalization({a}, epsilon=1e-3)",
    "ops.normalize({a} + 0.1)",
    "{a} * ops.minimum(1.0, ops.rsqrt(ops.sum({a} * {a}, -1, keepdims=True) + 1e-3))",
    "ops.reshape(ops.transpose(ops.reshape({a}, (-1, {heads}, units // {heads})), (0, 2, 1)), "
    "(-1, units))",
    "ops.reshape(ops.softmax(ops.reshape({a}, (-1, {heads}, units // {heads}))), (-1, units)) "
    "+ {b}",
    "ops.reshape(ops.reshape({a}, (-1, {heads}, units // {heads})) - ops.mean(ops.reshape({b}, "
    "(-1, {heads}, units // {heads})), axis=1, keepdims=True), (-1, units))",
    "ops.concatenate([{a}[:, units // 2 :], {a}[:, : units // 2]], -1)",
    "ops.concatenate([{a}[:, : units // 2], {a}[:, units // 2 :]], -1)",
    "ops.concatenate([{a}[:, 1:], {b}[:, :1]], -1)",
    "ops.pad({a}[:, 1:], ((0, 0), (0, 1))) + {b}",
    "ops.concatenate([{a}, {b}], -1)[:, 1 : units + 1]",
    "ops.concatenate([{a}, {b}], -1)[:, ::2]",
    "ops.reshape(ops.stack([{a}, {b}], -1), (-1, 2 * units))[:, :units]",
    "ops.repeat({a}, 2, axis=-1)[:, :units]",
    "{a} * {b}[:, :1]",
    "{a} + {b}[:, -1:]",
    "ops.take({a}, np.arange(units)[::-1], axis=-1)",
    "ops.sort({a}, axis=-1)",
    "{a} * ops.one_hot(ops.argmax({b}, axis=-1), units, dtype=x.dtype)",
    "{a} * ops.cast(ops.sum(ops.cast({b} > 0, 'int32'), -1, keepdims=True), x.dtype) / units",
    "ops.where(ops.roll({a} > 0, 1, axis=-1), {b}, {c})",
    "ops.matmul({a}, {matrix})",
    "ops.matmul({a}, ops.transpose({matrix}))",
    "{a} * ops.tanh(ops.matmul({b}, {column}))",
    "ops.einsum('bi,bj->bi', {a}, ops.tanh({b})) / units",
    "ops.matmul({a}, ops.eye(units, k=1, dtype=x.dtype)) + {b}",
    "{a} - ops.mean({a}, axis=0, keepdims=True)",
    "ops.cond(ops.sum({a}) > 0.1, lambda: {b}, lambda: ops.tanh({c}))",
    "ops.cond({scalar} > 0, lambda: {a}, lambda: {b})",
    "{a} + ops.broadcast_to({vector}, ops.shape({b}))",
    "ops.fori_loop(0, 2, lambda _, value: ops.sin(value), {a})",
    "clipped_gradient({a})",
    "rolled_gradient({a})",
)
# Fields: x the columns of the projected input that belong to the product, or others of the same
# width; columns the names of its gates; product_operand and other_operand its left operand.
PRODUCTS = (
    "{x} + self.recur({product_operand}{columns})",
    "{x} + self.recur({product_operand}{columns})",
    "self.recur({product_operand}{columns}) + {x}",
    "{x} - self.recur({product_operand}{columns})",
    "{x} + 0.98 * self.recur({product_operand}{columns})",
    "0.5 * {x} + self.recur({product_operand}{columns})",
    "{x} * self.recur({product_operand}{columns})",
    "ops.tanh({x}) + self.recur({product_operand}{columns})",
    "self.recur({product_operand}{columns})",
    "ops.maximum({x}, self.recur({product_operand}{columns}))",
    "{x} + self.recur({product_operand}{columns}) + self.recur({other_operand}{columns})",
    "({x} + self.recur({product_operand}{columns})) * ops.sigmoid({x})",
)
MULTIPLICATIONS = (
    "{a} + self.multiply({operand}, '{matrix_name}')",
    "self.multiply({operand}, '{matrix_name}')",
    "{a} * self.multiply({operand}, '{matrix_name}')",
    "{a} - 0.98 * self.multiply({operand}, '{matrix_name}')",
    "self.multiply(ops.tanh(self.multiply({operand}, '{matrix_name}')), '{matrix_name}')",
    "ops.tanh({a} + self.multiply({operand}, '{matrix_name}')) * {scalar}",
)
OPERANDS = (
    "{state}",
    "{state}",
    "{state}",
    "{gate} * {state}",
    "{a}",
    "ops.tanh({a})",
    "0.98 * {state}",
    "ops.stop_gradient({state})",
    "ops.ones_like({state})",
    "{state} + {vector}",
)
COUPLED_OPERANDS = ("ops.roll({state}, {distance}, axis=-1)", "ops.tanh(ops.softmax({a}))")
WIDE_OPERANDS = (
    "{wide_state}",
    "{wide_state}",
    "0.98 * {wide_state}",
    "ops.tanh({wide})",
    "{wide} * {other_vector}",
)
COUPLED_WIDE_OPERANDS = ("ops.roll({wide_state}, 1, axis=-1)", "ops.softmax({wide})")
SUMS = PRODUCTS[:5]  # where nothing else reads these columns
# How a sum of several gates is split into them.
SPLITS = (
    "ops.split({sum}, {count}, -1)",
    "ops.split({sum}, {count}, -1)",
    "ops.split({sum}, {count}, -1)",
    "[{sum}[:, k * units : (k + 1) * units] for k in range({count})]",
    "ops.unstack(ops.reshape({sum}, (-1, {count}, units)), axis=1)",
    "ops.split(ops.concatenate([{sum}[:, units:], {sum}[:, :units]], -1), {count}, -1)",
    "ops.unstack(ops.softmax(ops.reshape({sum}, (-1, {count}, units)), axis=1), axis=1)",
)
COUPLED_SPLITS = (
    "ops.unstack(ops.reshape({sum}, (-1, units, {count})), axis=2)",
    "[{sum}[:, k :: {count}] for k in range({count})]",
    "ops.split(ops.roll({sum}, 1, axis=-1), {count}, -1)",
    "ops.split(ops.concatenate([{sum}[:, 1:], {sum}[:, :1]], -1), {count}, -1)",
    "ops.split(ops.softmax({sum}), {count}, -1)",
)
# New states, which remain bounded; `sum` is the sum of the values that nothing else reads.
STATES = (
    "ops.tanh({sum})",
    "ops.tanh({sum})",
    "{gate} * {old} + (1 - {gate}) * ops.tanh({sum})",
    "{old} + 0.01 * (ops.tanh({sum}) - {old})",
    "0.9 * {old} + 0.1 * ops.sin({sum})",
    "ops.clip({sum}, -1.0, 1.0)",
    "ops.minimum(ops.tanh({sum}), {state})",
    "ops.where({a} > {b}, {old}, ops.tanh({sum}))",
    "ops.tanh({sum}) * ops.sigmoid({old})",
)
OUTPUTS = (
    "{new}",
    "{new}",
    "{gate} * {new}",
    "ops.tanh({a})",
    "{state}",
    "{new} + {vector}",
    "0.5 * {new} + 0.5 * {state}",
)
COUPLED_OUTPUTS = (
    "ops.softmax({new})",
    "ops.roll({new}, units // 2, axis=-1)",
    "ops.concatenate([{new}[:, 1:], {new}[:, :1]], -1)",
)
# Values and states of another width than `units`: width -> templates. The first ones of WIDENING
# read values (batch, units), those of NARROWING return such values.
WIDENING = {
    "2 * units": (
        "self.multiply({operand}, '{up_name}')",
        "ops.concatenate([{a}, {b}], -1)",
        "ops.tile({a}, (1, 2))",
        "ops.tanh({wide}) * {other_vector}",
        "ops.sigmoid({wide}) * {wider}",
    ),
    "units // 2 + 1": (
        "self.multiply({operand}, '{up_name}')",
        "ops.tanh({wide} + self.multiply({operand}, '{up_name}'))",
        "ops.tanh({wide}) * {other_vector}",
        "ops.sigmoid({wide}) * {wider}",
    ),
}
NARROWING = {
    "2 * units": (
        "self.multiply({wide}, '{down_name}')",
        "{a} + self.multiply(ops.tanh({wide}), '{down_name}')",
        "{wide}[:, :units] * {a}",
        "{wide}[:, units:]",
        "ops.split({wide}, 2, -1)[1]",
    ),
    "units // 2 + 1": (
        "self.multiply({wide}, '{down_name}')",
        "{a} + self.multiply(ops.tanh({wide}), '{down_name}')",
        "{a} * self.multiply({wide_state}, '{down_name}')",
    ),
}
COUPLED_WIDENING = (
    "self.multiply({a}, '{up_name}') + ops.matmul({b}, {up})",
    "ops.roll({wide}, 1, axis=-1)",
    "ops.softmax({wide})",
    "{wide} * ops.max({a}, axis=-1, keepdims=True)",
    "ops.concatenate([{a}, {b}, {a}], -1)[:, 1 : {other} + 1] + {wide}",
)
COUPLED_NARROWING = (
    "ops.concatenate([{wide}, {a}], -1)[:, :units]",
    "{a} * ops.tanh(ops.sum({wide}, axis=-1, keepdims=True))",
    "ops.matmul({wide}, {down})",
)
WIDE_STATES = (
    "ops.tanh({sum})",
    "0.9 * {old} + 0.1 * ops.tanh({sum})",
    "{old} + 0.01 * (ops.sin({sum}) - {old})",
    "ops.clip({sum}, -1.0, 1.0)",
    "{old}",
)
