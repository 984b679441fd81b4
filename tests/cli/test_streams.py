"""Standard streams of the command: closed, full, broken, or of a small encoding."""

import os
import subprocess
import sys

import pytest

CODE = "import sys; from zoo.cli import main; sys.exit(main(sys.argv[1:]))"
LIST = ("list", "cells", "lstm")


def zoo(redirection, *argv, **environment):
    """Run a command in a shell with a redirection; return (exit status, stdout, stderr)."""
    done = subprocess.run(
        ["sh", "-c", f'"$0" "$@" {redirection}', sys.executable, "-c", CODE, *argv],
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
        [sys.executable, "-c", CODE, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
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
def test_small_encoding_shows_escapes(environment):
    status, _, err = zoo("", "show", "çay", **environment)
    assert status == 2 and err.startswith("zoo: unknown name '") and "Traceback" not in err
    status, out, _ = zoo("", "show", "lstm", "--kind=cell", "--help", **environment)
    assert status == 0 and out


def test_other_backend_is_a_sentence():
    status, out, err = zoo("", "show", "lstm", "--kind=cell", KERAS_BACKEND="jax")
    assert (status, out) == (2, "")
    assert err == (
        "zoo: KERAS_BACKEND=jax: Recurrent Zoo runs on the backend tensorflow. Unset the "
        "variable, or set it to tensorflow.\n"
    )
