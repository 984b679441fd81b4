"""The package's exceptions; the command line prints their messages and sets the exit status."""

OUT_OF_MEMORY = "out of memory. Use a smaller model or smaller batches, or close other programs."


class RequestError(ValueError):
    """The request is invalid (exit status 2).

    The message names the offending value, the reason and the remedy.
    """

    _keras_call_info_injected = True  # Keras does not append the layer's call arguments


class RunError(RuntimeError):
    """A valid request that failed at run time (exit status 1).

    The message names what failed, the reason and the remedy.
    """

    _keras_call_info_injected = True


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether Python or TensorFlow could not allocate memory."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
