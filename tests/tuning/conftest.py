"""Fixtures of the tests of searches."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="module")
def eager():
    """Run tf.functions eagerly: a training of a few steps is faster without a graph."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
