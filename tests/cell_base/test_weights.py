"""Constructor arguments of all cells: regularizers, constraints, use_bias, and their config."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sampling import sample

import zoo
from zoo.cells import cells
from zoo.conformance.running import weights_by_name
from zoo.conformance.subject import randomize
from zoo.engine import cudnn
from zoo.engine.dropout import Regularization
from zoo.engine.regularization_rates import RegularizationRates

KERAS_LAYERS = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "simple_rnn": keras.layers.SimpleRNN,
}
ALL = {
    "kernel_initializer": keras.initializers.GlorotUniform(seed=1),
    "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
    "bias_initializer": keras.initializers.RandomNormal(seed=3),
    "kernel_regularizer": "l2",
    "recurrent_regularizer": keras.regularizers.L1(0.1),
    "bias_regularizer": keras.regularizers.L2(0.3),
    "kernel_constraint": "unit_norm",
    "recurrent_constraint": keras.constraints.MaxNorm(0.5),
    "bias_constraint": keras.constraints.NonNeg(),
}


def inputs():
    return np.random.default_rng(2).normal(size=(4, 5, 3)).astype("float32")


@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_fit_with_regularizers_and_constraints_matches_keras(name):
    weights = []
    options = {"unit_forget_bias": False} if name == "lstm" else {}
    for layer in (zoo.Recurrent(name, 4, **ALL), KERAS_LAYERS[name](4, **ALL, **options)):
        model = keras.Sequential([keras.Input((5, 3)), layer])
        assert len(layer.losses) == 3
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.fit(inputs(), np.ones((4, 4)), epochs=2, batch_size=2, shuffle=False, verbose=0)
        weights.append(layer.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert (weights[0][2] >= 0).all()


def test_activity_regularizer_adds_the_loss_of_keras():
    layer = zoo.Recurrent("gru", 4, activity_regularizer="l2")
    expected = keras.layers.GRU(4, activity_regularizer="l2")
    for each in (layer, expected):
        each.build((4, 5, 3))
    expected.set_weights(layer.get_weights())
    layer(inputs())
    expected(inputs())
    assert float(layer.losses[0]) == pytest.approx(float(expected.losses[0]), rel=1e-5)
    assert zoo.Recurrent.from_config(layer.get_config()).activity_regularizer is not None


@pytest.mark.parametrize("name", sample(cells.names(), 20, "no bias"))
def test_cell_without_bias_equals_a_cell_with_a_bias_of_zeros(name):
    with_bias, without = (
        zoo.Recurrent(name, 4, use_bias=use_bias, bias_initializer="zeros")
        for use_bias in (True, False)
    )
    with_bias.build((4, 5, 3))
    without.build((4, 5, 3))
    names = [weight.name for weight in without.weights]
    assert "bias" not in names
    for weight in without.weights:
        weight.assign(getattr(with_bias.cell, weight.name))
    gradients = []
    for layer in (with_bias, without):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(inputs(), training=True) ** 2)
        trainable = [weight.name for weight in without.trainable_weights]
        weights = [getattr(layer.cell, each) for each in trainable]
        gradients.append([loss, *tape.gradient(loss, weights)])
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_fixed_weights_keep_their_initial_values_in_training():
    layer = zoo.Recurrent("esn", 4, recurrent_dropout=0.1)
    model = keras.Sequential([keras.Input((5, 3)), layer, keras.layers.Dense(1)])
    assert [weight.name for weight in model.trainable_weights] == ["kernel", "bias"]
    before = layer.get_weights()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(inputs(), np.ones((4, 1)), epochs=2, verbose=0)
    for one, other in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_reservoir_has_the_spectral_radius_of_its_argument():
    cell = cells.get("esn")(20, spectral_radius=0.7)
    cell.build((None, 3))
    eigenvalues = np.linalg.eigvals(np.asarray(cell.reservoir))
    assert np.abs(eigenvalues).max() == pytest.approx(0.7, rel=1e-4)


def test_reference_takes_zeros_for_the_bias_that_a_cell_lacks():
    cell = cells.get("gru")(4, use_bias=False)
    cell.build((None, 3))
    randomize(cell, 1)
    h = np.ones((4, 4), "float32")
    weights = {**weights_by_name(cell), "bias": np.asarray(cell.bias)}
    output, _ = cell(inputs()[:, 0], [h])
    expected, _ = cell.reference(weights, inputs()[:, 0], (h,))
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64", "mixed_float16", "bfloat16"])
def test_cell_without_bias_runs_in_every_precision(dtype):
    layer = zoo.Recurrent("gru", 4, use_bias=False, dtype=dtype)
    assert layer(inputs(), training=True).dtype == layer.compute_dtype


def test_config_of_a_cell_with_objects_is_json_and_restores_them():
    cell = cells.get("lstm")(4, activation=keras.activations.gelu, use_bias=True, **ALL)
    config = json.loads(json.dumps(cell.get_config()))
    restored = type(cell).from_config(config)
    assert restored.get_config() == cell.get_config()
    assert restored.activation is keras.activations.gelu
    for each in (cell, restored):
        each.build((None, 3))
    for one, other in zip(cell.get_weights(), restored.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(restored.losses) == 3


@pytest.mark.parametrize(
    ("arguments", "supported"),
    [({}, True), ({"use_bias": False}, False), ({"activation": "relu"}, False)],
)
def test_keras_layer_replaces_only_a_cell_of_the_same_equations(arguments, supported, monkeypatch):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    cell = cells.get("lstm")(4, **arguments)
    assert cudnn.is_supported(cell, Regularization(cell, RegularizationRates())) == supported
