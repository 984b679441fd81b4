"""Milliseconds for one sentence by an exported tagger and translator, beside PyTorch.

    zoo train --task=pos_tagging --cell=lstm --epochs=1 --run_dir=runs/tagger
    zoo export runs/tagger
    zoo train --task=translation --cell=lstm --epochs=1 --run_dir=runs/translator
    zoo export runs/translator
    python -m benchmarks.serving runs/tagger runs/translator --json=serving.json

Sends sentences of the test split one at a time to the SavedModel, loaded by `tf.saved_model.load`.
The translator decodes greedily. Beside it a PyTorch model in inference mode, with layers of the
same kinds and sizes and random weights, reads as many tokens and writes as many as the zoo's model
does. The zoo's figures include splitting the text and looking up its tokens, PyTorch's do not.
Both are timed in interleaved rounds, with one and four threads. Also the seconds of loading the
SavedModel and of its first answer, which traces nothing but optimizes the graph.
"""

import numpy as np

from benchmarks.machine import installed, machine, versions
from benchmarks.output import flags, print_result
from benchmarks.workers import workers

THREADS = (1, 4)
MODULES = {"tensorflow": "benchmarks.serving_tensorflow", "torch": "benchmarks.serving_torch"}


def row(run_dir, threads, arguments):
    """Return the record of one model with some threads."""
    present = {name: module for name, module in MODULES.items() if installed(name)}
    seconds = {name: [] for name in present}
    with workers(present, threads) as running:
        facts = running["tensorflow"].call("load", run_dir, arguments.sentences)
        if "torch" in running:
            running["torch"].call("build", facts["model"])
        for _ in range(arguments.rounds):
            for name, worker in running.items():
                seconds[name] += worker.call("measure", facts["lengths"])
    found = {"task": facts["model"]["task"], "threads": threads}
    for name, each in seconds.items():
        label = "zoo" if name == "tensorflow" else name
        p50, p99 = np.percentile(each, (50, 99)) * 1000
        found |= {f"{label}_p50_ms": round(p50, 2), f"{label}_p99_ms": round(p99, 2)}
    return found | {name: round(facts[name], 2) for name in ("load_seconds", "first_seconds")}


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("run_dirs", nargs="+", help="folders of exported runs")
    parser.add_argument("--sentences", type=int, default=200, help="sentences of a round")
    arguments = parser.parse_args(argv)
    result = {
        "machine": machine(None, clock=arguments.clock),
        "versions": versions(),
        "rows": [
            row(run_dir, threads, arguments)
            for run_dir in arguments.run_dirs
            for threads in ([arguments.threads] if arguments.threads else THREADS)
        ],
    }
    columns = list(result["rows"][0])
    print_result(
        result,
        arguments.json,
        ("task", *(f">{name.replace('_', ' ')}" for name in columns[1:])),
        [tuple(each.values()) for each in result["rows"]],
        "One sentence",
    )


if __name__ == "__main__":
    main()
