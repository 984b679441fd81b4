"""Cells with a mistake in their docstring, configuration or declarations."""

from wrong_cells.collection import wrong
from zoo.cells.mgu import MGUCell
from zoo.cells.simple_rnn import SimpleRNNCell


@wrong("config", "keras_file")
class ConfigLosesArgument(SimpleRNNCell):
    def get_config(self):
        others = ("units", "kernel_initializer", "recurrent_initializer", "bias_initializer")
        return {**super().get_config(), **{name: getattr(self, name) for name in others}}


@wrong("config")
class ArgumentsNotPassedOn(SimpleRNNCell):
    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, activation)

    def get_config(self):
        return {"units": self.units, "activation": self.activation}


@wrong("docstring")
class WithoutSource(SimpleRNNCell):
    """Elman network, with a docstring without a source.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class WithoutArgs(SimpleRNNCell):
    """Elman network, with a docstring without the section of its arguments.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class ArgumentNotDocumented(SimpleRNNCell):
    """Elman network, with a docstring that does not list `units`.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        width: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        2
    """


@wrong("docstring")
class WithoutExample(SimpleRNNCell):
    """Elman network, with a docstring without an example.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.
    """


@wrong("docstring")
class ExampleFails(SimpleRNNCell):
    """Elman network, with an example that does not run.

    h' = act(x W + h U + b)

    Output: h' (batch, units). State: h (batch, units).
    Source: Elman 1990.
    Deviations: none.

    Args:
        units: width of the output and of the state.
        **kwargs: further arguments, see `SimpleRNNCell`.

    Example:
        >>> 1 + 1
        3
    """


@wrong("docstring")
class WithoutDocstring(SimpleRNNCell):
    pass


@wrong("search_space")
class SearchSpaceUnknownArgument(SimpleRNNCell):
    search_space = {"depth": (1, 2)}


@wrong("gates")
class RetentionSignInverted(MGUCell):
    retention_gates = {"f": 1}


@wrong("reference", exceptions={"reference": "a reason that no longer holds"})
class ExceptionNotNeeded(SimpleRNNCell):
    pass


@wrong("exceptions", exceptions={"refrence": "the name is misspelled"})
class ExceptionForUnknownProperty(SimpleRNNCell):
    pass


@wrong("everything_matters", exceptions={"everything_matters:bias": "no longer holds"})
class PartExceptionNotNeeded(SimpleRNNCell):
    pass


@wrong("exceptions", "padding", exceptions={"padding:hole": "the mask is called gap"})
class PartExceptionForUnknownMask(SimpleRNNCell):
    pass


@wrong("exceptions", exceptions={"rows:gap": "rows has no parts"})
class PartExceptionForWholeProperty(SimpleRNNCell):
    pass
