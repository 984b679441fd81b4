"""The cheap measurement has the figures of a diagnosis."""

import keras
import numpy as np
import pytest

import zoo
from zoo.diagnosis.growth import relative_norm
from zoo.diagnosis.probe import Probe

X = np.random.default_rng(0).normal(size=(4, 20, 3)).astype("float32")
SHORT = X.copy()
SHORT[:2, 12:] = 0.0  # masked timesteps


def model_of(layer, masked=False):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Masking()] if masked else []
    return keras.Sequential([keras.Input((None, 3)), *layers, layer])


def ratio_of(layer):
    return relative_norm(np.array(layer.gradient.mean))[0]


def check_equal(figures, layer):
    assert (figures.layer, figures.direction) == (layer.name, layer.direction)
    assert figures.lags == layer.timesteps
    assert figures.growth == pytest.approx(layer.growth.value, rel=1e-3)
    assert figures.ratio == pytest.approx(ratio_of(layer), rel=1e-2)
    assert figures.effective_memory == layer.effective_memory


@pytest.mark.parametrize(
    ("layer", "masked"),
    [
        (lambda: zoo.Recurrent("gru", 4), False),
        (lambda: zoo.Recurrent("lstm", 4, return_sequences=True), True),
        (lambda: zoo.Recurrent("lru", 4), False),
        (lambda: keras.layers.LSTM(4), True),
        (lambda: keras.layers.Bidirectional(keras.layers.SimpleRNN(4)), False),
    ],
    ids=["gru", "masked lstm", "lru", "keras lstm", "bidirectional"],
)
def test_figures_equal_those_of_a_diagnosis(layer, masked):
    model, x = model_of(layer(), masked), SHORT if masked else X
    layers = zoo.diagnose(model, x).layers
    check_equal(Probe(model).worst_layer((x,)), min(layers, key=ratio_of))


def test_loops_are_traced_once_and_read_the_present_weights():
    model = model_of(zoo.Recurrent("simple_rnn", 4))
    probe = Probe(model)
    first, again = probe.worst_layer((X,)), probe.worst_layer((X,))
    assert first == again
    model.set_weights([0.5 * weight for weight in model.get_weights()])
    found = probe.worst_layer((X,))
    (loops,) = probe._loops.values()
    assert found.growth < first.growth and loops.experimental_get_tracing_count() == 1
    check_equal(found, zoo.diagnose(model, X).layers[0])


def test_layer_without_a_gradient_has_no_figures():
    layer = keras.layers.SimpleRNN(2, recurrent_initializer="zeros", kernel_initializer="zeros")
    model = model_of(layer)
    figures = Probe(model).worst_layer((X,))
    assert figures.growth is None and figures.effective_memory is None
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    assert Probe(model).worst_layer((X[:, 0],)) is None
