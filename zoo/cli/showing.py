"""`zoo show`: all about one name."""

import inspect

from zoo.cli.flags import Verb, place
from zoo.cli.listing import KINDS, registry_of
from zoo.cli.output import print_json, quiet_tensorflow
from zoo.errors import RequestError


def run(argv):
    verb = Verb("show", "zoo show NAME\n\nShows what a name stands for: facts, equations, source, search space.",
                ("name",))
    verb.text("kind", "where the same name stands for several things: " + ", ".join(KINDS))
    places = verb.parse(argv)
    if places is None:
        return 0
    name = place(verb, places["name"], "NAME")
    kinds = [verb["kind"]] if verb["kind"] else [kind for kind, registry in KINDS.items() if name in registry]
    if not kinds:
        near = [f"{match} ({kind})" for kind, registry in KINDS.items() for match in registry.names(f"*{name}*")]
        raise RequestError(f"nothing is registered as {name!r}." + (f" Near: {', '.join(near[:5])}." if near else
                           " `zoo list` lists all names."))
    quiet_tensorflow()
    entries = {kind: registry_of(kind).entry(name) for kind in kinds}
    if verb["json"]:
        print_json([{"name": entry.name, "kind": kind, **{key: str(value) for key, value in entry.facts.items()},
                     "file": entry.file, "line": entry.line, "text": _text(entry)} for kind, entry in entries.items()])
        return 0
    for kind, entry in entries.items():
        print(f"{entry.name} ({kind.removesuffix('s')}, {entry.origin})\n{entry.file}:{entry.line}\n")
        print(_text(entry) or "no description", end="\n\n")
        for fact, value in entry.facts.items():
            print(f"{fact}: {', '.join(map(str, value)) if isinstance(value, tuple) else value}")
        space = getattr(entry.object, "search_space", None)
        if space:
            print(f"search space: {space}")
    return 0


def _text(entry):
    if inspect.isclass(entry.object) or inspect.isfunction(entry.object):
        return inspect.getdoc(entry.object)
    return entry.doc
