"""Invalid command lines with their expected messages, and the folders that they use."""

import contextlib
import dataclasses
import errno
import os
import re
import shlex
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import tensorflow as tf

from tasks.data import network
from zoo.cli import main
from zoo.runs import files

SENTENCES = (
    "the\tDET\ncat\tNOUN\nsat\tVERB\n",
    "a\tDET\ndog\tNOUN\nbarks\tVERB\n",
    "cats\tNOUN\nsleep\tVERB\n",
)
SMALL = "--epochs=1 --units=4 --embedding=4"
TAGGER = f"train --data={{tmp}}/pos.tsv {SMALL}"
WRITER = f"train --task=language_model --data={{tmp}}/text.txt {SMALL}"
DIVERGING = """--cell=simple_rnn --cell_args='{"activation": "relu"}' --batch_size=1"""
SEARCH = f"tune --data={{tmp}}/pos.tsv {SMALL} --max_trials=1 --dropout=0 --learning_rate=1e-3"


@dataclasses.dataclass(frozen=True)
class Case:
    """A command line and its expected error message.

    Attributes:
        id: name of the case.
        command: command line; {tmp} stands for the folder with data and runs, {new} for a new run
            folder.
        fragments: texts that the message contains: the invalid value and the remedy.
        status: exit status.
        prepare: function of `monkeypatch`, called before the command, such as `full_disk`.
    """

    id: str
    command: str
    fragments: tuple[str, ...]
    status: int = 2
    prepare: Callable | None = None


def full_disk(monkeypatch):
    """Let every atomic write fail with ENOSPC."""

    def replace(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "replace", replace)


def zoo(command, tmp, new=None):
    """Run a command line and return its exit status."""
    return main(
        shlex.split(command.replace("{tmp}", str(tmp)).replace("{new}", str(new or tmp / "new")))
    )


def check_message(case, tmp, tmp_path, capsys, monkeypatch):
    """Check the exit status of a case and its one-line message on stderr."""
    assert case.fragments, "a case without fragments would assert nothing"
    monkeypatch.setattr(network, "online", lambda: False)
    if case.prepare:
        case.prepare(monkeypatch)
    capsys.readouterr()
    status = zoo(case.command, tmp, tmp_path / "new")
    out, err = capsys.readouterr()
    assert status == case.status, err
    assert out == ""
    err = re.sub(r"\Aread .*\n", "", err)  # what the command read, before it failed
    assert err.startswith("zoo: ") and err.count("\n") == 1 and err.endswith("\n"), err
    assert "Traceback" not in err and "should not happen" not in err
    for fragment in case.fragments:
        assert fragment.replace("{tmp}", str(tmp)) in err


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Run tf.functions eagerly, which is faster than a graph for a few training steps."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def write_data(folder: Path) -> None:
    """Write valid and invalid data files, and a folder with an unrelated file."""
    text = "\n".join(SENTENCES * 8)
    (folder / "pos.tsv").write_text(text)
    (folder / "pos.doc").write_text(text)
    (folder / "one.tsv").write_text(SENTENCES[0])
    (folder / "empty.tsv").write_text("")
    (folder / "latin.tsv").write_bytes("café\tNOUN\n".encode("latin-1"))
    (folder / "bad.conllu").write_text(
        "# text = the cat\n1\tthe\t_\tDET" + "\t_" * 6 + "\n2\tcat\tNOUN\n"
    )
    (folder / "other.csv").write_text("colour,size\nred,1\n")
    (folder / "text.txt").write_text("the cat sat on the mat and the dog sat on the log.\n" * 12)
    (folder / "short.txt").write_text("too short\n")
    (folder / "things").mkdir()
    (folder / "things" / "letter.txt").write_text("not yours")


def write_runs(folder: Path) -> None:
    """Train a tagger and a language model, run a search, and write damaged copies of each."""
    with eagerly():
        for command in (
            f"{TAGGER} --run_dir={{tmp}}/tagger",
            f"{WRITER} --run_dir={{tmp}}/writer",
            f"{SEARCH} --run_dir={{tmp}}/search",
            "export {tmp}/tagger --path={tmp}/half_export",
        ):
            assert zoo(command, folder) == 0
    tagger = folder / "tagger"
    damaged(tagger, folder / "begun", "model.keras", os.remove)
    (folder / "begun" / "metrics.json").unlink()
    damaged(tagger, folder / "half_config", "config.json", halve)
    damaged(tagger, folder / "half_model", "model.keras", halve)
    damaged(tagger, folder / "hollow_model", "model.keras", hollow)
    for name, change in (
        ("half_checkpoint", halve),
        ("empty_checkpoint", lambda path: path.write_bytes(b"")),
    ):
        damaged(tagger, folder / name, "checkpoint.npz", change)
        (folder / name / "metrics.json").unlink()  # only an unfinished run reads its checkpoint
    damaged(tagger, folder / "half_vocabulary", "vocabularies.json", halve)
    damaged(tagger, folder / "half_result", "metrics.json", halve)
    damaged(folder / "search", folder / "half_search", "search.json", halve)
    damaged(folder / "search", folder / "half_leaderboard", "leaderboard.json", halve)
    halve(folder / "half_export" / "1" / "saved_model.pb")


def damaged(source, target, name, change):
    """Copy a run and damage one of its files."""
    shutil.copytree(source, target)
    change(target / name)


def halve(path):
    """Truncate a file to the first half of its bytes."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def hollow(path):
    """Remove the weights from a .keras file."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith(".h5")]
        contents = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
