"""The base class of all cells: weights, fused products and Keras' plumbing, so that a cell file holds equations."""

import keras
import numpy as np
from keras import ops

from zoo import initializers
from zoo.errors import RequestError


def sigmoid(x):
    """Logistic function, NumPy; for references."""
    return 1 / (1 + np.exp(-np.asarray(x, "float64")))


def by_gate(array, count):
    """The columns of each gate of a fused array (NumPy), as a list of `count` arrays; for references."""
    return np.split(array, count, axis=-1)


class RecurrentCell(keras.layers.Layer):
    """A recurrent cell: `step` says how one timestep turns a state into the next.

    A subclass gives `gates` (names, in the order of the kernels' columns), `state_names` (the first is what is put
    out), `step` and `reference`, and what else differs from the defaults below. Constructor arguments are JSON values;
    Keras writes `get_config` by itself.

    Weights: kernel (features, gates * units); recurrent_kernel (units, gates * units), or (gates * units,) where
    `recurrent_shape` is "diagonal", or absent where it is "none"; bias (gates * units,), or (bias_rows, gates * units);
    and those that `extra_weights` names.
    Runs in `zoo.Recurrent` and in the stock `keras.layers.RNN` alike.
    """

    gates = ("n",)
    state_names = ("h",)
    recurrent_shape = (
        "full"  # "diagonal": one number per unit and gate; "none": no recurrent kernel
    )
    bias_rows = 1  # 2: the recurrent product has a bias of its own
    retention_gates = {}  # gate -> 1 if opening it keeps the state, -1 if opening it writes; the main gate first
    default_recurrent_initializer = "orthogonal"
    default_bias_initializer = "zeros"
    keras_layer = None  # the name of the layer in keras.layers that is the same, gate for gate, with the same weights
    search_space = {}  # own constructor argument -> tuple of choices, or {"min": ..., "max": ...}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # The module is part of the name: Keras would silently overwrite a class of the same name from elsewhere.
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(
        self,
        units,
        kernel_initializer="glorot_uniform",
        recurrent_initializer=None,
        bias_initializer=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise RequestError(
                f"units={units!r}: a cell needs at least one unit. Give a whole number, such as 128."
            )
        if recurrent_initializer and self.recurrent_shape == "none":
            raise RequestError(
                f"recurrent_initializer={recurrent_initializer!r}: {type(self).__name__} has no recurrent "
                "kernel. Leave it out."
            )
        self.units = units
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer or self.default_recurrent_initializer
        self.bias_initializer = bias_initializer or self.default_bias_initializer
        self._engine = None

    @property
    def state_size(self):
        return self.units if len(self.state_names) == 1 else [self.units] * len(self.state_names)

    @property
    def output_size(self):
        return self.units

    def extra_weights(self):
        """Further weights: name -> (shape, initializer by name). They become attributes."""
        return {}

    def build(self, input_shape):
        gates, width = len(self.gates), len(self.gates) * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            name="kernel",
            initializer=initializers.fused_kernel(self.kernel_initializer, gates),
        )
        if self.recurrent_shape == "full":
            self.recurrent_kernel = self.add_weight(
                shape=(self.units, width),
                name="recurrent_kernel",
                initializer=initializers.fused_kernel(self.recurrent_initializer, gates),
            )
        elif self.recurrent_shape == "diagonal":
            self.recurrent_kernel = self.add_weight(
                shape=(width,),
                name="recurrent_kernel",
                initializer=initializers.diagonal_kernel(self.recurrent_initializer, gates),
            )
        self.bias = self.add_weight(
            shape=(width,) if self.bias_rows == 1 else (self.bias_rows, width),
            name="bias",
            initializer=initializers.fused_bias(self.bias_initializer, self),
        )
        for name, (shape, initializer) in self.extra_weights().items():
            setattr(self, name, self.add_weight(shape=shape, name=name, initializer=initializer))
        self.built = True

    def project(self, x):
        """The products with the input, of all timesteps at once: (..., features) to (..., gates * units)."""
        matmul = ops.matmul if self._engine is None else self._engine.matmul
        return matmul(x, self.kernel) + (self.bias if self.bias_rows == 1 else self.bias[0])

    def split(self, x):
        """The columns of each gate: (batch, gates * units) to a dict gate -> (batch, units)."""
        return dict(zip(self.gates, ops.split(x, len(self.gates), -1), strict=True))

    def columns(self, *gates):
        """The columns of adjoining gates in the kernels (of all gates if none is named), as a slice."""
        first, count = (self.gates.index(gates[0]), len(gates)) if gates else (0, len(self.gates))
        return slice(first * self.units, (first + count) * self.units)

    def recur(self, h, *gates):
        """h (batch, units) times the recurrent kernel's columns of `gates` (of all if none is named)."""
        columns = self.columns(*gates)
        if self._engine is not None and self._engine.reading:
            h = h * self._engine.reading[h.shape[-1]]
        if self.recurrent_shape == "diagonal":
            copies = (columns.stop - columns.start) // self.units
            return (ops.tile(h, (1, copies)) if copies > 1 else h) * self.recurrent_kernel[columns]
        if self._engine is not None:
            return self._engine.product(h, columns)
        return ops.matmul(h, self.recurrent_kernel[:, columns])

    def candidate_dropout(self, candidate):
        """What enters the state: the candidate, masked where there is recurrent dropout (arXiv 1603.05118)."""
        if self._engine is None or self._engine.dropout is None:
            return candidate
        return candidate * self._engine.dropout

    def step(self, x, state):
        """One timestep: x (batch, gates * units), from `project`, and the state, a tuple of (batch, units).

        Returns the output (batch, units) and the new state.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step")

    def linear(self, x):
        """For a cell with one state, put out, and h' = decay * h + addition: these two for all timesteps of `x`, from
        `project`, at once. None where that is not so.
        """

    def reference(self, weights, x, state):
        """The same in NumPy, float64, gate by gate as in the paper, from x (batch, features) and weights by name."""
        raise NotImplementedError(f"{type(self).__name__} has no reference")

    def call(self, x, states, training=None):
        output, states = self.step(self.project(x), tuple(states))
        return output, list(states)

    def get_initial_state(self, batch_size=None):
        """Zeros, one tensor (batch, units) per state."""
        return [
            ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.state_names
        ]
