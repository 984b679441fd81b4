"""The table of all properties: name, module, cost. Importing it does not import TensorFlow."""

import ast
import dataclasses
import difflib
import pathlib
from collections.abc import Iterable

from zoo.errors import RequestError


@dataclasses.dataclass(frozen=True)
class Property:
    """One property of the conformance suite.

    Args:
        name: The name of the function that checks the property; the key of an entry's `exceptions`.
        module: The module of `zoo.conformance` that defines the function.
        costly: Whether a check takes about a quarter of a second or more.
        whole_model: Whether the check depends on the model around the cell, so that it can be
            repeated in each of `zoo.conformance.subject.LAYOUTS`.
        parts: The parts that an exception can name on their own: "weights" (a weight, an input or
            a state), "masks", "gates" (the part "retention"), or None.
    """

    name: str
    module: str
    costly: bool = False
    whole_model: bool = False
    parts: str | None = None

    def summary(self) -> str:
        """Return the first line of the function's docstring, read without importing its module."""
        path = pathlib.Path(__file__).with_name(f"{self.module}.py")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        function = next(
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == self.name
        )
        return (ast.get_docstring(function) or "").partition("\n")[0]


PROPERTIES = {
    each.name: each
    for each in (
        Property("interface", "equations"),
        Property("docstring", "docstrings"),
        Property("gates", "gates", parts="gates"),
        Property("search_space", "search_spaces"),
        Property("file_name", "declarations"),
        Property("exceptions", "declarations"),
        Property("reference", "equations"),
        Property("gradients", "equations", parts="weights"),
        Property("everything_matters", "equations", parts="weights"),
        Property("causality", "equations"),
        Property("rows", "equations"),
        Property("padding", "masks", costly=True, parts="masks"),
        Property("padding_gradients", "masks", costly=True, parts="weights"),
        Property("direction", "recurrences", costly=True),
        Property("chunks", "recurrences"),
        Property("loops", "recurrences", costly=True),
        Property("widths", "widths", costly=True),
        Property("keras_layer", "keras_layers"),
        Property("initial_state", "initial_states"),
        Property("threads", "threads", costly=True),
        Property("recurrent_dropout", "recurrences", costly=True),
        Property("regularization", "regularization", costly=True),
        Property("determinism", "randomness", costly=True),
        Property("mixed_precision", "whole_models", costly=True, whole_model=True),
        Property("config", "configuration"),
        Property("keras_file", "whole_models", costly=True, whole_model=True),
        Property("saved_model", "whole_models", costly=True, whole_model=True),
        Property("jit", "whole_models", costly=True),
        Property("learning", "learning", costly=True),
        # Last: its process runs while the other properties are checked.
        Property("fresh_process", "fresh_process", costly=True, whole_model=True),
    )
}


def select(names: Iterable[str] | None) -> list[str]:
    """Return the names of the selected properties in the order of `PROPERTIES`.

    Args:
        names: Names of properties; None selects all.

    Raises:
        RequestError: A name is unknown, or `names` is empty.
    """
    if names is None:
        return list(PROPERTIES)
    selected = {names} if isinstance(names, str) else set(names)
    for name in sorted(selected - PROPERTIES.keys()):
        close = difflib.get_close_matches(name, PROPERTIES, 1)
        suggestion = f" Did you mean {close[0]!r}?" if close else ""
        raise RequestError(
            f"unknown property {name!r}.{suggestion} `zoo check --list` lists all properties."
        )
    if not selected:
        raise RequestError("no property is selected. `zoo check --list` lists all properties.")
    return [name for name in PROPERTIES if name in selected]
