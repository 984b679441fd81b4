"""Reports of runs and searches, finished or not: page, plots and card."""

import dataclasses
import json
import shutil

import pytest
from reports.html_page import check_page

import zoo
from zoo.cli import main
from zoo.config import Search
from zoo.errors import RequestError
from zoo.reports import writing
from zoo.reports.report import gather
from zoo.training.session import Session
from zoo.tuning.tuner import tune

EVIL = '<script>alert("1")</script>&amp;.tsv'


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """Return a finished run that tests may write into."""
    return shutil.copytree(
        trained("classification").folder, tmp_path_factory.mktemp("reports") / "run"
    )


SPACE = {"cell": ("simple_rnn", "gru"), "learning_rate": (1e-3, 1e-2)}


@pytest.fixture(scope="module")
def search(problem, tmp_path_factory):
    """Return a finished search of four trials, one of which failed."""
    folder = tmp_path_factory.mktemp("reports") / "search"
    config, corpus = problem("adding")
    corpus = dataclasses.replace(
        corpus, splits={split: each[:40] for split, each in corpus.splits.items()}
    )
    config = dataclasses.replace(config, units=2, learning_rate=None, epochs=2)
    run_epoch = Session.run_epoch

    def fail(session, evaluator):
        if (session.config.cell, session.config.learning_rate) == ("simple_rnn", 1e-2):
            raise zoo.RunError(f"the loss became nan. {EVIL}")
        run_epoch(session, evaluator)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.models.assembly.read_corpus", lambda config: corpus)
        patch.setattr("zoo.saved_models.exporting.export", lambda run: None)
        patch.setattr(Session, "run_epoch", fail)
        tune(config, folder, SPACE, Search(max_trials=4, tuner="grid"))
    return folder


# The page


def test_page_of_a_run_shows_scores_and_configuration(run):
    report = writing.write(run)
    page, text = check_page(run, 2), (run / "report.html").read_text(encoding="utf-8")
    score = report.metrics["accuracy"]
    for word in (
        "classification with lstm",
        f"{score['value']:.4f}",
        f"{score['baseline']:.4f}",
        "fraction",
        "higher",
        f"{report.parameters:,} weights",
    ):
        assert word in text, word
    assert report.parameters == zoo.load(run).count_params()
    assert {"learning_rate", "units", "0.01", "8"} <= set(page.words)
    assert (run / "plots" / "learning_curves.png").stat().st_size > 5000
    card = (run / "card.md").read_text(encoding="utf-8")
    assert "| accuracy |" in card and f"{report.parameters:,} weights" in card


def test_texts_from_data_are_escaped(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    (tmp_path / "run" / "config.json").write_text(
        json.dumps({**config, "dataset": None, "data": [EVIL]})
    )
    writing.write(tmp_path / "run")
    page = check_page(tmp_path / "run", 2)
    assert page.words.count(EVIL) == 2  # in the header and in the configuration


def test_page_of_a_search_shows_all_trials(search):
    page = check_page(search, 5)
    stored = json.loads((search / "leaderboard.json").read_text())
    (failed,) = (trial for trial in stored["trials"] if trial["score"] is None)
    assert failed["reason"] in page.words and EVIL in failed["reason"]
    for trial in stored["trials"]:
        if trial is not failed:
            assert f"{trial['score']:.4f}" in page.words
            assert f"{trial['parameters']:,}" in page.words
    assert f"{stored['baseline']:.4f}" in page.words and {
        "Leaderboard",
        "Failed trials",
        "Search space",
    } <= set(page.words)
    heads = page.words[page.words.index("place") :][:12]
    assert heads == [
        "place",
        "trial",
        "cell",
        "learning rate",
        "activation",
        "mean squared error",
        "parameters",
        "growth per timestep",
        "effective memory",
        "clipped steps",
        "seconds",
        "remark",
    ]
    assert {path.name for path in (search / "plots").iterdir()} == {
        "search.png",
        "choices.png",
        "memory.png",
        "learning_curves.png",
        "trial_curves.png",
    }
    best = zoo.Run(search / "trials" / stored["best"]["id"])
    assert best.load_model().count_params() == next(
        trial["parameters"] for trial in stored["trials"] if trial["id"] == stored["best"]["id"]
    )


def test_finished_search_is_reported_without_the_folders_of_its_trials(search, tmp_path):
    folder = shutil.copytree(search, tmp_path / "copy")
    shutil.rmtree(folder / "trials")
    report, complete = writing.write(folder), gather(search)
    assert (report.best, report.parameters) == (complete.best, complete.parameters)
    path = folder / "leaderboard.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "trials": []}))
    with pytest.raises(zoo.RunError, match="leaderboard.json: no trial has a score"):
        writing.write(folder)


def test_page_is_deterministic(run):
    writing.write(run)
    first = (run / "report.html").read_bytes()
    writing.write(run)
    assert (run / "report.html").read_bytes() == first


# Unfinished runs and searches


def test_unfinished_run_is_reported(run, tmp_path):
    begun = shutil.copytree(run, tmp_path / "run")
    (begun / "metrics.json").unlink()
    report = writing.write(begun)
    assert (report.finished, report.metrics, report.baseline, len(report.history)) == (
        False,
        None,
        None,
        6,
    )
    assert report.best == gather(run).best and report.parameters == gather(run).parameters
    assert any("Not finished" in word for word in check_page(begun, 1).words)
    for name in ("checkpoint.npz", "history.csv"):
        (begun / name).unlink()
    assert writing.write(begun).history == []
    check_page(begun, 0)


def test_unfinished_search_is_reported(search, tmp_path):
    begun = shutil.copytree(search, tmp_path / "search")
    for name in ("leaderboard.json", "metrics.json", "config.json"):
        (begun / name).unlink()
    whole, report = gather(search), gather(begun)
    assert (
        not report.finished
        and report.trials == whole.trials
        and report.best_trial == whole.best_trial
    )
    running = next(trial for trial in whole.trials if trial["score"] is not None)
    (begun / "trials.json").write_text(
        json.dumps([trial for trial in whole.trials if trial is not running])
    )
    report = writing.write(begun)
    gradient = ("growth", "effective_memory", "lags", "clipped")  # once a trial has ended
    kept = {name: value for name, value in running.items() if name not in gradient}
    assert report.trials[-1] == {**kept, "status": "epoch 2 of 2"}
    assert any(word.endswith("epoch 2 of 2") for word in check_page(begun, 5).words)
    (begun / "trials.json").unlink()
    shutil.rmtree(begun / "trials")
    assert writing.write(begun).trials == []
    check_page(begun, 0)


def test_search_without_the_checkpoint_of_its_best_trial_is_reported(search, tmp_path):
    copy = shutil.copytree(search, tmp_path / "search")
    (copy / "trials" / gather(copy).best_trial / "checkpoint.npz").unlink()
    assert writing.write(copy).best == gather(search).best, "metrics.json has it too"
    assert "The model is that of epoch" in (copy / "card.md").read_text()


def test_folder_without_a_run_is_rejected(tmp_path):
    with pytest.raises(RequestError, match="is not a run folder"):
        gather(tmp_path)


# Errors


def test_error_in_the_report_does_not_affect_the_result(problem, tmp_path, monkeypatch, capsys):
    def fail(report):
        raise OSError("the picture [cannot] be drawn.")

    monkeypatch.setattr(writing, "pictures", fail)
    config, corpus = problem("adding")
    config = dataclasses.replace(config, cell="simple_rnn", units=2, epochs=1)
    corpus = dataclasses.replace(
        corpus, splits={split: each[:40] for split, each in corpus.splits.items()}
    )
    result = zoo.train(config, tmp_path / "run", corpus)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text()) == result
    printed = " ".join(capsys.readouterr().err.split())
    assert "the picture [cannot] be drawn. The result is not affected. Solve the problem" in printed


# The command


def test_report_command_prints_a_search(search, capsys):
    assert main(["report", str(search)]) == 0
    printed = capsys.readouterr().out
    assert (
        "learning curves, trial" in printed
        and "leaderboard, validation" in printed
        and "trivial" in printed
    )
    assert "the loss became nan" in printed and "report.html" in printed and "parameters" in printed
    assert main(["report", str(search), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    stored = json.loads((search / "leaderboard.json").read_text())
    assert value["trials"] == stored["trials"] and value["metrics"] == stored["metrics"]
    assert (value["kind"], value["finished"], value["objective"]) == (
        "search",
        True,
        "mean_squared_error",
    )
    assert [record["epoch"] for record in value["history"]] == [1, 2]


def test_report_command_prints_a_run_and_rejects_other_folders(run, tmp_path, capsys):
    assert main(["report", str(run)]) == 0
    printed = capsys.readouterr().out
    assert (
        "training loss" in printed
        and "validation accuracy" in printed
        and "leaderboard" not in printed
    )
    assert main(["report", str(tmp_path)]) == 2
    assert "is not a run folder" in capsys.readouterr().err
