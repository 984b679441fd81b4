"""`zoo train --keep_epochs`: the models of epochs, and their diagnosis."""

import json

import numpy as np
import pytest
from training.sessions import Killed, KilledAt, small_problem

import zoo
from zoo.cli import main
from zoo.reports.plotting import save_picture
from zoo.runs import kept_epochs
from zoo.runs.run import Run

pytestmark = pytest.mark.usefixtures("no_reports")


@pytest.fixture
def no_reports(monkeypatch):
    """Do not write reports, which tests/reports tests."""
    monkeypatch.setattr("zoo.training.session.write_if_possible", lambda folder, result: None)


@pytest.fixture
def small(problem):
    return small_problem(problem, "delayed_recall", schedule="cosine")


def weights_of(folder, epoch):
    return kept_epochs.load(folder, epoch).get_weights()


@pytest.mark.costly
def test_resumed_run_keeps_the_models_of_an_uninterrupted_run(small, tmp_path, monkeypatch):
    config, corpus = small
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    result = zoo.train(config, whole, corpus, keep_epochs=(1, 3))
    assert kept_epochs.kept_epochs(whole) == [1, 3]
    assert sorted(path.name for path in (whole / "epochs").iterdir()) == [
        "0001.keras",
        "0003.keras",
    ]
    with pytest.raises(Killed):
        zoo.train(config, killed, corpus, progress=KilledAt(epoch=1), keep_epochs=(1, 3))
    assert kept_epochs.kept_epochs(killed) == [1]

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):  # kept, without its checkpoint
        patch.setattr(Run, "save_checkpoint", kill)
        zoo.train(config, killed, corpus, keep_epochs=(1, 3))
    zoo.train(config, killed, corpus, keep_epochs=(1, 3))
    best = result["validation"]["epoch"]
    for epoch in (1, 3):
        kept = weights_of(whole, epoch)
        for one, other in zip(kept, weights_of(killed, epoch), strict=True):
            np.testing.assert_array_equal(one, other)
        if epoch == best:
            for one, other in zip(kept, zoo.load(whole).get_weights(), strict=True):
                np.testing.assert_array_equal(one, other)


def test_finished_run_refuses_epochs_that_it_did_not_keep(small, tmp_path):
    config, corpus = small
    result = zoo.train(config, tmp_path / "run", corpus, keep_epochs=(2,))
    assert zoo.train(config, tmp_path / "run", corpus, keep_epochs=(2,)) == result
    with pytest.raises(zoo.RequestError, match="did not keep the model of epoch 1"):
        zoo.train(config, tmp_path / "run", corpus, keep_epochs=(1, 2))
    for epoch in (0, 4, 1.5, True):
        with pytest.raises(zoo.RequestError, match="the training has the epochs 1 to 3"):
            zoo.train(config, tmp_path / "other", corpus, keep_epochs=(epoch,))
    assert not (tmp_path / "other").exists()


@pytest.mark.costly
def test_kept_epochs_are_diagnosed_with_a_line_each(small, tmp_path, monkeypatch, capsys):
    config, corpus = small
    folder, path = tmp_path / "run", tmp_path / "gradients.png"
    zoo.train(config, folder, corpus, keep_epochs=(1, 2))
    monkeypatch.setattr("zoo.diagnosis.subjects.read_corpus", lambda *arguments: corpus)
    pictures = []

    def save(picture, path):
        pictures.append(picture)
        save_picture(picture, path)

    monkeypatch.setattr("zoo.reports.plotting.save_picture", save)
    flags = ["--sequences=4", "--steps=1"]
    assert main(["diagnose", str(folder), *flags, f"--path={path}"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    (head,) = (k for k, line in enumerate(lines) if line[:1] == ["epoch"])
    assert [line[0] for line in lines[head + 1 : head + 3]] == ["1", "2"]
    assert path.stat().st_size > 5000
    labels = [line.get_label() for line in pictures[0].figure.axes[0].lines]
    assert [label.partition(":")[0] for label in labels[:2]] == ["epoch 1", "epoch 2"]
    assert main(["diagnose", str(folder), *flags, "--json"]) == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)["diagnoses"]]
    assert names == [str(folder), "epoch 1", "epoch 2"]


def test_damaged_kept_epoch_is_a_sentence(small, tmp_path, monkeypatch, capsys):
    config, corpus = small
    folder = tmp_path / "run"
    zoo.train(config, folder, corpus, keep_epochs=(1,))
    monkeypatch.setattr("zoo.diagnosis.subjects.read_corpus", lambda *arguments: corpus)
    (folder / "epochs" / "0001.keras").write_bytes(b"no archive")
    (folder / "epochs" / "notes.txt").write_text("not an epoch")
    assert main(["diagnose", str(folder), "--sequences=4", "--steps=1"]) == 2
    assert "0001.keras is not a .keras file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "message"),
    [("0,2", "keep_epochs must be whole numbers"), ("", "has no value"), ("9", "epochs 1 to 3")],
)
def test_invalid_epochs_of_the_flag_are_sentences(flag, message, tmp_path, capsys):
    arguments = ["--task=delayed_recall", "--epochs=3", f"--run_dir={tmp_path / 'run'}"]
    assert main(["train", *arguments, f"--keep_epochs={flag}"]) == 2
    assert message in capsys.readouterr().err
