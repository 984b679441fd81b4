"""Messages of Jupyter in English and French, for translation."""

import importlib.metadata
import json
import zlib

import tensorflow_datasets as tfds

from tasks.datasets import datasets
from zoo.errors import RequestError

PACKAGE = "jupyterlab-language-pack-fr-FR"


@datasets.register(
    "zoo_jupyter_fr", licence="BSD-3-Clause", tags=("text", "translation", "english", "french")
)
class ZooJupyterFr(tfds.core.GeneratorBasedBuilder):
    """About 3,090 messages of JupyterLab and its extensions, in English and in French, from the package
    `jupyterlab-language-pack-fr-FR`.

    White space is one space and of a plural the singular is taken. Of messages that differ in case or closing marks
    alone the first stays; those without a letter or a translation are left out. A message's checksum says its split,
    so that another version of the package moves none: a tenth each goes to test and validation, the rest to train.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.Translation(languages=("en", "fr")),
            supervised_keys=("en", "fr"),
            homepage="https://github.com/jupyterlab/language-packs",
            license="BSD-3-Clause",
            citation="@misc{jupyterlab_language_packs, author = {{Project Jupyter Contributors}}, "
            "title = {JupyterLab Language Packs}, howpublished = {https://github.com/jupyterlab/language-packs}}",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        parts = {"train": [], "validation": [], "test": []}
        for key, pair in _messages(_catalogues()).items():
            parts[{0: "test", 1: "validation"}.get(zlib.crc32(key.encode()) % 10, "train")].append(
                pair
            )
        return {split: self._generate_examples(pairs) for split, pairs in parts.items()}

    def _generate_examples(self, pairs):
        for number, (english, french) in enumerate(pairs):
            yield number, {"en": english, "fr": french}


def _catalogues():
    """The package's catalogues, each a dict from a message to its translations, in the order of their names."""
    try:
        files = importlib.metadata.files(PACKAGE) or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    found = [file for file in files if file.match("LC_MESSAGES/*.json")]
    if not found:
        raise RequestError(
            f"zoo_jupyter_fr reads its text from the package {PACKAGE}, which is not installed: "
            'pip install "recurrent-zoo[corpora]"'
        )
    return [json.loads(file.locate().read_text(encoding="utf-8")) for file in sorted(found)]


def _messages(catalogues):
    """What a message is known by -> the message and its translation; those without one are left out."""
    messages = {}
    for catalogue in catalogues:
        for message, translations in catalogue.items():
            if not isinstance(translations, list):  # the entry "" says what the catalogue is
                continue
            # Before \x04 stands the context that tells apart messages of the same words.
            pair = tuple(
                " ".join(text.split()) for text in (message.rpartition("\x04")[2], translations[0])
            )
            if pair[1] and any(map(str.isalpha, pair[0])):
                messages.setdefault(pair[0].casefold().rstrip(" .:!?…"), pair)
    return messages
