"""Whole training steps: tokens per second of a word language model in the zoo, in stock Keras and in PyTorch.

    python -m benchmarks.training --json=FILE

10,000 words, embeddings of 200, two LSTM layers of 200, batches of 20, truncated BPTT over 35 timesteps with carried
state, no dropout, Adam with clipping by the global norm. The zoo is run as `zoo train` runs it, stock Keras by `fit`,
PyTorch by the usual loop; they take turns of so many windows (`--windows`), each framework in a process of its own.
Figures are medians; a ratio is the zoo's tokens per second over the best peer's. The share of the softmax is what the
zoo's step loses when it predicts two classes in the place of the words.
"""

from benchmarks import language
from benchmarks.machine import cores, installed, machine, versions
from benchmarks.output import flags, give
from benchmarks.workers import workers
from zoo.turns import interleaved

FRAMEWORKS = {"tensorflow": "benchmarks.training_tensorflow", "torch": "benchmarks.training_torch"}


def main(argv=None):
    parser = flags(__doc__)
    parser.add_argument("--windows", type=int, default=20, help="training steps in a turn")
    given = parser.parse_args(argv)
    present = {name: module for name, module in FRAMEWORKS.items() if installed(name)}
    turns = {}
    with workers(present, given.threads) as running:
        for worker in running.values():
            names, _ = worker.call("prepare", given.windows)
            turns |= worker.turns(names, given.clock)
        seconds = interleaved(turns, given.rounds)
    tokens = {name: round(language.ROWS * language.TIMESTEPS * given.windows / each) for name, each in seconds.items()}
    without, ours = tokens.pop("without_softmax"), tokens.pop("zoo")
    best = max(tokens, key=tokens.get)
    row = {"model": "word language model", "zoo_tokens_per_second": ours, "peers": tokens, "best_peer": best,
           "ratio": round(ours / tokens[best], 3), "share_of_softmax": round(1 - ours / without, 3)}
    result = {"machine": machine(given.threads or cores(), clock=given.clock), "versions": versions(), "rows": [row]}
    give(result, given.json, ("", ">tokens a second"),
         [("zoo", f"{ours:,}"), *((name, f"{each:,}") for name, each in tokens.items()),
          ("zoo, two outputs", f"{without:,}")],
         f"Word language model: {row['ratio']:.2f} times {best}; the softmax takes {row['share_of_softmax']:.0%}")


if __name__ == "__main__":
    main()
