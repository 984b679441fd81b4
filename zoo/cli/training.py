"""`zoo train`: one configuration into a run folder."""

from zoo.cli.flags import Verb, run_dir
from zoo.cli.names import check_names
from zoo.cli.output import print_json, scores
from zoo.cli.work import work
from zoo.config import Config


def run(argv):
    verb = Verb(
        "train",
        "zoo train --task=pos_tagging --cell=lstm --run_dir=runs/one\n\nTrains one configuration, "
        "evaluates its best epoch on test.\nThe same command goes on after an interruption, and prints the "
        "stored result of a finished run.",
    )
    verb.text("run_dir", "the folder of the run")
    verb.fields(Config)
    if verb.parse(argv) is None:
        return 0
    verb.one_each()
    config, folder = verb.config(), run_dir(verb)
    check_names(config)
    result = {"run_dir": folder, **work("train")(config, folder, progress=work("progress")())}
    if verb["json"]:
        print_json(result)
    else:
        scores(result["metrics"], f"test, {result['seconds']:.0f} s of training, {folder}")
    return 0
