"""Whether training waits for its input: milliseconds of making a batch, beside those of a training step.

    python -m benchmarks.pipeline --json=FILE

The zoo's own data sets, as `zoo train` reads them, cut to their first examples. The input runs ahead of the training on
threads of its own; it would hold it up where a batch takes longer than a step.
"""

from benchmarks.machine import cores, machine, versions
from benchmarks.output import flags, give, keep, progress
from benchmarks.workers import workers
from zoo.timing.interleaving import interleaved

DATASETS = {
    "pos_tagging": "zoo_turkish_treebank",
    "language_model": "zoo_pydoc",
    "translation": "zoo_jupyter_fr",
}
COLUMNS = ("task", "data", ">batches", ">ms a batch", ">ms a step", ">share")


def main(argv=None):
    given = flags(__doc__).parse_args(argv)
    result = {
        "machine": machine(given.threads or cores(), clock=given.clock),
        "versions": versions(),
        "rows": [],
    }
    with (
        workers({"tensorflow": "benchmarks.pipeline_tensorflow"}, given.threads) as running,
        progress(len(DATASETS)) as told,
    ):
        for task, dataset in DATASETS.items():
            told(task)
            result["rows"].append(_row(running["tensorflow"], task, dataset, given))
            keep(result, given.json)
    give(
        result,
        given.json,
        COLUMNS,
        [
            (
                row["task"],
                row["dataset"],
                row["batches"],
                f"{row['batch_ms']:.2f}",
                f"{row['step_ms']:.2f}",
                f"{row['share']:.0%}",
            )
            for row in result["rows"]
        ],
        "Input and training",
    )


def _row(worker, task, dataset, given):
    names, facts = worker.call("prepare", task, dataset)
    seconds = interleaved(worker.turns(names, given.clock), given.rounds)
    batch, step = (1e3 * seconds[name] / facts["batches"] for name in ("input", "training"))
    return {
        "task": task,
        "dataset": dataset,
        **facts,
        "batch_ms": round(batch, 3),
        "step_ms": round(step, 3),
        "share": round(batch / step, 3),
    }


if __name__ == "__main__":
    main()
