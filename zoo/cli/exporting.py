"""`zoo export`: export the model of a run as a SavedModel."""

from collections.abc import Sequence

from zoo.cli.flags import Verb, existing_path
from zoo.cli.output import print_json, print_text, quiet_tensorflow


def run(argv: Sequence[str]) -> int:
    """Run `zoo export`."""
    verb = Verb(
        "export",
        "zoo export RUN_DIR\n\n"
        "Exports the model of a run as a SavedModel, which takes and returns strings and needs\n"
        "nothing but TensorFlow.",
        ("RUN_DIR",),
    )
    verb.text("path", "the folder of the export", kind="PATH", unset="RUN_DIR/export")
    positionals = verb.parse(argv)
    if positionals is None:
        return 0
    folder = existing_path(verb, positionals["RUN_DIR"], "RUN_DIR")
    quiet_tensorflow()
    from zoo.runs.run import Run
    from zoo.saved_models.exporting import export

    result = export(Run.finished(folder), verb["path"])
    if verb["json"]:
        print_json(result)
        return 0
    print_text(result["path"])
    for name, signature in result["signatures"].items():
        inputs, outputs = ", ".join(signature["inputs"]), ", ".join(signature["outputs"])
        print_text(f"  {name}: {inputs} -> {outputs}")
    return 0
