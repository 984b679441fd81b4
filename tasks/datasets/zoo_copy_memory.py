"""Copy memory: repeat ten symbols after a delay, a test of long memory."""

import numpy as np
import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.data.roles import Example
from tasks.datasets import datasets

SYMBOLS, BLANK, DELIMITER = "abcdefgh", ".", "?"
COPIED = 10  # Symbols per sequence.


@datasets.register(
    "zoo_copy_memory",
    licence="Apache-2.0",
    tags=("text", "generated", "long_memory"),
    difficulty=100,
)
class ZooCopyMemory(GeneratedBuilder):
    """Copy memory; the configuration is the delay T in timesteps: `zoo_copy_memory/100`.

    The delay is a whole number of at least 1. Features, each of T + 20 characters:

    * `text`: ten symbols drawn from a to h, T - 1 blanks (.), a delimiter (?), and ten blanks.
    * `answer`: T + 10 blanks, then the ten symbols.

    A predictor without memory outputs blanks, then guesses the ten symbols among eight, at a loss
    of 10 ln 8 / (T + 20) nats per token. The splits have 10,000 / 1,000 / 1,000 examples, drawn
    with a fixed seed per split and delay.

    Source: Hochreiter and Schmidhuber 1997, as stated in Arjovsky, Shah and Bengio 2016,
    section 5.1.
    """

    difficulty_meaning = "a delay in timesteps"

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info(
            {"text": tfds.features.Text(), "answer": tfds.features.Text()},
            "https://arxiv.org/abs/1511.06464",
            "@inproceedings{arjovsky2016unitary, "
            "author = {Arjovsky, Martin and Shah, Amar and Bengio, Yoshua}, "
            "title = {Unitary Evolution Recurrent Neural Networks}, "
            "booktitle = {ICML}, year = {2016}}",
        )

    @property
    def lag(self) -> int:
        """The lag between a symbol and its copy."""
        return self.difficulty + COPIED

    def example(self, rng: np.random.Generator) -> Example:
        """Draw a text and its answer."""
        copied = "".join(SYMBOLS[k] for k in rng.integers(0, len(SYMBOLS), COPIED))
        return {
            "text": copied + BLANK * (self.difficulty - 1) + DELIMITER + BLANK * COPIED,
            "answer": BLANK * (self.difficulty + COPIED) + copied,
        }
