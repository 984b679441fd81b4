"""LSTM with peepholes and without an output gate."""

from zoo.cell_base.peephole_variant import PeepholeVariant
from zoo.cells import cells


@cells.register(
    "lstm_nog",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="studies of the output gate; a quarter fewer weights than an LSTM",
)
class NOGLSTMCell(PeepholeVariant):
    """NOG: the LSTM with peepholes whose output always shows the whole cell state.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                    candidate
    c' = f * c + i * g
    h' = tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant NOG in section 3.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm_nog", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"
