"""Functions that TensorFlow runs as graphs."""

import logging

import pytest
import tensorflow as tf

from zoo.graph_functions import graph_function


def doubled(x):
    return 2 * x


@pytest.fixture
def warnings(caplog, monkeypatch):
    """The messages of TensorFlow's logger."""
    logger = tf.get_logger()
    monkeypatch.setattr(logger, "propagate", True)
    logger.setLevel(logging.WARNING)
    yield caplog
    logger.setLevel(logging.ERROR)


def test_many_functions_of_equal_code_are_traced_without_a_warning(warnings):
    for number in range(8):
        assert float(graph_function(doubled)(tf.constant(float(number)))) == 2 * number
    assert not warnings.records


def test_tensorflow_warns_of_functions_of_its_own(warnings):
    for number in range(8):
        tf.function(doubled, autograph=False)(tf.constant(float(number)))
    assert any("retracing" in record.getMessage() for record in warnings.records)


def test_function_with_a_signature_is_traced_once():
    traces = []

    def square(x):
        traces.append(x)
        return x * x

    function = graph_function(square, [tf.TensorSpec((None,))])
    for size in (1, 2, 3):
        assert function(tf.ones(size)).shape == (size,)
    assert len(traces) == 1
