"""English prose of Python's own help topics, for language models."""

import importlib

import tensorflow_datasets as tfds

from tasks.datasets import datasets


@datasets.register("zoo_pydoc", licence="PSF-2.0", tags=("text", "language_model", "english"))
class ZooPydoc(tfds.core.GeneratorBasedBuilder):
    """The help topics of the running Python (`pydoc_data.topics`), about 370,000 characters of English prose.

    One text per split. Whole topics are dealt out in alphabetical order: of every ten, the first goes to test,
    the second to validation, the others to train; blank lines join them. Topics repeat each other's paragraphs,
    so a paragraph stays only in the first topic that has it: otherwise half of validation would stand in train.
    The text is that of the Python in use, so it differs a little between Python versions.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict({"text": tfds.features.Text()}),
            homepage="https://docs.python.org/3/reference/",
            license="PSF-2.0",
            citation="@misc{python, author = {{Python Software Foundation}}, title = {The Python Language Reference}}",
        )

    def _split_generators(self, dl_manager):
        topics = importlib.import_module("pydoc_data.topics").topics
        parts = {"train": [], "validation": [], "test": []}
        seen = set()
        for position, name in enumerate(sorted(topics)):
            split = {0: "test", 1: "validation"}.get(position % 10, "train")
            for paragraph in topics[name].strip("\n").split("\n\n"):
                words = tuple(paragraph.split())
                if words not in seen:
                    seen.add(words)
                    parts[split].append(paragraph)
        return {
            split: self._generate_examples("\n\n".join(texts) + "\n")
            for split, texts in parts.items()
        }

    def _generate_examples(self, text):
        yield 0, {"text": text}
