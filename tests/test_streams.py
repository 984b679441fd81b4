"""Standard streams of the command: closed, full, broken, or of a small encoding."""

import os
import subprocess
import sys

import pytest

LIST = ("list", "cells", "lstm")


def zoo(redirection, *argv, **environment):
    """Run a command in a shell with a redirection; return (exit status, stdout, stderr)."""
    done = subprocess.run(
        ["sh", "-c", f'"$0" "$@" {redirection}', sys.executable, "-m", "zoo", *argv],
        capture_output=True,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("redirection", [">&-", "<&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_do_not_matter(redirection):
    status, out, err = zoo(redirection, *LIST)
    assert (status, err) == (0, "")
    assert ("LSTM: a cell state" in out) == (">&-" not in redirection.replace("2>&-", ""))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_full_disk_is_a_sentence():
    status, _, err = zoo("> /dev/full", *LIST)
    assert status == 1 and err.count("\n") == 1 and "No space left on device" in err


def test_reader_of_a_pipe_may_go():
    with subprocess.Popen(
        [sys.executable, "-m", "zoo", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_small_encoding_shows_escapes(environment, tmp_path):
    (tmp_path / "a.csv").write_text("text,label\nçay,x\nb,y\n" * 5, encoding="utf-8")
    status, out, _ = zoo("", "inspect", f"--data={tmp_path / 'a.csv'}", **environment)
    assert status == 0 and r"text: \xe7ay" in out


def test_other_backend_is_a_sentence():
    status, out, err = zoo("", "show", "lstm", "--kind=cell", KERAS_BACKEND="jax")
    assert (status, out) == (2, "")
    assert err == (
        "zoo: KERAS_BACKEND=jax: Recurrent Zoo runs on the backend tensorflow. Unset the "
        "variable, or set it to tensorflow.\n"
    )
