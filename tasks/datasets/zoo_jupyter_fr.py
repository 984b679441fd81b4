"""Messages of Jupyter in English and French, for translation."""

import importlib.metadata
import json
import pathlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tensorflow_datasets as tfds

from tasks.data.roles import Example
from tasks.datasets import datasets
from zoo.errors import RequestError

PACKAGE = "jupyterlab-language-pack-fr-FR"


@datasets.register(
    "zoo_jupyter_fr", licence="BSD-3-Clause", tags=("text", "translation", "english", "french")
)
class ZooJupyterFr(tfds.core.GeneratorBasedBuilder):
    """About 3,090 messages of JupyterLab and its extensions, in English and French.

    The messages come from the package `jupyterlab-language-pack-fr-FR`. Each run of white space
    becomes one space, and only the singular of a message is used. Of messages that differ only in
    case or final punctuation, only the first one is used; messages without a letter or without a
    translation are dropped. The checksum of a message determines its split, which is therefore the
    same in other versions of the package: about a tenth each is test and validation, the rest is
    train.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.Translation(languages=("en", "fr")),
            supervised_keys=("en", "fr"),
            homepage="https://github.com/jupyterlab/language-packs",
            license="BSD-3-Clause",
            citation="@misc{jupyterlab_language_packs, "
            "author = {{Project Jupyter Contributors}}, title = {JupyterLab Language Packs}, "
            "howpublished = {https://github.com/jupyterlab/language-packs}}",
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, Example]]]:
        splits: dict[str, list[tuple[str, str]]] = {"train": [], "validation": [], "test": []}
        for key, pair in message_pairs(read_catalogues()).items():
            remainder = zlib.crc32(key.encode()) % 10
            splits[{0: "test", 1: "validation"}.get(remainder, "train")].append(pair)
        return {split: self._generate_examples(pairs) for split, pairs in splits.items()}

    def _generate_examples(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[int, Example]]:
        for index, (english, french) in enumerate(pairs):
            yield index, {"en": english, "fr": french}


def read_catalogues() -> list[dict[str, Any]]:
    """Return the catalogues, dicts of message to translations, in order of their file names.

    Raises:
        RequestError: the package is not installed.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    catalogues = [file for file in files if file.match("LC_MESSAGES/*.json")]
    if not catalogues:
        raise RequestError(
            f"zoo_jupyter_fr reads its text from the package {PACKAGE}, which is not installed: "
            'pip install "recurrent-zoo[corpora]"'
        )
    paths = (pathlib.Path(file.locate()) for file in sorted(catalogues))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def message_pairs(catalogues: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return pairs (message, translation) by message without case and final punctuation.

    Messages without a letter or without a translation are dropped; of several messages with the
    same key, the first one is returned.
    """
    pairs: dict[str, tuple[str, str]] = {}
    for catalogue in catalogues:
        for message, translations in catalogue.items():
            if not isinstance(translations, list):  # The entry "" describes the catalogue.
                continue
            # A context before \x04 distinguishes messages of the same words.
            english = " ".join(message.rpartition("\x04")[2].split())
            french = " ".join(translations[0].split())
            if french and any(map(str.isalpha, english)):
                pairs.setdefault(english.casefold().rstrip(" .:!?…"), (english, french))
    return pairs
