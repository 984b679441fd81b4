"""Runs and searches that are killed while writing a file, or by a signal, resume."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bad_input import SEARCH, TAGGER, eagerly, zoo

from zoo.runs import files


@pytest.fixture(autouse=True, scope="module")
def eager():
    with eagerly():
        yield


class Killer:
    """Replacement for `os.replace`: writes `left` files, then half of one, like kill -9."""

    def __init__(self, left):
        self.left, self.killed, self.written, self.replace = left, None, set(), os.replace

    def __call__(self, source, target):
        if self.left == 0:
            half = Path(source).with_name(".partial-999999999-left" + Path(source).suffix)
            half.write_bytes(Path(source).read_bytes()[: Path(source).stat().st_size // 2])
            self.killed = Path(target).name
            raise KeyboardInterrupt
        self.left -= 1
        self.replace(source, target)
        self.written.add(Path(target).name)


@pytest.mark.costly
def test_run_killed_at_any_write_resumes_with_the_same_result(
    run_folder, tmp_path, capsys, monkeypatch
):
    command, killed = f"{TAGGER} --run_dir={{new}}", set()
    for left in (0, 1, 1, 1, 1, *range(2, 20)):  # files written before each kill
        killer = Killer(left)
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", killer)
            status = zoo(command, run_folder, tmp_path / "run")
        assert status == (128 + signal.SIGINT if killer.killed else 0), capsys.readouterr().err
        if not killer.killed:
            break
        killed.add(killer.killed)
        err = capsys.readouterr().err
        assert (
            err.splitlines()[-1].startswith("zoo: interrupted")
            and "repeat the command to resume" in err
        )
    assert {
        "config.json",
        "run.json",
        "vocabularies.json",
        "history.csv",
        "checkpoint.npz",
        "metrics.json",
    } <= killed
    whole, resumed = (
        json.loads((folder / "metrics.json").read_text())
        for folder in (run_folder / "tagger", tmp_path / "run")
    )
    assert resumed["metrics"] == whole["metrics"] and resumed["validation"] == whole["validation"]
    assert (tmp_path / "run" / "history.csv").read_text() == (
        run_folder / "tagger" / "history.csv"
    ).read_text()


@pytest.mark.costly
def test_search_killed_at_any_write_resumes_with_the_same_result(
    run_folder, tmp_path, capsys, monkeypatch
):
    killed, written = set(), set()
    for left in range(30):
        killer = Killer(left)
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", killer)
            status = zoo(f"{SEARCH} --run_dir={{new}}", run_folder, tmp_path / "search")
        assert status == (128 + signal.SIGINT if killer.killed else 0), capsys.readouterr().err
        written |= killer.written
        if not killer.killed:
            break
        killed.add(killer.killed)
    assert {"search.json", "trial.json", "config.json", "leaderboard.json"} <= killed
    assert "tuner0.json" in written  # keras-tuner itself would not write it atomically
    whole, resumed = (
        json.loads((folder / "search" / "leaderboard.json").read_text())
        for folder in (run_folder, tmp_path)
    )
    assert resumed["metrics"] == whole["metrics"]
    assert [trial["score"] for trial in resumed["trials"]] == [
        trial["score"] for trial in whole["trials"]
    ]


@pytest.mark.costly
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signal_in_training_ends_the_command_after_the_batch(signum, run_folder, tmp_path):
    command = f"{TAGGER} --epochs=100000 --run_dir={{new}}"
    command = command.replace("{tmp}", str(run_folder)).replace("{new}", str(tmp_path / "run"))
    with subprocess.Popen(
        [sys.executable, "-m", "zoo", *shlex.split(command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: signal.signal(signum, signal.SIG_DFL),  # the parent may ignore it
    ) as process:
        while not (line := process.stderr.readline()).startswith("epoch"):
            assert line, "the command ended"
        process.send_signal(signum)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert (process.returncode, out) == (128 + signum, "")
    assert err.splitlines()[-1] == "zoo: interrupted; repeat the command to resume."
    assert "Traceback" not in err and not list(tmp_path.rglob(f"{files.PARTIAL}*"))
    assert (tmp_path / "run" / "checkpoint.npz").exists()
