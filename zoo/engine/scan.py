"""The engine: a recurrence of any cell under one custom gradient, for training.

The forward loop saves the states and the results of the recurrent products, so that going back no product is done
twice; each recurrent weight's gradient is then ONE product over all timesteps instead of a sum of as many full
matrices. Two ways lead back: `linearized`, for cells whose units meet only in the recurrent products, and `replayed`.
"""

import tensorflow as tf

from zoo.engine import elementwise_backward, replay_backward
from zoo.engine.inspection import step_structure
from zoo.engine.loops import kernel_parts, select
from zoo.engine.matmul import Kernel
from zoo.engine.step import step_signature
from zoo.engine.unrolling import choose_unroll_factor


def scan(
    cell,
    projected,
    initial,
    mask,
    regularization,
    starts_at_zero=False,
    last=None,
    unroll_factor=None,
):
    """As `plain.while_loop`, with the gradients of input, initial states and all weights by the scheme above.

    starts_at_zero: the initial states are known to be zeros. last (batch, units): what rows repeat that are masked from
    the start; zeros without it. a_turn: timesteps of a turn, if not as `choice` has it. Second derivatives are not
    defined through it.
    """
    parts, weights = kernel_parts(cell, regularization), regularization.values()
    # A masked row repeats its last output, zeros at first. Where that is not its state, it goes along as one.
    apart = not step_signature(cell).output_is_state or (mask is not None and not starts_at_zero)
    along = [tf.zeros_like(initial[0]) if last is None else last] * apart + list(initial)

    @tf.custom_gradient
    def run(projected, *tensors):
        states, values = tensors[: len(along)], tensors[len(along) : len(along) + len(weights)]
        kernels = dict(zip(parts, map(Kernel, tensors[len(along) + len(weights) :]), strict=True))
        over_time = Scan(
            cell, projected, states, values, kernels, mask, regularization, unroll_factor
        )
        return over_time.forward(), over_time.backward

    outputs, *final = run(projected, *along, *weights, *parts.values())
    return outputs, final


class Scan:
    """One run over time, and what of it the way back needs: the states before each step, the results of the products.

    initial: the states that go along, which are the cell's, with the output before them where it is `apart`.
    """

    def __init__(
        self, cell, projected, initial, values, kernels, mask, regularization, unroll_factor=None
    ):
        self.cell, self.projected, self.values, self.kernels = cell, projected, values, kernels
        self.mask, self.regularization, self.initial, self.unroll_factor = (
            mask,
            regularization,
            list(initial),
            unroll_factor,
        )
        self.apart = len(self.initial) - len(cell.state_names)
        self.steps = projected.shape[0] or tf.shape(projected)[0]
        self.keys = [(columns.start, columns.stop) for columns in step_signature(cell).columns]

    def array(self, width, more=0):
        return tf.TensorArray(
            self.projected.dtype, self.steps + more, element_shape=(self.initial[0].shape[0], width)
        )

    def mask_at(self, t):
        return None if self.mask is None else self.mask[t]

    def step(self, t, x, state, product):
        """The masked step on the states that go along, of which the first is the output."""
        output, new = self.regularization.step(t, x, state[self.apart :], product, self.values)
        return select(self.mask_at(t), [output] * self.apart + new, state)

    def turns(self):
        """(timesteps a turn, number of turns, first timestep) of the loops that run over all timesteps, one after another."""
        size = choose_unroll_factor(self.projected.shape[0], self.unroll_factor)
        count = self.steps // size
        rest = self.steps - count * size
        loops = [(size, count, 0)]
        return loops if isinstance(rest, int) and not rest else [*loops, (1, rest, count * size)]

    def forward(self):
        carried = (
            self.initial,
            [self.array(s.shape[-1], 1).write(0, s) for s in self.initial],
            [self.array(stop - start) for start, stop in self.keys],
        )
        for size, count, start in self.turns():
            carried = self._over_turns(size, count, start, carried)
        final, saved, results = carried
        saved = [array.stack() for array in saved]
        self.before = [states[:-1] for states in saved]
        self.results = [array.stack() for array in results]
        return saved[0][1:], *final[self.apart :]

    def _over_turns(self, size, count, start, carried):
        def body(number, state, saved, results):
            for t in [start + number * size + k for k in range(size)]:
                state, made = self._recorded_step(t, state)
                saved = [array.write(t + 1, s) for array, s in zip(saved, state, strict=True)]
                results = [array.write(t, m) for array, m in zip(results, made, strict=True)]
            return number + 1, state, saved, results

        return tf.while_loop(
            lambda number, *_: number < count, body, (0, *carried), maximum_iterations=count
        )[1:]

    def _recorded_step(self, t, state):
        """The step at t, and the results of its products."""
        made = []

        def product(h, columns):
            made.append(self.kernels[columns.start, columns.stop].times(h))
            return made[-1]

        return self.step(t, self.projected[t], state, product), made

    def backward(self, d_outputs, *d_final):
        plain = (
            step_structure(self.cell).elementwise
            and not self.regularization.each_timestep
            and not self.regularization.masks
        )
        way = elementwise_backward if plain else replay_backward
        d_along = [tf.zeros_like(self.initial[0])] * self.apart + list(d_final)
        d_projected, d_initial, d_values, d_kernels = way.backward(self, d_outputs, d_along)
        return [d_projected, *d_initial, *d_values, *d_kernels]
