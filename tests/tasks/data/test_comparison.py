"""What the splits have in common, what train lacks, and whether there is something to learn."""

import pytest

from tasks.data.comparison import nothing_to_learn, require_learnable
from tasks.data.roles import READS, UNTAGGED, Role
from tasks.data.sources import read
from zoo.errors import RequestError

WORDS, CLASSES, PAIRS = READS["tagged words"], READS["labelled text"], READS["pairs of texts"]


def test_classes_that_train_lacks_and_repeated_inputs_are_counted(write_file):
    train = write_file("train.csv", "text,label\na,x\nb,y\nc,x\n")
    test = write_file("test.csv", "text,label\na,x\nd,z\nb,w\n")
    line = read(CLASSES, data=[train, train, test]).summary.line()
    assert "test has 2 labels that train lacks ('w', 'z')" in line
    assert "2 of 3 examples of test are also in train" in line
    assert "3 of 3 examples of validation are also in train" in line


def test_tags_that_train_lacks_are_named(write_file):
    train = write_file("train.tsv", "a\tX\nb\tY\n\n")
    test = write_file("test.tsv", "a\tX\nb\tZ\n\n")
    line = read(WORDS, data=[train, train, test]).summary.line()
    assert "test has 1 tag that train lacks ('Z')" in line
    assert "1 of 1 sentences of test are also in train" in line


def test_copied_targets_are_counted(write_file):
    path = write_file("a.tsv", "".join(f"s{k}\t{'s' if k < 3 else 't'}{k}\n" for k in range(10)))
    line = read(PAIRS, data=path).summary.line()
    assert "3 examples with source equal to target" in line


def labelled(*labels):
    return {"train": [{"text": f"t{k}", "label": label} for k, label in enumerate(labels)]}


@pytest.mark.parametrize(
    ("splits", "roles", "reason"),
    [
        (labelled("a", "a"), CLASSES, "every example has the label 'a'"),
        (labelled(*map(str, range(12))), CLASSES, "all 12 labels are distinct, such as '0'"),
        (labelled("a", "b"), CLASSES, None),
        (
            {"train": [{"words": ["a", "b"], "tags": ["NOUN", UNTAGGED]}]},
            WORDS,
            "every word has the tag 'NOUN'",
        ),
        ({"train": [{"words": ["a"], "tags": [UNTAGGED]}]}, WORDS, "no word has a tag"),
        (
            {"train": [{"text": "a", "score": 1.0}, {"text": "b", "score": 1.0}]},
            (Role("text", "text"), Role("score", "number")),
            "every score is 1",
        ),
    ],
)
def test_data_that_teaches_nothing_is_refused(splits, roles, reason):
    assert nothing_to_learn(splits, roles) == reason
    if reason is None:
        require_learnable(splits, roles, "a.csv")
        return
    with pytest.raises(RequestError, match="nothing to learn"):
        require_learnable(splits, roles, "a.csv")
