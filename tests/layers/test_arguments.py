"""Constructor arguments of zoo.Recurrent: cell arguments, and messages for invalid arguments."""

import keras
import numpy as np
import pytest
from small_layers import FEATURES, UNITS, assert_close, random_layer

from registry import UnknownName
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent


def test_cell_arguments_are_passed_to_the_cell():
    layer = Recurrent(
        "simple_rnn",
        UNITS,
        recurrent_initializer="identity",
        activation="relu",
        dtype="mixed_bfloat16",
    )
    layer.build((None, None, FEATURES))
    assert_close(layer.cell.recurrent_kernel, np.eye(UNITS))
    assert layer.cell.activation is keras.activations.relu
    assert layer.cell.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Recurrent("lstm"), ("units", "'lstm'", "128")),
        (lambda: Recurrent("lstm", 0), ("units=0", "whole number")),
        (
            lambda: Recurrent("mgu", 4, activation="relu"),
            ("unknown argument 'activation'", "'mgu'", "kernel_initializer"),
        ),
        (
            lambda: Recurrent("lstm", 4, activation="rely"),
            ("activation='rely'", "not an activation", "keras.activations.relu"),
        ),
        (
            lambda: Recurrent("lstm", 4, kernel_regularizer="l3"),
            ("kernel_regularizer='l3'", "not a regularizer", "keras.regularizers.L2"),
        ),
        (
            lambda: Recurrent("min_gru", 4, recurrent_constraint="unit_norm"),
            (
                "recurrent_constraint='unit_norm'",
                "MinGRUCell has no recurrent kernel",
                "Leave it out",
            ),
        ),
        (lambda: Recurrent("lstm", 4, dropout=1.5), ("dropout=1.5", "[0, 1)")),
        (lambda: Recurrent("lstm", 4, recurrent_dropout=1.0), ("recurrent_dropout=1.0", "[0, 1)")),
        (
            lambda: Recurrent(keras.layers.LSTMCell(4)),
            ("not a cell of the zoo", "keras.layers.RNN"),
        ),
        (lambda: Recurrent(cells.get("lstm")(4), 4), ("instance", "units")),
        (
            lambda: Recurrent("lstm", 4, checkpoint_every=0),
            ("checkpoint_every=0", "whole number of timesteps", "100"),
        ),
        (
            lambda: Recurrent("lstm", 4, unroll_factor=2.0),
            ("unroll_factor=2.0", "whole number of timesteps", "8"),
        ),
        (
            lambda: Recurrent("lstm", 4, batch_parts=0),
            ("batch_parts=0", "whole number of parts", "2"),
        ),
        (
            lambda: Recurrent("lstm", 4, parallel=True),
            ("parallel=True", "linear in its state", "LSTMCell"),
        ),
        (
            lambda: Recurrent("min_gru", 4, parallel=True, unroll=True),
            ("parallel=True", "unroll"),
        ),
        (
            lambda: random_layer("simple_rnn", bias_initializer="unit_forget"),
            ("unit_forget", "SimpleRNNCell", "lstm"),
        ),
        (
            lambda: random_layer("lstm", kernel_initializer="unit_forget"),
            ("unit_forget", "kernel", "glorot_uniform"),
        ),
    ],
)
def test_invalid_argument_is_rejected_with_reason_and_remedy(build, words):
    with pytest.raises(RequestError) as raised:
        build()
    # Keras may add lines before and after the message.
    assert any(all(word in line for word in words) for line in str(raised.value).splitlines())


def test_unknown_cell_is_rejected_with_close_names():
    with pytest.raises(UnknownName, match="'lstm'"):
        Recurrent("lsmt", 4)
