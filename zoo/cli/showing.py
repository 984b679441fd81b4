"""`zoo show`: all about one name."""

import inspect

from registry.suggestions import closest
from zoo.cli.flags import Verb, place
from zoo.cli.listing import KINDS, kind_of
from zoo.cli.names import known
from zoo.cli.output import print_json, quiet_tensorflow
from zoo.errors import RequestError


def run(argv):
    verb = Verb(
        "show",
        "zoo show NAME\n\nShows what a name stands for: facts, equations, source, search space.",
        ("name",),
    )
    verb.text("kind", "where the same name stands for several things: " + ", ".join(KINDS))
    places = verb.parse(argv)
    if places is None:
        return 0
    name = place(verb, places["name"], "NAME")
    kinds = _kinds(name, verb["kind"])
    quiet_tensorflow()
    entries = {kind: KINDS[kind].entry(name) for kind in kinds}
    if verb["json"]:
        print_json(
            [
                {
                    "name": entry.name,
                    "kind": kind.removesuffix("s"),
                    **{fact: str(value) for fact, value in entry.facts.items()},
                    "file": entry.file,
                    "line": entry.line,
                    "text": _text(entry),
                }
                for kind, entry in entries.items()
            ]
        )
        return 0
    for kind, entry in entries.items():
        print(
            f"{entry.name} ({kind.removesuffix('s')}, {entry.origin})\n{entry.file}:{entry.line}\n"
        )
        print(_text(entry) or "no description", end="\n\n")
        for fact, value in entry.facts.items():
            print(f"{fact}: {', '.join(map(str, value)) if isinstance(value, tuple) else value}")
        space = getattr(entry.object, "search_space", None)
        if space:
            print(f"search space: {space}")
    return 0


def _kinds(name, asked):
    """The kinds that have `name`: the one asked for, or all. Raises a RequestError or UnknownName where none has it."""
    if asked:
        known(KINDS[kind_of(asked)], name)
        return [kind_of(asked)]
    kinds = [kind for kind, registry in KINDS.items() if name in registry]
    if not kinds:
        near = [
            f"{match!r} ({kind})"
            for kind, registry in KINDS.items()
            for match in closest(name, registry.names())
        ]
        raise RequestError(
            f"nothing is registered as {name!r}."
            + (f" Near: {', '.join(near[:5])}." if near else " `zoo list` lists all names.")
        )
    return kinds


def _text(entry):
    if inspect.isclass(entry.object) or inspect.isfunction(entry.object):
        return inspect.getdoc(entry.object)
    return entry.doc
