"""Which networks carry a gradient over 100 timesteps? Each is measured before training."""

import zoo

NETWORKS = {
    "simple_rnn, Glorot": {"cell": "simple_rnn", "recurrent_initializer": "glorot_uniform"},
    "simple_rnn, ReLU and identity": {
        "cell": "simple_rnn",
        "cell_args": {"activation": "relu"},
        "recurrent_initializer": "identity",
    },
    "lstm, forget bias 0": {"cell": "lstm", "bias_initializer": "zeros"},
    "lstm, forget bias 1": {"cell": "lstm", "bias_initializer": "unit_forget"},
    "gru": {"cell": "gru"},
    "exprnn, orthogonal": {"cell": "exprnn"},
    "lru, linear": {"cell": "lru"},
}

# Delayed recall: the class of a sequence is its first symbol; 100 distractors follow.
for name, arguments in NETWORKS.items():
    config = zoo.Config(task="delayed_recall", units=32, **arguments)
    diagnosis = zoo.diagnose(config, length=100, batch_size=8, steps=1)
    (layer,) = diagnosis.layers
    print(
        f"{name}: factor {layer.growth.value:.3f} per timestep, "
        f"effective memory {layer.effective_memory} of {diagnosis.lag}, {layer.verdict.kind}"
    )
