"""Mistakes in gated cells: what it is, the text in the file of the cell, the text in its place."""

MISTAKES = {
    "lstm": (
        (
            "gates i and f exchanged",
            'i, f, o = (self.recurrent_activation(z[gate]) for gate in "ifo")',
            'f, i, o = (self.recurrent_activation(z[gate]) for gate in "ifo")',
        ),
        ("1 - f in place of f", "c = f * c + i * self", "c = (1 - f) * c + i * self"),
        ("the recurrent product left out", "self.split(x + self.recur(h))", "self.split(x)"),
        (
            "the output reads the old cell state",
            """        c = f * c + i * self.candidate_dropout(self.activation(z["g"]))
        h = o * self.activation(c)
""",
            """        h = o * self.activation(c)
        c = f * c + i * self.candidate_dropout(self.activation(z["g"]))
""",
        ),
        ("the wrong sign of the addition", "f * c + i * self", "f * c - i * self"),
        ("the output without tanh", "h = o * self.activation(c)", "h = o * c"),
        (
            "no candidate_dropout",
            'self.candidate_dropout(self.activation(z["g"]))',
            'self.activation(z["g"])',
        ),
        ("gate i not in retention_gates", '{"f": 1, "i": -1}', '{"f": 1}'),
        (
            "a copy of the recurrent kernel that is made once",
            """    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + self.recur(h))
""",
            """    def build(self, shape: tuple) -> None:
        super().build(shape)
        self.copied_kernel = self.recurrent_kernel.numpy()

    def step(self, x: Tensor, state: State) -> StepResult:
        h, c = state
        z = self.split(x + h @ self.copied_kernel)
""",
        ),
        (
            "an argument that is not read",
            "(self.recurrent_activation(z[gate]) for",
            '(__import__("keras").ops.sigmoid(z[gate]) for',
        ),
    ),
    "gru": (
        (
            "z in place of 1 - z and vice versa",
            "h = z * h + (1 - z) * n",
            "h = (1 - z) * h + z * n",
        ),
        ("gates z and r exchanged", "z, r = (self", "r, z = (self"),
        (
            "the bias of the recurrent product left out",
            "self.recur(h) + self.bias[1])",
            "self.recur(h))",
        ),
        ("the input's bias row in the recurrent product", "self.bias[1]", "self.bias[0]"),
        ("the reset gate left out", 'x["n"] + r * y["n"]', 'x["n"] + y["n"]'),
        ("the reset gate also at the input", 'x["n"] + r * y["n"]', 'r * (x["n"] + y["n"])'),
        (
            "the reset gate before the recurrent product",
            'x["n"] + r * y["n"]',
            'x["n"] + self.recur(r * h, "n")',
        ),
        (
            "candidate_dropout of the whole state",
            """n = self.candidate_dropout(self.activation(x["n"] + r * y["n"]))
        h = z * h + (1 - z) * n
""",
            """n = self.activation(x["n"] + r * y["n"])
        h = self.candidate_dropout(z * h + (1 - z) * n)
""",
        ),
        (
            "the wrong sign in retention_gates",
            'retention_gates = {"z": 1}',
            'retention_gates = {"z": -1}',
        ),
        (
            "the output of the previous timestep",
            "        h = z * h + (1 - z) * n\n        return h, (h,)",
            "        return h, (z * h + (1 - z) * n,)",
        ),
    ),
    "mgu": (
        ("1 - f in place of f", "h = (1 - f) * h + f * n", "h = f * h + (1 - f) * n"),
        ("the columns of gate n for gate f", 'self.recur(h, "f")', 'self.recur(h, "n")'),
        (
            "the candidate reads the state without the gate",
            'self.recur(f * h, "n")',
            'self.recur(h, "n")',
        ),
        (
            "the gate multiplies the product, not the state",
            'self.recur(f * h, "n")',
            'f * self.recur(h, "n")',
        ),
        (
            "the state is also stored on the cell",
            "(h,) = state\n        x = self.split(x)",
            "(h,) = state\n        self.last = h\n        x = self.split(x)",
        ),
        (
            "no candidate_dropout",
            'self.candidate_dropout(ops.tanh(x["n"] + self.recur(f * h, "n")))',
            'ops.tanh(x["n"] + self.recur(f * h, "n"))',
        ),
        (
            "the candidate is not weighted",
            "(1 - f) * h + f * n\n        return h",
            "(1 - f) * h + n\n        return h",
        ),
        ("gates in the wrong order", 'gates = ("f", "n")', 'gates = ("n", "f")'),
        ("retention_gates missing", '    retention_gates = {"f": -1}\n', ""),
        (
            "no gradient through the gate",
            'f = ops.sigmoid(x["f"] + self.recur(h, "f"))',
            'f = ops.stop_gradient(ops.sigmoid(x["f"] + self.recur(h, "f")))',
        ),
    ),
    "layer_norm_gru": (
        ("1 - z in place of z", "h = z * h + (1 - z) * self", "h = (1 - z) * h + z * self"),
        (
            "the recurrent product is not normalized",
            "self.recurrent_scale * self._normalize(self.recur(h))",
            "self.recurrent_scale * self.recur(h)",
        ),
        (
            "the scale of the input left out",
            "return self.input_scale * self._normalize",
            "return self._normalize",
        ),
        ("the bias of the recurrent product left out", '(y["n"] + self.recurrent_bias)', 'y["n"]'),
        (
            "the bias added before the normalization",
            """    def input_bias(self) -> None:
        return None  # the bias is added after the normalization

""",
            "",
        ),
        (
            "one normalization of all columns",
            "return ops.concatenate([normalize(part) for part in parts], -1)",
            "return normalize(a)",
        ),
        (
            "the reset gate before the normalization",
            "self.split(self.recurrent_scale * self._normalize(self.recur(h)))",
            "self.split(self.recurrent_scale * self._normalize(self.recur(ops.sigmoid(h) * h)))",
        ),
        (
            "a normalization over the batch",
            "normalize(part) for part in parts",
            "ops.transpose(normalize(ops.transpose(part))) for part in parts",
        ),
        ("no candidate_dropout", "self.candidate_dropout(n)\n", "n\n"),
        (
            "columns of the wrong width",
            "parts = a[..., : 2 * self.units], a[..., 2 * self.units :]",
            "parts = a[..., : self.units], a[..., self.units :]",
        ),
    ),
}
