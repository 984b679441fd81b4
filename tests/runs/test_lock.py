"""The lock of a run folder: one holder, named to the others; released when its process ends."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys

import pytest

from zoo.errors import RequestError, RunError
from zoo.runs import files, lock
from zoo.runs.lock import locked

HOLD = """
import sys, time
from zoo.runs.lock import locked
with locked(sys.argv[1]):
    open(sys.argv[1] + "/config.json", "w").close()
    print("locked", flush=True)
    time.sleep(60)
"""


def test_second_command_is_refused_with_the_holder(tmp_path):
    with locked(tmp_path / "run"):
        with (
            pytest.raises(RequestError, match=f"in use by process {os.getpid()} on .*since 20"),
            locked(tmp_path / "run"),
        ):
            pytest.fail("two holders")
        assert (tmp_path / "run" / files.LOCK).exists()
    with locked(tmp_path / "run"):
        pass


def test_folder_that_stays_empty_is_removed(tmp_path):
    with locked(tmp_path / "new" / "run"):
        assert files.is_free(tmp_path / "new" / "run")
    assert list(tmp_path.iterdir()) == []


def test_lock_of_a_killed_process_is_taken_over(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(RequestError, match=f"process {process.pid}"), locked(tmp_path):
            pass
        process.send_signal(signal.SIGKILL)
    notes = []
    with locked(tmp_path, notes.append):
        holder = json.loads((tmp_path / files.LOCK).read_text())
        assert holder["pid"] == os.getpid()
    assert len(notes) == 1 and f"process {process.pid} on" in notes[0] and "taken over" in notes[0]
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_lock_file_that_was_removed_meanwhile_is_not_held(tmp_path, monkeypatch):
    real, calls = fcntl.flock, []

    def flock(handle, operation):
        real(handle, operation)
        if not calls:  # the previous holder removes the file that was just opened
            (tmp_path / files.LOCK).unlink()
        calls.append(handle)

    monkeypatch.setattr(lock.fcntl, "flock", flock)
    with locked(tmp_path):
        assert (tmp_path / files.LOCK).exists()
    assert len(calls) == 2


def test_file_system_without_locks_is_reported(tmp_path, monkeypatch):
    def flock(handle, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock.fcntl, "flock", flock)
    notes = []
    with locked(tmp_path, notes.append):
        pass
    assert len(notes) == 1 and "cannot be locked (No locks available)" in notes[0]


def test_lock_is_released_if_its_file_cannot_be_written(tmp_path, monkeypatch):
    def pwrite(handle, data, offset):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(RunError, match="No space left"):
        patch.setattr(lock.os, "pwrite", pwrite)
        with locked(tmp_path):
            pytest.fail("the folder is not locked")
    with locked(tmp_path):
        assert (tmp_path / files.LOCK).exists()


LEFT = ".partial-999999999-a.png"  # of a process that does not run


def test_leftovers_are_swept_and_those_of_a_running_process_are_kept(tmp_path):
    plots, outside = tmp_path / "run" / "plots", tmp_path / "outside"
    for folder in (plots / ".partial-999999999-x", outside):
        folder.mkdir(parents=True)
        (folder / LEFT).touch()
    kept = {f".partial-{os.getppid()}-a.png", ".partial-film.iso"}
    for name in (*kept, LEFT):
        (plots / name).touch()
    (plots / "link").symlink_to(outside)
    with locked(tmp_path / "run"):
        assert {path.name for path in plots.iterdir()} == {*kept, "link"}
    assert (outside / LEFT).exists()


def test_sweep_of_an_export_leaves_the_folders_below_it_alone(tmp_path):
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / LEFT).touch()
    files.sweep(tmp_path, below=False)
    assert not (tmp_path / LEFT).exists() and (tmp_path / "other" / LEFT).exists()
