"""Texts from data in a report: printable characters of limited length, and Markdown."""

import re

LIMIT = 200  # characters
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # of Persian words and of emoji
SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+!|~&$@-]")


def printable(text: str, limit: int = LIMIT) -> str:
    r"""Return a text on one line, with escapes for control characters.

    Args:
        text: the text.
        limit: maximum number of characters; the end of a longer text is replaced by "…".

    Example:
        >>> from zoo.reports.texts import printable
        >>> print(printable("one\n two\x1b[0m"))
        one two\x1b[0m
        >>> printable("a long text", limit=7)
        'a long…'
    """
    text = " ".join(text.split())
    text = "".join(
        each if each.isprintable() or each in JOINERS else repr(each)[1:-1] for each in text
    )
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def markdown(text: str, limit: int = LIMIT) -> str:
    """Return a printable text for Markdown, in which no character has a special meaning.

    Example:
        >>> from zoo.reports.texts import markdown
        >>> markdown("a|b *c*")
        'a&#124;b &#42;c&#42;'
    """
    return SPECIAL.sub(lambda match: f"&#{ord(match[0])};", printable(text, limit))
