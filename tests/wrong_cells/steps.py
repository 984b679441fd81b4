"""Cells with a mistake in `step`, `project` or `candidate_dropout`."""

import keras
import numpy as np
from keras import ops

from wrong_cells.collection import wrong
from zoo.cells.gru import GRUCell
from zoo.cells.lstm import LSTMCell
from zoo.cells.mgu import MGUCell
from zoo.cells.peephole_lstm import PeepholeLSTMCell
from zoo.cells.simple_rnn import SimpleRNNCell


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


@wrong("mixed_precision")
class AlwaysFloat32(SimpleRNNCell):
    def step(self, x, state):
        h, state = super().step(x, state)
        return ops.cast(h, "float32"), state


@wrong("regularization")
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


class BrokenEverywhere(SimpleRNNCell):
    """Every run of this cell raises an error; it is not part of `WRONG`."""

    def step(self, x, state):
        raise RuntimeError("this step\nalways fails")
