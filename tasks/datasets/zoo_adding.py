"""The adding problem: a sum of two numbers that lie far apart, for testing long memory."""

import dataclasses
import functools

import numpy as np
import tensorflow_datasets as tfds

from tasks.datasets import datasets
from zoo.errors import RequestError

EXAMPLES = {"train": 10_000, "validation": 1_000, "test": 1_000}


@dataclasses.dataclass
class AddingConfig(tfds.core.BuilderConfig):
    """`timesteps`: the length of every sequence."""

    timesteps: int = 100


@functools.cache
def _config(timesteps):
    return AddingConfig(
        name=str(timesteps), description=f"Sequences of {timesteps} timesteps.", timesteps=timesteps
    )


@datasets.register("zoo_adding", licence="Apache-2.0", tags=("vectors", "regression", "generated", "long_memory"))
class ZooAdding(tfds.core.GeneratorBasedBuilder):
    """The adding problem; the configuration names the timesteps: `zoo_adding/600`, any whole number from 2 up.

    vectors (timesteps, 2): column 0 holds numbers drawn evenly from [0, 1); column 1 is 1 at two timesteps, one
    in each half of the sequence, and 0 elsewhere. target: the sum of the two marked numbers, of mean 1 and
    variance 1/6, so 1/6 is the mean squared error of always answering 1. Drawn with a fixed seed per split and
    number of timesteps: 10,000 / 1,000 / 1,000.
    Source: Hochreiter and Schmidhuber 1997, section 5.4, as simplified in Le, Jaitly and Hinton 2015, section 4.1.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [_config(100)]

    @classmethod
    def get_builder_config(cls, name, version=None):
        """The configuration of that many timesteps; TFDS asks here for every name. Raises RequestError."""
        if not (name.isascii() and name.isdigit() and not name.startswith("0") and int(name) >= 2):
            raise RequestError(
                f"zoo_adding/{name}: {name!r} is not a number of timesteps; write a whole number from 2 up, "
                "one marked timestep for each half: zoo_adding/100"
            )
        return _config(int(name))

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    # As bytes an example is written in one piece; as a list of floats, one number at a time.
                    "vectors": tfds.features.Tensor(
                        shape=(self.builder_config.timesteps, 2),
                        dtype=np.float32,
                        encoding=tfds.features.Encoding.BYTES,
                    ),
                    "target": tfds.features.Scalar(np.float32),
                }
            ),
            homepage="https://arxiv.org/abs/1504.00941",
            license="Apache-2.0",
            citation="@article{le2015simple, author = {Le, Quoc V. and Jaitly, Navdeep and Hinton, Geoffrey E.}, "
            "title = {A Simple Way to Initialize Recurrent Networks of Rectified Linear Units}, "
            "journal = {arXiv:1504.00941}, year = {2015}}",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(seed, count) for seed, (split, count) in enumerate(EXAMPLES.items())}

    def _generate_examples(self, seed, count):
        timesteps = self.builder_config.timesteps
        half = timesteps // 2
        chance = np.random.default_rng([seed, timesteps])
        for number in range(count):
            marked = [chance.integers(0, half), chance.integers(half, timesteps)]
            vectors = np.zeros((timesteps, 2), np.float32)
            vectors[:, 0] = chance.random(timesteps, np.float32)
            vectors[marked, 1] = 1.0
            yield number, {"vectors": vectors, "target": vectors[marked, 0].sum()}
