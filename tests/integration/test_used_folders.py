"""A folder that another command uses is refused, and its data is compared with the first run's."""

import json
import os
import shutil

import pytest
from bad_input import SEARCH, TAGGER, zoo

from zoo.runs.lock import locked

FOREIGN = "[x] [b]"  # markup in the eyes of rich


@pytest.mark.parametrize("command", [TAGGER, SEARCH], ids=["train", "tune"])
def test_folder_in_use_is_refused_with_the_holder(command, data_folder, tmp_path, capsys):
    with locked(tmp_path / FOREIGN):
        status = zoo(f"{command} '--run_dir={{new}}'", data_folder, tmp_path / FOREIGN)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith(f"zoo: run_dir={tmp_path / FOREIGN} is in use by process {os.getpid()}")
    assert not (tmp_path / FOREIGN).exists()


def test_mistaken_data_leaves_no_folder(data_folder, tmp_path, capsys):
    command = TAGGER.replace("pos.tsv", "absent.tsv")
    assert zoo(f"{command} --run_dir={{new}}", data_folder, tmp_path / "new") == 2
    assert "absent.tsv" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("tagger", f"{TAGGER} --run_dir={{new}}"),
        ("search", f"{SEARCH} --run_dir={{new}}"),
        ("tagger", "evaluate {new}"),
    ],
    ids=["train", "tune", "evaluate"],
)
def test_changed_data_is_refused_with_its_split(name, command, run_folder, tmp_path, capsys):
    folder = shutil.copytree(run_folder / name, tmp_path / "copy")
    record = json.loads((folder / "run.json").read_text())
    record["data"]["splits"]["train"]["examples"] += 1  # as if the file had lost one since
    (folder / "run.json").write_text(json.dumps(record))
    assert zoo(command, run_folder, folder) == 2
    out, err = capsys.readouterr()
    assert out == "" and "the split 'train' has 20 examples and had 21 (pos.tsv)" in err
