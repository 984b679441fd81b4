"""Mistakes in cells that are linear in their state; see `gated`."""

MISTAKES = {
    "s6": (
        ("a decay above 1", "ops.exp(-dt[..., None]", "ops.exp(dt[..., None]"),
        ("the addition without the time step", "(dt * u)[..., None] * B", "u[..., None] * B"),
        ("the logarithm of a rate as the rate", "ops.exp(self.rates)", "self.rates"),
        ("the skip connection left out", " + self.skip * x[..., : self.units]", ""),
        ("C in place of B", "B[..., None, : self.state_units]", "B[..., None, self.state_units :]"),
        (
            "B in place of C",
            "x[..., None, -self.state_units :]",
            "x[..., None, -2 * self.state_units : -self.state_units]",
        ),
        ("ReLU in place of softplus", "ops.softplus(time)", "ops.relu(time)"),
        ("the bias of the time step left out", " + self.time_bias\n", "\n"),
        ("a mean in place of a sum", "ops.sum(s * x", "ops.mean(s * x"),
        ("the width rounded down", "-(-self.units // 16)", "self.units // 16"),
    ),
    "gated_delta_net": (
        ("the correction reads the state before its decay", "-ops.exp(log_alpha) * k", "-k"),
        ("a decay above 1", "log_alpha = -(ops.exp", "log_alpha = (ops.exp"),
        ("the addition without beta", "MemoryTerms(q, k, beta * v,", "MemoryTerms(q, k, v,"),
        ("the scale of q left out", "unit_norm(q) * q.shape[-1] ** -0.5", "unit_norm(q)"),
        ("a key that is not normalized", "** -0.5, unit_norm(k)", "** -0.5, k"),
        ("sigmoid in place of SiLU", " * g * ops.sigmoid(g)", " * ops.sigmoid(g)"),
        ("the output is not normalized", "return self.rms_norm(h) * ops", "return h * ops"),
        (
            "the bias of the decay left out",
            'ops.softplus(x["a"] + self.rate_bias)',
            'ops.softplus(x["a"])',
        ),
        (
            "gate b not in retention_gates",
            'retention_gates = {"a": -1, "b": -1}',
            'retention_gates = {"a": -1}',
        ),
        ("a gate of the wrong width", '{"b": self.heads, "a": self.heads}', '{"a": self.heads}'),
    ),
    "min_lstm": (
        ("gates f and i exchanged", "f, i, n = ops.split", "i, f, n = ops.split"),
        (
            "gates that do not sum to 1",
            "ops.sigmoid(log_ratio), ops.sigmoid(-log_ratio) *",
            "ops.sigmoid(f), ops.sigmoid(i) *",
        ),
        (
            "the wrong sign in a logarithm",
            "ops.softplus(-i) - ops.softplus(-f)",
            "ops.softplus(i) - ops.softplus(f)",
        ),
        (
            "a candidate without activation",
            "ops.sigmoid(-log_ratio) * positive(n)",
            "ops.sigmoid(-log_ratio) * n",
        ),
        (
            "tanh in place of the paper's g",
            "ops.sigmoid(-log_ratio) * positive(n)",
            "ops.sigmoid(-log_ratio) * ops.tanh(n)",
        ),
        ("a decay above 1", "return ops.sigmoid(log_ratio)", "return ops.exp(log_ratio)"),
        (
            "the gate of the state also at the candidate",
            "ops.sigmoid(-log_ratio)",
            "ops.sigmoid(log_ratio)",
        ),
        ("a recurrent kernel that is not read", '    recurrent_shape = "none"\n', ""),
        (
            "the wrong gate in retention_gates",
            'retention_gates = {"i": -1}',
            'retention_gates = {"f": 1}',
        ),
        ("gates in the wrong order", 'gates = ("f", "i", "n")', 'gates = ("i", "f", "n")'),
    ),
}
