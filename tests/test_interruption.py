"""Signals end a command at once, and leave no unfinished file."""

import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time

import pytest

READY = 'print("ready", flush=True)'
WAIT = f"{READY}\nwhile True:\n    time.sleep(0.01)"

# A process inherits the signals that its parent ignores, as the shell's background jobs do.
HANDLERS = """\
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)"""


def run(body, *signals, before="", after=""):
    """Run statements in a process that watches signals; return its status and output.

    Args:
        body: the statements. They print "ready" when the first signal may be sent.
        signals: the signals to send; each is sent a little after the one before it.
        before: statements before the signals are watched.
        after: statements after that.
    """
    program = (
        "import gc, os, pathlib, signal, sys, time\nfrom zoo import interruption\n"
        f"{HANDLERS}\n"
        f"{before}\n"
        f"with interruption.watch('zoo: interrupted.'):\n{textwrap.indent(body, '    ')}\n{after}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=pathlib.Path(__file__).parents[1],
    ) as process:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        for signum in signals:
            process.send_signal(signum)
            time.sleep(0.2)
        out, err = output(process)
    return process.returncode, out, err


def output(process):
    """Return the output of a process, which is killed if it does not end."""
    try:
        return process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_the_process_at_once_and_removes_unfinished_files(signum, tmp_path):
    body = f"""\
paths = [pathlib.Path({str(tmp_path)!r}) / name for name in ("finished", "file", "folder")]
with interruption.temporary(paths[0]):
    paths[0].touch()
paths[1].touch()
(paths[2] / "inner").mkdir(parents=True)
with interruption.temporary(paths[1]), interruption.temporary(paths[2]):
{textwrap.indent(WAIT, "    ")}"""
    assert run(body, signum) == (128 + signum, "", "zoo: interrupted.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["finished"]


def test_signal_removes_the_lock_of_a_run_folder(tmp_path):
    body = f"""\
from zoo.runs.lock import locked
with locked({str(tmp_path)!r}):
    assert os.listdir({str(tmp_path)!r}) == [".lock"]
{textwrap.indent(WAIT, "    ")}"""
    assert run(body, signal.SIGINT) == (130, "", "zoo: interrupted.\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.costly
def test_signal_removes_the_generated_files_of_autograph(tmp_path):
    """TensorFlow would delete them when Python exits, which a signal prevents."""
    body = f"""\
import tempfile
tempfile.tempdir = {str(tmp_path)!r}
from tensorflow.python.autograph.pyct import loader
loader.load_source("x = 1", delete_on_exit=True)
assert os.listdir(tempfile.tempdir)
{WAIT}"""
    status, out, err = run(body, signal.SIGTERM)
    assert (status, out) == (143, "") and err.endswith("zoo: interrupted.\n")
    assert not list(tmp_path.iterdir())


def test_signal_in_a_callback_of_the_garbage_collector_is_not_lost():
    body = (
        f"def wait(*_):\n{textwrap.indent(WAIT, '    ')}\ngc.callbacks.append(wait)\ngc.collect()"
    )
    assert run(body, signal.SIGINT) == (130, "", "zoo: interrupted.\n")


def test_uninterrupted_block_finishes_before_the_process_ends(tmp_path):
    body = f"""\
path = pathlib.Path({str(tmp_path)!r}) / "new"
path.touch()
with interruption.temporary(path), interruption.uninterrupted():
    {READY}
    time.sleep(0.5)
    os.replace(path, path.with_name("finished"))
time.sleep(10)"""
    assert run(body, signal.SIGTERM) == (143, "", "zoo: interrupted.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["finished"]


def test_nothing_is_renamed_while_the_process_ends(tmp_path):
    body = f"""\
path = pathlib.Path({str(tmp_path)!r}) / "new"
path.mkdir()
unlink, rmtree = pathlib.Path.unlink, interruption.shutil.rmtree
interruption.shutil.rmtree = lambda path: (time.sleep(0.5), rmtree(path))
with interruption.temporary(path):
    {READY}
    time.sleep(0.3)  # the signal arrives, and the thread begins to delete the folder
    with interruption.uninterrupted():
        os.rename(path, path.with_name("finished"))"""
    assert run(body, signal.SIGTERM) == (143, "", "zoo: interrupted.\n")
    assert not list(tmp_path.iterdir())


def test_ignored_signal_stays_ignored():
    ignored = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    assert run(WAIT, signal.SIGHUP, signal.SIGTERM, before=ignored) == (
        143,
        "",
        "zoo: interrupted.\n",
    )


def test_signal_of_a_forked_process_does_not_end_its_parent():
    body = f"""\
if not (child := os.fork()):
    os.kill(os.getpid(), signal.SIGTERM)
_, status = os.waitpid(child, 0)
{READY}
time.sleep(0.2)
print("child ended by", os.WTERMSIG(status))"""
    assert run(body) == (0, "child ended by 15\n", "")


def test_message_is_shown_while_stderr_is_discarded():
    body = f"os.dup2(os.open(os.devnull, os.O_WRONLY), 2)\n{WAIT}"
    assert run(body, signal.SIGINT) == (130, "", "zoo: interrupted.\n")


def test_message_is_the_last_one_that_was_set():
    body = f"interruption.set_message('zoo: later.')\n{WAIT}"
    assert run(body, signal.SIGINT) == (130, "", "zoo: later.\n")


def test_command_ends_by_a_signal_while_it_imports_its_modules(tmp_path):
    """A module that waits stands in for one of the command's libraries."""
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "__init__.py").write_text(f"import time\n{WAIT}\n")
    with subprocess.Popen(
        [sys.executable, "-m", "zoo", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=pathlib.Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in `HANDLERS`
    ) as process:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        process.send_signal(signal.SIGINT)
        out, err = output(process)
    assert (process.returncode, out, err) == (130, "", "zoo: interrupted.\n")


def test_signals_have_their_usual_effect_after_the_block():
    after = f"""\
try:
{textwrap.indent(WAIT, "    ")}
except KeyboardInterrupt as error:
    print(type(error).__name__)"""
    assert run("pass", signal.SIGINT, after=after) == (0, "KeyboardInterrupt\n", "")
