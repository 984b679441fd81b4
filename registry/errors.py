"""What can go wrong with a name; every message is one sentence on one line."""


class RegistryError(LookupError):
    """A name or a fact that a registry cannot take, or a lookup that it cannot answer."""

    def __init__(self, message):
        super().__init__(one_line(message))


class UnknownName(RegistryError):
    """Nothing is registered under the name that was asked for."""


class DuplicateName(RegistryError):
    """Another object already bears the name."""


class BrokenEntry(RegistryError):
    """The name is known, but the module that should register it does not."""


def one_line(text):
    """Return the text with every run of white space made one space."""
    return " ".join(str(text).split())


def reason_of(error):
    """Return an exception as one line: its type and the first line of its message that says something."""
    message = next((line for line in str(error).splitlines() if line.strip()), "")
    return one_line(f"{type(error).__name__}: {message}" if message else type(error).__name__)
