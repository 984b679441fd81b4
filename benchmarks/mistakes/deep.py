"""Mistakes in gated cells with several layers, states or activations; see `gated`."""

MISTAKES = {
    "rhn": (
        (
            "1 - t in place of t",
            "h = t * self.candidate_dropout(ops.tanh(n)) + (1 - t) * h",
            "h = (1 - t) * self.candidate_dropout(ops.tanh(n)) + t * h",
        ),
        ("the columns of n and t exchanged", "n, t = ops.split", "t, n = ops.split"),
        (
            "the bias of the further layers left out",
            'sums + getattr(self, f"bias_{layer}") if self.use_bias else sums',
            "sums",
        ),
        ("the input in every layer", "sums = self.multiply(", "sums = x + self.multiply("),
        ("one layer less", "range(1, self.depth + 1)", "range(1, self.depth)"),
        (
            "the kernel of layer 2 in all further layers",
            'self.multiply(h, f"recurrent_kernel_{layer}")',
            'self.multiply(h, "recurrent_kernel_2")',
        ),
        ("the state of the timestep in place of the layer's", "(1 - t) * h", "(1 - t) * state[0]"),
        ("use_bias=False is ignored in further layers", " if self.use_bias else sums", ""),
        (
            "the wrong sign in retention_gates",
            'retention_gates = {"t": -1}',
            'retention_gates = {"t": 1}',
        ),
        ("no candidate_dropout", "self.candidate_dropout(ops.tanh(n))", "ops.tanh(n)"),
    ),
    "slstm": (
        ("gates i and f exchanged", "f * c + i * self", "i * c + f * self"),
        ("the normalizer left out", "* c / n", "* c"),
        ("exp in place of sigmoid for gate f", 'm - ops.softplus(-z["f"])', 'm + z["f"]'),
        (
            "the old normalizer",
            """        c, n = f * c + i * self.candidate_dropout(ops.tanh(z["z"])), f * n + i
        h = ops.sigmoid(z["o"]) * c / n
""",
            """        c = f * c + i * self.candidate_dropout(ops.tanh(z["z"]))
        h = ops.sigmoid(z["o"]) * c / n
        n = f * n + i
""",
        ),
        ("minimum in place of maximum", 'ops.maximum(kept, z["i"])', 'ops.minimum(kept, z["i"])'),
        (
            "the first timestep without its stabilizer",
            'ops.where(ops.equal(n, 0), z["i"], ops.maximum(kept, z["i"]))',
            'ops.maximum(kept, z["i"])',
        ),
        (
            "blocks of other heads are not zero",
            "blocks = self.recurrent_blocks[:, :, :, None, :] * on_diagonal",
            "blocks = self.recurrent_blocks[:, :, :, None, :] * ops.ones_like(on_diagonal)",
        ),
        ("gate i not in retention_gates", '{"f": 1, "i": -1}', '{"f": 1}'),
        (
            "a recurrent kernel that is computed once",
            "        return ops.reshape(blocks, (self.units, 4 * self.units))",
            """        if not hasattr(self, "copied_kernel"):
            self.copied_kernel = ops.reshape(blocks, (self.units, 4 * self.units))
        return self.copied_kernel""",
        ),
        ("the candidate without tanh", 'ops.tanh(z["z"])', 'z["z"]'),
    ),
    "nas": (
        ("two columns exchanged", "a0, a2, a5, a7 =", "a2, a0, a5, a7 ="),
        ("the bias left out", "self.recur(h) + self.bias", "self.recur(h)"),
        ("a sum in place of a product", "x[:, 7 * units :] * m", "x[:, 7 * units :] + m"),
        ("the old cell state left out", "ops.tanh(candidate + c)", "ops.tanh(candidate)"),
        (
            "the output reads the old cell state",
            """        c = ops.tanh(candidate + c) * ops.tanh(a2 + a3)
        h = ops.tanh(c * ops.tanh(ops.tanh(a4 * a5) + ops.sigmoid(a6 + a7)))
""",
            """        h = ops.tanh(c * ops.tanh(ops.tanh(a4 * a5) + ops.sigmoid(a6 + a7)))
        c = ops.tanh(candidate + c) * ops.tanh(a2 + a3)
""",
        ),
        ("tanh in place of ReLU", "a1 = ops.relu(", "a1 = ops.tanh("),
        ("sigmoid in place of tanh", "ops.tanh(sums[", "ops.sigmoid(sums["),
        (
            "the bias added twice",
            """    def input_bias(self) -> None:
        return None  # the bias is a part of m, because of the product in a_3

""",
            "",
        ),
        ("no candidate_dropout", "self.candidate_dropout(ops.tanh(a0 * a1))", "ops.tanh(a0 * a1)"),
        ("the states in the wrong order", "return h, (h, c)", "return h, (c, h)"),
    ),
}
