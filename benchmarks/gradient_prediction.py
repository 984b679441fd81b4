"""Does the gradient before training predict what a network learns?

    python -m benchmarks.gradient_prediction results.jsonl --workers=2

Trains each configuration (cells x initializers x delays x tasks, 32 units, 2,000 steps of Adam; see
`benchmarks.gradient_measures`) and appends a line for each. Repeated, it resumes.
`benchmarks.gradient_rules` sets and scores the rules.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import pathlib
import time

CELLS = (
    ("simple_rnn", {}),
    ("simple_rnn", {"recurrent_initializer": "glorot_uniform"}),
    ("simple_rnn", {"recurrent_initializer": "scaled_identity:0.5"}),
    ("simple_rnn", {"cell_args": {"activation": "relu"}, "recurrent_initializer": "identity"}),
    ("lstm", {}),
    ("lstm", {"bias_initializer": "zeros"}),
    ("lstm", {"bias_initializer": "chrono:100"}),
    *((name, {}) for name in ("peephole_lstm", "gru", "mgu", "rhn", "ind_rnn", "exprnn")),
    *((name, {}) for name in ("antisymmetric_rnn", "cornn", "lem", "min_gru", "lru", "gla")),
)
DELAYS = {"delayed_recall": (10, 20, 40, 80, 160, 320), "adding": (10, 20, 40, 80, 160)}
FIELDS = ("cell", "task", "delay", "cell_args", "recurrent_initializer", "bias_initializer")


def configurations():
    """Return the configurations; those that take longest come first."""
    pairs = [(task, delay) for task, delays in DELAYS.items() for delay in delays]
    found = [
        {"cell": cell, "task": task, "delay": delay, **arguments}
        for (cell, arguments), (task, delay) in itertools.product(CELLS, pairs)
    ]
    return sorted(found, key=lambda settings: -settings["delay"])


def use_one_thread():
    """Let TensorFlow use one thread in this process."""
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() != 1:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def measured(settings):
    """Return the record of a configuration, computed with one thread."""
    use_one_thread()
    from benchmarks.gradient_measures import trained

    start = time.monotonic()
    record = trained(settings)
    return {**record, "seconds": time.monotonic() - start}


def settings_of(record):
    """Return the fields of a record that identify its configuration."""
    return {name: record[name] for name in FIELDS if name in record}


def read(path):
    """Return the records of a file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=pathlib.Path, help="file of the records, JSON lines")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread")
    parser.add_argument("--seconds", type=float, default=1e6, help="stop after these")
    return parser.parse_args()


def main():
    flags = parse_flags()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    stop = time.monotonic() + flags.seconds
    done = [settings_of(record) for record in read(flags.path)]
    left = [settings for settings in configurations() if settings not in done]
    context = multiprocessing.get_context("spawn")
    with context.Pool(flags.workers, maxtasksperchild=8) as pool:
        records = pool.imap_unordered(measured, left)
        for count in range(1, len(left) + 1):
            try:
                record = records.next(max(0.0, stop - time.monotonic()))
            except multiprocessing.TimeoutError:
                break
            with flags.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            named = " ".join(map(str, settings_of(record).values()))
            print(f"{count} of {len(left)}: {named}: {record['score']:.3g}", flush=True)


if __name__ == "__main__":
    main()
