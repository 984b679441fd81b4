"""Progress of training on stderr."""

import types

from zoo.runs.progress import ConsoleProgress, NullProgress

RECORD = {"epoch": 2, "loss": 0.5, "validation_accuracy": 0.75, "validation_nats": 1.0}


def report(progress):
    progress.start(types.SimpleNamespace(epochs=10), 3, 1)
    progress.note("a remark")
    progress.batch(0.5)
    progress.epoch(RECORD, improved=True)
    progress.epoch({**RECORD, "epoch": 3}, improved=False)
    progress.stop()


def test_null_progress_prints_nothing(capsys):
    report(NullProgress())
    assert capsys.readouterr() == ("", "")


def test_console_progress_prints_a_line_per_epoch_on_stderr(capsys):
    report(ConsoleProgress())
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "a remark",
        "epoch  2/10  loss 0.5000  validation accuracy 0.7500  *",
        "epoch  3/10  loss 0.5000  validation accuracy 0.7500",
    ]


def test_labelled_progress_omits_remarks(capsys):
    report(ConsoleProgress("trial 1/4 "))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and all(line.startswith("trial 1/4 epoch") for line in lines)


def test_bar_on_a_terminal_is_removed_at_the_end(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    progress = ConsoleProgress()
    report(progress)
    progress.batch(0.5)  # must not fail without the bar, which `stop` removes
