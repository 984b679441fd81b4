"""How many timesteps a loop does a turn. A rule of thumb, not yet measured shape by shape.

More of them save what a turn costs; where the numbers of a turn no longer fit into a core's cache, they should cost
more than they save. Compiling the whole loop by XLA is left to who compiles the model (`jit_compile=True`): it costs a
compilation for every length, and at the one shape tried (LSTM 32, 100, 128, 256, one thread) was the slower.
"""

BLOCK = 2**17  # numbers: the width of the input's products times rows and timesteps; about what a core's cache holds
LONGEST = 4  # timesteps in a turn: each is a part of the graph of its own, which takes time to make
ROWS = 32  # where the batch is not known when the graph is made


def timesteps_a_turn(shape):
    """The timesteps of a turn for projected input (timesteps, batch, width), each of which but the last may be None.

    Where the number of all is known, one that divides it if there is any.
    """
    timesteps, batch, width = shape
    most = max(1, min(LONGEST, BLOCK // ((batch or ROWS) * width)))
    if timesteps is None:
        return most
    return next((size for size in range(most, most // 2, -1) if timesteps % size == 0), min(most, timesteps))
