"""Cells with one mistake each, and the conformance properties that must reject them."""

import contextlib
import re

import keras
import numpy as np
from keras import ops

from zoo.cells import cells
from zoo.cells.gru import GRUCell
from zoo.cells.lstm import LSTMCell
from zoo.cells.mgu import MGUCell
from zoo.cells.peephole_lstm import PeepholeLSTMCell
from zoo.cells.simple_rnn import SimpleRNNCell

WRONG = {}  # name -> (class, properties that must reject it, facts of its registration)


def wrong(*properties, **facts):
    """Return a decorator that adds a cell to `WRONG` with the properties that it violates."""

    def decorator(builder):
        snake_case = re.sub("(?<!^)(?=[A-Z])", "_", builder.__name__).lower()
        WRONG[f"wrong_{snake_case}"] = (builder, properties, facts)
        return builder

    return decorator


@contextlib.contextmanager
def registered():
    """Register all wrong cells for the duration of the context."""
    with cells.temporary():
        for name, (builder, _, facts) in WRONG.items():
            cells.register(name, paper="none", year=2000, tags=("wrong",), **facts)(builder)
        yield


@wrong("reference", "gradients")
class GatesSwapped(LSTMCell):
    def step(self, x, state):
        h, c = state
        z = self.split(x + self.recur(h))
        f, i, o = ops.sigmoid(z["i"]), ops.sigmoid(z["f"]), ops.sigmoid(z["o"])
        c = f * c + i * self.candidate_dropout(ops.tanh(z["g"]))
        h = o * ops.tanh(c)
        return h, (h, c)


@wrong("reference", "everything_matters")
class BiasLeftOut(GRUCell):
    def step(self, x, state):
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h))
        z, r = ops.sigmoid(x["z"] + y["z"]), ops.sigmoid(x["r"] + y["r"])
        h = z * h + (1 - z) * self.candidate_dropout(ops.tanh(x["n"] + r * y["n"]))
        return h, (h,)


@wrong("reference", "everything_matters")
class CellStateIgnored(LSTMCell):
    def step(self, x, state):
        z = self.split(x + self.recur(state[0]))
        c = (
            ops.sigmoid(z["i"])
            * self.candidate_dropout(ops.tanh(z["g"]))
            * (1 + 0 * ops.sigmoid(z["f"]))
        )
        h = ops.sigmoid(z["o"]) * ops.tanh(c)
        return h, (h, c)


@wrong("rows", "reference")
class ReadsOtherRows(SimpleRNNCell):
    def step(self, x, state):
        (h,) = state
        h = self.candidate_dropout(ops.tanh(x + self.recur(h - ops.mean(h, axis=0, keepdims=True))))
        return h, (h,)


@wrong("reference", "gates")
class UpdateGateInverted(GRUCell):
    def step(self, x, state):
        (h,) = state
        x, y = self.split(x), self.split(self.recur(h) + self.bias[1])
        z, r = ops.sigmoid(x["z"] + y["z"]), ops.sigmoid(x["r"] + y["r"])
        h = (1 - z) * h + z * self.candidate_dropout(ops.tanh(x["n"] + r * y["n"]))
        return h, (h,)


@wrong("reference", "gradients")
class PeepholeAtOldState(PeepholeLSTMCell):
    def step(self, x, state):
        h, old = state
        z = self.split(x + self.recur(h))
        i, f = (
            ops.sigmoid(z["i"] + self.peephole[0] * old),
            ops.sigmoid(z["f"] + self.peephole[1] * old),
        )
        c = f * old + i * self.candidate_dropout(ops.tanh(z["g"]))
        h = ops.sigmoid(z["o"] + self.peephole[2] * old) * ops.tanh(c)
        return h, (h, c)


@wrong("reference")
class OutputNotSquashed(LSTMCell):
    def step(self, x, state):
        h, c = state
        z = self.split(x + self.recur(h))
        c = ops.sigmoid(z["f"]) * c + ops.sigmoid(z["i"]) * self.candidate_dropout(ops.tanh(z["g"]))
        h = ops.sigmoid(z["o"]) * c
        return h, (h, c)


@wrong("gradients")
class GradientStopped(MGUCell):
    def step(self, x, state):
        return super().step(x, (ops.stop_gradient(state[0]),))


@wrong("causality", "chunks", "loops")
class CountsItsCalls(SimpleRNNCell):
    calls = 0

    def step(self, x, state):
        self.calls += 1
        return super().step(x + 0.1 * self.calls, state)


@wrong("determinism")
class OwnRandomGenerator(SimpleRNNCell):
    def step(self, x, state):
        return super().step(x + np.random.default_rng().normal(), state)


@wrong("causality", "padding", "padding_gradients")
class ReadsLaterTimesteps(SimpleRNNCell):
    def project(self, x):
        x = super().project(x)
        return x - ops.mean(x, axis=0, keepdims=True)


@wrong("config", "keras_file")
class ConfigLosesArgument(SimpleRNNCell):
    def get_config(self):
        others = ("units", "kernel_initializer", "recurrent_initializer", "bias_initializer")
        return {**super().get_config(), **{name: getattr(self, name) for name in others}}


@wrong("config")
class ArgumentsNotPassedOn(SimpleRNNCell):
    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, activation)

    def get_config(self):
        return {"units": self.units, "activation": self.activation}


@wrong("mixed_precision")
class AlwaysFloat32(SimpleRNNCell):
    def step(self, x, state):
        h, state = super().step(x, state)
        return ops.cast(h, "float32"), state


@wrong("docstring")
class WithoutSource(SimpleRNNCell):
    """Elman network, with a docstring without a source.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class WithoutArgs(SimpleRNNCell):
    """Elman network, with a docstring without the section of its arguments.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class ArgumentNotDocumented(SimpleRNNCell):
    """Elman network, with a docstring that does not list `units`.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        width: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class WithoutExample(SimpleRNNCell):
    """Elman network, with a docstring without an example.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.
    """


@wrong("docstring")
class ExampleFails(SimpleRNNCell):
    """Elman network, with an example that does not run.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        3
    """


@wrong("docstring")
class WithoutDocstring(SimpleRNNCell):
    pass


@wrong("loops", "gradients")
class ReadsItsKernel(SimpleRNNCell):
    def step(self, x, state):
        return super().step(x + ops.mean(self.kernel, axis=0), state)

    def reference(self, weights, x, state):
        weights = {**weights, "bias": weights["bias"] + weights["kernel"].mean(axis=0)}
        return super().reference(weights, x, state)


@wrong("loops", "gradients")
class ProductWithoutRecur(SimpleRNNCell):
    def step(self, x, state):
        (h,) = state
        h = self.candidate_dropout(ops.tanh(x + ops.matmul(h, self.recurrent_kernel)))
        return h, (h,)


@wrong("recurrent_dropout")
class NoCandidateDropout(MGUCell):
    def step(self, x, state):
        (h,) = state
        x = self.split(x)
        f = ops.sigmoid(x["f"] + self.recur(h, "f"))
        h = (1 - f) * h + f * ops.tanh(x["n"] + self.recur(f * h, "n"))
        return h, (h,)


@wrong("recurrent_dropout")
class TwiceCandidateDropout(SimpleRNNCell):
    def candidate_dropout(self, candidate):
        return super().candidate_dropout(super().candidate_dropout(candidate))


@wrong("search_space")
class SearchSpaceUnknownArgument(SimpleRNNCell):
    search_space = {"depth": (1, 2)}


@wrong("gates")
class RetentionSignInverted(MGUCell):
    retention_gates = {"f": 1}


@wrong("interface")
class OneStateTooMany(LSTMCell):
    def step(self, x, state):
        h, (new, c) = super().step(x, state)
        return h, (new, c, c)


@wrong("learning")
class ForgetsImmediately(SimpleRNNCell):
    def step(self, x, state):
        return super().step(x, (0.001 * state[0],))

    def reference(self, weights, x, state):
        return super().reference(weights, x, (0.001 * state[0],))


@wrong("saved_model")
class BatchSizeAsNumber(SimpleRNNCell):
    def step(self, x, state):
        h, _ = super().step(ops.reshape(x, (x.shape[0], self.units)), state)
        return h, (h,)


@wrong("jit")
class BranchesOnTensor(SimpleRNNCell):
    def step(self, x, state):
        (h,) = state
        eager = not isinstance(h, keras.KerasTensor) and hasattr(h, "numpy")
        return super().step(x * 2 if eager and float(ops.max(h)) > 0 else x, state)


@wrong("reference", exceptions={"reference": "a reason that no longer holds"})
class ExceptionNotNeeded(SimpleRNNCell):
    pass


@wrong("exceptions", exceptions={"refrence": "the name is misspelled"})
class ExceptionForUnknownProperty(SimpleRNNCell):
    pass


class BrokenEverywhere(SimpleRNNCell):
    """Every run of this cell raises an error; it is not part of `WRONG`."""

    def step(self, x, state):
        raise RuntimeError("this step\nalways fails")
