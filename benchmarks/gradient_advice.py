"""Does the first advice of `zoo diagnose --try` turn a failing configuration into one that learns?

    python -m benchmarks.gradient_advice benchmarks/gradient_prediction.jsonl advice.jsonl

Draws ten of the configurations that did not learn, with a fixed seed. For each one, `zoo.advise`
tries changes with 200 training steps. The first advice, and the first advice that keeps the cell,
are then trained with the budget of the configuration (`benchmarks.gradient_measures`). Appends a
line for each configuration. Repeated, it resumes.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import random
import time

from benchmarks.gradient_prediction import read, settings_of, use_one_thread

SEED, COUNT, STEPS = 0, 10, 200
RECORDS = 135  # the first ones, from which the configurations of gradient_advice.jsonl were drawn


def drawn(records):
    """Return the settings of configurations that did not learn, drawn with the seed."""
    failing = sorted(
        (settings_of(each) for each in records[:RECORDS] if not each["learned"]), key=str
    )
    return random.Random(SEED).sample(failing, COUNT)


def tried(settings):
    """Return the record of a configuration: the advice for it, and what it led to."""
    use_one_thread()
    import zoo
    from benchmarks.gradient_measures import UNITS, trained

    start = time.monotonic()
    fields = {name: value for name, value in settings.items() if name != "delay"}
    config = zoo.Config(units=UNITS, difficulty=settings["delay"], **fields)
    changed = [trial for trial in zoo.advise(config, steps=STEPS) if trial.changes]
    kept = [trial for trial in changed if trial.keeps_cell]
    record = {"settings": settings, "advising_seconds": round(time.monotonic() - start)}
    outcomes = {}
    for name, trials in (("advice", changed), ("advice_that_keeps_the_cell", kept)):
        if not trials:
            continue
        text = trials[0].text
        if text not in outcomes:
            result = trained({**settings, **trials[0].changes})
            outcomes[text] = {key: result[key] for key in ("score", "learned")}
        predicted = round(trials[0].probability, 3)
        record[name] = {"change": text, "predicted": predicted, **outcomes[text]}
    return {**record, "seconds": round(time.monotonic() - start)}


def print_summary(records):
    """Print how many configurations learned with the advice."""
    for name in ("advice", "advice_that_keeps_the_cell"):
        learned = [each[name]["learned"] for each in records if name in each]
        print(f"{name}: {sum(learned)} of {len(records)} learned")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=pathlib.Path, help="file of the trained configurations")
    parser.add_argument("path", type=pathlib.Path, help="file of the results, JSON lines")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread")
    flags = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    done = [record["settings"] for record in read(flags.path)]
    left = [settings for settings in drawn(read(flags.records)) if settings not in done]
    context = multiprocessing.get_context("spawn")
    with context.Pool(flags.workers, maxtasksperchild=1) as pool:
        for record in pool.imap_unordered(tried, left):
            with flags.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(json.dumps(record), flush=True)
    print_summary(read(flags.path))


if __name__ == "__main__":
    main()
