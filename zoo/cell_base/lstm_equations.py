"""The equations of an LSTM after its products, for cells that apply them several times a step."""

import numpy as np
from keras import ops

from zoo.cell_base.step_context import Tensor
from zoo.recurrent_cell import RecurrentCell, by_gate, sigmoid


def lstm(cell: RecurrentCell, c: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
    """Return the hidden state and the cell state of an LSTM.

    Args:
        cell: the cell, for the dropout of the candidate.
        c: (batch, width), the old cell state.
        sums: (batch, 4 * width), products plus bias of the gates i, f, g, o.
    """
    i, f, g, o = ops.split(sums, 4, -1)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * cell.candidate_dropout(ops.tanh(g))
    return ops.sigmoid(o) * ops.tanh(c), c


def numpy_lstm(sums: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same in NumPy, for `RecurrentCell.reference`."""
    i, f, g, o = by_gate(sums, 4)
    c_new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_new), c_new
