"""The description of the machine contains the flags of the benchmark, except --json."""

import sys

import pytest

from benchmarks import machine as measured
from benchmarks.machine import machine


@pytest.mark.parametrize(
    ("argv", "flags"),
    [
        ([], None),
        (["--json"], None),
        (["--json", "out.json"], None),
        (["--json=out.json"], None),
        (["--json", "-"], None),
        (["--rounds=9", "--json", "out.json", "--threads", "1"], "--rounds=9 --threads 1"),
        (["--json", "--rounds", "9"], "--rounds 9"),
        (["--rounds", "9", "--json"], "--rounds 9"),
    ],
)
def test_flags_lack_json_and_its_file(argv, flags, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["benchmark", *argv])
    assert machine(threads=1)["flags"] == flags


def test_other_load_counts_the_cores_that_work(monkeypatch):
    ticks = iter(["cpu 100 0 50 900 7 3 2", "cpu 140 0 60 950 8 3 2"])
    monkeypatch.setattr("os.sysconf", lambda name: 100)
    monkeypatch.setattr("pathlib.Path.exists", lambda path: True)
    monkeypatch.setattr("pathlib.Path.read_text", lambda path: next(ticks))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert measured.other_load(0.25) == 2.0  # half a second of work in a quarter of a second
