"""Characters per second of an exported character language model that continues one prompt.

    python -m benchmarks.generation --json=FILE

The model is one LSTM layer of 256 units over 64 characters, trained for one epoch, exported by
the zoo and loaded by `tf.saved_model.load`. It is timed with one thread and with all threads: the
matrix products of a single sequence are too small to gain from a second thread.
"""

from benchmarks.machine import machine, versions
from benchmarks.output import flags, print_result
from benchmarks.workers import workers
from zoo.startup import cores


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("--length", type=int, default=5000, help="characters to generate")
    parser.add_argument("--temperature", type=float, default=0.8)
    arguments = parser.parse_args(argv)
    max_threads = arguments.threads or cores()
    result = {
        "machine": machine(max_threads, clock=arguments.clock),
        "versions": versions(),
        "rows": [_row(threads, arguments) for threads in sorted({1, max_threads})],
    }
    print_result(
        result,
        arguments.json,
        ("model", ">threads", ">characters", ">temperature", ">characters per second"),
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


def _row(threads, arguments):
    with workers({"tensorflow": "benchmarks.generation_tensorflow"}, threads) as running:
        seconds = running["tensorflow"].call(
            "measure", arguments.length, arguments.temperature, arguments.rounds, arguments.clock
        )
    return {
        "model": "lstm, 1 x 256, characters",
        "threads": threads,
        "length": arguments.length,
        "temperature": arguments.temperature,
        "characters_per_second": round(arguments.length / seconds),
    }


if __name__ == "__main__":
    main()
