"""Time per timestep and peak memory of a training step at 100 to 10,000 timesteps.

    python -m benchmarks.lengths --json=FILE

A training step of a layer (batch 8, 64 features, 128 units). Each row is measured in a process of
its own; peak memory is the increase over that before the first step. `--checkpoint_every` sets the
intervals of gradient checkpointing; "none" stores all states.
"""

from benchmarks.machine import machine, versions
from benchmarks.output import flags, print_result, progress, save_result
from benchmarks.workers import workers
from zoo.startup import cores

BATCH, FEATURES, UNITS = 8, 64, 128
COLUMNS = (
    "cell",
    ">timesteps",
    ">checkpoint every",
    ">ms per timestep",
    ">peak MB beyond the start",
    ">MB at the start",
)


def _arguments(argv):
    parser = flags(__doc__)
    parser.add_argument("--cells", default="lstm,gru")
    parser.add_argument("--timesteps", default="100,1000,10000")
    parser.add_argument(
        "--checkpoint_every", default="none", help='separated by commas, such as "none,100"'
    )
    return parser.parse_args(argv)


def main(argv=None):
    arguments = _arguments(argv)
    jobs = [
        (cell, int(timesteps), None if interval == "none" else int(interval))
        for cell in arguments.cells.split(",")
        for timesteps in arguments.timesteps.split(",")
        for interval in arguments.checkpoint_every.split(",")
    ]
    result = {
        "machine": machine(arguments.threads or cores(), clock=arguments.clock),
        "versions": versions(),
        "rows": [],
    }
    with progress(len(jobs)) as start_job:
        for cell, timesteps, checkpoint_every in jobs:
            start_job(f"{cell} over {timesteps} timesteps")
            result["rows"].append(_row(cell, timesteps, checkpoint_every, arguments))
            save_result(result, arguments.json)
    print_result(
        result,
        arguments.json,
        COLUMNS,
        [
            (
                row["cell"],
                row["timesteps"],
                row["checkpoint_every"],
                f"{row['ms_per_timestep']:.4f}",
                row["peak_megabytes"],
                row["start_megabytes"],
            )
            for row in result["rows"]
        ],
        f"One training step, batch {BATCH}, {FEATURES} features, {UNITS} units",
    )


def _row(cell, timesteps, checkpoint_every, arguments):
    with workers({"tensorflow": "benchmarks.lengths_tensorflow"}, arguments.threads) as running:
        return running["tensorflow"].call(
            "measure",
            cell,
            (BATCH, timesteps, FEATURES, UNITS),
            checkpoint_every,
            arguments.rounds,
            arguments.clock,
        )


if __name__ == "__main__":
    main()
