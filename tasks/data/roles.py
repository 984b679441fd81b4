"""Roles: the parts of an example that a task reads, such as its words and their tags.

`READS` holds the roles of the built-in tasks, which can thus be read without importing TensorFlow.
The registered fact `reads` of a task names one of them.
"""

from dataclasses import dataclass
from typing import Any

# Role name -> Python value, see `Role.kind`.
Example = dict[str, Any]
# Split name -> its examples.
Splits = dict[str, list[Example]]
# Role name -> the name of the feature or column that it is read from.
FieldNames = dict[str, str]
# The tag of a word that has none: it is neither trained on nor scored.
UNTAGGED = ""


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


READS: dict[str, tuple[Role, ...]] = {
    "tagged words": (
        Role("words", "words", ("tokens", "words", "forms", "form", "word", "token")),
        Role(
            "tags",
            "tags",
            ("upos", "pos", "tags", "pos_tags", "labels", "tag", "ner_tags", "ner", "label"),
        ),
    ),
    "labelled text": (
        Role("text", "text", ("text", "name", "sentence", "review", "content", "description")),
        Role(
            "label",
            "label",
            ("label", "language", "intent_name", "intent", "class", "category", "sentiment"),
        ),
    ),
    "text": (Role("text", "text", ("text", "name", "sentence", "content")),),
    "pairs of texts": (
        Role("source", "text", ("source", "src", "input")),
        Role("target", "text", ("target", "tgt", "translation", "output")),
    ),
    "answered text": (Role("text", "text", ("text",)), Role("answer", "text", ("answer",))),
    "labelled symbols": (Role("text", "text", ("text",)), Role("label", "label", ("label",))),
    "vectors and a number": (
        Role("vectors", "vectors", ("vectors", "sequence", "features")),
        Role("target", "number", ("target", "label")),
    ),
}
