"""Compare the splits of a corpus: what test has in common with train, and what train lacks."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tasks.data.file_contents import remark
from tasks.data.roles import UNTAGGED, Example, Role, Splits
from zoo.errors import RequestError

_SHOWN = 3  # classes that a remark names
_MANY = 10  # examples from which distinct labels are suspicious
_INPUT_KINDS = ("text", "words")


def classes_role(roles: Sequence[Role]) -> Role | None:
    """Return the role of the classes, of kind "label" or "tags"; None if there is none."""
    return next((role for role in roles if role.kind in ("label", "tags")), None)


def class_noun(role: Role, number: int = 2) -> str:
    """Return the noun for a number of classes: "label", "labels", "tag" or "tags"."""
    return role.name.removesuffix("s") + ("" if number == 1 else "s")


def classes(examples: Iterable[Example], role: Role) -> list[str]:
    """Return the labels or tags of examples, one for each occurrence, without missing ones."""
    if role.kind == "label":
        return [example[role.name] for example in examples]
    return [tag for example in examples for tag in example[role.name] if tag != UNTAGGED]


def distinct_classes(examples: Iterable[Example], role: Role) -> set[str]:
    """Return the different labels or tags of examples."""
    if role.kind == "label":
        return {example[role.name] for example in examples}
    found: set[str] = set()
    for example in examples:
        found.update(example[role.name])
    return found - {UNTAGGED}


def remarks(splits: Splits, roles: Sequence[Role], noun: str) -> list[str]:
    """Return remarks about classes that train lacks, and about examples that occur twice.

    Args:
        splits: the complete splits.
        roles: the roles of the examples.
        noun: the noun for examples.
    """
    return [
        *_unseen_classes(splits, roles),
        *_same_letters(splits, roles),
        *_overlaps(splits, roles, noun),
        *_copies(splits, roles),
    ]


def _unseen_classes(splits: Splits, roles: Sequence[Role]) -> Iterable[str]:
    role = classes_role(roles)
    if role is None:
        return
    known = distinct_classes(splits["train"], role)
    for split in ("validation", "test"):
        unseen = sorted(distinct_classes(splits[split], role) - known)
        if unseen:
            names = ", ".join(map(repr, unseen[:_SHOWN])) + (", ..." * (len(unseen) > _SHOWN))
            noun = class_noun(role, len(unseen))
            yield f"{split} has {len(unseen):,} {noun} that train lacks ({names})"


def _same_letters(splits: Splits, roles: Sequence[Role]) -> Iterable[str]:
    """Yield a remark about classes of train that differ only in case."""
    role = classes_role(roles)
    if role is None:
        return
    groups: dict[str, list[str]] = {}
    for name in sorted(distinct_classes(splits["train"], role)):
        groups.setdefault(name.casefold(), []).append(name)
    same = [names for names in groups.values() if len(names) > 1]
    if same:
        names = ", ".join(" and ".join(map(repr, names)) for names in same[:_SHOWN])
        yield f"{class_noun(role)} that differ only in case: {names}"


def _overlaps(splits: Splits, roles: Sequence[Role], noun: str) -> Iterable[str]:
    key = input_key(roles)
    if key is None or noun == "characters":  # one text
        return
    known = set(map(key, splits["train"]))
    for split in ("validation", "test"):
        examples = splits[split]
        if number := sum(key(example) in known for example in examples):
            yield f"{number:,} of {len(examples):,} {noun} of {split} are also in train"


def input_key(roles: Sequence[Role]) -> Callable[[Example], Any] | None:
    """Return a function that identifies the input of an example; None for vectors."""
    role = next((role for role in roles if role.kind in _INPUT_KINDS), None)
    if role is None:
        return None
    if role.kind == "words":
        return lambda example: tuple(example[role.name])
    return lambda example: example[role.name]


def _copies(splits: Splits, roles: Sequence[Role]) -> Iterable[str]:
    texts = [role.name for role in roles if role.kind == "text"]
    if len(texts) != 2:
        return
    first, second = texts
    equal = sum(each[first] == each[second] for part in splits.values() for each in part)
    if equal:
        yield remark(f"{{n}} example{{s}} with {first} equal to {second}", equal)


def nothing_to_learn(splits: Splits, roles: Sequence[Role]) -> str | None:
    """Return why the training examples teach nothing, None if they do.

    They teach nothing if all classes or numbers are equal, or if each text has a label of its own.
    """
    train = splits["train"]
    role = classes_role(roles)
    if role is not None:
        distinct = distinct_classes(train, role)
        each = "word has the tag" if role.kind == "tags" else "example has the label"
        if len(distinct) == 1:
            return f"every {each} {min(distinct)!r}"
        if not distinct:
            return "no word has a tag"
        if role.kind == "label" and len(train) >= _MANY and len(distinct) == len(train):
            first = train[0][role.name]
            return f"all {len(train):,} labels are distinct, such as {first[:40]!r}"
    number = next((role.name for role in roles if role.kind == "number"), None)
    if number and len(train) > 1 and len({example[number] for example in train}) == 1:
        return f"every {number} is {train[0][number]:g}"
    return None


def require_learnable(splits: Splits, roles: Sequence[Role], name: str) -> None:
    """Raise RequestError if the training examples teach nothing, see `nothing_to_learn`."""
    if reason := nothing_to_learn(splits, roles):
        raise RequestError(
            f"{name}: {reason} in train, so there is nothing to learn. Choose another column with "
            "--features, or other data; `zoo inspect` shows what was read."
        )
