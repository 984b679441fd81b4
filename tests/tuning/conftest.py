"""Fixtures for tests of searches."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="module")
def eager():
    """Run tf.functions eagerly, which is faster than a graph for a few training steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
