"""Characters per second of an exported character language model that goes on with one prompt.

    python -m benchmarks.generation --json=FILE

One LSTM layer of 256 units over 64 characters, trained for a moment, exported by the zoo, loaded as anyone would.
"""

from benchmarks.machine import cores, machine, versions
from benchmarks.output import flags, give
from benchmarks.workers import workers


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("--length", type=int, default=5000, help="characters of a sequence")
    parser.add_argument("--temperature", type=float, default=0.8)
    given = parser.parse_args(argv)
    described = machine(given.threads or cores(), clock=given.clock)
    with workers({"tensorflow": "benchmarks.generation_tensorflow"}, given.threads) as running:
        seconds = running["tensorflow"].call("measure", given.length, given.temperature, given.rounds, given.clock)
    row = {"model": "lstm, 1 x 256, characters", "length": given.length, "temperature": given.temperature,
           "characters_per_second": round(given.length / seconds)}
    give({"machine": described, "versions": versions(), "rows": [row]}, given.json,
         ("model", ">characters", ">temperature", ">characters a second"),
         [(row["model"], row["length"], row["temperature"], f"{row['characters_per_second']:,}")], "One sequence")


if __name__ == "__main__":
    main()
