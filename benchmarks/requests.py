"""Sends random requests to exported models from several threads.

    python -m benchmarks.requests exports/tagger exports/translator --requests=500

Each folder is one that `zoo export` wrote. The requests have random lengths and contents; some are
empty batches. They are answered once by one thread, then in rounds by several threads. Prints for
each round the number of requests with another answer, and the resident memory. Exits with status 1
if an answer differs, or if the memory grows by more than `MEGABYTES` after the first round.
"""

import argparse
import concurrent.futures
import pathlib
import random
import sys
import time

import numpy as np
import tensorflow as tf

from benchmarks.machine import resident_megabytes

MEGABYTES = 20  # of growth; the allocator's own changes are some megabytes
TOLERANCE = 1e-5  # of scores and attention; texts, tags and lengths are equal
WORDS = (
    *("ab", "cd", "çay", "c\u0327ay", "one", "two", "NEVER!", "日本", "🙂", "\x00", "\u0301"),
    *("\ufeff", "a" * 300, "unseen", "?", "\u2028", "\r\n", "\t", "{}", "<unk>", "가"),
    "\u1112\u1161\u11ab",
)


def text(draw):
    """Return a random text, sometimes empty, sometimes long."""
    words = draw.choices(WORDS, k=draw.choice((0, 1, 3, 8, draw.randint(20, 60))))
    return draw.choice((" ", " ", "", ". ")).join(words)


def request(signature, seed):
    """Return the inputs of a random request of 0 to 6 rows to a signature `serve`."""
    draw = random.Random(seed)
    batch = draw.choice((0, 1, 1, 2, 6))
    specs = {spec.name: spec for spec in tf.nest.flatten(signature.structured_input_signature)}
    if "vectors" in specs:
        lengths = [draw.randint(0, 9) for _ in range(batch)]
        shape = (batch, max([0, *lengths]) + draw.randint(0, 2), specs["vectors"].shape[-1])
        vectors = np.random.default_rng(seed).normal(size=shape).astype("float32")
        vectors[np.arange(shape[1]) >= np.array(lengths, int)[:, None]] = np.nan
        return {"vectors": tf.constant(vectors), "lengths": tf.constant(lengths, tf.int32)}
    inputs = {"text": tf.constant([text(draw) for _ in range(batch)], tf.string, (batch,))}
    if "length" in specs:
        inputs |= {
            "length": tf.constant(draw.choice((0, 1, 17))),
            "temperature": tf.constant(draw.choice((0.0, 1.0))),
            "seed": tf.constant(draw.randint(0, 2**31 - 1)),
        }
    return inputs


def answer(signature, inputs):
    """Return the outputs of a signature as arrays."""
    return {name: value.numpy() for name, value in signature(**inputs).items()}


def same(found, expected):
    """Return whether two answers are equal, numbers up to `TOLERANCE`."""
    return found.keys() == expected.keys() and all(
        np.allclose(found[name], value, atol=TOLERANCE)
        if value.dtype.kind == "f"
        else np.array_equal(found[name], value)
        for name, value in expected.items()
    )


def newest(folder):
    """Return the folder of the newest version in the folder of an export."""
    return max(pathlib.Path(folder).glob("[0-9]*"), key=lambda version: int(version.name))


def send(folder, flags):
    """Send the requests to one model; return whether the answers and the memory are right."""
    module = tf.saved_model.load(str(newest(folder)))
    signature = module.signatures["serve"]
    requests = [request(signature, seed) for seed in range(flags.requests)]
    alone = [answer(signature, inputs) for inputs in requests]
    different, memory = 0, []
    with concurrent.futures.ThreadPoolExecutor(flags.threads) as pool:
        for number in range(1, flags.rounds + 1):
            start = time.monotonic()
            together = list(pool.map(lambda inputs: answer(signature, inputs), requests))
            seconds = time.monotonic() - start
            wrong = sum(not same(*pair) for pair in zip(together, alone, strict=True))
            different += wrong
            memory.append(resident_megabytes())
            print(
                f"{folder}, round {number}: {wrong} of {len(requests)} answers differ, "
                f"{memory[-1]:.0f} MB, {seconds:.1f} s",
                flush=True,
            )
    return not different and memory[-1] - memory[0] <= MEGABYTES


def parse_flags():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("exports", nargs="+", metavar="EXPORT", help="folders of exports")
    parser.add_argument("--requests", type=int, default=500, help="requests in a round")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=4)
    return parser.parse_args()


def main():
    flags = parse_flags()
    return 0 if all([send(folder, flags) for folder in flags.exports]) else 1


if __name__ == "__main__":
    sys.exit(main())
