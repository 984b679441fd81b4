"""LSTM with peepholes and without an input gate."""

from zoo.cell_base.peephole_variant import PeepholeVariant
from zoo.cells import cells


@cells.register(
    "lstm_nig",
    paper="Greff et al. 2015, arXiv 1503.04069",
    year=2015,
    tags=("gated", "lstm"),
    good_for="studies of the input gate; inputs that all matter",
)
class NIGLSTMCell(PeepholeVariant):
    """NIG: the LSTM with peepholes in which every timestep writes its whole candidate.

    f = sigmoid(x W_f + h U_f + p_f * c + b_f)       f = 1 keeps the cell state
    g = tanh(x W_g + h U_g + b_g)                    candidate
    c' = f * c + g
    o = sigmoid(x W_o + h U_o + p_o * c' + b_o)      o = 0 hides the cell state; reads c'
    h' = o * tanh(c')

    Output: h' (batch, units). State: h, c (batch, units) each.
    Source: Greff et al. 2015, arXiv 1503.04069, the variant NIG in section 3.
    Deviations: none.

    Args:
        units: width of the output and of each state.
        **kwargs: further arguments, see `RecurrentCell`.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm_nig", units=4, return_sequences=True)
        >>> print(layer(np.ones((2, 5, 3))).shape)
        (2, 5, 4)
    """

    gates = ("f", "g", "o")
