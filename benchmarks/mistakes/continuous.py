"""Mistakes in continuous cells; see `gated`."""

MISTAKES = {
    "cornn": (
        (
            "the position reads the old velocity",
            """        z = z + self.dt * (force - self.gamma * y - self.epsilon * z)
        y = y + self.dt * z
""",
            """        old_z = z
        z = z + self.dt * (force - self.gamma * y - self.epsilon * z)
        y = y + self.dt * old_z
""",
        ),
        (
            "the wrong sign of the damping",
            "self.gamma * y - self.epsilon * z",
            "self.gamma * y + self.epsilon * z",
        ),
        (
            "gamma and epsilon exchanged in the step",
            "self.gamma * y - self.epsilon * z",
            "self.epsilon * y - self.gamma * z",
        ),
        (
            "gamma and epsilon exchanged in the constructor",
            "self.epsilon = dt, gamma, epsilon",
            "self.epsilon = dt, epsilon, gamma",
        ),
        ("the time step left out", "y = y + self.dt * z", "y = y + z"),
        (
            "the kernels of y and z exchanged",
            'self.recur(y, "y") + self.recur(z, "z")',
            'self.recur(y, "z") + self.recur(z, "y")',
        ),
        ("the product of the velocity left out", ' + self.recur(z, "z")', ""),
        (
            "the force without tanh",
            'ops.tanh(x + self.recur(y, "y") + self.recur(z, "z"))',
            'x + self.recur(y, "y") + self.recur(z, "z")',
        ),
        ("the velocity as output", "return y, (y, z)", "return z, (y, z)"),
        (
            "no candidate_dropout",
            'self.candidate_dropout(ops.tanh(x + self.recur(y, "y") + self.recur(z, "z")))',
            'ops.tanh(x + self.recur(y, "y") + self.recur(z, "z"))',
        ),
    ),
    "phased_lstm": (
        ("the elapsed time is not read", "t = t + x[:, -1:]", "t = t + 1"),
        ("the time gate does not hold back the output", "k * new_h + (1 - k) * h", "new_h"),
        (
            "a phase that is not divided by the period",
            "ops.mod(t - self.shift, period) / period",
            "ops.mod(t - self.shift, period)",
        ),
        ("the wrong sign of the shift", "t - self.shift", "t + self.shift"),
        ("a constant leak", "self.leak * phase", "self.leak"),
        ("a gate that opens only", "1 - ops.abs(2 * phase / ratio - 1)", "2 * phase / ratio"),
        (
            "the first column cut off as the time",
            "super().step(x[:, :-1], (h, c))",
            "super().step(x[:, 1:], (h, c))",
        ),
        ("zoneout retains the time", '    unregularized_states = ("t",)\n', ""),
        (
            "the logarithm of the period as the period",
            "period, ratio = ops.exp(self.log_period)",
            "period, ratio = self.log_period",
        ),
        ("the wrong initial value of a logarithm", "Constant(np.log(0.05))", "Constant(0.05)"),
    ),
    "cfc": (
        (
            "1 - r in place of r",
            "(1 - r) * ops.tanh(f) + r * ops.tanh(g)",
            "r * ops.tanh(f) + (1 - r) * ops.tanh(g)",
        ),
        ("the elapsed time is not read", "ops.sigmoid(a * elapsed + b)", "ops.sigmoid(a + b)"),
        (
            "the elapsed time multiplies both terms",
            "ops.sigmoid(a * elapsed + b)",
            "ops.sigmoid((a + b) * elapsed)",
        ),
        (
            "the wrong sign of the time constant",
            "ops.sigmoid(a * elapsed + b)",
            "ops.sigmoid(b - a * elapsed)",
        ),
        ("a rounded constant", "0.666 * (x[:", "0.67 * (x[:"),
        ("the bias of the heads left out", " + self.bias[self.backbone_units :]", ""),
        (
            "the bias of the wrong columns",
            "self.bias[self.backbone_units :]",
            "self.bias[: 4 * self.units]",
        ),
        ("the recurrent product left out", "(x[:, :-1] + self.recur(h))", "x[:, :-1]"),
        (
            "a weight of the wrong width",
            "((self.backbone_units, 4 * self.units)",
            "((self.units, 4 * self.units)",
        ),
        (
            "no candidate_dropout",
            "self.candidate_dropout((1 - r) * ops.tanh(f) + r * ops.tanh(g))",
            "(1 - r) * ops.tanh(f) + r * ops.tanh(g)",
        ),
    ),
}
