"""Invalid inputs of zoo.Recurrent are rejected with what, why and what to do."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_layers import BATCH, FEATURES, TIMESTEPS, UNITS, normal, random_inputs, random_layer

from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent

NEEDED = "(batch, timesteps, features)"
INVALID_INPUTS = {
    "rank 2": (lambda: normal(6, 2), (NEEDED, "shape (6, 2)", "x[None]", "x[:, :, None]")),
    "rank 4": (lambda: normal(2, 3, 6, 2), (NEEDED, "(2, 3, 6, 2)", "TimeDistributed")),
    "symbolic rank 2": (lambda: keras.Input((2,)), (NEEDED, "shape (None, 2)")),
    "unknown features": (lambda: keras.Input((6, None)), ("(None, 6, None)", "keras.Input")),
    "ragged": (
        lambda: tf.RaggedTensor.from_tensor(random_inputs(), lengths=[2, 6, 1]),
        ("ragged", "to_tensor()", "tf.sequence_mask"),
    ),
    "symbolic ragged": (lambda: keras.Input((None, 2), ragged=True), ("ragged", "mask")),
    "sparse": (lambda: tf.sparse.from_dense(random_inputs()), ("sparse", "tf.sparse.to_dense")),
    "text": (lambda: np.array([[["a"]]]), ("dtype str", "floats or integers", "Embedding")),
}


def rejected(call):
    """Return the message of the RequestError, which is a ValueError, that a call raises."""
    with pytest.raises(RequestError) as raised:
        call()
    assert isinstance(raised.value, ValueError)
    return str(raised.value)


@pytest.mark.parametrize("kind", INVALID_INPUTS)
def test_input_of_another_kind_or_rank_is_rejected(kind):
    make, words = INVALID_INPUTS[kind]
    message = rejected(lambda: Recurrent("lstm", UNITS)(make()))
    assert all(word in message for word in words), message


def test_input_of_another_width_is_rejected():
    layer = random_layer()
    message = rejected(lambda: layer(normal(BATCH, TIMESTEPS, 5)))
    assert "built for 2 features" in message and "(3, 6, 5), with 5" in message
    assert layer.input_spec.axes == {-1: FEATURES}


@pytest.mark.parametrize("shape", [(BATCH, TIMESTEPS + 2), (BATCH, 1), (2, TIMESTEPS), (BATCH,)])
@pytest.mark.parametrize("training", [False, True])
def test_mask_of_another_shape_is_rejected_with_both_shapes(shape, training):
    mask = np.ones(shape, bool)
    message = rejected(lambda: random_layer()(random_inputs(), mask=mask, training=training))
    assert "mask must have the shape (batch, timesteps)" in message
    assert f"which is {(BATCH, TIMESTEPS)}, and it has {shape}" in message


@pytest.mark.parametrize("training", [False, True])
def test_mask_of_another_length_is_rejected_at_run_time(training):
    layer = random_layer()
    function = tf.function(
        lambda x, mask: layer(x, mask=mask, training=training),
        input_signature=[
            tf.TensorSpec((None, None, FEATURES)),
            tf.TensorSpec((None, None), tf.bool),
        ],
    )
    x, mask = random_inputs(), np.ones((BATCH, TIMESTEPS), bool)
    np.testing.assert_allclose(function(x, mask), layer(x, mask=mask), rtol=1e-5)
    for length in (1, TIMESTEPS + 2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="mask must have the shape"):
            function(x, np.ones((BATCH, length), bool))


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([(BATCH, UNITS)], ("1 tensors", "states h, c")),
        ([(BATCH, UNITS), (BATCH, 5)], ("initial state 'c'", "(3, 5)", "(3, 4) is needed")),
        ([(2, UNITS), (2, UNITS)], ("initial state 'h'", "(2, 4)", "(3, 4) is needed")),
        ([(BATCH, 1, UNITS), (BATCH, UNITS)], ("initial state 'h'", "(3, 1, 4)")),
    ],
)
def test_states_of_another_number_or_shape_are_rejected(shapes, words):
    states = [normal(*shape) for shape in shapes]
    message = rejected(lambda: random_layer()(random_inputs(), initial_state=states))
    assert all(word in message for word in words), message


def test_stateful_layer_rejects_another_batch_size():
    layer = random_layer(stateful=True)
    message = rejected(lambda: layer(normal(BATCH + 1, TIMESTEPS, FEATURES)))
    assert "holds states of 3 sequences, and the input has 4. Pass batches of 3" in message
    function = tf.function(
        layer, input_signature=[tf.TensorSpec((None, TIMESTEPS, FEATURES))], autograph=False
    )
    assert function(random_inputs()).shape == (BATCH, UNITS)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Pass batches of 3"):
        function(normal(BATCH + 1, TIMESTEPS, FEATURES))
