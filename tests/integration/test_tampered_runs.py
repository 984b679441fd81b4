"""Changed files in folders of runs and searches: a sentence, or the command works."""

import shutil

import pytest
from bad_input import SEARCH, TAGGER, eagerly, zoo
from integration.tampering import tamper
from sampling import SEED

from tasks.data import network

SEEDS, QUICK = 8, 2  # changes of each file; those of every run of the tests
RUN_FILES = ("config.json", "run.json", "vocabularies.json", "metrics.json", "history.csv")
SEARCH_FILES = ("search.json", "trials.json", "leaderboard.json")
STATE_FILES = (
    "search/oracle.json",
    "search/tuner0.json",
    "search/trial_*/trial.json",
    "trials/*/config.json",
)
RUN_COMMANDS = (
    f"{TAGGER} --run_dir={{new}}",
    "evaluate {new}",
    "predict {new} --text=cat",
    "report {new}",
)
SEARCH_COMMANDS = (f"{SEARCH} --run_dir={{new}}", "report {new}")
FILES = (
    *(("tagger", name) for name in RUN_FILES),
    *(("search", name) for name in SEARCH_FILES),
    *(("unfinished", name) for name in STATE_FILES),
)
CASES = [
    pytest.param(kind, name, seed, marks=() if seed < QUICK else pytest.mark.full)
    for kind, name in FILES
    for seed in range(SEEDS)
]


@pytest.fixture
def quick(monkeypatch):
    """Draw no pictures and use no network."""
    monkeypatch.setattr("zoo.reports.writing.pictures", lambda report: ())
    monkeypatch.setattr(network, "online", lambda: False)


@pytest.mark.parametrize(("kind", "name", "seed"), CASES)
def test_tampered_file_is_a_sentence(kind, name, seed, run_folder, tmp_path, quick, capsys):
    source = run_folder / ("tagger" if kind == "tagger" else "search")
    folder = shutil.copytree(source, tmp_path / "folder")
    if kind == "unfinished":
        (folder / "leaderboard.json").unlink()
    (path,) = folder.glob(name)
    change = tamper(path, f"{SEED} {kind} {name} {seed}")
    commands = RUN_COMMANDS if kind == "tagger" else SEARCH_COMMANDS
    for command in commands[seed % len(commands) :][:1]:
        with eagerly():
            status = zoo(command, run_folder, folder)
        err = capsys.readouterr().err
        assert status in (0, 1, 2), change
        assert "should not happen" not in err and "Traceback" not in err, (change, command, err)
        if status:
            messages = [line for line in err.splitlines() if line.startswith("zoo: ")]
            assert len(messages) == 1, (change, command, err)
