"""Flags with several values: the search space of `zoo tune`, the subjects of `zoo diagnose`."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from registry import Registry
from zoo.cli.flags import Verb
from zoo.cli.names import TAG, matches
from zoo.config import Config
from zoo.errors import RequestError
from zoo.fields import parse_value


def reject_several(verb: Verb, names: Collection[str] | None = None) -> None:
    """Raise RequestError for a flag with several values, which only a search accepts.

    Args:
        verb: the command, its flags parsed.
        names: the fields whose flags the command has; default: all.
    """
    for item in dataclasses.fields(Config):
        if (names is None or item.name in names) and _has_several(item, text := verb[item.name]):
            raise RequestError(
                f"--{item.name}={text}: `zoo {verb.name}` takes one value. Several values, "
                "separated by commas or matched by a wildcard or a tag, are for `zoo tune`."
            )


def search_space(
    verb: Verb, registries: Mapping[str, Registry], names: Collection[str] | None = None
) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    """Return the choices of the flags with several values, and the fields with one value.

    Args:
        verb: the command, its flags parsed.
        registries: field -> the registry whose names a wildcard or a tag matches.
        names: the fields whose flags the command has; default: all.

    Returns:
        Field -> choices, and the names of the fields with a single value.

    Raises:
        RequestError: for an invalid value, or a wildcard or a tag that matches nothing.
    """
    space: dict[str, tuple[Any, ...]] = {}
    single = []
    for item in dataclasses.fields(Config):
        text = verb[item.name] if names is None or item.name in names else None
        if text is None:
            continue
        if not _has_several(item, text):
            single.append(item.name)
            continue
        registry = registries.get(item.name)
        parts = [
            match
            for part in text.split(",")
            if part
            for match in matches(item.name, part, registry)
        ]
        if not parts:
            raise RequestError(
                f"--{item.name}={text} does not name a value. Write for example --{item.name}=A,B."
            )
        space[item.name] = tuple(dict.fromkeys(_choice(item, part) for part in parts))
    return space, single


def _choice(item: dataclasses.Field, text: str) -> Any:
    """Parse and validate one of several values; "none" stands for None."""
    value = getattr(Config(**{item.name: parse_value(item, text)}), item.name)
    return "none" if value is None else value


def _has_several(item: dataclasses.Field, text: str | None) -> bool:
    """Return whether the text has several values; commas in paths and JSON do not count."""
    return (
        bool(text)
        and item.metadata["kind"] not in (dict, tuple)
        and item.name != "data_dir"
        and ("," in str(text) or "*" in str(text) or str(text).startswith(TAG))
    )
