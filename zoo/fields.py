"""Fields of a configuration: metadata, parsing, validation and comparison of values."""

import dataclasses
import difflib
import json
import os
from collections.abc import Mapping
from typing import Any, NoReturn

from zoo.errors import RequestError

GROUPS = ("data", "model", "regularization", "decoding", "training", "search")
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
INT_LIMIT = 2**31
KIND_NAMES = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a name",
    tuple: "paths",
    dict: "a JSON object",
}


def config_field(
    default: Any, help_text: str, group: str, kind: type | None = None, **rules: Any
) -> Any:
    """Return a dataclass field with the metadata of its flag.

    Args:
        default: the default value, or a type whose call returns it (`dict`). None stands for the
            default of the task, dataset or cell.
        help_text: the flag's help text.
        group: one of `GROUPS`, the heading of the flag in `--help`.
        kind: the type of a value; required where the default is None.
        rules: `choices`, or the bounds `least` (inclusive), `above` and `below` (exclusive; of
            whole numbers 2**31 by default);
            `unset`, the text that `--help` shows for a default of None.

    Returns:
        The field, for the body of a dataclass.
    """
    has_factory = isinstance(default, type)
    kind = kind or (default if has_factory else type(default))
    if kind is int:
        rules = {"below": INT_LIMIT, **rules}
    metadata = {"help": help_text, "group": group, "kind": kind, **rules}
    if has_factory:
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def rate_field(default: float | None, help_text: str) -> Any:
    """Return the dataclass field of a regularization rate in [0, 1)."""
    return config_field(default, help_text, "regularization", float, least=0, below=1)


def parse_json(name: str, text: str) -> dict[str, Any]:
    """Return the JSON object in `text`.

    Raises:
        RequestError: `text` is not JSON, or not an object; the message begins with `name`.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise RequestError(
            f"{name}: its values are nested too deep. Write a flat object."
        ) from None
    except ValueError as error:  # not JSON, or a number of thousands of digits
        reason = "a number is too long"
        if isinstance(error, json.JSONDecodeError):
            reason = f"{error.msg} at character {error.pos}"
        raise RequestError(
            f"{name}: {text!r} is not JSON ({reason}). "
            'Write an object such as {"activation": "relu"}.'
        ) from None
    if not isinstance(value, dict):
        raise RequestError(
            f"{name}: {text!r} is not a JSON object. "
            'Write an object such as {"activation": "relu"}.'
        )
    return value


def parse_value(item: dataclasses.Field, text: str) -> Any:
    """Return the value of a field from the text of its flag; `none` unsets an optional field.

    Raises:
        RequestError: the text is not a value of the field's type.
    """
    kind = item.metadata["kind"]
    if kind is dict:
        return parse_json(item.name, text)
    if kind is tuple:
        paths = _paths(text)
        return paths if all(paths) else reject(item, text)
    if _is_optional(item) and text.lower() == "none":
        return None
    if kind is bool:
        if text.lower() not in (*TRUE, *FALSE):
            reject(item, text)
        return text.lower() in TRUE
    try:
        return kind(text)
    except ValueError:
        reject(item, text)


def _is_optional(item: dataclasses.Field) -> bool:
    """Return whether "none" unsets a field: it is not one of its values."""
    return item.default is None and "none" not in item.metadata.get("choices", ())


def with_choices(config: Any, choices: Mapping[str, Any]) -> Any:
    """Return a copy of a configuration with the choices of a search; "none" unsets a field.

    Args:
        config: the configuration.
        choices: field -> choice. "none" is a value of the fields whose choices include it.

    Raises:
        RequestError: a choice is invalid.

    Example:
        >>> import zoo
        >>> from zoo.fields import with_choices
        >>> config = zoo.Config(clipnorm=1.0)
        >>> config = with_choices(config, {"clipnorm": "none", "attention": "none"})
        >>> config.clipnorm, config.attention
        (None, 'none')
    """
    items = {item.name: item for item in dataclasses.fields(config)}
    values = {
        name: None
        if isinstance(value, str) and value == "none" and _is_optional(items[name])
        else value
        for name, value in choices.items()
    }
    return dataclasses.replace(config, **values)


def _paths(text: str) -> tuple[str, ...]:
    """Split paths at commas, except at those that are part of the path of a file."""
    parts, paths = text.split(","), []
    while parts:
        sizes = range(len(parts), 1, -1)
        size = next((n for n in sizes if _exists(",".join(parts[:n]))), 1)
        paths.append(",".join(parts[:size]))
        parts = parts[size:]
    return tuple(paths)


def _exists(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))


def checked_value(item: dataclasses.Field, value: Any) -> Any:
    """Return `value`, converted to a float or a tuple where the field has that type.

    Raises:
        RequestError: the value has another type, is out of bounds or is not one of the choices.
    """
    kind, rules = item.metadata["kind"], item.metadata
    if value is None and item.default is None:
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is tuple:
        value = _checked_paths(item, value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        reject(item, value)
    valid = value in rules.get("choices", (value,)) and value != ""
    if kind in (int, float):
        valid = rules.get("least", value) <= value < rules.get("below", float("inf"))
        valid = valid and value > rules.get("above", float("-inf"))
    if not valid:
        reject(item, value)
    return column_names(value) if item.name == "features" else value


def column_names(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dict of role to column in which the number of a column is a text, its name.

    Example:
        >>> from zoo.fields import column_names
        >>> column_names({"tags": 4, "words": "form"})
        {'tags': '4', 'words': 'form'}
    """
    return {role: str(name) if type(name) is int else name for role, name in columns.items()}


def _checked_paths(item: dataclasses.Field, value: Any) -> tuple[str, ...]:
    paths = (value,) if isinstance(value, str | os.PathLike) else value
    if not isinstance(paths, list | tuple):
        reject(item, value)
    for path in paths:
        if not isinstance(path, str | os.PathLike) or not os.fspath(path):
            reject(item, value)
    return tuple(map(str, paths))


def reject(item: dataclasses.Field, value: Any) -> NoReturn:
    """Raise a RequestError with the field, the value, and the values that the field accepts."""
    near = difflib.get_close_matches(str(value), item.metadata.get("choices", ()), 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    text = value if isinstance(value, (str, float)) else json.dumps(value, default=str)
    if text == "":
        text = "(an empty value)"
    raise RequestError(
        f"{item.name}={text}: {item.name} must be {_accepted(item)} "
        f"({item.metadata['help']}).{hint}"
    )


def difference(stored: Mapping[str, Any], requested: Mapping[str, Any]) -> str:
    """Return the entries in which two JSON dicts differ, as one line."""
    absent = object()

    def shown(name: str, values: Mapping[str, Any], others: Mapping[str, Any]) -> str:
        is_null = name in others and others[name] is None
        return "nothing" if name not in values and is_null else json.dumps(values.get(name))

    return "; ".join(
        f"{name}: {shown(name, stored, requested)} stored, "
        f"{shown(name, requested, stored)} requested"
        for name in {**stored, **requested}
        if stored.get(name, absent) != requested.get(name, absent)
    )


def _accepted(item: dataclasses.Field) -> str:
    rules = item.metadata
    if "choices" in rules:
        return f"one of {', '.join(rules['choices'])}"
    bounds = [
        f"{words} {rules[rule]}"
        for rule, words in (("least", "of at least"), ("above", "above"), ("below", "below"))
        if rule in rules
    ]
    return f"{KIND_NAMES[rules['kind']]} {' and '.join(bounds)}".rstrip()
