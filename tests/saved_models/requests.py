"""Random requests to exported models."""

import random

import numpy as np
import tensorflow as tf

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
