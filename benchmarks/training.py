"""Tokens per second of training a word language model: the zoo, stock Keras and PyTorch.

    python -m benchmarks.training --json=FILE

10,000 words, embeddings of 200, two LSTM layers of 200, batches of 20, truncated BPTT over 35
timesteps with carried state, no dropout, Adam with clipping by the global norm. The zoo is run as
`zoo train` runs it, stock Keras by `fit`, PyTorch by the usual loop; they are timed in
interleaved runs of `--windows` windows, each framework in a process of its own. Figures are
medians; a ratio is the zoo's tokens per second over the best peer's. The second row is the same
model trained with the zoo's sampled softmax of 1,000 words, beside the peers' full softmax:
the two optimize different objectives. The share of the softmax is the fraction of the zoo's time
that two classes instead of 10,000 words save.
"""

from benchmarks import language
from benchmarks.machine import installed, machine, versions
from benchmarks.output import flags, print_result
from benchmarks.workers import workers
from zoo.startup import cores
from zoo.timing.interleaving import interleaved

FRAMEWORKS = {
    "tensorflow": "benchmarks.training_tensorflow",
    "keras": "benchmarks.training_keras",
    "torch": "benchmarks.training_torch",
}


def _row(model, ours, peers, best, without):
    """Return the record of one of the zoo's models beside its peers, in tokens per second."""
    return {
        "model": model,
        "zoo_tokens_per_second": ours,
        "peers": peers,
        "best_peer": best,
        "ratio": round(ours / peers[best], 3),
        "share_of_softmax": round(1 - ours / without, 3),
    }


def _arguments(argv):
    parser = flags(__doc__)
    parser.add_argument("--windows", type=int, default=20, help="training steps of a timed run")
    return parser.parse_args(argv)


def main(argv=None):
    arguments = _arguments(argv)
    present = {name: module for name, module in FRAMEWORKS.items() if installed(name)}
    candidates = {}
    with workers(present, arguments.threads) as running:
        for worker in running.values():
            names, _ = worker.call("prepare", arguments.windows)
            candidates |= worker.candidates(names, arguments.clock)
        seconds = interleaved(candidates, arguments.rounds)
    tokens = {
        name: round(language.ROWS * language.TIMESTEPS * arguments.windows / each)
        for name, each in seconds.items()
    }
    without = tokens.pop("without_softmax")
    ours = {
        "word language model": tokens.pop("zoo"),
        "the same, sampled softmax": tokens.pop("zoo_sampled"),
    }
    best = max(tokens, key=tokens.get)
    rows = [_row(model, each, tokens, best, without) for model, each in ours.items()]
    result = {
        "machine": machine(arguments.threads or cores(), clock=arguments.clock),
        "versions": versions(),
        "rows": rows,
    }
    print_result(
        result,
        arguments.json,
        ("", ">tokens per second"),
        [
            *((f"zoo, {name}", f"{each:,}") for name, each in ours.items()),
            *((name, f"{each:,}") for name, each in tokens.items()),
            ("zoo, two outputs", f"{without:,}"),
        ],
        "; ".join(
            f"{row['model']}: {row['ratio']:.2f} times {best}, "
            f"the softmax takes {row['share_of_softmax']:.0%}"
            for row in rows
        ),
    )


if __name__ == "__main__":
    main()
