"""Time and memory of long sequences: milliseconds per timestep, and peak memory, at 100 to 10,000 timesteps.

    python -m benchmarks.lengths --json=FILE

A training step of a layer (batch 8, 64 features, 128 units). Each row is measured in a fresh process, whose peak memory
is given beyond what it held before the first step. `--segments` gives lengths of segments to recompute in the backward
pass; "none" keeps all states.
"""

from benchmarks.machine import cores, machine, versions
from benchmarks.output import flags, give, keep, progress
from benchmarks.workers import workers

BATCH, FEATURES, UNITS = 8, 64, 128
COLUMNS = (
    "cell",
    ">timesteps",
    ">segment",
    ">ms a timestep",
    ">peak MB beyond the start",
    ">MB at the start",
)


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("--cells", default="lstm,gru")
    parser.add_argument("--timesteps", default="100,1000,10000")
    parser.add_argument(
        "--segments", default="none", help='commas between them, such as "none,100"'
    )
    given = parser.parse_args(argv)
    jobs = [
        (cell, int(timesteps), checkpoint_every)
        for cell in given.cells.split(",")
        for timesteps in given.timesteps.split(",")
        for checkpoint_every in given.segments.split(",")
    ]
    result = {
        "machine": machine(given.threads or cores(), clock=given.clock),
        "versions": versions(),
        "rows": [],
    }
    with progress(len(jobs)) as told:
        for cell, timesteps, checkpoint_every in jobs:
            told(f"{cell} over {timesteps} timesteps")
            result["rows"].append(
                _row(
                    cell,
                    timesteps,
                    None if checkpoint_every == "none" else int(checkpoint_every),
                    given,
                )
            )
            keep(result, given.json)
    give(
        result,
        given.json,
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


def _row(cell, timesteps, checkpoint_every, given):
    with workers({"tensorflow": "benchmarks.lengths_tensorflow"}, given.threads) as running:
        return running["tensorflow"].call(
            "measure",
            cell,
            (BATCH, timesteps, FEATURES, UNITS),
            checkpoint_every,
            given.rounds,
            given.clock,
        )


if __name__ == "__main__":
    main()
