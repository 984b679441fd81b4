"""Sizes and text of the word language model in `benchmarks.training`, common to all libraries."""

import numpy as np

OUTPUTS, EMBEDDING, UNITS, LAYERS = 10_000, 200, 200, 2
ROWS, TIMESTEPS = 20, 35
SAMPLED = 1000  # negative classes of the sampled softmax
CLIP, RATE = 5.0, 1e-3  # global_clipnorm; learning rate of Adam
# The zoo adds ids for padding and an unknown word.
WORDS = [f"w{number}" for number in range(OUTPUTS - 2)]


def text(windows):
    """Return a text of `windows` windows and one more word, with word frequencies by Zipf's law."""
    ranks = np.random.default_rng(0).zipf(1.2, ROWS * TIMESTEPS * windows + 1) % len(WORDS)
    return " ".join(WORDS[rank] for rank in ranks)


def windows(text):
    """Return inputs and targets, each (windows, rows, timesteps), as consecutive windows."""
    numbers = {word: number for number, word in enumerate(WORDS, start=2)}
    ids = np.array([numbers[word] for word in text.split()], "int32")
    return [
        part.reshape(ROWS, -1, TIMESTEPS).transpose(1, 0, 2).copy() for part in (ids[:-1], ids[1:])
    ]
