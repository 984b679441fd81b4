"""Splits that are held out from train."""

import pytest

from tasks.data.roles import Role
from tasks.data.splits import complete_splits
from zoo.errors import RequestError

TEXT = (Role("text", "text"),)
CLASSES = (*TEXT, Role("label", "label"))


def examples(count):
    return [{"text": f"t{number}", "label": str(number % 2)} for number in range(count)]


def texts_of(split):
    return [example["text"] for example in split]


def test_missing_splits_are_held_out_from_train_by_position():
    splits = complete_splits("alone", {"train": examples(20)}, CLASSES)
    assert texts_of(splits["validation"]) == ["t9", "t19"]
    assert texts_of(splits["test"]) == ["t8", "t18"]
    assert len(splits["train"]) == 16 and splits["train"][1] == {"text": "t1", "label": "1"}
    splits = complete_splits("no_test", {"train": examples(20), "validation": examples(3)}, CLASSES)
    assert texts_of(splits["test"]) == ["t9", "t19"]
    assert len(splits["validation"]) == 3 and len(splits["train"]) == 18


def test_missing_splits_of_one_text_are_its_last_tenths():
    text = "".join(chr(ord("a") + number) for number in range(20)) * 5
    splits = complete_splits("text", {"train": [{"text": text}]}, TEXT)
    expected = {"train": text[:80], "validation": text[80:90], "test": text[90:]}
    assert splits == {split: [{"text": part}] for split, part in expected.items()}
    splits = complete_splits("text", {"train": [{"text": text}], "test": [{"text": "x"}]}, TEXT)
    assert splits["validation"] == [{"text": text[90:]}] and splits["test"] == [{"text": "x"}]


def test_examples_with_an_empty_value_are_dropped():
    rows = [{"text": " ", "label": "no"}, *examples(10), {"text": "x", "label": ""}]
    splits = complete_splits("gaps", {"train": rows}, CLASSES)
    assert sum(map(len, splits.values())) == 10


@pytest.mark.parametrize(
    ("splits", "fragments"),
    [
        ({"train": examples(5)}, ("'validation'", "small", "three files")),
        (
            {"train": examples(1), "validation": [{"text": " ", "label": "0"}], "test": []},
            ("'validation'", "no example has content"),
        ),
        ({"test": examples(1)}, ("no split 'train'",)),
    ],
)
def test_empty_split_or_missing_train_is_rejected(splits, fragments):
    with pytest.raises(RequestError) as caught:
        complete_splits("small", splits, CLASSES)
    assert all(fragment in str(caught.value) for fragment in fragments), caught.value
