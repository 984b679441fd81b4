"""The inferred structure of a step, which selects the backward pass."""

import pytest
from keras import ops

from zoo.cells import cells
from zoo.cells.simple_rnn import SimpleRNNCell
from zoo.engine.inspection import StepStructure, step_structure


class MixesUnits(SimpleRNNCell):
    """A cell whose units read each other outside the recurrent product."""

    def step(self, x, state):
        h = ops.softmax(x + self.recur(state[0]))
        return h, (h,)


def built(cell):
    cell.build((None, None, 3))
    return cell


@pytest.mark.parametrize(
    ("name", "operand_states", "shares_gradients"),
    [
        ("simple_rnn", (0,), True),
        ("lstm", (0,), True),
        ("gru", (0,), False),  # the reset gate multiplies the product alone
        ("mgu", (0, None), True),  # the second operand is f * h
        ("min_gru", (), False),
    ],
)
def test_step_structure_of_known_cells_is_inferred(name, operand_states, shares_gradients):
    structure = step_structure(built(cells.get(name)(4)))
    assert structure == StepStructure(True, operand_states, shares_gradients)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_step_structure_does_not_depend_on_the_precision(dtype):
    assert step_structure(built(cells.get("lstm")(4, dtype=dtype))).shares_gradients


def test_cell_that_mixes_units_is_not_elementwise():
    assert step_structure(built(MixesUnits(4))) == StepStructure(False, (0,), False)
