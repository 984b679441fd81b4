"""`zoo evaluate`: a run's model on a split."""

import time

from zoo.cli.flags import Verb, existing
from zoo.cli.output import print_json, scores
from zoo.cli.work import work
from zoo.config import Config
from zoo.errors import RequestError

SPLITS = ("train", "validation", "test")
SEARCH = ("beam", "length_penalty")  # fields of the configuration that a trained model can be asked with anew


def run(argv):
    verb = Verb("evaluate", "zoo evaluate RUN_DIR\n\nScores the model of a run.", ("RUN_DIR",))
    verb.text("split", "train, validation or test", "test")
    verb.fields(Config, SEARCH)
    places = verb.parse(argv)
    if places is None:
        return 0
    folder = existing(verb, places["RUN_DIR"], "RUN_DIR")
    if verb["split"] not in SPLITS:
        raise RequestError(f"--split={verb['split']}: there is no such split. Choose one of: {', '.join(SPLITS)}.")
    began = time.monotonic()
    finished = work("run").finished(folder)
    config = work("resolve")(verb.changed(finished.config, SEARCH))
    corpus = work("corpus")(config)
    metrics = work("evaluate")(finished.model, config, finished.features, corpus, verb["split"])
    result = {"run_dir": folder, "split": verb["split"], "seconds": round(time.monotonic() - began, 1),
              "metrics": metrics}
    if verb["json"]:
        print_json(result)
    else:
        scores(metrics, f"{verb['split']}, {folder}")
    return 0
