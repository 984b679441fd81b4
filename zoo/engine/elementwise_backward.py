"""The way back for cells whose units meet only in the recurrent products: most of it at several timesteps at once.

Between the products, every number that a step makes depends on numbers of the same unit alone. So its derivatives are
one number per unit and row, they need nothing that comes from later timesteps, and one tape over the rows of several
timesteps gives them all. What is left to do one timestep after another is to multiply and add, and the products.
"""

import dataclasses

import tensorflow as tf

from zoo.engine.inspection import step_structure
from zoo.engine.replay_backward import kernel_gradients
from zoo.engine.step import StepContext, step_signature, run_step


def backward(run, d_outputs, d_along):
    """As `replayed.backward`."""
    back = _Back(run, d_outputs)
    carried = (
        d_along,
        [tf.zeros_like(value) for value in run.values],
        [run.array(width) for width in back.widths],
    )
    for size, count, start in reversed(run.turns()):
        carried = back.over_blocks(size, count, start, carried)
    d_initial, d_values, arrays = carried
    return back.conclude(d_initial, d_values, [array.stack() for array in arrays])


@dataclasses.dataclass
class _Block:
    """The derivatives at several timesteps: slopes[j][i] is that of the j-th number made by the i-th number read,
    (timesteps, batch, width of i), or None where there is none. operands: of the products, where they are no states.
    tape, made: to go back to the step's weights."""

    slopes: list
    operands: list
    tape: tf.GradientTape
    made: list

    def at(self, k):
        """Slopes and operands at the block's k-th timestep."""
        return [[None if slope is None else slope[k] for slope in row] for row in self.slopes], [
            operand[k] for operand in self.operands
        ]


class _Back:
    """Read are the input's products, the states, and the products' results; made are the output if it is apart, the new
    states, and the operands of the products, in this order."""

    def __init__(self, run, d_outputs):
        self.run, self.d_outputs, self.step_structure = run, d_outputs, step_structure(run.cell)
        self.transposed = [run.kernels[key].backwards() for key in run.keys]
        self.states, self.taps = len(run.initial) - run.apart, len(run.keys)
        # Of a cell whose first state is its output, the output is not looked at by itself.
        self.outputs = 0 if step_signature(run.cell).output_is_state else 1
        self.free = [
            k for k, place in enumerate(self.step_structure.operand_states) if place is None
        ]
        own = [] if self.step_structure.tied else [stop - start for start, stop in run.keys]
        self.widths = [run.projected.shape[-1], *own, *[run.cell.units] * len(self.free)]

    def over_blocks(self, size, count, start, carried):
        """`count` blocks of `size` timesteps, from timestep `start` on, the last one first."""

        def body(number, d_along, d_values, arrays):
            first = start + number * size
            block = self._differentiate(first, size)
            gradients = []
            for k in reversed(range(size)):
                slopes, operands = block.at(k)
                d_along, d_made, kept = self._step_back(first + k, slopes, d_along)
                arrays = [
                    array.write(first + k, each)
                    for array, each in zip(arrays, [*kept, *operands], strict=True)
                ]
                gradients.insert(0, d_made)
            return number - 1, d_along, self._with_weights(block, gradients, d_values), arrays

        return tf.while_loop(
            lambda number, *_: number >= 0, body, (count - 1, *carried), maximum_iterations=count
        )[1:]

    def _differentiate(self, first, size):
        run = self.run

        def rows(tensor):
            width = tensor.shape[-1]
            taken = (
                tensor[first] if size == 1 else tf.slice(tensor, (first, 0, 0), (size, -1, width))
            )
            return tf.reshape(
                taken, (-1 if tensor.shape[1] is None else size * tensor.shape[1], width)
            )

        x, states, taps = (
            rows(run.projected),
            [rows(s) for s in run.before[run.apart :]],
            [rows(r) for r in run.results],
        )
        read, operands, left = [x, *states, *taps], [], list(taps)

        def product(h, columns):
            operands.append(h)
            return left.pop(0)

        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([*read, *run.values])
            output, new = run_step(run.cell, x, states, StepContext(product), run.values)
        free = [operands[k] for k in self.free]
        made = [output] * self.outputs + new + free

        def over_time(each):
            return (
                None
                if each is None
                else tf.reshape(each, (size, run.projected.shape[1] or -1, each.shape[-1]))
            )

        # Nothing but the unit itself adds to the gradient of a sum over units, rows and timesteps.
        slopes = [[over_time(slope) for slope in tape.gradient(each, read)] for each in made]
        return _Block(slopes, [over_time(operand) for operand in free], tape, made)

    def _step_back(self, t, slopes, d_along):
        """The gradients of the states before step t, of what it made, and of what the products of all steps wait for."""
        d_step, d_before = self._past_mask(t, [d_along[0] + self.d_outputs[t], *d_along[1:]])
        apart, first_tap = self.run.apart, 1 + self.states
        d_states = d_step[apart:]
        if apart and not self.outputs:
            d_states[0] = d_states[0] + d_step[0]
        d_made = [d_step[0]] * self.outputs + d_states + [None] * len(self.free)
        d_taps = [None] * self.taps
        for k in reversed(range(self.taps)):
            d_taps[k] = _weighed(slopes, first_tap + k, d_made)
            d_operand, place = self.transposed[k](d_taps[k]), self.step_structure.operand_states[k]
            if place is None:
                d_made[self.outputs + self.states + self.free.index(k)] = d_operand
            else:
                d_before[apart + place] = _sum(d_before[apart + place], d_operand)
        for number in range(self.states):
            d_before[apart + number] = _sum(
                d_before[apart + number], _weighed(slopes, 1 + number, d_made)
            )
        d_before = [tf.zeros_like(d_along[0]) if d is None else d for d in d_before]
        kept = (
            [self._joined(d_taps)]
            if self.step_structure.tied
            else [_weighed(slopes, 0, d_made), *d_taps]
        )
        return d_before, d_made, kept

    def _past_mask(self, t, d_along):
        """What of the gradients goes into step t, and what goes past it, in rows that are masked."""
        mask = self.run.mask_at(t)
        if mask is None:
            return d_along, [None] * len(d_along)
        zero = tf.zeros_like(d_along[0])
        return [tf.where(mask, d, zero) for d in d_along], [
            tf.where(mask, zero, d) for d in d_along
        ]

    def _joined(self, d_taps):
        """The gradient of the input's products, where it is those of the recurrent ones side by side."""
        in_order = [
            d for _, d in sorted(zip(self.run.keys, d_taps, strict=True), key=lambda pair: pair[0])
        ]
        return in_order[0] if len(in_order) == 1 else tf.concat(in_order, -1)

    def _with_weights(self, block, gradients, d_values):
        """`d_values` with what the block adds to the gradients of the weights that a step reads."""
        if not self.run.values:
            return d_values
        over_time = [tf.concat(each, 0) for each in zip(*gradients, strict=True)]
        more = block.tape.gradient(
            block.made,
            list(self.run.values),
            output_gradients=over_time,
            unconnected_gradients="zero",
        )
        return [a + b for a, b in zip(d_values, more, strict=True)]

    def conclude(self, d_initial, d_values, kept):
        """The products of all timesteps, and everything in the order of `replayed.backward`."""
        run, (d_projected, *rest) = self.run, kept
        if self.step_structure.tied:
            d_taps, operands = [d_projected[:, :, start:stop] for start, stop in run.keys], rest
        else:
            d_taps, operands = rest[: self.taps], rest[self.taps :]
        pairs = [
            (
                operands[self.free.index(k)] if place is None else run.before[run.apart + place],
                d_taps[k],
            )
            for k, place in enumerate(self.step_structure.operand_states)
        ]
        return d_projected, d_initial, d_values, kernel_gradients(run, pairs)


def _weighed(slopes, read, d_made):
    """The gradient of what is `read`: the gradients of all that was made, each by its slope; None if all are None."""
    total = None
    for row, d in zip(slopes, d_made, strict=True):
        if row[read] is not None and d is not None:
            copies = row[read].shape[-1] // d.shape[-1]
            total = _sum(total, row[read] * (tf.concat([d] * copies, -1) if copies > 1 else d))
    return total


def _sum(a, b):
    return b if a is None else a if b is None else a + b
