"""Declared shapes of JSON values.

A shape is one of the leaves below, `[shape]` (a list), `{"*": shape}` (an object with any names), a
dict of name to shape (an object with these names; "name?" may be absent, others are ignored), or
`Optional(shape)`, which also accepts null.

Example:
    >>> from zoo.runs.shapes import COUNT, TEXT, ShapeError, check
    >>> check([{"id": "0", "epoch": 3}], [{"id": TEXT, "epoch": COUNT}])
    >>> try:
    ...     check([{"id": "0", "epoch": "3"}], [{"id": TEXT, "epoch": COUNT}])
    ... except ShapeError as error:
    ...     print(error)
    [0].epoch is '3', and must be a whole number of at least 0
"""

import dataclasses
import math
import reprlib
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 50  # of a value of any shape
_LARGEST = 2**53  # of a whole number; floats represent all smaller ones exactly
_LARGEST_FLOAT = 1e305  # the largest perplexity of version 0.1 is exp(700), about 1e304


class ShapeError(ValueError):
    """A JSON value has another shape; the message names its field."""


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A value without declared parts.

    Args:
        words: what a value must be, for messages.
        accepts: whether a value is one.
    """

    words: str
    accepts: Callable[[Any], bool]


@dataclasses.dataclass(frozen=True)
class Optional:
    """A shape that also accepts null."""

    shape: Any


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not _is_huge(value)


def _is_huge(value: int | float) -> bool:
    largest = _LARGEST if isinstance(value, int) else _LARGEST_FLOAT
    return abs(value) > largest and not (isinstance(value, float) and math.isinf(value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and _is_number(value) and value >= 0


def _is_shallow(value: Any, depth: int = 0) -> bool:
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return True
    return depth < MAX_DEPTH and all(_is_shallow(part, depth + 1) for part in parts)


ANY = Leaf(f"nested at most {MAX_DEPTH} deep", _is_shallow)
TEXT = Leaf("a text", lambda value: isinstance(value, str))
BOOL = Leaf("true or false", lambda value: isinstance(value, bool))
COUNT = Leaf("a whole number of at least 0", _is_count)
NUMBER = Leaf("a number", _is_number)
FINITE = Leaf("a finite number", lambda value: _is_number(value) and math.isfinite(value))
SECONDS = Leaf(
    "a finite number of at least 0",
    lambda value: _is_number(value) and math.isfinite(value) and value >= 0,
)
DIGITS = Leaf(
    "digits", lambda value: isinstance(value, str) and value.isascii() and value.isdigit()
)


def check(value: Any, shape: Any, name: str = "") -> None:
    """Compare a JSON value with a shape.

    Args:
        value: the value.
        shape: its declared shape.
        name: the name of the value, for messages.

    Raises:
        ShapeError: if the value has another shape.
    """
    if isinstance(shape, Optional):
        if value is not None:
            check(value, shape.shape, name)
    elif isinstance(shape, Leaf):
        if not shape.accepts(value):
            raise _error(value, shape.words, name)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise _error(value, "a list", name)
        for k, item in enumerate(value):
            check(item, shape[0], f"{name}[{k}]")
    elif not isinstance(value, dict):
        raise _error(value, "an object", name)
    else:
        _check_object(value, shape, f"{name}." if name else "")


def _check_object(value: dict[str, Any], shape: dict[str, Any], prefix: str) -> None:
    if "*" in shape:
        for name, item in value.items():
            check(item, shape["*"], prefix + name)
    for key, part in shape.items():
        name = key.removesuffix("?")
        if key == "*" or (name != key and name not in value):
            continue
        if name not in value:
            raise ShapeError(f"{prefix}{name} is missing")
        check(value[name], part, prefix + name)


def _error(value: Any, words: str, name: str) -> ShapeError:
    return ShapeError(f"{name or 'its value'} is {reprlib.repr(value)}, and must be {words}")
