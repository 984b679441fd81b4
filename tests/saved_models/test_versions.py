"""Versions of an export: only an export of this project is replaced."""

import json

import pytest

from zoo.errors import RunError
from zoo.saved_models import versions

SOURCE = {"task": "pos_tagging", "features": {"words": "1", "tags": "2"}, "header": None}


def write_export(folder):
    (folder / "variables").mkdir(parents=True)
    for name in ("saved_model.pb", "variables/variables.index"):
        (folder / name).write_text(name)
    versions.mark(folder, SOURCE)
    return folder


def test_export_of_ours_is_replaced(tmp_path):
    assert versions.target(tmp_path / "new") == tmp_path / "new" / "1"
    write_export(tmp_path / "1")
    assert versions.target(tmp_path) == tmp_path / "1"


def add_file(folder):
    (folder / "variables" / "notes.txt").touch()


def add_link(folder):
    (folder / "assets").symlink_to(folder.parent)


def remove_marker(folder):
    (folder / versions.MARKER).unlink()


def change_marker(folder):
    marker = folder / versions.MARKER
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "kind": "mine"}))


@pytest.mark.parametrize("change", [add_file, add_link, remove_marker, change_marker])
def test_anything_else_is_kept(change, tmp_path):
    change(write_export(tmp_path / "1"))
    assert versions.target(tmp_path) == tmp_path / "2"


def test_link_and_file_are_kept(tmp_path):
    write_export(tmp_path / "elsewhere" / "1")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "1").symlink_to(tmp_path / "elsewhere" / "1")
    assert versions.target(tmp_path / "linked").name == "2"
    (tmp_path / "linked" / "7").touch()
    assert versions.target(tmp_path / "linked").name == "8"
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot write .*file"):
        versions.target(tmp_path / "file")


def test_newest_version_is_the_largest_with_a_model(tmp_path):
    assert versions.newest(tmp_path / "absent") is None
    for name in ("2", "10"):
        write_export(tmp_path / name)
    (tmp_path / "11").mkdir()
    assert versions.newest(tmp_path) == tmp_path / "10"
