"""Print texts of data literally, without markup or control codes."""

import re

from rich.console import Console

# Control characters, overrides of the writing direction, byte order marks, halves of surrogate
# pairs, and two codes that are not characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"
)


def printable(text: object, keep: str = "\n\t") -> str:
    r"""Return a text with its control characters as escapes.

    Args:
        text: the text, or a value that is converted to one.
        keep: control characters that stay.

    Example:
        >>> from zoo.runs.console import printable
        >>> print(printable("a\x1b[31m b"))
        a\x1b[31m b
    """
    return _UNPRINTABLE.sub(
        lambda match: match[0] if match[0] in keep else _escape(match[0]), str(text)
    )


def new_console(stderr: bool = False, width: int | None = None) -> Console:
    """Return a console that reads neither markup nor names of emoji in texts."""
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def notify(text: str) -> None:
    """Print a line on stderr."""
    console.print(printable(text), soft_wrap=True)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


console = new_console(stderr=True)
