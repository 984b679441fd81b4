"""Base class of the generated datasets; the name of a configuration is its difficulty."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds

from tasks.data.dataset_name import MAX_DIGITS
from tasks.data.roles import Example
from zoo.errors import RequestError

SPLIT_SIZES = {"train": 10_000, "validation": 1_000, "test": 1_000}


@dataclasses.dataclass
class DifficultyConfig(tfds.core.BuilderConfig):
    """The configuration of a generated dataset; its name is its difficulty: `zoo_adding/600`."""

    difficulty: int = 100


@functools.cache
def _config(difficulty: int) -> DifficultyConfig:
    return DifficultyConfig(
        name=str(difficulty), description=f"Difficulty {difficulty}.", difficulty=difficulty
    )


class GeneratedBuilder(
    tfds.core.GeneratorBasedBuilder,
    skip_registration=True,  # type: ignore[call-arg]  # TFDS ships no types
):
    """Base class of a TFDS builder whose examples are drawn at random.

    A dataset has 10,000 / 1,000 / 1,000 examples (train, validation, test), drawn with a fixed
    seed per split and difficulty. A subclass overrides `example` and calls `dataset_info` in
    `_info`.

    Attributes:
        min_difficulty: the smallest difficulty.
        difficulty_meaning: a noun phrase for the difficulty, such as "a delay in timesteps", for
            messages.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [_config(100)]

    min_difficulty: ClassVar[int] = 1
    difficulty_meaning: ClassVar[str] = ""

    @classmethod
    def get_builder_config(cls, name: str, version: str | None = None) -> DifficultyConfig:
        """Return the configuration of a name; TFDS calls this method for every requested name.

        Raises:
            RequestError: the name is not a whole number of at least `min_difficulty`.
        """
        is_number = name.isascii() and name.isdigit() and not name.startswith("0")
        is_number = is_number and len(name) <= MAX_DIGITS
        if not is_number or int(name) < cls.min_difficulty:
            raise RequestError(
                f"{cls.name}/{name}: {name!r} is not {cls.difficulty_meaning}; write a whole "
                f"number from {cls.min_difficulty} up, such as {cls.name}/100."
            )
        return _config(int(name))

    @property
    def difficulty(self) -> int:
        """The difficulty of this configuration."""
        return self.builder_config.difficulty

    @property
    def lag(self) -> int:
        """The largest number of timesteps between an output and an input that it depends on."""
        return self.difficulty

    @property
    def shortest_lag(self) -> int:
        """The smallest such number from which something can be learned."""
        return self.lag

    def example(self, rng: np.random.Generator) -> Example:
        """Draw an example: a dict of feature name to value."""
        raise NotImplementedError

    def dataset_info(
        self, features: dict[str, Any], homepage: str, citation: str
    ) -> tfds.core.DatasetInfo:
        """Return the `DatasetInfo` of the dataset.

        Args:
            features: dict of feature name to TFDS feature.
            homepage: the URL of the paper.
            citation: the paper's BibTeX entry.
        """
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(features),
            homepage=homepage,
            citation=citation,
            license="Apache-2.0",
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, Example]]]:
        return {
            split: self._generate_examples(seed, count)
            for seed, (split, count) in enumerate(SPLIT_SIZES.items())
        }

    def _generate_examples(self, seed: int, count: int) -> Iterator[tuple[int, Example]]:
        yield from enumerate(self.examples(seed, count))

    def examples(self, seed: int, count: int) -> Iterator[Example]:
        """Draw examples.

        Args:
            seed: the position of the split in `SPLIT_SIZES`.
            count: the number of examples.
        """
        rng = np.random.default_rng([seed, self.difficulty])
        return (self.example(rng) for _ in range(count))


def draw(
    builder: type[GeneratedBuilder], difficulty: int, count: int, split: str = "train"
) -> list[Example]:
    """Draw examples of a generated dataset, without preparing it on the disk.

    Args:
        builder: the class of the dataset.
        difficulty: its difficulty.
        count: the number of examples, the first ones of the split.
        split: the split.

    Example:
        >>> from tasks import datasets
        >>> from tasks.data.generated import draw
        >>> draw(datasets.get("zoo_adding"), 5, 2)[0]["vectors"].shape
        (5, 2)
    """
    dataset = builder(config=str(difficulty))
    return list(dataset.examples(list(SPLIT_SIZES).index(split), count))
