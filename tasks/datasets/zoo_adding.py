"""The adding problem: the sum of two marked numbers of a sequence, a test of long memory."""

import numpy as np
import tensorflow_datasets as tfds

from tasks.data.generated import GeneratedBuilder
from tasks.data.roles import Example
from tasks.datasets import datasets


@datasets.register(
    "zoo_adding",
    licence="Apache-2.0",
    tags=("vectors", "regression", "generated", "long_memory"),
    difficulty=100,
)
class ZooAdding(GeneratedBuilder):
    """The adding problem; the configuration is the number of timesteps: `zoo_adding/600`.

    The number of timesteps is a whole number of at least 2. Features:

    * `vectors`, of shape (timesteps, 2): column 0 holds numbers drawn uniformly from [0, 1);
      column 1 is 1 at two timesteps, one in each half of the sequence, and 0 elsewhere.
    * `target`: the sum of the two marked numbers. Its mean is 1 and its variance 1/6, so the mean
      squared error of always predicting 1 is 1/6.

    The splits have 10,000 / 1,000 / 1,000 examples, drawn with a fixed seed per split and number of
    timesteps.

    Source: Hochreiter and Schmidhuber 1997, section 5.4, as simplified in Le, Jaitly and Hinton
    2015, section 4.1.
    """

    min_difficulty = 2
    difficulty_meaning = "a number of timesteps, at least one in each half"

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            # Bytes are written at once, a list of floats one number at a time.
            "vectors": tfds.features.Tensor(
                shape=(self.difficulty, 2), dtype=np.float32, encoding=tfds.features.Encoding.BYTES
            ),
            "target": tfds.features.Scalar(np.float32),
        }
        return self.dataset_info(
            features,
            "https://arxiv.org/abs/1504.00941",
            "@article{le2015simple, "
            "author = {Le, Quoc V. and Jaitly, Navdeep and Hinton, Geoffrey E.}, "
            "title = {A Simple Way to Initialize Recurrent Networks of Rectified Linear Units}, "
            "journal = {arXiv:1504.00941}, year = {2015}}",
        )

    @property
    def lag(self) -> int:
        """The lag of the earliest number that may be marked."""
        return self.difficulty - 1

    @property
    def shortest_lag(self) -> int:
        """The last number may be marked."""
        return 0

    def example(self, rng: np.random.Generator) -> Example:
        """Draw a sequence and its target."""
        timesteps, half = self.difficulty, self.difficulty // 2
        marked = [rng.integers(0, half), rng.integers(half, timesteps)]
        vectors = np.zeros((timesteps, 2), np.float32)
        vectors[:, 0] = rng.random(timesteps, np.float32)
        vectors[marked, 1] = 1.0
        return {"vectors": vectors, "target": vectors[marked, 0].sum()}
