"""The learned initial state: sequences that start from it, and gradients that it receives."""

import numpy as np
import tensorflow as tf

import zoo
from zoo.engine.initial_state import broadcast_initial_state, select_initial_state
from zoo.layers.recurrent import Recurrent
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.training.truncated_bptt import TruncatedBPTTModel


def test_initial_state_is_broadcast_to_all_rows():
    (state,) = broadcast_initial_state([tf.constant([1.0, 2.0])], 3, "float16")
    np.testing.assert_array_equal(state, [[1, 2]] * 3)
    assert state.dtype == "float16"


def test_rows_that_have_started_keep_their_state():
    states, initial = [tf.constant([[1.0], [2.0]])], [tf.constant([[3.0], [4.0]])]
    (selected,) = select_initial_state(states, tf.constant([[0.0], [1.0]]), initial)
    np.testing.assert_array_equal(selected, [[3.0], [2.0]])


def test_only_the_first_window_of_a_text_uses_the_learned_state():
    config = resolve(
        zoo.Config(
            task="language_model",
            cell="lstm",
            units=5,
            embedding=3,
            dropout=0.0,
            layers=2,
            normalization="layer",
            learned_initial_state=True,
        )
    )
    features = assembly.as_features(config, list("abcdef"))
    model = assembly.network(config, features)
    trainee = TruncatedBPTTModel(assembly.single_step_model(config, features, model), 2)
    learned = model.get_layer("recurrent_0").initial_state_weights
    learned[0].assign([1.0, -1.0, 0.5, 2.0, -2.0])
    ids = np.random.default_rng(3).integers(2, 8, (2, 12)).astype("int32")
    gradients, windows = [], []
    for start in (0, 4, 8):
        with tf.GradientTape() as tape:
            windows.append(trainee({"tokens": ids[:, start : start + 4]}, training=True))
        gradients.append(
            tape.gradient(windows[-1], learned[0].value, unconnected_gradients="zero").numpy()
        )
    np.testing.assert_allclose(np.concatenate(windows, 1), model({"tokens": ids}), atol=1e-5)
    assert gradients[0].any() and not gradients[1].any() and not gradients[2].any()
    trainee.reset_state()
    np.testing.assert_allclose(trainee({"tokens": ids[:, :4]}), windows[0], atol=1e-5)


def test_stateful_layer_starts_from_the_learned_state():
    layer = Recurrent("gru", 4, stateful=True, learned_initial_state=True, return_sequences=True)
    x = np.random.default_rng(1).normal(size=(2, 6, 3)).astype("float32")
    layer.build(x.shape)
    layer.initial_state_weights[0].assign([1.0, -1.0, 2.0, 0.5])
    expected = layer(x)
    layer.reset_state()
    chunks = [layer(x[:, :2]), layer(x[:, 2:])]
    np.testing.assert_allclose(np.concatenate(chunks, 1), expected, atol=1e-6)
