"""Initializer objects: whole weights as in Keras; names: gate by gate."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.cell_base.initialization import as_initializer, inverse_softplus
from zoo.cells import cells
from zoo.errors import RequestError


def built(name="lstm", **arguments):
    cell = cells.get(name)(4, **arguments)
    cell.build((None, 3))
    return cell


@pytest.mark.parametrize("name", ["lstm", "gru", "simple_rnn"])
def test_object_gives_the_weights_of_the_keras_layer(name):
    keras_cells = {
        "lstm": keras.layers.LSTMCell,
        "gru": keras.layers.GRUCell,
        "simple_rnn": keras.layers.SimpleRNNCell,
    }
    arguments = {
        "kernel_initializer": keras.initializers.GlorotUniform(seed=1),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
        "bias_initializer": keras.initializers.RandomNormal(seed=3),
    }
    options = {"unit_forget_bias": False} if name == "lstm" else {}
    expected = keras_cells[name](4, **arguments, **options)
    expected.build((None, 3))
    for one, other in zip(built(name, **arguments).weights, expected.weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "spec",
    [
        keras.initializers.Constant(0.25),
        {"class_name": "Constant", "config": {"value": 0.25}},
        keras.initializers.serialize(keras.initializers.Constant(0.25)),
        lambda shape, dtype=None: np.full(shape, 0.25),
        "constant:0.25",
    ],
)
def test_object_config_function_and_name_initialize_every_weight(spec):
    for name in ("gru", "ind_rnn"):
        cell = built(
            name, kernel_initializer=spec, recurrent_initializer=spec, bias_initializer=spec
        )
        for weight in cell.weights:
            np.testing.assert_array_equal(weight, np.full(weight.shape, 0.25, "float32"))


@pytest.mark.parametrize(
    "name", ["ones", "random_normal", "random_uniform:0.1", "truncated_normal", "GlorotNormal"]
)
def test_names_of_keras_initialize_each_gate(name):
    first, *others = np.split(np.asarray(built(kernel_initializer=name).kernel), 4, axis=1)
    assert np.abs(first).max() > 0
    assert all(name == "ones" or (first != other).any() for other in others)


def test_parameter_of_a_keras_initializer_is_its_scale():
    wide = cells.get("lstm")(200, kernel_initializer="random_normal:0.3")
    wide.build((None, 50))
    assert np.std(wide.kernel) == pytest.approx(0.3, rel=0.05)
    limited = np.abs(built(kernel_initializer="random_uniform:0.01").kernel)
    assert 0.005 < limited.max() <= 0.01


def test_parameter_that_an_initializer_lacks_is_rejected():
    with pytest.raises(RequestError, match="glorot_uniform takes no parameter"):
        built(kernel_initializer="glorot_uniform:2")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lstm", {}),
        ("gru", {"bias_initializer": "chrono", "recurrent_initializer": "identity"}),
        ("ind_rnn", {"kernel_initializer": keras.initializers.HeNormal(seed=1)}),
    ],
)
def test_weights_are_created_inside_a_function(name, arguments):
    layer = zoo.Recurrent(name, 4, **arguments)
    outputs = tf.function(lambda x: layer(x, training=True))(np.ones((2, 5, 3), "float32"))
    assert outputs.shape == (2, 4)
    assert all(np.isfinite(weight).all() for weight in layer.get_weights())


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16", "mixed_bfloat16"])
def test_weights_have_the_dtype_of_the_policy(dtype):
    orthogonal = keras.initializers.Orthogonal(seed=1)
    cell = built(dtype=dtype, recurrent_initializer=orthogonal, kernel_initializer="identity")
    assert {str(weight.dtype) for weight in cell.weights} == {cell.variable_dtype}


@pytest.mark.parametrize("spec", [5, ["orthogonal"], {"class_name": "Orthogon", "config": {}}])
def test_value_that_is_not_an_initializer_is_rejected(spec):
    with pytest.raises(RequestError, match="is not an initializer. Give a name such as"):
        as_initializer(spec)


def test_array_of_another_shape_is_rejected():
    with pytest.raises(RequestError, match=r"returned the shape \(2, 2\) .* shape \(3, 16\)"):
        built(kernel_initializer=lambda shape, dtype=None: np.ones((2, 2)))


def test_inverse_softplus_draws_numbers_whose_softplus_is_uniform_in_the_range():
    values = np.logaddexp(0, np.asarray(inverse_softplus(0.4, 0.6)((1000,))))
    assert 0.3999 < values.min() < 0.41 and 0.59 < values.max() < 0.6001
    assert abs(values.mean() - 0.5) < 0.01


@pytest.mark.parametrize("name", cells.names())
def test_random_weights_of_equal_shape_start_from_different_values(name):
    built = [cells.get(name)(4) for _ in range(2)]
    for cell in built:
        cell.build((None, 4))
    pairs = zip(*(map(np.asarray, cell.trainable_weights) for cell in built), strict=True)
    random = [weight for weight, second in pairs if (weight != second).any()]
    for one, other in itertools.combinations(random, 2):
        assert one.shape != other.shape or (one != other).any()
