"""`zoo evaluate`: a run's model on a split, or the models of several runs at several difficulties."""

import functools
import sys
import time

from zoo.cli.flags import Verb, existing, place
from zoo.cli.output import print_json, scores, table
from zoo.cli.work import work
from zoo.config import Config
from zoo.errors import RequestError

SPLITS = ("train", "validation", "test")
PLACE = "RUN_DIR..."
SEARCH = (
    "beam",
    "length_penalty",
)  # fields of the configuration that a trained model can be asked with anew


def run(argv):
    verb = Verb(
        "evaluate",
        "zoo evaluate RUN_DIR\nzoo evaluate RUN_DIR... --difficulties=50,100,200\n\nScores the model "
        "of a run; or, for tasks with generated data, those of several runs at several\ndifficulties, and draws "
        "score against length: trained short, tested long.",
        (PLACE,),
    )
    verb.text("split", "train, validation or test", "test")
    verb.text("difficulties", "lengths or delays to score at, commas between them")
    verb.text(
        "path",
        "of the picture of score against length; default: plots/score_by_length.png in the first RUN_DIR",
    )
    verb.fields(Config, SEARCH)
    places = verb.parse(argv)
    if places is None:
        return 0
    folders = [existing(verb, folder, PLACE) for folder in place(verb, places[PLACE], PLACE)]
    if verb["split"] not in SPLITS:
        raise RequestError(
            f"--split={verb['split']}: there is no such split. Choose one of: {', '.join(SPLITS)}."
        )
    if verb["difficulties"] is not None:
        return _by_length(verb, folders)
    if len(folders) > 1:
        raise RequestError(
            f"{len(folders)} runs ({', '.join(folders)}) are scored together only at difficulties. Give "
            "--difficulties=50,100,200, or one run."
        )
    if verb["path"] is not None:
        raise RequestError(
            f"--path={verb['path']} is for the picture of score against length. Give --difficulties, too."
        )
    return _on_split(verb, folders[0])


def _on_split(verb, folder):
    began = time.monotonic()
    finished = work("run").finished(folder)
    config = work("resolve")(verb.changed(finished.config, SEARCH))
    corpus = work("corpus")(config)
    metrics = work("evaluate")(finished.model, config, finished.features, corpus, verb["split"])
    result = {
        "run_dir": folder,
        "split": verb["split"],
        "seconds": round(time.monotonic() - began, 1),
        "metrics": metrics,
    }
    if verb["json"]:
        print_json(result)
    else:
        scores(metrics, f"{verb['split']}, {folder}")
    return 0


def _by_length(verb, folders):
    began, difficulties = time.monotonic(), verb.numbers("difficulties")
    tell = functools.partial(print, file=sys.stderr, flush=True)
    result = work("lengths")(folders, difficulties, verb["split"], verb["path"], tell)
    result["seconds"] = round(time.monotonic() - began, 1)
    if verb["json"]:
        print_json(result)
        return 0
    rows = zip(
        result["difficulties"],
        result["baseline"],
        *(run["scores"] for run in result["runs"]),
        strict=True,
    )
    table(
        (
            f">{result['dataset']}/",
            ">trivial",
            *[f">{label}" for label in work("labels")(result["runs"])],
        ),
        [(number, *[f"{score:.4f}" for score in row]) for number, *row in rows],
        f"{result['metric']}, {result['split']}, {'higher' if result['higher_is_better'] else 'lower'} is better",
    )
    print(f"\npicture: {result['picture']}")
    return 0
