"""Texts from data in a report: of limited length, and for Markdown."""

import re

from zoo.runs.console import printable

LIMIT = 200  # characters
SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+!|~&$@-]")


def shortened(text: str, limit: int = LIMIT) -> str:
    r"""Return a text on one line of limited length, with escapes for control characters.

    Args:
        text: the text.
        limit: maximum number of characters; the end of a longer text is replaced by "…".

    Example:
        >>> from zoo.reports.texts import shortened
        >>> print(shortened("one\n two\x1b[0m"))
        one two\x1b[0m
        >>> shortened("a long text", limit=7)
        'a long…'
    """
    text = printable(" ".join(text.split()))
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def markdown(text: str, limit: int = LIMIT) -> str:
    """Return a shortened text for Markdown, in which no character has a special meaning.

    Example:
        >>> from zoo.reports.texts import markdown
        >>> markdown("a|b *c*")
        'a&#124;b &#42;c&#42;'
    """
    return SPECIAL.sub(lambda match: f"&#{ord(match[0])};", shortened(text, limit))
