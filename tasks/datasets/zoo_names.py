"""Names of people and their languages, for classification by character."""

import pkgutil
import random
import re
from collections.abc import Iterable, Iterator

import tensorflow_datasets as tfds

from tasks.data.roles import Example
from tasks.datasets import datasets
from zoo.errors import RequestError

LOCALES = {
    "croatian": "hr_HR",
    "dutch": "nl_NL",
    "english": "en_US",
    "finnish": "fi_FI",
    "french": "fr_FR",
    "german": "de_DE",
    "icelandic": "is_IS",
    "indonesian": "id_ID",
    "italian": "it_IT",
    "polish": "pl_PL",
    "romanian": "ro_RO",
    "spanish": "es_ES",
    "swedish": "sv_SE",
    "turkish": "tr_TR",
    "zulu": "zu_ZA",
}
MAX_NAMES_PER_LANGUAGE = 600
SEED = 0
# The Icelandic locale also has lists of stems without a suffix, which are not names.
_NAME_LISTS = re.compile("(first|last)_names(?!_without_suffix)")


@datasets.register(
    "zoo_names",
    licence="MIT",
    tags=("text", "classification", "multilingual"),
    defaults={"token": "char"},
)
class ZooNames(tfds.core.GeneratorBasedBuilder):
    """First and last names of people in 15 languages written in Latin script.

    The names come from the installed version of the package `Faker`, so their number differs a
    little between versions. Only names of one word are used, and none that occurs in several of the
    languages; at most 600 names per language are drawn with a fixed seed. The shuffled list is
    split into 80 % train, 10 % validation and 10 % test.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    "name": tfds.features.Text(),
                    "language": tfds.features.ClassLabel(names=list(LOCALES)),
                }
            ),
            homepage="https://github.com/joke2k/faker",
            license="MIT",
            citation="@misc{faker, author = {Faraglia, Daniele and others}, title = {Faker}, "
            "howpublished = {https://github.com/joke2k/faker}}",
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, Example]]]:
        examples = draw_names()
        tenth = len(examples) // 10
        return {
            "train": self._generate_examples(examples[: -2 * tenth]),
            "validation": self._generate_examples(examples[-2 * tenth : -tenth]),
            "test": self._generate_examples(examples[-tenth:]),
        }

    def _generate_examples(
        self, examples: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[int, Example]]:
        for index, (name, language) in enumerate(examples):
            yield index, {"name": name, "language": language}


def draw_names() -> list[tuple[str, str]]:
    """Return pairs (name, language), drawn and shuffled with a fixed seed."""
    names = {language: names_of_locale(locale) for language, locale in LOCALES.items()}
    languages_of: dict[str, set[str]] = {}
    for language, names_of_language in names.items():
        for name in names_of_language:
            languages_of.setdefault(name.casefold(), set()).add(language)
    rng = random.Random(SEED)
    examples = []
    for language, names_of_language in names.items():
        # Only the first of several spellings is used: another one could leak from train into test.
        distinct = {name.casefold(): name for name in sorted(names_of_language, reverse=True)}
        unambiguous = [name for key, name in distinct.items() if len(languages_of[key]) == 1]
        drawn = rng.sample(unambiguous, min(len(unambiguous), MAX_NAMES_PER_LANGUAGE))
        examples += [(name, language) for name in drawn]
    rng.shuffle(examples)
    return examples


def names_of_locale(locale: str) -> set[str]:
    """Return the single-word names of one of Faker's locales.

    Args:
        locale: a code, such as "fr_FR".

    Raises:
        RequestError: Faker is not installed.
    """
    try:
        provider = pkgutil.resolve_name(f"faker.providers.person.{locale}:Provider")
    except ModuleNotFoundError as error:
        raise RequestError(
            "zoo_names reads its names from the package Faker, which is not installed: "
            'pip install "recurrent-zoo[corpora]"'
        ) from error
    names: set[str] = set()
    # `vars` omits inherited lists, which are English. Dicts map names to their frequencies.
    for attribute, values in vars(provider).items():
        if _NAME_LISTS.search(attribute) and isinstance(values, tuple | list | dict):
            names.update(value for value in values if value.isalpha())
    return names
