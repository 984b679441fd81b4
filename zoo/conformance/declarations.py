"""Properties of a cell's declarations: file name, exceptions."""

import pathlib

from zoo.conformance.masks import MASK_NAMES
from zoo.conformance.parts import split_exception
from zoo.conformance.properties import PROPERTIES
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand


def file_name(subject: Subject) -> None:
    """A built-in cell is registered under the name of its file."""
    if subject.entry.origin == "built-in":
        stem = pathlib.Path(subject.entry.file or "").stem
        demand(
            stem == subject.name,
            f"expected {subject.name!r} in a file of that name; measured {stem!r}. "
            f"Check {subject.file}.",
        )


def exceptions(subject: Subject) -> None:
    """Every exception names a property, or a part of one as in "padding:gap", and a reason."""
    hint = f"Check the decorator in {subject.file}."
    for name, reason in subject.exceptions.items():
        property_name, part = split_exception(name)
        demand(
            property_name in PROPERTIES and property_name != "exceptions" and str(reason).strip(),
            "expected exceptions={property: reason} or {property:part: reason} with properties of "
            f"the suite; measured {name!r}: {reason!r}. {hint}",
        )
        if part is not None:
            known = _parts(subject, PROPERTIES[property_name].parts)
            described = f"one of the parts {', '.join(known)}" if known else "no part"
            demand(
                part in known,
                f"expected {described} of {property_name}; measured {part!r}. {hint}",
            )


def _parts(subject: Subject, kind: str | None) -> list[str]:
    """Return the names of the parts of a kind, see `Property.parts`."""
    if kind == "masks":
        return list(MASK_NAMES)
    if kind == "gates":
        return ["retention"]
    if kind == "weights":
        cell = subject.cell()
        states = [f"state {name}" for name in cell.state_names]
        return ["inputs", "elapsed", *states, *(weight.name for weight in cell.trainable_weights)]
    return []
