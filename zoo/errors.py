"""The two kinds of failure; the command line turns each into one line and an exit status."""


class RequestError(ValueError):
    """The request is invalid (exit status 2).

    The message names the offending value, the reason and the remedy.
    """

    _keras_call_info_injected = True  # keeps Keras from adding a page about the layer's call


class RunError(RuntimeError):
    """A valid request that failed at run time (exit status 1).

    The message names what failed, the reason and the remedy.
    """

    _keras_call_info_injected = True
