"""Entries of listings: read from source files without an import, and filtered by tags."""

from collections.abc import Iterable

from registry import facts
from registry.entry import Entry
from registry.source import Source
from registry.suggestions import closest


def read_entry(source: Source, registry_name: str, failure: str | None = None) -> Entry:
    """Return the entry of a source without its object, read from the source file.

    Args:
        source: the source; its module is not imported.
        registry_name: the name of the registry in the file, such as "cells".
        failure: the reason why the last import of the module failed, or None.
    """
    found = facts.read(source.file) if source.file else facts.SourceFacts()
    missing = None if source.file else f"the source file of {source.module} was not found"
    registration = found.registration(source.name, registry_name)
    return Entry(
        name=source.name,
        object=None,
        facts=registration.facts if registration else facts.NO_FACTS,
        file=source.file,
        line=registration.line if registration else None,
        doc=(registration.doc if registration else None) or found.doc,
        origin=source.origin,
        broken=source.rejected or failure or missing or found.fault(),
    )


def tag_set(tags: str | Iterable[str]) -> set[str]:
    """Return `tags`, a tag or an iterable of tags, as a set."""
    return {tags} if isinstance(tags, str) else set(tags)


def has_tags(entry: Entry, wanted: set[str]) -> bool:
    """Return whether an entry has all the `wanted` tags."""
    try:
        return wanted <= tag_set(entry.facts.get("tags") or ())
    except TypeError:  # The tags of a plugin may be of any type.
        return not wanted


def all_tags(entries: Iterable[Entry]) -> set[str]:
    """Return the tags that at least one of the entries has."""
    tags: set[str] = set()
    for entry in entries:
        try:
            found = tag_set(entry.facts.get("tags") or ())
        except TypeError:  # The tags of a plugin may be of any type.
            continue
        tags |= {tag for tag in found if isinstance(tag, str)}
    return tags


def entry_for(name: object, entries: Iterable[Entry]) -> Entry | None:
    """Return the entry whose fact `also` lists a name close to `name`, None if none does.

    The fact `also` has other words for what an entry does, such as "ner" for a tagger.
    """
    entry_of = {
        word: entry
        for entry in entries
        if isinstance(words := entry.facts.get("also"), tuple | list)
        for word in words
        if isinstance(word, str)
    }
    return next((entry_of[word] for word in closest(name, entry_of, limit=1)), None)
