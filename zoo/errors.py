"""The two ways a request ends badly; the command line turns each into one line and an exit status."""


class RequestError(ValueError):
    """You asked for something that cannot be (exit status 2). The message says what, why and what to do."""

    _keras_call_info_injected = True  # Keras would wrap a layer's error in a page about the call


class RunError(RuntimeError):
    """A right request that failed while it ran (exit status 1). The message says what, why and what to do."""

    _keras_call_info_injected = True
