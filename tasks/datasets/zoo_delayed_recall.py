"""Delayed recall: recognize the first symbol of a sequence after many distractors."""

import numpy as np
import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.data.roles import Example
from tasks.datasets import datasets

CLASSES, DISTRACTORS = "ABCDEFGH", "abcdefgh"


@datasets.register(
    "zoo_delayed_recall",
    licence="Apache-2.0",
    tags=("text", "classification", "generated", "long_memory"),
    difficulty=100,
)
class ZooDelayedRecall(GeneratedBuilder):
    """Delayed recall; the configuration is the delay T in timesteps: `zoo_delayed_recall/100`.

    The delay is a whole number of at least 1. Features:

    * `text`: a capital letter from A to H, then T lower case letters drawn from a to h, which are
      independent of it.
    * `label`: the capital letter. The accuracy of guessing is 1/8.

    The splits have 10,000 / 1,000 / 1,000 examples, drawn with a fixed seed per split and delay.

    Source: the task of Hochreiter and Schmidhuber 1997, section 5.2, with unpredictable
    distractors.
    """

    difficulty_meaning = "a delay in timesteps"

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info(
            {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=list(CLASSES))},
            "https://doi.org/10.1162/neco.1997.9.8.1735",
            "@article{hochreiter1997long, "
            'author = {Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen}, '
            "title = {Long Short-Term Memory}, journal = {Neural Computation}, year = {1997}}",
        )

    def example(self, rng: np.random.Generator) -> Example:
        """Draw a text and its label."""
        label = CLASSES[rng.integers(0, len(CLASSES))]
        indices = rng.integers(0, len(DISTRACTORS), self.difficulty)
        return {"text": label + "".join(DISTRACTORS[k] for k in indices), "label": label}
