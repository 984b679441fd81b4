"""Roles: the parts of an example that a task reads, such as its words and their tags."""

from dataclasses import dataclass
from typing import Any

# Role name -> Python value, see `Role.kind`.
Example = dict[str, Any]
# Split name -> its examples.
Splits = dict[str, list[Example]]
# Role name -> the name of the feature or column that it is read from.
FieldNames = dict[str, str]


@dataclass(frozen=True)
class Role:
    """A part of an example that a task reads.

    Args:
        name: the key of the part in an example.
        kind: the type of its value: `"text"` (a string), `"label"` (a class name), `"words"` or
            `"tags"` (lists of strings), `"vectors"` (a float32 array of shape
            (timesteps, features)) or `"number"` (a float).
        preferred: names of features or columns to prefer for this role, most preferred first.

    Example:
        >>> from tasks.data.roles import Role
        >>> Role("tags", "tags", preferred=("upos", "pos")).kind
        'tags'
    """

    name: str
    kind: str
    preferred: tuple[str, ...] = ()
