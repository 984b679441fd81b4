"""Person names with their language, for the classification of short strings by character."""

import importlib
import random
import re

import tensorflow_datasets as tfds

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
MOST_PER_LANGUAGE = 600
SEED = 0


@datasets.register(
    "zoo_names",
    licence="MIT",
    tags=("text", "classification", "multilingual"),
    defaults={"token": "char"},
)
class ZooNames(tfds.core.GeneratorBasedBuilder):
    """First and last names of people in 15 languages written in Latin script, from the package `Faker`.

    Single words only; a name that occurs in several of the languages is dropped; at most 600 names a language,
    drawn with a fixed seed. The shuffled list is cut into 80 % train, 10 % validation and 10 % test. The names
    are those of the installed Faker, so their number differs a little between its versions.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self):
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

    def _split_generators(self, dl_manager):
        examples = _examples()
        tenth = len(examples) // 10
        return {
            "train": self._generate_examples(examples[: -2 * tenth]),
            "validation": self._generate_examples(examples[-2 * tenth : -tenth]),
            "test": self._generate_examples(examples[-tenth:]),
        }

    def _generate_examples(self, examples):
        for number, (name, language) in enumerate(examples):
            yield number, {"name": name, "language": language}


def _examples():
    names = {language: _names(locale) for language, locale in LOCALES.items()}
    languages_of = {}
    for language, own in names.items():
        for name in own:
            languages_of.setdefault(name.casefold(), set()).add(language)
    chance = random.Random(SEED)
    examples = []
    for language, own in names.items():
        # Two spellings of one name would leak from train into test: the first stands for both.
        distinct = {name.casefold(): name for name in sorted(own, reverse=True)}
        kept = [name for key, name in distinct.items() if len(languages_of[key]) == 1]
        examples += [
            (name, language) for name in chance.sample(kept, min(len(kept), MOST_PER_LANGUAGE))
        ]
    chance.shuffle(examples)
    return examples


def _names(locale):
    """The distinct single-word names of one of Faker's locales."""
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError as error:
        raise RequestError(
            "zoo_names reads its names from the package Faker, which is not installed: "
            'pip install "recurrent-zoo[corpora]"'
        ) from error
    names = set()
    # Only the locale's own lists: inherited ones are English. Values are tuples, lists, or dicts of weights.
    for attribute, values in vars(provider).items():
        # Iceland's stems without a suffix are no names.
        if re.search("(first|last)_names(?!_without_suffix)", attribute) and isinstance(
            values, tuple | list | dict
        ):
            names.update(value for value in values if value.isalpha())
    return names
