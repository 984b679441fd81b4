"""LSTM with peepholes and without a forget gate."""

from zoo.cell_base.peephole_variant import PeepholeVariant
from zoo.cells import cells


@cells.register(
    "lstm_nfg",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="studies of the forget gate; counting in short sequences",
)
class NFGLSTMCell(PeepholeVariant):
    """NFG: the LSTM with peepholes that never forgets, as in 1997.

    i = sigmoid(x W_i + h U_i + p_i * c + b_i)       i = 0 writes nothing
    g = tanh(x W_g + h U_g + b_g)                    candidate
    c' = c + i * g
    o = sigmoid(x W_o + h U_o + p_o * c' + b_o)      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant NFG in section 3.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm_nfg", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("i", "g", "o")
    retention_gates = {"i": -1}
