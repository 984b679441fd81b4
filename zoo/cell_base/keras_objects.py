"""Keras objects as constructor arguments, and activations in NumPy for references of cells."""

import types
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
from keras import ops

from zoo.errors import RequestError

KerasObject: TypeAlias = Any  # the name, the config or an object of a Keras class; or None
Activation: TypeAlias = Callable[[Any], Any]  # tensor to tensor

_EXAMPLES = {
    "regularizer": "'l2' or keras.regularizers.L2(1e-4)",
    "constraint": "'unit_norm' or keras.constraints.MaxNorm(2.0)",
    "activation": "'tanh' or keras.activations.relu",
}


def keras_object(
    kind: Literal["regularizer", "constraint", "activation"], argument: str, value: Any
) -> Any:
    """Return the Keras object that an argument names.

    Args:
        kind: kind of the object.
        argument: name of the constructor argument, for the message.
        value: a name, a config, an object or a function; or None.

    Raises:
        RequestError: Keras does not know the object.
    """
    try:
        return getattr(keras, f"{kind}s").get(value)
    except (TypeError, ValueError):
        article = "an" if kind == "activation" else "a"
        raise RequestError(
            f"{argument}={value!r} is not {article} {kind}. Give the name or an object of "
            f"keras.{kind}s, such as {_EXAMPLES[kind]}."
        ) from None


_OBJECTS = (
    keras.DTypePolicy,
    keras.constraints.Constraint,
    keras.initializers.Initializer,
    keras.layers.Layer,  # an activation
    keras.regularizers.Regularizer,
)


def json_value(value: Any) -> Any:
    """Return the config of an object of Keras, the name of a function, and other values as is."""
    if isinstance(value, types.FunctionType):
        return keras.activations.serialize(value)
    return keras.saving.serialize_keras_object(value) if isinstance(value, _OBJECTS) else value


def as_activation(argument: str, value: KerasObject) -> Activation:
    """Return the function of an argument such as `activation="relu"`; None: the identity.

    Raises:
        RequestError: Keras does not know the activation.
    """
    return keras_object("activation", argument, value)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function of `x` in float64, for `RecurrentCell.reference`."""
    return 1 / (1 + np.exp(-np.asarray(x, "float64")))


_NUMPY_ACTIVATIONS: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    keras.activations.hard_sigmoid: lambda x: np.clip(x / 6 + 0.5, 0.0, 1.0),
    keras.activations.linear: lambda x: x,
    keras.activations.relu: lambda x: np.maximum(x, 0.0),
    keras.activations.sigmoid: sigmoid,
    keras.activations.softsign: lambda x: x / (1 + np.abs(x)),
    keras.activations.tanh: np.tanh,
}


def numpy_activation(activation: str | Activation) -> Callable[[np.ndarray], np.ndarray]:
    """Return an activation in NumPy, for `RecurrentCell.reference`.

    Args:
        activation: a name or function of `keras.activations`. One without a formula in NumPy here
            is computed by Keras in float64.
    """
    function = keras.activations.get(activation)

    def compute(x: np.ndarray) -> np.ndarray:
        return ops.convert_to_numpy(function(ops.convert_to_tensor(x, "float64")))

    return _NUMPY_ACTIVATIONS.get(function, compute)
