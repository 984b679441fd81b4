"""The text of `zoo COMMAND --help`: flags by group, each with its type, default and choices."""

import dataclasses
import itertools
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

from zoo.fields import GROUPS

HELP_FLAGS = ("-h", "--help", "-help", "--helpfull")
HEADINGS = ("input", "shape", *GROUPS, "output")  # the order of the groups
TYPE_NAMES = {
    int: "INT",
    float: "FLOAT",
    bool: "BOOL",
    str: "STRING",
    tuple: "PATHS",
    dict: "JSON",
}
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"  # keeps a default on one line
LEAST_WIDTH, PLAIN_WIDTH, GREATEST_WIDTH = 80, 100, 120


@dataclasses.dataclass(frozen=True)
class Flag:
    """The description of a flag in `--help`."""

    name: str
    summary: str
    group: str
    kind: str
    default: str
    choices: tuple[str, ...] = ()

    @property
    def syntax(self) -> str:
        """`--name=TYPE`."""
        return f"--{self.name}={self.kind}"

    @property
    def description(self) -> str:
        """The help text, with the choices and the default in brackets."""
        choices = f"one of {', '.join(self.choices)}; " if self.choices else ""
        default = f"default: {self.default}".replace(" ", NO_BREAK_SPACE)
        return f"{self.summary} [{choices}{default}]"


def flag_of_field(item: dataclasses.Field) -> Flag:
    """Return the flag of a field of the configuration."""
    rules = item.metadata
    return Flag(
        item.name,
        rules["help"],
        rules["group"],
        TYPE_NAMES[rules["kind"]],
        _default(item),
        tuple(rules.get("choices", ())),
    )


def _default(item: dataclasses.Field) -> str:
    default: Any = item.default
    if default is None:
        return item.metadata.get("unset", "the task's")
    if default is dataclasses.MISSING or default == ():
        return "none"
    return str(default).lower() if isinstance(default, bool) else str(default)


def text_width() -> int:
    """Return the width of help texts: the terminal's within limits, or 100 without a terminal."""
    if not sys.stdout.isatty():
        return PLAIN_WIDTH
    columns = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    return min(max(columns, LEAST_WIDTH), GREATEST_WIDTH)


def help_text(usage: str, flags: Sequence[Flag]) -> str:
    """Return the help of a command: its usage, then its flags under their groups' headings."""
    width, column = text_width(), max(len(flag.syntax) for flag in flags) + 4
    syntax, *paragraphs = usage.split("\n\n")
    paragraphs = [textwrap.fill(paragraph, width) for paragraph in paragraphs]
    parts = [
        syntax,
        *paragraphs,
        "Flags are written --name=value; a BOOL also as --name or --noname.",
    ]
    for group, members in itertools.groupby(
        sorted(flags, key=lambda flag: HEADINGS.index(flag.group)), key=lambda flag: flag.group
    ):
        lines = [line for flag in members for line in _lines(flag, column, width)]
        parts.append("\n".join([f"{group.capitalize()}:", *lines]))
    return "\n\n".join(parts)


def _lines(flag: Flag, column: int, width: int) -> list[str]:
    lines = textwrap.wrap(
        flag.description,
        width,
        initial_indent=f"  {flag.syntax}".ljust(column),
        subsequent_indent=" " * column,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(NO_BREAK_SPACE, " ") for line in lines]
