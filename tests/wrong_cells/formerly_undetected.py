"""Cells with mistakes that no property found in version 0.1, most in `step` and `reference`."""

from typing import Any

import keras
import numpy as np
from keras import ops

from wrong_cells.collection import wrong
from zoo.cells.cornn import CoRNNCell
from zoo.cells.coupled_lstm import CoupledLSTMCell
from zoo.cells.lstm import LSTMCell
from zoo.cells.mgu import MGUCell
from zoo.cells.phased_lstm import PhasedLSTMCell
from zoo.cells.simple_rnn import SimpleRNNCell
from zoo.cells.slstm import SLSTMCell


@wrong("gates")
class RetentionGatesNotDeclared(MGUCell):
    retention_gates = {}


@wrong("gates")
class RetentionGateNotNeeded(CoupledLSTMCell):
    retention_gates = {"f": 1, "g": 1}


@wrong("gates")
class RetentionGateMissing(LSTMCell):
    retention_gates = {"f": 1}


@wrong("recurrent_dropout")
class DropsWholeState(MGUCell):
    def step(self, x, state):
        (h,) = state
        x = self.split(x)
        f = ops.sigmoid(x["f"] + self.recur(h, "f"))
        n = ops.tanh(x["n"] + self.recur(f * h, "n"))
        h = self.candidate_dropout((1 - f) * h + f * n)
        return h, (h,)


@wrong("interface")
class StatesExchanged(LSTMCell):
    def step(self, x, state):
        c, h = state
        h, (_, c) = super().step(x, (h, c))
        return h, (c, h)

    def reference(self, weights, x, state):
        c, h = state
        h, (_, c) = super().reference(weights, x, (h, c))
        return h, (c, h)


@wrong("search_space")
class ArgumentNotRead(SimpleRNNCell):
    search_space = {"leak": (0.1, 0.5)}

    def __init__(self, units, leak=0.1, **kwargs):
        super().__init__(units, **kwargs)
        self.leak = leak


@wrong("search_space")
class ValueNotRead(SimpleRNNCell):
    """The two last values are the same."""

    search_space = {"scale": ("half", "full", "whole")}

    def __init__(self, units, scale="full", **kwargs):
        super().__init__(units, **kwargs)
        self.scale = scale

    def step(self, x, state):
        return super().step(0.5 * x if self.scale == "half" else x, state)


class _OwnInitialState(SimpleRNNCell):
    def first_value(self, batch_size) -> Any:
        raise NotImplementedError

    def get_initial_state(self, batch_size=None):
        return [
            state + self.first_value(batch_size) for state in super().get_initial_state(batch_size)
        ]


@wrong("initial_state")
class InitialStateNotDocumented(_OwnInitialState):
    def first_value(self, batch_size):
        return 1.0


@wrong("initial_state")
class InitialStateDiffersByRow(_OwnInitialState):
    def first_value(self, batch_size):
        return ops.cast(ops.arange(batch_size), "float32")[:, None]


@wrong("initial_state")
class InitialStateDiffersInGraph(_OwnInitialState):
    def first_value(self, batch_size):
        return 0.0 if isinstance(batch_size, int) else 1.0


@wrong("initial_state")
class InitialStateDiffersByCall(_OwnInitialState):
    """Output: h. State: h; its initial value is 1."""

    calls = 0

    def first_value(self, batch_size):
        self.calls += 1
        return float(self.calls)


@wrong("mixed_precision")
class InitialStateInFloat32(SimpleRNNCell):
    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), "float32")]


@wrong("keras_layer")
class KerasLayerCopied(LSTMCell):
    """An LSTM without tanh at its output, made from a copy of the LSTM's file."""

    keras_layer = "LSTM"

    def step(self, x, state):
        h, c = state
        z = self.split(x + self.recur(h))
        c = ops.sigmoid(z["f"]) * c + ops.sigmoid(z["i"]) * self.candidate_dropout(ops.tanh(z["g"]))
        h = ops.sigmoid(z["o"]) * c
        return h, (h, c)


@wrong("keras_layer")
class KerasLayerOfOtherShape(MGUCell):
    keras_layer = "GRU"


@wrong("keras_layer")
class KerasLayerUnknown(MGUCell):
    keras_layer = "MGU"


@wrong("reference")
class StateClipped(LSTMCell):
    def step(self, x, state):
        h, (_, c) = super().step(x, state)
        c = ops.clip(c, -20, 20)
        return h, (h, c)


def _overflowing_sigmoid(x):
    return 1 / (1 + ops.exp(-x))


@wrong("widths")
class SigmoidOverflows(MGUCell):
    """The gradient of the gate is NaN where exp is infinite."""

    def step(self, x, state):
        (h,) = state
        x = self.split(x)
        f = _overflowing_sigmoid(x["f"] + self.recur(h, "f"))
        n = self.candidate_dropout(ops.tanh(x["n"] + self.recur(f * h, "n")))
        h = (1 - f) * h + f * n
        return h, (h,)


@wrong("widths")
class CouplesUnitsAtSomeWidths(SimpleRNNCell):
    def step(self, x, state):
        if self.units % 12 == 0:
            state = (ops.roll(state[0], self.units // 2, axis=-1),)
        return super().step(x, state)


@wrong("reference")
class ArgumentOutsideSearchSpaceNotRead(SimpleRNNCell):
    search_space = {}

    def step(self, x, state):
        (h,) = state
        h = self.candidate_dropout(ops.tanh(x + self.recur(h)))
        return h, (h,)


@wrong("reference")
class NeedsSecondBias(SimpleRNNCell):
    """With use_bias=False, the cell does not have the weight that the step reads."""

    def extra_weights(self):
        return {"second_bias": ((self.units,), "zeros")} if self.use_bias else {}

    def step(self, x, state):
        return super().step(x + self.second_bias, state)

    def reference(self, weights, x, state):
        bias = weights["bias"] + weights["second_bias"]
        return super().reference({**weights, "bias": bias}, x, state)


@wrong("determinism")
class SeedFixedInConstructor(SimpleRNNCell):
    def __init__(self, units, **kwargs):
        keras.utils.set_random_seed(0)
        super().__init__(units, **kwargs)


@wrong("determinism")
class SeedFixedInStep(SimpleRNNCell):
    def step(self, x, state):
        np.random.seed(0)
        return super().step(x, state)


@wrong("determinism")
class RandomNumbersInStep(SimpleRNNCell):
    """The numbers are the same at each call, and too small for a comparison of results."""

    def step(self, x, state):
        return super().step(x + 1e-8 * keras.random.normal((1, self.units), seed=3), state)


@wrong("everything_matters", "learning")
class StateMovesByLittle(SimpleRNNCell):
    def step(self, x, state):
        (h,) = state
        n, _ = super().step(x, state)
        h = h + 0.001 * (n - h)
        return h, (h,)

    def reference(self, weights, x, state):
        (h,) = state
        n, _ = super().reference(weights, x, state)
        h = h + 0.001 * (n - h)
        return h, (h,)


@wrong("threads")
class StoresTensor(SimpleRNNCell):
    def step(self, x, state):
        self.sums = x + self.recur(state[0])
        h = self.candidate_dropout(ops.tanh(self.sums))
        return h, (h,)


@wrong("threads")
class CollectsTensors(SimpleRNNCell):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.history = []

    def step(self, x, state):
        h, state = super().step(x, state)
        self.history.append(h)
        return h, state


@wrong("config")
class ArgumentsExchanged(CoRNNCell):
    """Step and reference read the same attributes, so that they agree."""

    def __init__(self, units, gamma=1.0, epsilon=1.0, **kwargs):
        super().__init__(units, gamma=epsilon, epsilon=gamma, **kwargs)


@wrong("regularization")
class ZoneoutRetainsTime(PhasedLSTMCell):
    unregularized_states = ()


@wrong("reference")
class NoStabilizerAtFirstTimestep(SLSTMCell):
    """The initial states are zeros; all random states are positive."""

    def step(self, x, state):
        h, c, n, m = state
        return super().step(x, (h, c, ops.maximum(n, 1e-9), m))
