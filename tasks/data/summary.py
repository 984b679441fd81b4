"""The record of what was read: columns, numbers of examples and classes, and remarks."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

from tasks.data import comparison
from tasks.data.file_contents import FileContents
from tasks.data.roles import FieldNames, Role, Splits

# The kinds of a task's roles -> the noun for its examples.
_NOUNS = {("tags", "words"): "sentences", ("text", "text"): "pairs", ("text",): "texts"}


@dataclasses.dataclass(frozen=True)
class Summary:
    """What was read from files or from a dataset.

    Args:
        source: the names of the files, or the name of the dataset.
        form: the format, such as "CoNLL-U"; "TFDS" for a dataset.
        found: dict of role name to column; given as `features`, it reads other files alike.
        columns: dict of role name to a description of its column.
        counts: dict of split to the number of its examples.
        noun: the noun for examples, such as "sentences".
        classes: the number of distinct labels or tags of train; None if there are none.
        class_noun: the role of the classes, such as "tags".
        facts: separator, header and encoding of the files.
        remarks: what was skipped, changed or chosen, and what is remarkable about the data.

    Example:
        >>> from tasks.data.summary import Summary
        >>> counts = {"train": 1200, "validation": 60, "test": 60}
        >>> columns = {"words": "column 1 of 2", "tags": "column 2 of 2"}
        >>> found = {"words": "1", "tags": "2"}
        >>> Summary("a.tsv", "columns", found, columns, counts, "sentences", 9, "tags").line()
        'read a.tsv: words column 1 of 2, tags column 2 of 2; 1,200 / 60 / 60 sentences; 9 tags'
    """

    source: str
    form: str
    found: FieldNames
    columns: dict[str, str]
    counts: dict[str, int]
    noun: str
    classes: int | None = None
    class_noun: str = ""
    facts: dict[str, str] = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: str, contents: FileContents, splits: Splits, roles: Sequence[Role]) -> Self:
        """Return the record of examples, without remarks.

        Args:
            source: the names of the files, or the name of the dataset.
            contents: how they were read.
            splits: the examples; the classes are counted in the first split.
            roles: their roles.
        """
        noun, role = noun_of(roles), comparison.classes_role(roles)
        counts = {split: len(examples) for split, examples in splits.items()}
        first = next(iter(splits.values()))
        if noun == _NOUNS[("text",)] and len(first) == 1:
            noun, name = "characters", roles[0].name
            counts = {
                split: sum(len(each[name]) for each in part) for split, part in splits.items()
            }
        return cls(
            source,
            contents.form,
            dict(contents.found),
            dict(contents.columns),
            counts,
            noun,
            None if role is None else len(comparison.distinct_classes(first, role)),
            "" if role is None else comparison.class_noun(role),
            dict(contents.facts),
        )

    def line(self) -> str:
        """Return the record as one line."""
        return f"read {self.source}: {'; '.join(self._parts())}"

    def _parts(self) -> list[str]:
        columns = ", ".join(f"{role} {column}" for role, column in self.columns.items())
        counts = " / ".join(f"{number:,}" for number in self.counts.values())
        parts = [columns, f"{counts} {self.noun}"]
        if self.classes is not None:
            parts.append(f"{self.classes:,} {self.class_noun}")
        return [*parts, *self.remarks]

    def rows(self) -> list[tuple[str, str]]:
        """Return the record as the rows (name, value) of a table."""
        rows = [("source", self.source), ("format", self.form), *self.facts.items()]
        rows += [(role, column) for role, column in self.columns.items()]
        rows += [(split, f"{number:,} {self.noun}") for split, number in self.counts.items()]
        if self.classes is not None:
            rows.append((f"distinct {self.class_noun}", f"{self.classes:,}"))
        return [*rows, *(("remark", remark) for remark in self.remarks)]

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {**dataclasses.asdict(self), "remarks": list(self.remarks)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the record from the dict of `to_json`; other keys are ignored."""
        values = {field.name: value[field.name] for field in dataclasses.fields(cls)}
        return cls(**{**values, "remarks": tuple(values["remarks"])})


def noun_of(roles: Sequence[Role]) -> str:
    """Return the noun for the examples of a task."""
    return _NOUNS.get(tuple(sorted(role.kind for role in roles)), "examples")
