"""Examples of prepared TFDS datasets: features of each type, order, labels."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tasks.data.sources import Role, read

WORDS = (Role("words", "words", ("tokens", "form")), Role("tags", "tags", ("upos", "pos")))
CLASSES = (Role("text", "text", ("text",)), Role("label", "label", ("label", "intent_name")))
PAIRS = (Role("source", "text", ("source",)), Role("target", "text", ("target",)))
NUMBERS = (Role("vectors", "vectors", ("vectors",)), Role("target", "number", ("target",)))

LABELLED = {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=["no", "yes"])}
SENTENCES = {
    "tokens": tfds.features.Sequence(tfds.features.Text()),
    "upos": tfds.features.Sequence(tfds.features.ClassLabel(names=["N", "V"])),
    "xpos": tfds.features.Sequence(tfds.features.Text()),
}


def texts(count):
    return [{"text": f"t{number}", "label": number % 2} for number in range(count)]


def sentence(*words, tags=None):
    return {
        "tokens": list(words),
        "upos": [0] * len(words) if tags is None else tags,
        "xpos": [word.upper() for word in words],
    }


def test_prepared_dataset_is_read_without_code_or_network(store_dataset, offline):
    rows = [sentence("a", "b", tags=[0, 1]), sentence(), sentence("c")]
    data_dir = store_dataset(
        "mine", SENTENCES, train=rows, dev=[sentence("d")], test=[sentence("e")]
    )
    corpus = read(WORDS, "mine", data_dir=data_dir)
    assert corpus.splits["train"] == [
        {"words": ["a", "b"], "tags": ["N", "V"]},
        {"words": ["c"], "tags": ["N"]},
    ]
    assert corpus.splits["validation"] == [{"words": ["d"], "tags": ["N"]}]
    corpus = read(WORDS, "mine", data_dir=data_dir, features={"tags": "xpos"})
    assert corpus.splits["train"][0]["tags"] == ["A", "B"] and corpus.found["tags"] == "xpos"
    preferred = (WORDS[0], Role("tags", "tags", ("xpos", "upos")))
    assert read(preferred, "mine", data_dir=data_dir).found["tags"] == "xpos"


def test_features_that_do_not_fit_are_rejected_with_their_types(store_dataset, read_error):
    rows = [sentence("a")]
    data_dir = store_dataset("mine", SENTENCES, train=rows, dev=rows, test=rows)
    message = read_error(WORDS, "mine", data_dir=data_dir, features={"tags": "ner"})
    assert "'ner'" in message
    assert "upos: Sequence(ClassLabel)" in message and "xpos: Sequence(Text)" in message
    message = read_error(NUMBERS, "mine", data_dir=data_dir)
    assert "'vectors'" in message and "none fits" in message and "tokens: Sequence(Text)" in message


def test_words_and_tags_of_unequal_length_are_rejected(store_dataset, read_error):
    rows = [sentence("a"), sentence("b", "c", tags=[0])]
    data_dir = store_dataset("mine", SENTENCES, train=rows[:1], dev=rows, test=rows[:1])
    message = read_error(WORDS, "mine", data_dir=data_dir)
    assert "'mine'" in message and "'dev'" in message
    assert "example 1" in message and "2 words" in message


def test_text_feature_is_a_label_if_its_name_is_preferred(store_dataset, read_error):
    text, number = tfds.features.Text(), tfds.features.Scalar(np.int32)
    features = {"text": text, "intent_name": text, "intent": number}
    rows = [{"text": "hello", "intent_name": "greet", "intent": 1}]
    data_dir = store_dataset("mine", features, train=rows, valid=rows, test=rows)
    corpus = read(CLASSES, "mine", data_dir=data_dir)
    assert corpus.splits["validation"] == [{"text": "hello", "label": "greet"}]
    message = read_error((CLASSES[0], Role("label", "label")), "mine", data_dir=data_dir)
    assert "'label'" in message and "intent: Scalar () of int32" in message


def test_test_split_without_labels_counts_as_missing(store_dataset, read_error):
    unlabelled = [{"text": "x", "label": -1}] * 3
    data_dir = store_dataset(
        "contest", LABELLED, train=texts(20), validation=texts(2), test=unlabelled
    )
    splits = read(CLASSES, "contest", data_dir=data_dir).splits
    assert [example["text"] for example in splits["test"]] == ["t9", "t19"]
    data_dir = store_dataset(
        "holes", LABELLED, train=texts(3) + unlabelled, validation=texts(2), test=texts(2)
    )
    message = read_error(CLASSES, "holes", data_dir=data_dir)
    assert "'holes'" in message and "'train'" in message and "example 3" in message


@pytest.mark.parametrize(
    ("keys", "config", "source"),
    [
        (("fr", "en"), None, "fr"),
        (("en", "fr"), None, "en"),
        (None, "fr_to_en", "fr"),
        (None, "en-fr", "en"),
        (None, None, "en"),
    ],
)
def test_translation_direction_follows_the_builder(keys, config, source, tmp_path, offline):
    class Mine(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        pkg_dir_path = None  # A test is not a package.
        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=config)] if config else []

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.Translation(languages=("en", "fr")),
                supervised_keys=keys,
            )

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            yield from ((index, {"en": "yes", "fr": "oui"}) for index in range(10))

    Mine(data_dir=tmp_path).download_and_prepare()
    target = {"en": "fr", "fr": "en"}[source]
    text = {"en": "yes", "fr": "oui"}
    name = f"mine/{config}" if config else "mine"
    corpus = read(PAIRS, name, data_dir=tmp_path)
    assert corpus.found == {"source": source, "target": target}
    assert corpus.splits["test"] == [{"source": text[source], "target": text[target]}]
    corpus = read(PAIRS, name, data_dir=tmp_path, features={"source": target})
    assert corpus.found == {"source": target, "target": source}


def test_two_texts_of_a_dataset_are_a_pair_and_three_are_ambiguous(store_dataset, read_error):
    text = tfds.features.Text()
    rows = [{"a": f"a{index}", "b": f"b{index}"} for index in range(10)]
    data_dir = store_dataset("two", {"a": text, "b": text}, train=rows)
    first = read(PAIRS, "two", data_dir=data_dir).splits["train"][0]
    assert first == {"source": "a0", "target": "b0"}
    rows = [{"a": "x", "b": "y", "c": "z"}] * 10
    data_dir = store_dataset("three", {"a": text, "b": text, "c": text}, train=rows)
    assert "several fit (a, b, c)" in read_error(PAIRS, "three", data_dir=data_dir)
    corpus = read(PAIRS, "three", data_dir=data_dir, features={"source": "c", "target": "a"})
    assert corpus.splits["train"][0] == {"source": "z", "target": "x"}


def test_validation_and_test_are_held_out_from_train_of_a_dataset(store_dataset):
    data_dir = store_dataset("no_test", LABELLED, train=texts(20), val=texts(3))
    splits = read(CLASSES, "no_test", data_dir=data_dir).splits
    assert [example["text"] for example in splits["test"]] == ["t9", "t19"]
    assert len(splits["validation"]) == 3 and len(splits["train"]) == 18
    assert splits["train"][1] == {"text": "t1", "label": "yes"}
