"""The examples of a file, and what was found in it and done with it."""

import collections
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.data.roles import Example, FieldNames

EMPTY = "{n} example{s} with an empty value skipped"


@dataclass
class FileContents:
    """The examples of one file or of several parallel files, and how they were read.

    Args:
        examples: the examples.
        found: dict of role name to column; given as `features`, it reads other files alike.
        columns: dict of role name to a description of its column, such as "column 4 of 4".
        form: the format, such as "CoNLL-U".
        facts: further facts by name, such as "separator".
        counts: remark -> number, see `remark`.
        notes: sentences about choices that the reader made.
    """

    examples: list[Example]
    found: FieldNames
    columns: dict[str, str]
    form: str
    facts: dict[str, str] = field(default_factory=dict)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)
    notes: list[str] = field(default_factory=list)

    def remarks(self) -> list[str]:
        """Return a remark for each count that is not 0."""
        return [remark(template, number) for template, number in self.counts.items() if number]


def remark(template: str, number: int) -> str:
    """Return a remark with its number: `{n}` stands for it, `{s}` for the "s" of a plural.

    Example:
        >>> from tasks.data.file_contents import remark
        >>> remark("{n} line{s} skipped", 1), remark("{n} line{s} skipped", 1200)
        ('1 line skipped', '1,200 lines skipped')
    """
    return template.replace("{n}", f"{number:,}").replace("{s}", "" if number == 1 else "s")


def features_flag(columns: Mapping[str, str]) -> str:
    """Return the flag that chooses columns, to be pasted into a shell.

    Example:
        >>> from tasks.data.file_contents import features_flag
        >>> print(features_flag({"tags": "4"}))
        --features='{"tags": "4"}'
    """
    return f"--features={shlex.quote(json.dumps(dict(columns), ensure_ascii=False))}"
