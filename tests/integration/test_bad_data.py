"""Unreadable data is rejected with a one-line message: the file and the remedy."""

import pytest
from bad_input import Case, check_message

CASES = (
    Case(
        "not prepared, no network",
        "train --task=language_model --dataset=tiny_shakespeare --data_dir={tmp}/none "
        "--run_dir={new} --json",
        ("'tiny_shakespeare'", "not prepared", "tfds.load('tiny_shakespeare'", "--data_dir=DIR"),
    ),
    Case(
        "a dataset of other features",
        "train --dataset=zoo_adding/100 --data_dir={tmp}/tfds --run_dir={new}",
        ("'zoo_adding/100'", "vectors:", "'words' (kind words)"),
    ),
    Case(
        "an unknown column",
        """train --data={tmp}/pos.tsv --features='{"tags": "xpos"}' --run_dir={new}""",
        ("'xpos'", "pos.tsv", "It has 1: column"),
    ),
    Case(
        "a missing file",
        "train --data={tmp}/nothing.tsv --run_dir={new}",
        ("nothing.tsv", "Check the path"),
    ),
    Case(
        "unknown extension",
        "train --data={tmp}/pos.doc --run_dir={new}",
        ("'.doc'", ".conllu, .tsv"),
    ),
    Case(
        "two files",
        "train --data={tmp}/pos.tsv,{tmp}/pos.tsv --run_dir={new}",
        ("2 paths", "three files"),
    ),
    Case(
        "an empty file",
        "train --data={tmp}/empty.tsv --run_dir={new}",
        ("empty.tsv", "at least one example"),
    ),
    Case(
        "another encoding",
        "train --data={tmp}/latin.tsv --run_dir={new}",
        ("latin.tsv", "not UTF-8", "iconv"),
    ),
    Case(
        "malformed CoNLL-U",
        "train --data={tmp}/bad.conllu --run_dir={new}",
        ("bad.conllu line 3", "10", "Correct"),
    ),
    Case(
        "other columns",
        "train --task=classification --data={tmp}/other.csv --run_dir={new}",
        ("other.csv", "colour", "size", "features="),
    ),
    Case(
        "a file of the wrong kind",
        "train --task=adding --data={tmp}/pos.tsv --run_dir={new}",
        ("pos.tsv", "name a dataset"),
    ),
    Case(
        "too few sentences",
        "train --data={tmp}/one.tsv --run_dir={new}",
        ("one.tsv", "Give more examples"),
    ),
    Case(
        "too short a text",
        "train --task=language_model --data={tmp}/short.txt --run_dir={new}",
        ("short.txt", "Give more"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_bad_input_is_rejected_with_a_one_line_message(
    case, data_folder, tmp_path, capsys, monkeypatch
):
    check_message(case, data_folder, tmp_path, capsys, monkeypatch)


def test_case_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)
