"""Delayed recall: the class shown at the beginning is to be named after many distractors, for testing long memory."""

import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.datasets import datasets

CLASSES, DISTRACTORS = "ABCDEFGH", "abcdefgh"


@datasets.register(
    "zoo_delayed_recall",
    licence="Apache-2.0",
    tags=("text", "classification", "generated", "long_memory"),
    difficulty=100,
)
class ZooDelayedRecall(GeneratedBuilder):
    """Delayed recall; the configuration names the delay T: `zoo_delayed_recall/100`, any whole number from 1 up.

    text: a capital letter from A to H, then T small letters drawn from a to h, which say nothing. label: the capital
    letter, so 1/8 is the accuracy of guessing. Drawn with a fixed seed per split and delay: 10,000 / 1,000 / 1,000.
    Source: the task of Hochreiter and Schmidhuber 1997, section 5.2, with distractors that cannot be foreseen.
    """

    meaning = "a delay in timesteps"

    def _info(self):
        return self._info_of(
            {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=list(CLASSES))},
            "https://doi.org/10.1162/neco.1997.9.8.1735",
            '@article{hochreiter1997long, author = {Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen}, '
            "title = {Long Short-Term Memory}, journal = {Neural Computation}, year = {1997}}",
        )

    def example(self, chance):
        label = CLASSES[chance.integers(0, len(CLASSES))]
        distractors = "".join(
            DISTRACTORS[k] for k in chance.integers(0, len(DISTRACTORS), self.difficulty)
        )
        return {"text": label + distractors, "label": label}
