"""Functions that TensorFlow runs as graphs."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def graph_function(function: Callable[..., Any], input_signature: Any = None) -> Any:
    """Return a `tf.function` without AutoGraph, for an object that traces a function of its own.

    TensorFlow warns of retracing when it traces functions with the same code five times. Each
    partial function counts as a function of its own.

    Args:
        function: what is traced.
        input_signature: as in `tf.function`.

    Example:
        >>> from zoo.graph_functions import graph_function
        >>> float(graph_function(lambda x: 2 * x)(1.5))
        3.0
    """
    return tf.function(
        functools.partial(function), input_signature=input_signature, autograph=False
    )
