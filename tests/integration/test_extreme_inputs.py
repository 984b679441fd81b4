"""Empty and very long sentences are valid; a rejected request changes no file."""

import json

import pytest
from bad_input import SENTENCES, SMALL, TAGGER, zoo


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_rejected_request_leaves_the_run_unchanged(run_folder):
    before = files_in(run_folder / "tagger")
    assert zoo(f"{TAGGER} --cell=gru --run_dir={{tmp}}/tagger", run_folder) == 2
    assert zoo(f"{TAGGER} --units=0 --run_dir={{tmp}}/tagger", run_folder) == 2
    assert files_in(run_folder / "tagger") == before


def test_empty_and_very_long_sentences_are_predicted(run_folder, capsys):
    (run_folder / "lines.txt").write_text("\n" + "cat " * 10_000 + "\n \nthe cat\n")
    capsys.readouterr()
    assert zoo("predict {tmp}/tagger --input={tmp}/lines.txt --json", run_folder) == 0
    answers = json.loads(capsys.readouterr().out)
    assert [len(answer["output"]) for answer in answers] == [0, 10_000, 0, 2]
    assert [len(answer["scores"]) for answer in answers] == [0, 10_000, 0, 2]
    assert zoo("predict {tmp}/tagger --text=", run_folder) == 0


@pytest.mark.costly
def test_empty_and_very_long_sentences_are_trained_on(data_folder, tmp_path):
    small_model = f"{SMALL} --cell=simple_rnn --bidirectional=false"
    rows = [("", "a"), (" ", "b"), *[(f"word{k} good", "ab"[k % 2]) for k in range(30)]]
    lines = "".join(f"{text},{label}\n" for text, label in rows)
    (tmp_path / "empty.csv").write_text(f"text,label\n{lines}")
    (tmp_path / "long.tsv").write_text("cat\tNOUN\n" * 10_000 + "\n\n\n" + "\n".join(SENTENCES * 8))
    for command in (
        f"train --task=classification --data={tmp_path}/empty.csv --run_dir={tmp_path}/texts",
        f"train --data={tmp_path}/long.tsv --run_dir={tmp_path}/words",
    ):
        assert zoo(f"{command} {small_model}", data_folder) == 0
