"""Progress of training on stderr."""

import types

import pytest

from zoo.runs.progress import ConsoleProgress, NullProgress
from zoo.training.stopping import Stop

RECORD = {"epoch": 2, "loss": 0.5, "validation_accuracy": 0.75, "validation_loss": 1.0}


def report(progress, **loss):
    progress.start(types.SimpleNamespace(epochs=10), 3, 1, **loss)
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
        "epoch  2/10  loss 0.5000  validation loss 1.0000  validation accuracy 0.7500  *",
        "epoch  3/10  loss 0.5000  validation loss 1.0000  validation accuracy 0.7500",
    ]


def test_loss_of_a_sampled_softmax_is_named(capsys):
    report(ConsoleProgress(), loss="sampled loss")
    assert "epoch  3/10  sampled loss 0.5000  validation loss 1.0" in capsys.readouterr().err


@pytest.mark.parametrize("reason", ["patience", "time", "search"])
def test_early_stop_is_reported_with_its_reason(reason, capsys):
    for label in ("", "trial 1/4 "):
        ConsoleProgress(label).end(Stop(7, reason, "stopped after epoch 7: [a reason]"))
        assert capsys.readouterr().err == f"{label}stopped after epoch 7: [a reason]\n"


def test_last_epoch_is_not_reported_as_an_early_stop(capsys):
    ConsoleProgress().end(Stop(10, "epochs", "finished all 10 epochs"))
    assert capsys.readouterr().err == ""


def test_labelled_progress_omits_remarks(capsys):
    report(ConsoleProgress("trial 1/4 "))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and all(line.startswith("trial 1/4 epoch") for line in lines)


def test_bar_on_a_terminal_is_removed_at_the_end(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    progress = ConsoleProgress()
    report(progress)
    assert progress._bar is None
    progress.batch(0.5)  # must not fail without the bar
    assert "\x1b[?25h" in capsys.readouterr().err, "the cursor is shown again"
