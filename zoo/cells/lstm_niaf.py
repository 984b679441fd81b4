"""LSTM with peepholes whose candidate has no activation function."""

from zoo.cell_base.peephole_variant import PeepholeVariant
from zoo.cells import cells


@cells.register(
    "lstm_niaf",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="studies of the activation functions",
)
class NIAFLSTMCell(PeepholeVariant):
    """NIAF: the LSTM with peepholes whose candidate is linear.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    g = x W_g + h U_g + b_g                          candidate, unbounded
    c' = f * c + i * g
    o = sigmoid(x W_o + h U_o + p_o * c' + b_o)      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant NIAF in section 3.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm_niaf", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "f", "g", "o")
    retention_gates = {"f": 1, "i": -1}
    default_bias_initializer = "unit_forget"
    squashes_candidate = False
