"""Fixtures of the tests of the command line: tiny data, and commands that run in this process."""

import json

import pytest
import tensorflow as tf

from zoo.cli import main

SENTENCES = (
    "the\tDET\ncat\tNOUN\nsat\tVERB\n",
    "a\tDET\ndog\tNOUN\nbarks\tVERB\n",
    "cats\tNOUN\nsleep\tVERB\n",
)
SMALL = ("--epochs=1", "--units=4", "--embedding=4")
TEXT = "the cat sat on the mat and the dog sat on the log.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a tagged corpus and a text file, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "pos.tsv").write_text("\n".join(SENTENCES * 8))
    (folder / "text.txt").write_text(TEXT * 12)
    return folder


@pytest.fixture(scope="module")
def train(folder):
    """The command that trains a small tagger, without its run folder."""
    return "train", f"--data={folder / 'pos.tsv'}", *SMALL


@pytest.fixture(scope="module")
def eager():
    """Run tf.functions eagerly, which is faster than a graph for a few training steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def run(capsys):
    """Return a function that runs a command, checks its exit status and returns its stdout."""

    def run(*argv, status=0):
        capsys.readouterr()
        assert main([str(argument) for argument in argv]) == status
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return out

    return run


@pytest.fixture
def json_of(run):
    """Return a function that runs a command with --json and returns the parsed value.

    The function fails unless stdout is exactly one JSON value.
    """
    return lambda *argv, **keywords: json.loads(run(*argv, "--json", **keywords))
