"""Mistakes in orthogonal cells; see `gated`."""

MISTAKES = {
    "urnn": (
        ("the phases of D_3 in D_1", "phase(self.theta[0])", "phase(self.theta[2])"),
        ("a transform in place of its inverse", ", inverse=True)", ")"),
        ("the permutation of one part only", "ops.take(rows[1], order, -1)", "rows[1]"),
        (
            "a reflection along the conjugate",
            "(self.reflections[0, 0], self.reflections[0, 1])",
            "(self.reflections[0, 0], -self.reflections[0, 1])",
        ),
        ("the phases of D_3 in D_2", "phase(self.theta[1])", "phase(self.theta[2])"),
        (
            "a reflection with its parts exchanged",
            "(self.reflections[1, 0], self.reflections[1, 1])",
            "(self.reflections[1, 1], self.reflections[1, 0])",
        ),
        (
            "a recurrent kernel that is computed once",
            "        return ops.concatenate(times(rows, phase(self.theta[2])), -1)",
            """        if not hasattr(self, "copied_kernel"):
            self.copied_kernel = ops.concatenate(times(rows, phase(self.theta[2])), -1)
        return self.copied_kernel""",
        ),
        ("the permutation is trained", ", trainable=False)", ")"),
        ("reflections that start from zeros", "uniform(-bound, bound)", '"zeros"'),
        ("the first transform left out", "reflect(fourier(rows), (", "reflect(rows, ("),
    ),
    "exprnn": (
        (
            "the wrong sign of the bias",
            "ops.relu(ops.abs(a) + self.bias)",
            "ops.relu(ops.abs(a) - self.bias)",
        ),
        ("the sign left out", "ops.sign(a) * ops.relu", "ops.relu"),
        (
            "ReLU in place of modReLU",
            "ops.sign(a) * ops.relu(ops.abs(a) + self.bias)",
            "ops.relu(a + self.bias)",
        ),
        (
            "a recurrent kernel that is computed once",
            "        return exponential(skew_symmetric(self.skew, self.units))",
            """        if not hasattr(self, "copied_kernel"):
            self.copied_kernel = exponential(skew_symmetric(self.skew, self.units))
        return self.copied_kernel""",
        ),
        (
            "the exponential left out",
            "exponential(skew_symmetric(self.skew, self.units))",
            "skew_symmetric(self.skew, self.units)",
        ),
        (
            "no gradient through the recurrent kernel",
            "exponential(skew_symmetric(self.skew, self.units))",
            "ops.stop_gradient(exponential(skew_symmetric(self.skew, self.units)))",
        ),
        (
            "the transpose of the recurrent kernel",
            "exponential(skew_symmetric(self.skew, self.units))",
            "exponential(-skew_symmetric(self.skew, self.units))",
        ),
        (
            "the bias added twice",
            """    def input_bias(self) -> None:
        return None  # the bias belongs to modReLU

""",
            "",
        ),
        (
            "an argument that is not read",
            "INITIALIZERS[self.skew_initializer]",
            'INITIALIZERS["henaff"]',
        ),
        (
            "no candidate_dropout",
            "self.candidate_dropout(ops.sign(a) * ops.relu(ops.abs(a) + self.bias))",
            "ops.sign(a) * ops.relu(ops.abs(a) + self.bias)",
        ),
    ),
}
