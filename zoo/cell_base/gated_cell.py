"""Base class of cells whose gates and candidate have activations that can be chosen."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from zoo.cell_base.keras_objects import KerasObject, as_activation, numpy_activation
from zoo.recurrent_cell import RecurrentCell


class GatedCell(RecurrentCell):
    """Base class of cells with an activation of the candidate and one of the gates, as in Keras.

    Args:
        units: width of the output and of each state.
        activation: name or function of `keras.activations`, for the candidate; None: the identity.
        recurrent_activation: the same for the gates.
        **kwargs: further arguments, see `RecurrentCell`.
    """

    def __init__(
        self,
        units: int,
        activation: KerasObject = "tanh",
        recurrent_activation: KerasObject = "sigmoid",
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.activation = as_activation("activation", activation)
        self.recurrent_activation = as_activation("recurrent_activation", recurrent_activation)

    @property
    def has_default_activations(self) -> bool:
        """Whether the activations are tanh and sigmoid, those of the cell's equations."""
        activations = (self.activation, self.recurrent_activation)
        return activations == (keras.activations.tanh, keras.activations.sigmoid)

    def numpy_activations(self) -> list[Callable[[np.ndarray], np.ndarray]]:
        """Return the activations of candidate and gates in NumPy, for `reference`."""
        return [numpy_activation(each) for each in (self.activation, self.recurrent_activation)]
