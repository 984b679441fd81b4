"""Flags of a command; those of a configuration are generated from its fields."""

import dataclasses
import os
import re
from collections.abc import Collection, Sequence
from typing import Any

from absl import flags as absl_flags

from zoo.cli.help import HELP_FLAGS, Flag, flag_of_field, help_text
from zoo.config import Config, Search
from zoo.errors import RequestError
from zoo.fields import INT_LIMIT, parse_value

PICTURE_SUFFIXES = (".png", ".svg", ".pdf")


class Verb:
    """The flags of one command.

    They are separate from absl's global flags, which include those of imported libraries.

    Args:
        name: the name of the command.
        usage: the text at the top of its `--help`.
        positionals: the names of its positional arguments; a last name "NAME..." takes all
            remaining arguments.
    """

    def __init__(self, name: str, usage: str, positionals: Sequence[str] = ()) -> None:
        self.name, self.usage, self.positionals = name, usage, tuple(positionals)
        self.values = absl_flags.FlagValues()
        self.flags: list[Flag] = []
        self._bool_fields: set[str] = set()
        self._pictures: list[str] = []
        self._texts: list[str] = []
        self._paths: set[str] = set()  # the flags in which ~ is a home folder
        self.switch("json", "print one JSON value and nothing else on stdout")

    def text(
        self,
        name: str,
        summary: str,
        default: str | None = None,
        *,
        group: str = "output",
        kind: str = "STRING",
        choices: Sequence[str] = (),
        unset: str = "none",
    ) -> None:
        """Define a flag with one value.

        Args:
            name: the name of the flag.
            summary: its help text.
            default: its default value.
            group: the heading of the flag in `--help`.
            kind: the type that `--help` shows; `number` and `numbers` parse the text.
            choices: the values that `--help` shows.
            unset: what `--help` shows as the default where `default` is None.
        """
        absl_flags.DEFINE_string(name, default, summary, flag_values=self.values)
        self._texts.append(name)
        default_text = unset if default is None else default
        self.flags.append(Flag(name, summary, group, kind, default_text, tuple(choices)))
        if kind == "PATH":
            self._paths.add(name)

    def picture(self, name: str, summary: str, unset: str = "none") -> None:
        """Define a flag for the file of a picture, whose suffix `parse` checks."""
        self.text(name, f"{summary}: .png, .svg or .pdf", kind="PATH", unset=unset)
        self._pictures.append(name)

    def texts(self, name: str, summary: str, *, group: str = "input") -> None:
        """Define a flag that may be repeated."""
        absl_flags.DEFINE_multi_string(name, [], summary, flag_values=self.values)
        self.flags.append(Flag(name, f"{summary}; may be repeated", group, "STRING", "none"))

    def switch(self, name: str, summary: str, *, group: str = "output") -> None:
        """Define a Boolean flag whose default is false."""
        absl_flags.DEFINE_boolean(name, False, summary, flag_values=self.values)
        self.flags.append(Flag(name, summary, group, "BOOL", "false"))

    def run_dir_flag(self, noun: str) -> None:
        """Define `--run_dir`, the folder of a run or a search."""
        self.text("run_dir", f"the folder of the {noun}", kind="PATH", unset="none, required")

    def fields(
        self, kind: type[Config] | type[Search], names: Collection[str] | None = None
    ) -> None:
        """Define a flag for each field of a dataclass of `zoo.config`, or only those in `names`."""
        for item in dataclasses.fields(kind):
            if names is not None and item.name not in names:
                continue
            absl_flags.DEFINE_string(
                item.name, None, item.metadata["help"], flag_values=self.values
            )
            self.flags.append(flag_of_field(item))
            if item.metadata["kind"] is bool:
                self._bool_fields.add(item.name)

    def parse(self, argv: Sequence[str]) -> dict[str, Any] | None:
        """Parse the flags and return the positional arguments by name.

        Returns:
            Name -> text, None for an absent argument, or a list for "NAME...". With a help flag,
            print the help and return None.

        Raises:
            RequestError: for an unknown flag, a missing or empty value, a file of a picture with
                another suffix, or too many positional arguments.
        """
        if any(argument in HELP_FLAGS for argument in argv):
            print(help_text(self.usage, self.flags))
            return None
        try:
            arguments: list[Any] = self.values([self.name, *map(self._expand, argv)])[1:]
        except absl_flags.Error as error:
            text = re.sub(r"\s+", " ", str(error)).strip()
            text += "" if text.endswith((".", "?")) else "."
            raise RequestError(f"{text} `zoo {self.name} --help` lists the flags.") from None
        if self.positionals and self.positionals[-1].endswith("..."):
            last = len(self.positionals) - 1
            arguments = [*arguments[:last], arguments[last:]] if arguments[last:] else arguments
        if len(arguments) > len(self.positionals):
            raise RequestError(
                f"unexpected argument {arguments[len(self.positionals)]!r} of `zoo {self.name}`. "
                f"Flags are written --name=value; `zoo {self.name} --help` lists them."
            )
        self._check_values()
        missing = len(self.positionals) - len(arguments)
        return dict(zip(self.positionals, [*arguments, *[None] * missing], strict=True))

    def _check_values(self) -> None:
        for name in self._texts:
            if self[name] == "":
                raise RequestError(f"--{name}= has no value. Give one, or leave the flag out.")
        for name in self._pictures:
            path = self[name]
            if path is not None and os.path.splitext(path)[1].lower() not in PICTURE_SUFFIXES:
                raise RequestError(
                    f"--{name}={path}: the suffix of the file determines the format of the "
                    f"picture. Choose one of {', '.join(PICTURE_SUFFIXES)}."
                )

    def _expand(self, argument: str) -> str:
        """Replace --name by --name=true and --noname by --name=false for a Boolean field."""
        for name in self._bool_fields:
            if argument == f"--{name}":
                return f"--{name}=true"
            if argument == f"--no{name}":
                return f"--{name}=false"
        return argument

    def __getitem__(self, name: str) -> Any:
        value = self.values[name].value
        return os.path.expanduser(value) if value and name in self._paths else value

    def number(self, name: str, kind: type[int] | type[float], least: int) -> Any:
        """Return the value of a flag as a number of `kind`.

        Raises:
            RequestError: the text is not a number in [least, 2**31).
        """
        try:
            value = kind(self[name])
        except ValueError:
            value = None
        if value is None or not least <= value < INT_LIMIT:
            raise RequestError(
                f"--{name}={self[name]}: {name} must be a {'whole ' if kind is int else ''}number "
                f"of at least {least} and below {INT_LIMIT}."
            )
        return value

    def numbers(self, name: str) -> list[int]:
        """Return the comma-separated whole numbers of a flag in rising order, each once.

        Raises:
            RequestError: one of them is not a number in [1, 2**31).
        """
        parts = {part.strip() for part in self[name].split(",")}
        if not all(
            part.isascii() and part.isdigit() and len(part) < 11 and 0 < int(part) < INT_LIMIT
            for part in parts
        ):
            raise RequestError(
                f"--{name}={self[name]}: {name} must be whole numbers of at least 1, separated by "
                f"commas, for example --{name}=50,100,200."
            )
        return sorted(map(int, parts))

    def config(self, names: Collection[str] | None = None) -> Config:
        """Return the configuration from the flags on the command line, or only those in `names`."""
        return Config(**self._given(Config, names))

    def updated(self, config: Config, names: Collection[str]) -> Config:
        """Return `config` with the fields in `names` replaced where the command line sets them."""
        return dataclasses.replace(config, **self._given(Config, names))

    def search(self) -> Search:
        """Return the search settings from the flags on the command line."""
        return Search(**self._given(Search))

    def given_fields(self) -> set[str]:
        """Return the fields of the configuration whose flags are on the command line."""
        return {item.name for item in dataclasses.fields(Config) if self[item.name] is not None}

    def _given(
        self, kind: type[Config] | type[Search], names: Collection[str] | None = None
    ) -> dict[str, Any]:
        return {
            item.name: parse_value(item, self[item.name])
            for item in dataclasses.fields(kind)
            if (names is None or item.name in names) and self[item.name] is not None
        }


def run_dir(verb: Verb) -> str:
    """Return the value of --run_dir; raise RequestError if it is missing."""
    if not verb["run_dir"]:
        raise RequestError(
            "--run_dir, the folder of the run, is missing. Write for example --run_dir=runs/first."
        )
    return verb["run_dir"]


def required(verb: Verb, value: Any, name: str) -> Any:
    """Return a positional argument; raise RequestError if it is missing."""
    if value is None:
        raise RequestError(f"`zoo {verb.name}` needs {name}. Write `zoo {verb.name} {name} ...`.")
    return value


def existing_path(verb: Verb, value: str | None, name: str) -> str:
    """Return a positional path; raise RequestError if it is missing or does not exist."""
    path = required(verb, value, name)
    if not os.path.exists(path):
        raise RequestError(
            f"{path} does not exist. Check the path; `zoo train` creates a run folder."
        )
    return path
