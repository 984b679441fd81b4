"""Atomic files and folders."""

import errno
import stat

import pytest

from zoo.errors import RunError
from zoo.runs import files


def test_file_is_replaced_and_readable_by_all(tmp_path):
    path = tmp_path / "new" / "value.json"
    files.write_json(path, {"a": 1})
    files.write_json(path, {"b": "ç"})
    assert files.read_json(path) == {"b": "ç"}
    assert "ç" in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["value.json"]


def test_file_keeps_its_suffix_while_it_is_written(tmp_path):
    with files.atomic_file(tmp_path / "plot.png") as temporary:
        assert temporary.suffix == ".png" and temporary.parent == tmp_path
        temporary.write_text("picture")
    assert (tmp_path / "plot.png").read_text() == "picture"


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "value.txt"
    files.write_text(path, "old")
    with pytest.raises(KeyError), files.atomic_file(path) as temporary:
        temporary.write_text("half")
        raise KeyError("no such key")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["value.txt"]


@pytest.mark.parametrize("writer", [files.atomic_file, files.atomic_folder])
def test_full_disk_is_a_run_error_that_names_the_path(writer, tmp_path):
    with (
        pytest.raises(RunError, match=r"cannot write .*place: No space left.*Free some space"),
        writer(tmp_path / "place"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writer", [files.atomic_file, files.atomic_folder])
def test_path_below_a_file_is_a_run_error(writer, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot write"), writer(tmp_path / "file" / "place"):
        pass


def test_folder_is_replaced_as_a_whole(tmp_path):
    for content in ("old", "new"):
        with files.atomic_folder(tmp_path / "model") as folder:
            (folder / content).write_text(content)
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o755


def test_failed_write_leaves_the_old_folder(tmp_path):
    with files.atomic_folder(tmp_path / "model") as folder:
        (folder / "old").touch()
    with pytest.raises(KeyError), files.atomic_folder(tmp_path / "model") as folder:
        (folder / "half").touch()
        raise KeyError("no such key")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_folder_is_free_if_absent_empty_or_partially_written(tmp_path):
    assert files.is_free(tmp_path / "absent") and files.is_free(tmp_path)
    (tmp_path / ".partial-x1.json").touch()
    assert files.is_free(tmp_path)
    (tmp_path / "notes.txt").touch()
    assert not files.is_free(tmp_path)
    assert not files.is_free(tmp_path / "notes.txt")
