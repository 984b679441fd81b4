"""Copy memory: ten symbols are to be said again after a delay, for testing long memory."""

import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.datasets import datasets

SYMBOLS, BLANK, DELIMITER = "abcdefgh", ".", "?"
COPIED = 10  # symbols of a sequence


@datasets.register(
    "zoo_copy_memory",
    licence="Apache-2.0",
    tags=("text", "generated", "long_memory"),
    difficulty=100,
)
class ZooCopyMemory(GeneratedBuilder):
    """Copy memory; the configuration names the delay T: `zoo_copy_memory/100`, any whole number from 1 up.

    text: ten symbols drawn from a to h, T - 1 blanks (.), a delimiter (?), ten blanks; T + 20 characters in all.
    answer, of the same length: T + 10 blanks, then the ten symbols. Who has no memory says blanks and draws the ten
    from the eight, which costs 10 ln 8 / (T + 20) nats per token. Drawn with a fixed seed per split and delay:
    10,000 / 1,000 / 1,000.
    Source: Hochreiter and Schmidhuber 1997, as stated in Arjovsky, Shah and Bengio 2016, section 5.1.
    """

    meaning = "a delay in timesteps"

    def _info(self):
        return self._info_of(
            {"text": tfds.features.Text(), "answer": tfds.features.Text()},
            "https://arxiv.org/abs/1511.06464",
            "@inproceedings{arjovsky2016unitary, author = {Arjovsky, Martin and Shah, Amar and Bengio, Yoshua}, "
            "title = {Unitary Evolution Recurrent Neural Networks}, booktitle = {ICML}, year = {2016}}",
        )

    def example(self, chance):
        copied = "".join(SYMBOLS[k] for k in chance.integers(0, len(SYMBOLS), COPIED))
        return {
            "text": copied + BLANK * (self.difficulty - 1) + DELIMITER + BLANK * COPIED,
            "answer": BLANK * (self.difficulty + COPIED) + copied,
        }
