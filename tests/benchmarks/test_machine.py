"""The description of the machine contains the flags of the benchmark, except --json."""

import sys

import pytest

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
