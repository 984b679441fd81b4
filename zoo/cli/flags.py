"""Flags of a verb: generated from the fields of the configuration, never typed twice."""

import dataclasses
import os
import re

from absl import flags as absl_flags

from zoo.config import Config, Search, parse
from zoo.errors import RequestError


class Verb:
    """One verb's flags, in a set of flags of its own (absl's global one knows all modules' flags).

    usage: what `--help` prints first. places: names of the positional arguments; "NAME..." takes all that are left.
    """

    def __init__(self, name, usage, places=()):
        self.name, self.usage, self.places = name, usage, places
        self.values = absl_flags.FlagValues()
        self.helps, self.switches = [], set()
        self.switch("json", "print one JSON value on stdout, and nothing else there")

    def text(self, name, help, default=None):
        absl_flags.DEFINE_string(name, default, help, flag_values=self.values)
        self.helps.append((name, help))

    def texts(self, name, help):
        absl_flags.DEFINE_multi_string(name, [], help, flag_values=self.values)
        self.helps.append((name, help + "; may be repeated"))

    def switch(self, name, help):
        absl_flags.DEFINE_boolean(name, False, help, flag_values=self.values)
        self.helps.append((name, help))

    def fields(self, kind, names=None):
        """A flag for each field of a dataclass of `zoo.config`, or for those of `names`."""
        for item in dataclasses.fields(kind):
            if names is not None and item.name not in names:
                continue
            choices = item.metadata.get("choices")
            self.text(
                item.name, item.metadata["help"] + (f": {', '.join(choices)}" if choices else "")
            )
            if item.metadata["kind"] is bool:
                self.switches.add(item.name)

    def parse(self, argv):
        """Positional arguments by name, once the flags are read; None if help was asked for (and printed)."""
        if any(argument in ("-h", "--help", "-help", "--helpfull") for argument in argv):
            print(self.help())
            return None
        try:
            given = self.values([self.name, *map(self._spelled_out, argv)])[1:]
        except absl_flags.Error as error:
            raise RequestError(
                f"{self._sentence(error)} `zoo {self.name} --help` lists the flags."
            ) from None
        if self.places and self.places[-1].endswith("..."):
            last = len(self.places) - 1
            given = [*given[:last], given[last:]] if given[last:] else given
        if len(given) > len(self.places):
            raise RequestError(
                f"`zoo {self.name}` does not know what to do with {given[len(self.places)]!r}. "
                f"Flags are written --name=value; `zoo {self.name} --help` lists them."
            )
        return dict(
            zip(self.places, [*given, *[None] * (len(self.places) - len(given))], strict=True)
        )

    def _spelled_out(self, argument):
        """--bidirectional for --bidirectional=true, --nobidirectional for false."""
        for name in self.switches:
            if argument == f"--{name}":
                return f"--{name}=true"
            if argument == f"--no{name}":
                return f"--{name}=false"
        return argument

    def _sentence(self, error):
        text = re.sub(r"\s+", " ", str(error)).strip()
        return text if text.endswith((".", "?")) else text + "."

    def __getitem__(self, name):
        return self.values[name].value

    def number(self, name, kind, least):
        """The value of a text flag as a number; RequestError if it is none, too small, or more than 32 bits hold."""
        try:
            value = kind(self[name])
        except ValueError:
            value = None
        if value is None or not least <= value < 2**31:
            raise RequestError(
                f"--{name}={self[name]}: {name} must be a {'whole ' if kind is int else ''}number of at "
                f"least {least} and below 2147483648."
            )
        return value

    def numbers(self, name):
        """The whole numbers of a text flag, commas between them, in rising order; RequestError if there is another."""
        parts = {part.strip() for part in self[name].split(",")}
        if not all(part.isascii() and part.isdigit() and 0 < int(part) < 2**31 for part in parts):
            raise RequestError(
                f"--{name}={self[name]}: {name} must be whole numbers from 1 up with commas between them, "
                f"for example --{name}=50,100,200."
            )
        return sorted(map(int, parts))

    def one_each(self):
        """RequestError for a flag with several values: those are for a search."""
        for item in dataclasses.fields(Config):
            if _has_several(item, text := self[item.name]):
                raise RequestError(
                    f"--{item.name}={text}: `zoo {self.name}` takes one value. Several, with commas "
                    "between them or by a wildcard, are for `zoo tune`."
                )

    def config(self, single=None):
        """The configuration that the flags of one `train` give, or of the fields in `single`."""
        return Config(**self._given(Config, single))

    def changed(self, config, names):
        """`config` with the fields in `names` as the flags say, where they say something."""
        return dataclasses.replace(config, **self._given(Config, names))

    def search(self):
        return Search(**self._given(Search))

    def _given(self, kind, names=None):
        return {
            item.name: parse(item, self[item.name])
            for item in dataclasses.fields(kind)
            if (names is None or item.name in names) and self[item.name] is not None
        }

    def choices(self, names_of):
        """For `tune`: the fields with several values, as field -> values, and the names of those with a single one.

        names_of: field -> the registry whose wildcards its values may hold.
        """
        space, single = {}, []
        for item in dataclasses.fields(Config):
            text = self[item.name]
            if text is None:
                continue
            if not _has_several(item, text):
                single.append(item.name)
                continue
            parts = [
                match
                for part in text.split(",")
                if part
                for match in self.matches(item.name, part, names_of.get(item.name))
            ]
            if not parts:
                raise RequestError(
                    f"--{item.name}={text} names no value. Write for example --{item.name}=A,B."
                )
            space[item.name] = tuple(dict.fromkeys(self._choice(item, part) for part in parts))
        return space, single

    @staticmethod
    def _choice(item, text):
        """One of several values, checked as if it were the only one; "none" for None."""
        value = getattr(Config(**{item.name: parse(item, text)}), item.name)
        return "none" if value is None else value

    @staticmethod
    def matches(name, part, registry):
        """The names that one value of the flag `name` stands for, by a wildcard or as it is."""
        if registry is None or "*" not in part:
            return [part]
        found = registry.names(part)
        if not found:
            raise RequestError(
                f"--{name}={part} matches none of: {', '.join(registry.names())}. Change the pattern."
            )
        return found

    def help(self):
        width = max(len(name) for name, _ in self.helps)
        lines = "\n".join(f"  --{name:{width}s}  {help}" for name, help in self.helps)
        return f"{self.usage}\n\nFlags, written --name=value:\n{lines}"


def _has_several(item, text):
    """Whether the text of a flag is for a search: commas in paths and JSON are their own."""
    return (
        bool(text)
        and item.metadata["kind"] not in (dict, tuple)
        and item.name != "data_dir"
        and ("," in text or "*" in text)
    )


def run_dir(verb):
    """The value of --run_dir; RequestError without it."""
    if not verb["run_dir"]:
        raise RequestError(
            "--run_dir is missing: where is the run to be kept? For example --run_dir=runs/first."
        )
    return verb["run_dir"]


def place(verb, value, name):
    """A positional argument; RequestError without it."""
    if value is None:
        raise RequestError(
            f"`zoo {verb.name}` lacks its {name}. Write `zoo {verb.name} {name} ...`."
        )
    return value


def existing(verb, value, name):
    """A positional path at which there is something; RequestError otherwise."""
    value = place(verb, value, name)
    if not os.path.exists(value):
        raise RequestError(
            f"{value} does not exist. Check the path; `zoo train` makes a run folder."
        )
    return value
