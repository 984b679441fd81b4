"""Turkish sentences with part-of-speech tags made by hand, for tagging."""

import importlib.metadata

import tensorflow_datasets as tfds

from tasks.datasets import datasets
from zoo.errors import RequestError

TAGS = (
    "ADJ", "ADP", "ADV", "AFFIX", "CONJ", "DET", "NOUN", "NUM", "ONOM", "PRON", "PRT", "PUNCT", "VERB", "X",
)  # fmt: skip


@datasets.register(
    "zoo_turkish_treebank", licence="Apache-2.0", tags=("words", "tagging", "turkish")
)
class ZooTurkishTreebank(tfds.core.GeneratorBasedBuilder):
    """The Turkish Web Treebank: 4,851 sentences of web pages and Wikipedia, each word with a gold tag.

    Read from the package `turkish-treebanks`. Web comes before Wikipedia; of sentence number i, counted from 0,
    i % 10 == 9 goes to test, of the others i % 9 == 8 to validation, the rest to train: 3,880 / 486 / 485.
    A word is an inflectional group, as in the treebank; multi-word and empty nodes are left out.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self):
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
            citation="@misc{turkish_web_treebank, author = {Kayadelen, Tolga and Ozturel, Adnan and Bohnet, Bernd}, "
            "title = {A Gold Standard Dependency Treebank for Turkish}, year = {2020}}",
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        sentences = [sentence for name in ("web", "wiki") for sentence in _sentences(_text(name))]
        parts = {"train": [], "validation": [], "test": []}
        for number, sentence in enumerate(sentences):
            split = "test" if number % 10 == 9 else "validation" if number % 9 == 8 else "train"
            parts[split].append(sentence)
        return {split: self._generate_examples(examples) for split, examples in parts.items()}

    def _generate_examples(self, examples):
        for number, rows in enumerate(examples):
            yield number, {"tokens": [form for form, _ in rows], "upos": [tag for _, tag in rows]}


def _text(name):
    """The package's CoNLL-U file, found through its metadata: its own reader fails with today's protobuf."""
    try:
        files = importlib.metadata.files("turkish-treebanks") or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    for file in files:
        if file.as_posix() == f"data/{name}.conllu":
            return file.locate().read_text(encoding="utf-8")
    raise RequestError(
        "zoo_turkish_treebank reads its text from the package turkish-treebanks, which is not installed: "
        'pip install "recurrent-zoo[corpora]"'
    )


def _sentences(text):
    for block in text.split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and not line.startswith("#")]
        if rows:
            yield [(row[1], row[3]) for row in rows if row[0].isdigit()]
