"""Base class of the generated datasets: no texts to fetch, and a number that says how difficult they are."""

import dataclasses
import functools

import numpy as np
import tensorflow_datasets as tfds

from zoo.errors import RequestError

EXAMPLES = {"train": 10_000, "validation": 1_000, "test": 1_000}


@dataclasses.dataclass
class Difficulty(tfds.core.BuilderConfig):
    """A configuration is named by its difficulty: `zoo_adding/600`."""

    difficulty: int = 100


@functools.cache
def _named(difficulty):
    return Difficulty(
        name=str(difficulty), description=f"Of difficulty {difficulty}.", difficulty=difficulty
    )


class GeneratedBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """10,000 / 1,000 / 1,000 examples, drawn with a fixed seed per split and difficulty.

    A subclass gives `least` (the smallest difficulty), `meaning` (of the number, to print) and `example`, and passes
    its features to `_info_of`.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [_named(100)]
    least, meaning = 1, ""

    @classmethod
    def get_builder_config(cls, name, version=None):
        """The configuration of that difficulty; TFDS asks here for every name. Raises RequestError."""
        if not (
            name.isascii()
            and name.isdigit()
            and not name.startswith("0")
            and int(name) >= cls.least
        ):
            raise RequestError(
                f"{cls.name}/{name}: {name!r} is not {cls.meaning}; write a whole number from "
                f"{cls.least} up: {cls.name}/100"
            )
        return _named(int(name))

    @property
    def difficulty(self):
        return self.builder_config.difficulty

    def example(self, chance):
        """One example, drawn from a NumPy generator."""
        raise NotImplementedError

    def _info_of(self, features, homepage, citation):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(features),
            homepage=homepage,
            citation=citation,
            license="Apache-2.0",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {
            split: self._generate_examples(seed, count)
            for seed, (split, count) in enumerate(EXAMPLES.items())
        }

    def _generate_examples(self, seed, count):
        chance = np.random.default_rng([seed, self.difficulty])
        for number in range(count):
            yield number, self.example(chance)
