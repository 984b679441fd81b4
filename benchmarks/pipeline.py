"""Time of the input pipeline per batch, beside the time of a training step.

    python -m benchmarks.pipeline --json=FILE

It reads the first examples of the zoo's own datasets as `zoo train` does. The pipeline prefetches
on threads of its own: training waits for input only if a batch takes longer than a step.
"""

from benchmarks.machine import machine, versions
from benchmarks.output import flags, print_result, progress, save_result
from benchmarks.workers import workers
from zoo.startup import cores
from zoo.timing.interleaving import interleaved

DATASETS = {
    "pos_tagging": "zoo_turkish_treebank",
    "language_model": "zoo_pydoc",
    "translation": "zoo_jupyter_fr",
}
COLUMNS = ("task", "data", ">batches", ">ms per batch", ">ms per step", ">share")


def main(argv=None):
    arguments = flags(__doc__).parse_args(argv)
    result = {
        "machine": machine(arguments.threads or cores(), clock=arguments.clock),
        "versions": versions(),
        "rows": [],
    }
    with (
        workers({"tensorflow": "benchmarks.pipeline_tensorflow"}, arguments.threads) as running,
        progress(len(DATASETS)) as start_job,
    ):
        for task, dataset in DATASETS.items():
            start_job(task)
            result["rows"].append(_row(running["tensorflow"], task, dataset, arguments))
            save_result(result, arguments.json)
    print_result(
        result,
        arguments.json,
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


def _row(worker, task, dataset, arguments):
    names, facts = worker.call("prepare", task, dataset)
    seconds = interleaved(worker.candidates(names, arguments.clock), arguments.rounds)
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
