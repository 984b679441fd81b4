"""The command `zoo`: help, exit statuses, and libraries that it must not import."""

import subprocess
import sys

import pytest

import zoo.cli
from zoo.cli import VERBS, main

HEAVY = (
    "print('HEAVY', sorted({'tensorflow', 'keras', 'keras_tuner', 'tensorflow_datasets'} "
    "& set(sys.modules)))"
)


def test_help_lists_all_commands_and_exit_statuses(run):
    text = run("--help")
    assert all(f"zoo {verb}" in text for verb in VERBS)
    assert (
        "Exit status: 0 success, 1 run-time failure, 2 invalid request, 128 + N signal N." in text
    )
    assert run("-h") == run("help") == text == run(status=2)


def test_version_is_printed(run):
    assert run("--version").strip() == zoo.__version__


def test_unknown_command_gets_a_suggestion(capsys):
    assert main(["trian"]) == 2
    assert capsys.readouterr().err == "zoo: unknown command 'trian'. Did you mean `zoo train`?\n"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted."),
        (zoo.RunError("the loss\nbecame nan."), 1, "the loss became nan."),
        (zoo.RequestError("no such cell."), 2, "no such cell."),
        (PermissionError(13, "Permission denied", "x.txt"), 1, "x.txt: Permission denied."),
        (OSError(36, "File name too long", "a"), 2, "a: File name too long. Check the path"),
        (MemoryError(), 1, "out of memory. Use a smaller model"),
        (KeyError("units"), 1, "KeyError: 'units'. This should not happen"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_error_becomes_one_line_and_an_exit_status(error, status, message, monkeypatch, capsys):
    def fail(argv):
        raise error

    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)
    monkeypatch.setitem(VERBS, "list", zoo.cli.Command(fail, ""))
    assert main(["list"]) == status
    err = capsys.readouterr().err
    assert err.startswith(f"zoo: {message}") and err.count("\n") == 1


def test_long_values_are_shortened_in_a_message(capsys):
    for argv in (["list", "x" * 5000], ["train", "--units=" + "[" * 100_000]):
        assert main(argv) == 2
        err = capsys.readouterr().err
        assert len(err) < 1000 and " [...] " in err and err.endswith(".\n")


@pytest.mark.parametrize(
    ("command", "resumes"), [("train", True), ("tune", True), ("report", False)]
)
def test_interruption_names_the_remedy_of_commands_that_resume(
    command, resumes, monkeypatch, capsys
):
    def fail(argv):
        raise KeyboardInterrupt

    monkeypatch.setitem(VERBS, command, VERBS[command]._replace(run=fail))
    assert main([command]) == 130
    expected = "interrupted; repeat the command to resume." if resumes else "interrupted."
    assert capsys.readouterr().err == f"zoo: {expected}\n"


def test_unexpected_error_is_raised_with_zoo_traceback(monkeypatch):
    def fail(argv):
        raise KeyError("units")

    monkeypatch.setenv("ZOO_TRACEBACK", "1")
    monkeypatch.setitem(VERBS, "list", zoo.cli.Command(fail, ""))
    with pytest.raises(KeyError):
        main(["list"])


def test_python_m_zoo_runs_the_command():
    done = subprocess.run([sys.executable, "-m", "zoo", "trian"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: ") and done.stderr.count("\n") == 1


def test_listings_and_help_import_no_heavy_library(fresh_process):
    """Run all commands in one process, which must not import TensorFlow or Keras."""
    commands = ["--help", "list cells", "list", *(f"{verb} --help" for verb in VERBS)]
    commands.append("show zoo_pydoc")
    code = (
        "import sys; from zoo.cli import main\n"
        f"for command in {commands}: assert main(command.split()) == 0, command\n{HEAVY}"
    )
    assert fresh_process(code).endswith("HEAVY []\n")


def test_packages_import_no_heavy_library(fresh_process):
    code = (
        "import importlib, pkgutil, sys\n"
        "for root in ('zoo', 'tasks', 'registry'):\n"
        "    package = importlib.import_module(root)\n"
        "    for module in pkgutil.walk_packages(package.__path__, root + '.'):\n"
        "        if module.ispkg:\n"
        "            importlib.import_module(module.name)\n"
        "            print(module.name)\n"
        f"{HEAVY}"
    )
    *packages, heavy = fresh_process(code).splitlines()
    assert heavy == "HEAVY []"
    assert {
        "zoo.cells",
        "zoo.cli",
        "zoo.tuning",
        "tasks.datasets",
        "tasks.heads",
        "tasks.library",
    } <= set(packages)
