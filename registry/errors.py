"""The registry's exceptions; every message is on one line."""


class RegistryError(LookupError):
    """Base class of the registry's exceptions; raised itself for an invalid name or fact.

    Args:
        message: the text of the error; line breaks become spaces.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UnknownName(RegistryError):
    """The name is not registered."""


class DuplicateName(RegistryError):
    """Another object is registered under the name."""


class BrokenEntry(RegistryError):
    """The name is known, but its module cannot be imported or does not register it."""


def one_line(text: object) -> str:
    """Return `text` with each run of white space replaced by one space."""
    return " ".join(str(text).split())


def describe_exception(error: BaseException) -> str:
    """Return the type of an exception and the first non-empty line of its message, on one line."""
    message = next((line for line in str(error).splitlines() if line.strip()), "")
    return one_line(f"{type(error).__name__}: {message}" if message else type(error).__name__)
