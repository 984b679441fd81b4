"""English prose of Python's own help topics, for language models."""

import importlib
from collections.abc import Iterator

import tensorflow_datasets as tfds

from tasks.data.roles import Example
from tasks.datasets import datasets


@datasets.register("zoo_pydoc", licence="PSF-2.0", tags=("text", "language_model", "english"))
class ZooPydoc(tfds.core.GeneratorBasedBuilder):
    """The help topics of the running Python version, about 370,000 characters of English prose.

    The topics come from `pydoc_data.topics`; each split is one text, with blank lines between
    paragraphs. Of every ten topics in alphabetical order, the first belongs to test, the second to
    validation, the others to train. Topics share paragraphs, so each paragraph is used only in the
    first topic that contains it: otherwise half of validation would occur in train. The text
    differs a little between Python versions.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict({"text": tfds.features.Text()}),
            homepage="https://docs.python.org/3/reference/",
            license="PSF-2.0",
            citation="@misc{python, author = {{Python Software Foundation}}, "
            "title = {The Python Language Reference}}",
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, Example]]]:
        topics = importlib.import_module("pydoc_data.topics").topics
        splits: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
        seen = set()
        for index, name in enumerate(sorted(topics)):
            split = {0: "test", 1: "validation"}.get(index % 10, "train")
            for paragraph in topics[name].strip("\n").split("\n\n"):
                words = tuple(paragraph.split())
                if words not in seen:
                    seen.add(words)
                    splits[split].append(paragraph)
        return {
            split: self._generate_examples("\n\n".join(paragraphs) + "\n")
            for split, paragraphs in splits.items()
        }

    def _generate_examples(self, text: str) -> Iterator[tuple[int, Example]]:
        yield 0, {"text": text}
