"""Characters per second of an exported character language model that goes on with one prompt.

    python -m benchmarks.generation --json=FILE

One LSTM layer of 256 units over 64 characters, trained for a moment, exported by the zoo, loaded as anyone would. With one
thread and with all: one sequence has nothing to share out, and threads that are offered it wait for each other.
"""

from benchmarks.machine import cores, machine, versions
from benchmarks.output import flags, give
from benchmarks.workers import workers


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("--length", type=int, default=5000, help="characters of a sequence")
    parser.add_argument("--temperature", type=float, default=0.8)
    given = parser.parse_args(argv)
    most = given.threads or cores()
    result = {
        "machine": machine(most, clock=given.clock),
        "versions": versions(),
        "rows": [_row(threads, given) for threads in sorted({1, most})],
    }
    give(
        result,
        given.json,
        ("model", ">threads", ">characters", ">temperature", ">characters a second"),
        [
            (
                row["model"],
                row["threads"],
                row["length"],
                row["temperature"],
                f"{row['characters_per_second']:,}",
            )
            for row in result["rows"]
        ],
        "One sequence",
    )


def _row(threads, given):
    with workers({"tensorflow": "benchmarks.generation_tensorflow"}, threads) as running:
        seconds = running["tensorflow"].call(
            "measure", given.length, given.temperature, given.rounds, given.clock
        )
    return {
        "model": "lstm, 1 x 256, characters",
        "threads": threads,
        "length": given.length,
        "temperature": given.temperature,
        "characters_per_second": round(given.length / seconds),
    }


if __name__ == "__main__":
    main()
