"""`zoo export`: a run's SavedModel."""

from zoo.cli.flags import Verb, existing
from zoo.cli.output import print_json
from zoo.cli.work import work


def run(argv):
    verb = Verb(
        "export",
        "zoo export RUN_DIR\n\nWrites the SavedModel of a run: strings in, strings out, nothing needed "
        "but TensorFlow.",
        ("RUN_DIR",),
    )
    verb.text("path", "where to; default: RUN_DIR/export")
    places = verb.parse(argv)
    if places is None:
        return 0
    folder = existing(verb, places["RUN_DIR"], "RUN_DIR")
    result = work("export")(work("run").finished(folder), verb["path"])
    if verb["json"]:
        print_json(result)
        return 0
    print(result["path"])
    for name, signature in result["signatures"].items():
        print(f"  {name}: {', '.join(signature['inputs'])} -> {', '.join(signature['outputs'])}")
    return 0
