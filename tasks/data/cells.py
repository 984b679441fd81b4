"""Convert the cells of a table, or the values of JSON objects, to the values of roles."""

import collections
import math
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data.roles import Example, FieldNames, Role
from zoo.errors import RequestError

SHORTENED = "{n} label{s} such as '1.0' or '2.50' read without the zeros at their end"
_DECIMAL = re.compile(r"([+-]?(?:0|[1-9][0-9]*))\.([0-9]*?)0+")
_JSON_TYPES = {str: "a string", bool: "true or false", int: "a number", float: "a number"}


def is_number(text: str) -> bool:
    """Return whether a text is a finite number."""
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False


class CellReader:
    """Converts the rows of one file to examples.

    Labels of a column have one type, and equal numbers are one label: 1.0 is "1", 2.50 is "2.5".

    Args:
        path: the file, for messages.
        roles: the parts of an example, of the kinds "text", "label" and "number".
        found: dict of role name to column.
        counts: receives the number of labels that were changed.
    """

    def __init__(
        self,
        path: pathlib.Path,
        roles: Sequence[Role],
        found: FieldNames,
        counts: collections.Counter[str],
    ) -> None:
        self._path, self._counts = path, counts
        self._columns = [(role.name, role.kind, found[role.name]) for role in roles]
        self._types: dict[str, tuple[str, int]] = {}  # column -> type of its labels, first line

    def example(self, line: int, row: Mapping[str, Any]) -> Example:
        """Return the example of a row.

        Raises:
            RequestError: a value is missing or does not fit its role.
        """
        return {role: self._value(kind, row, name, line) for role, kind, name in self._columns}

    def _value(self, kind: str, row: Mapping[str, Any], column: str, line: int) -> str | float:
        if column not in row:
            raise RequestError(
                f"{self._path} line {line} has no {column!r}; it has {', '.join(row)[:200]}. All "
                "lines need the same columns."
            )
        value = row[column]
        if kind == "number":
            return self._number(value, column, line)
        if kind == "label":
            return self._label(value, column, line)
        if not isinstance(value, str):
            raise self._wrong(value, column, line, "which is not a text")
        return value

    def _label(self, value: Any, column: str, line: int) -> str:
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        if missing or (isinstance(value, str) and value.strip().casefold() in ("", "nan")):
            raise self._wrong(value, column, line, "so the label is missing")
        if (name := _JSON_TYPES.get(type(value))) is None or value in (math.inf, -math.inf):
            raise self._wrong(value, column, line, "which is not a label")
        first, first_line = self._types.setdefault(column, (name, line))
        if name != first:
            reason = f"{name}, but it is {first} on line {first_line}"
            raise self._wrong(value, column, line, reason)
        if isinstance(value, bool):
            return str(value).lower()
        text = str(value).strip()
        if match := _DECIMAL.fullmatch(text):
            self._counts[SHORTENED] += 1
            text = f"{match[1].removeprefix('+')}.{match[2]}".removesuffix(".")
            return "0" if text == "-0" else text
        return text

    def _number(self, value: Any, column: str, line: int) -> float:
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
            if isinstance(value, str) and "_" in value:
                number = math.nan
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(value, column, line, "which is not a finite number")
        return number

    def _wrong(self, value: Any, column: str, line: int, reason: str) -> RequestError:
        text = repr(value)
        text = text if len(text) <= 100 else text[:100] + "..."
        return RequestError(
            f"{self._path} line {line}: {column!r} is {text}, {reason}. Correct or remove the line."
        )
