"""`zoo.diagnose` on models of any kind, and its sentences where there is nothing to measure."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.diagnosis.recording import recorded, recurrent_layers

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 12, 3)).astype("float32")
Y = RANDOM.normal(size=(4, 1)).astype("float32")


def sequential(*layers, **options):
    model = keras.Sequential([keras.Input((None, 3)), *layers, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01, **options), "mse")
    return model


def test_stock_layer_and_layer_of_the_zoo_have_the_same_figures():
    ours, stock = zoo.Recurrent("lstm", 5), keras.layers.LSTM(5)
    found = [zoo.diagnose(ours, X).layers[0]]
    stock.build(X.shape)
    stock.set_weights(ours.get_weights())
    found.append(zoo.diagnose(stock, X).layers[0])
    for a, b in zip(found[0].gradient.mean, found[1].gradient.mean, strict=True):
        assert a == pytest.approx(b, rel=1e-3)
    assert [gate.name for gate in found[1].gates] == ["i", "f", "g", "o"]
    for a, b in zip(found[0].gates, found[1].gates, strict=True):
        assert (a.name, a.activation) == (b.name, b.activation)
        np.testing.assert_allclose(a.mean, b.mean, atol=1e-5)


def test_each_layer_and_direction_of_a_model_is_diagnosed_and_the_model_is_unchanged():
    recurrent = keras.layers.Bidirectional(zoo.Recurrent("gru", 4, return_sequences=True))
    model = sequential(recurrent, keras.layers.GRU(5), global_clipnorm=1e-4)
    model.fit(X, Y, verbose=0)
    before, outputs = model.get_weights(), model.predict(X, verbose=0)
    state = [np.array(each) for each in model.optimizer.variables]
    diagnosis = zoo.diagnose(model, (X, Y))
    assert [(each.cell, each.direction) for each in diagnosis.layers] == [
        ("GRU", "forward"),
        ("GRU", "backward"),
        ("GRU", "forward"),
    ]
    assert [gate.name for gate in diagnosis.layers[2].gates] == ["z", "r", "n"]
    assert diagnosis.loss == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-4)
    assert diagnosis.clipping.share == 1.0 and diagnosis.clipping.kind == "global_clipnorm"
    assert 0 < diagnosis.updates[0].ratio < 1
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(state, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(outputs, model.predict(X, verbose=0))
    assert "call" not in vars(recurrent_layers(model)[0].layer)
    json.dumps(diagnosis.to_json(), allow_nan=False)


def test_recorded_model_computes_the_same_outputs():
    layer = zoo.Recurrent("phased_lstm", 4, return_sequences=True, go_backwards=True, zoneout=0.2)
    expected = layer(X, mask=np.arange(12) < np.array([[12], [9], [5], [1]]))
    with tf.GradientTape() as tape, recorded(layer, tape):
        actual = layer(X, mask=np.arange(12) < np.array([[12], [9], [5], [1]]))
    np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_loss_of_a_model_and_of_the_last_timestep_have_proportional_gradients():
    model = sequential(zoo.Recurrent("simple_rnn", 1))
    (layer,) = zoo.diagnose(model, (X[:1], Y[:1])).layers
    # The derivative of the squared error with respect to the output of the single unit.
    error = model.predict(X[:1], verbose=0) - Y[:1]
    factor = abs(2 * error * np.array(model.layers[-1].kernel)).item()
    expected = factor * np.array(layer.gradient.mean)
    np.testing.assert_allclose(layer.gradient_of_loss.mean, expected, rtol=1e-4)


@pytest.mark.costly
def test_states_of_layers_and_random_seeds_are_unchanged():
    layers = [
        keras.layers.BatchNormalization(),
        keras.layers.LSTM(3, stateful=True, dropout=0.5),
        zoo.Recurrent("gru", 3, zoneout=0.1),
    ]
    layers[1].return_sequences = True
    model = keras.Sequential([keras.Input((None, 3), batch_size=4), *layers])
    model.add(keras.layers.Dense(1))
    model.compile("adam", "mse")
    model.train_on_batch(X, Y)
    before = [np.array(each) for each in model.variables]
    zoo.diagnose(model, (X, Y))
    for a, b in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=b.path)


class MinimalCell(keras.layers.Layer):
    """A cell as in Keras' guide, without `output_size`."""

    def __init__(self, units):
        super().__init__()
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.state_size))

    def call(self, x, states):
        h = keras.ops.tanh(keras.ops.matmul(x, self.kernel) + 0.5 * states[0])
        return h, [h]


def test_stack_of_cells_is_differentiated_from_its_last_state():
    cells = [keras.layers.LSTMCell(3), MinimalCell(2)]
    (found,) = zoo.diagnose(keras.layers.RNN(cells), X).layers
    assert found.gradient.mean[0] == pytest.approx(2**0.5)  # of two signs
    (found,) = zoo.diagnose(keras.layers.RNN(MinimalCell(2)), X).layers
    assert found.gradient.mean[0] == pytest.approx(2**0.5)


def test_dead_relu_units_are_counted():
    layer = zoo.Recurrent("simple_rnn", 4, activation="relu", bias_initializer="constant:-50")
    (found,) = zoo.diagnose(layer, X).layers
    (gate,) = found.gates
    assert gate.activation == "relu" and gate.dead == 1.0
    layer = zoo.Recurrent("lstm", 4, bias_initializer="constant:9")
    (found,) = zoo.diagnose(layer, X).layers
    assert {gate.name: round(gate.above) for gate in found.gates} == dict.fromkeys("ifgo", 1)


def test_not_finite_weights_are_a_verdict():
    for value in (np.nan, np.inf):
        model = sequential(zoo.Recurrent("lstm", 4))
        model.layers[0].cell.recurrent_kernel.assign(np.full((4, 16), value))
        diagnosis = zoo.diagnose(model, (X, Y))
        assert diagnosis.layers[0].verdict.kind == "not finite"
        assert "NaN" in diagnosis.text
        json.dumps(diagnosis.to_json(), allow_nan=False)


def test_state_without_effect_is_a_verdict():
    layer = zoo.Recurrent("simple_rnn", 4, recurrent_initializer="zeros")
    (found,) = zoo.diagnose(layer, X).layers
    assert found.verdict.kind == "vanishing" and found.effective_memory == 0


def test_constant_loss_is_a_verdict():
    model = sequential(zoo.Recurrent("lstm", 4))
    model.layers[-1].kernel.assign(np.zeros((4, 1)))
    diagnosis = zoo.diagnose(model, (X, Y))
    assert "the loss does not depend on" in diagnosis.text
    assert max(diagnosis.layers[0].gradient_of_loss.mean) == 0


@pytest.mark.parametrize(
    ("subject", "data", "message"),
    [
        (keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), X[:, 0], "no recurrent"),
        (zoo.Recurrent("gru", 2), X[:, :1], "one valid timestep"),
        (zoo.Recurrent("gru", 2), X[:0], "no sequences"),
        (zoo.Recurrent("gru", 2), None, "data is missing"),
        ("nowhere", None, "not a run folder"),
        (3, None, "cannot be diagnosed"),
        (zoo.Recurrent("gru", 2), tf.data.Dataset.from_tensor_slices(X[:0]), "no batches"),
    ],
)
def test_what_cannot_be_diagnosed_is_a_sentence(subject, data, message):
    with pytest.raises(zoo.RequestError, match=message):
        zoo.diagnose(subject, data)


def test_fully_masked_batch_is_a_sentence():
    model = keras.Sequential([keras.layers.Masking(), zoo.Recurrent("gru", 2)])
    with pytest.raises(zoo.RequestError, match="every timestep of the batch is masked"):
        zoo.diagnose(model, np.zeros_like(X))


def test_length_of_a_configuration_is_that_of_its_sequences():
    config = zoo.Config(task="adding", cell="mgu", units=4)
    diagnosis = zoo.diagnose(config, length=30, batch_size=3, steps=2)
    assert diagnosis.lag == 29 and diagnosis.sequences == 3
    with pytest.raises(zoo.RequestError, match="steps=0 is not a positive"):
        zoo.diagnose(config, length=30, steps=0)
    assert diagnosis.layers[0].timesteps == 30 and len(diagnosis.clipping.norms) == 2
    with pytest.raises(zoo.RequestError, match="lengths of their own"):
        zoo.diagnose(zoo.Config(task="pos_tagging"), length=30)


@pytest.mark.costly
@pytest.mark.parametrize("task", ["pos_tagging", "translation", "language_model"])
def test_task_whose_targets_have_timesteps_is_diagnosed(task, problem):
    config, corpus = problem(task)
    diagnosis = zoo.diagnose(config, corpus, steps=1, batch_size=4)
    directions = {"forward"} if task == "language_model" else {"forward", "backward"}
    assert {layer.direction for layer in diagnosis.layers} == directions
    assert diagnosis.lag is None and diagnosis.clipping.norms[0] > 0
    assert all(layer.gradient_of_loss.mean[0] > 0 for layer in diagnosis.layers)
