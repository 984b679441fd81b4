"""The adding problem: a sum of two numbers that lie far apart, for testing long memory."""

import numpy as np
import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.datasets import datasets


@datasets.register(
    "zoo_adding",
    licence="Apache-2.0",
    tags=("vectors", "regression", "generated", "long_memory"),
    difficulty=100,
)
class ZooAdding(GeneratedBuilder):
    """The adding problem; the configuration names the timesteps: `zoo_adding/600`, any whole number from 2 up.

    vectors (timesteps, 2): column 0 holds numbers drawn evenly from [0, 1); column 1 is 1 at two timesteps, one
    in each half of the sequence, and 0 elsewhere. target: the sum of the two marked numbers, of mean 1 and
    variance 1/6, so 1/6 is the mean squared error of always answering 1. Drawn with a fixed seed per split and
    number of timesteps: 10,000 / 1,000 / 1,000.
    Source: Hochreiter and Schmidhuber 1997, section 5.4, as simplified in Le, Jaitly and Hinton 2015, section 4.1.
    """

    least, meaning = 2, "a number of timesteps, one to be marked in each half"

    def _info(self):
        features = {
            # As bytes an example is written in one piece; as a list of floats, one number at a time.
            "vectors": tfds.features.Tensor(
                shape=(self.difficulty, 2), dtype=np.float32, encoding=tfds.features.Encoding.BYTES
            ),
            "target": tfds.features.Scalar(np.float32),
        }
        return self._info_of(
            features,
            "https://arxiv.org/abs/1504.00941",
            "@article{le2015simple, author = {Le, Quoc V. and Jaitly, Navdeep and Hinton, Geoffrey E.}, "
            "title = {A Simple Way to Initialize Recurrent Networks of Rectified Linear Units}, "
            "journal = {arXiv:1504.00941}, year = {2015}}",
        )

    def example(self, chance):
        timesteps, half = self.difficulty, self.difficulty // 2
        marked = [chance.integers(0, half), chance.integers(half, timesteps)]
        vectors = np.zeros((timesteps, 2), np.float32)
        vectors[:, 0] = chance.random(timesteps, np.float32)
        vectors[marked, 1] = 1.0
        return {"vectors": vectors, "target": vectors[marked, 0].sum()}
