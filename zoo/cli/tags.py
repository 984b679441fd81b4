"""Validation of tags, without importing the entries that have them."""

from collections.abc import Iterable

from registry import Registry
from registry.listing import all_tags
from registry.suggestions import closest
from zoo.errors import RequestError


def check_tags(flag: str, tags: Iterable[str], registries: Iterable[Registry]) -> None:
    """Raise RequestError, with similar tags, for a tag that no entry of the registries has.

    Args:
        flag: the flag and its value, for the message.
        tags: the tags.
        registries: the registries whose entries have the tags.
    """
    known_tags = sorted(all_tags(entry for each in registries for entry in each.records()))
    for tag in tags:
        if tag in known_tags:
            continue
        near = " or ".join(map(repr, closest(tag, known_tags)))
        choices = f"Tags: {', '.join(known_tags)}." if known_tags else "These names have no tags."
        suggestion = f" Did you mean {near}?" if near else ""
        raise RequestError(f"{flag}: unknown tag {tag!r}.{suggestion} {choices}")
