"""Turkish sentences with manual part-of-speech tags, for tagging."""

import importlib.metadata
import pathlib
from collections.abc import Iterable, Iterator

import tensorflow_datasets as tfds

from tasks.data.roles import Example
from tasks.datasets import datasets
from zoo.errors import RequestError

TAGS = (
    "ADJ",
    "ADP",
    "ADV",
    "AFFIX",
    "CONJ",
    "DET",
    "NOUN",
    "NUM",
    "ONOM",
    "PRON",
    "PRT",
    "PUNCT",
    "VERB",
    "X",
)

# Pairs (word, tag).
Sentence = list[tuple[str, str]]


@datasets.register(
    "zoo_turkish_treebank", licence="Apache-2.0", tags=("words", "tagging", "turkish")
)
class ZooTurkishTreebank(tfds.core.GeneratorBasedBuilder):
    """The Turkish Web Treebank: 4,851 sentences of web pages and Wikipedia with gold tags.

    The sentences come from the package `turkish-treebanks`, those of web pages first. Sentence i,
    counted from 0, belongs to test if i % 10 == 9, otherwise to validation if i % 9 == 8, otherwise
    to train: 3,880 train, 486 validation and 485 test sentences. A word is an inflectional group,
    as in the treebank; multi-word tokens and empty nodes are skipped.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    "tokens": tfds.features.Sequence(tfds.features.Text()),
                    "upos": tfds.features.Sequence(tfds.features.ClassLabel(names=TAGS)),
                }
            ),
            homepage="https://github.com/google-research-datasets/turkish-treebanks",
            license="Apache-2.0",
            citation="@misc{turkish_web_treebank, "
            "author = {Kayadelen, Tolga and Ozturel, Adnan and Bohnet, Bernd}, "
            "title = {A Gold Standard Dependency Treebank for Turkish}, year = {2020}}",
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, Example]]]:
        sentences = [
            sentence for part in ("web", "wiki") for sentence in parse_sentences(_read_part(part))
        ]
        splits: dict[str, list[Sentence]] = {"train": [], "validation": [], "test": []}
        for index, sentence in enumerate(sentences):
            split = "test" if index % 10 == 9 else "validation" if index % 9 == 8 else "train"
            splits[split].append(sentence)
        return {split: self._generate_examples(part) for split, part in splits.items()}

    def _generate_examples(self, sentences: Iterable[Sentence]) -> Iterator[tuple[int, Example]]:
        for index, sentence in enumerate(sentences):
            yield (
                index,
                {
                    "tokens": [word for word, _ in sentence],
                    "upos": [tag for _, tag in sentence],
                },
            )


def parse_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in CoNLL-U format."""
    for block in text.split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and not line.startswith("#")]
        if rows:
            yield [(row[1], row[3]) for row in rows if row[0].isdigit()]


def _read_part(name: str) -> str:
    # The package's reader fails with current versions of protobuf, so read the files directly.
    try:
        files = importlib.metadata.files("turkish-treebanks") or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    for file in files:
        if file.as_posix() == f"data/{name}.conllu":
            return pathlib.Path(file.locate()).read_text(encoding="utf-8")
    raise RequestError(
        "zoo_turkish_treebank reads its text from the package turkish-treebanks, which is not "
        'installed: pip install "recurrent-zoo[corpora]"'
    )
