"""The word language model of `benchmarks.training`, and a text for it: the same sizes for every contender."""

import numpy as np

OUTPUTS, EMBEDDING, UNITS, LAYERS = 10_000, 200, 200, 2
ROWS, TIMESTEPS = 20, 35
DRAWN = 1000  # words of the sampled softmax
CLIP, RATE = 5.0, 1e-3  # of the gradient's global norm, and of Adam, alike in all
WORDS = [
    f"w{number}" for number in range(OUTPUTS - 2)
]  # the zoo has ids for padding and an unknown word, too


def text(windows):
    """So many windows of words and one more: frequent ones more often, as in a language."""
    ranks = np.random.default_rng(0).zipf(1.2, ROWS * TIMESTEPS * windows + 1) % len(WORDS)
    return " ".join(WORDS[rank] for rank in ranks)


def windows(text):
    """(inputs, targets), each (windows, rows, timesteps): consecutive windows of parallel streams."""
    numbers = {word: number for number, word in enumerate(WORDS, start=2)}
    ids = np.array([numbers[word] for word in text.split()], "int32")
    return [
        part.reshape(ROWS, -1, TIMESTEPS).transpose(1, 0, 2).copy() for part in (ids[:-1], ids[1:])
    ]
