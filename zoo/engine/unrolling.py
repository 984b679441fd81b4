"""How many timesteps a loop does a turn, by a table that was measured.

Milliseconds of a training step with 1, 2, 4 and 8 timesteps a turn, in turns on two cores (AMD EPYC, TensorFlow 2.21 with
oneDNN); shapes are batch, timesteps, features, units:

                            simple_rnn            lstm                  gru                   mgu
     32,  100, 128, 256   37   35   36   35   134  132  129  129   116  113  110  113    82   73   80   75
     32,  400,   2, 128   53   47   40   40   168  164  183  186   134  132  118  135    96   84   80   85
     64,   64, 128, 256   48   45   46   46   177  177  174  184   142  141  139  143    93   88   88   87
     20,   35, 200, 200    9    9    9    9    31   31   31   30    34   33   33   32    16   16   18   17
      8, 1000,  64, 512  434  399  393  378  1112 1088 1022  952  1014  926  881  896   870  868  792  804
    128,   50, 300, 512  179  178  176  175   705  702  669  692   569  558  528  571   400  389  389  371

Medians of five to eight rounds. Four are within a tenth of the fastest everywhere but for the LSTM of 400 timesteps, where
two took 164 ms; eight gain up to 7% over a thousand timesteps, little elsewhere, and make twice the graph. Compiling the
whole loop by XLA is left to who compiles the model (`jit_compile=True`): it costs a compilation for every length, and at
the one shape tried (LSTM 32, 100, 128, 256, one thread) was the slower.
"""

LONGEST = 4  # timesteps in a turn: each is a part of the graph of its own, which takes time to make


def choose_unroll_factor(timesteps, asked=None):
    """The timesteps of a turn where there are so many in all, or None: one that divides them if there is any.

    asked: so many instead, whether or not they divide.
    """
    if asked:
        return min(asked, timesteps or asked)
    if timesteps is None:
        return LONGEST
    return next(
        (size for size in range(LONGEST, LONGEST // 2, -1) if timesteps % size == 0),
        min(LONGEST, timesteps),
    )
