"""Reports: a page that needs nothing but itself, told from the files of a run or a search, finished or not."""

import dataclasses
import html.parser
import json
import re
import shutil

import pytest

import zoo
from zoo.cli import main
from zoo.config import Search
from zoo.errors import RequestError
from zoo.reports import writing
from zoo.reports.leaderboard import differing, ranked, shown
from zoo.reports.report import gather
from zoo.reports.terminal import COLUMNS, ROWS, curve
from zoo.training.session import Session
from zoo.tuning.tuner import tune

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

EVIL = '<script>alert("1")</script>&amp;.tsv'
FETCHING = {
    "script": "src",
    "img": "src",
    "link": "href",
    "a": "href",
    "iframe": "src",
    "use": "xlink:href",
    "image": "href",
}


class Reader(html.parser.HTMLParser):
    """Collects what a page consists of; an element that is not closed is an error."""

    EMPTY = {"meta", "link", "br", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if text.strip() and self.open[-1] not in ("script", "style"):
            self.words.append(text.strip())

    def all(self, tag):
        return [attributes for each, attributes in self.elements if each == tag]


def check_page(folder, figures):
    """The page in `folder` is whole, fetches nothing, and says of each figure what it shows."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Reader(text)
    for tag, attribute in FETCHING.items():
        for attributes in page.all(tag):
            assert attributes.get(attribute, "#").startswith(("#", "data:")), (tag, attributes)
    assert not re.search(r"@import|url\((?!#)", text)
    assert len(page.all("script")) == 1 and "script-src 'sha256-" in text
    assert len(page.all("svg")) == len(page.all("figure")) == figures
    assert all(
        figure["role"] == "img" and len(figure["aria-label"]) > 20 for figure in page.all("figure")
    )
    assert len(page.all("path")) >= 5 * figures
    assert all(head["scope"] == "col" for head in page.all("th")) and len(page.all("thead")) == len(
        page.all("table")
    )
    ids = [
        attributes["id"]
        for _, attributes in page.elements
        if "id" in attributes and _ not in ("path", "clippath")
    ]
    assert len(set(ids)) == len(ids)
    return page


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """A finished run that a test may write into."""
    return shutil.copytree(
        trained("classification").folder, tmp_path_factory.mktemp("reports") / "run"
    )


SPACE = {"cell": ("simple_rnn", "gru"), "learning_rate": (1e-3, 1e-2)}


@pytest.fixture(scope="module")
def search(problem, tmp_path_factory):
    """A finished search of four trials, one of which failed."""
    folder = tmp_path_factory.mktemp("reports") / "search"
    config, corpus = problem("adding")
    corpus = dataclasses.replace(
        corpus, splits={split: each[:40] for split, each in corpus.splits.items()}
    )
    config = dataclasses.replace(config, units=2, learning_rate=None, epochs=2)
    one_epoch = Session.run_epoch

    def fail(session, evaluator):
        if (session.config.cell, session.config.learning_rate) == ("simple_rnn", 1e-2):
            raise zoo.RunError(f"the loss became nan. {EVIL}")
        one_epoch(session, evaluator)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.models.assembly.read_corpus", lambda config: corpus)
        patch.setattr("zoo.saved_models.exporting.export", lambda run: None)
        patch.setattr(Session, "_one_epoch", fail)
        tune(config, folder, SPACE, Search(max_trials=4, tuner="grid"))
    return folder


# The page


def test_the_page_of_a_run(run):
    report = writing.write(run)
    page, text = check_page(run, 1), (run / "report.html").read_text(encoding="utf-8")
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


def test_texts_from_data_are_only_texts(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    (tmp_path / "run" / "config.json").write_text(
        json.dumps({**config, "dataset": None, "data": [EVIL]})
    )
    writing.write(tmp_path / "run")
    page = check_page(tmp_path / "run", 1)
    assert page.words.count(EVIL) == 2  # in the head and in the configuration


def test_the_page_of_a_search(search):
    page = check_page(search, 4)
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
        "Searched",
    } <= set(page.words)
    heads = page.words[page.words.index("place") :][:9]
    assert heads == [
        "place",
        "trial",
        "cell",
        "learning rate",
        "activation",
        "mean squared error",
        "parameters",
        "seconds",
        "remark",
    ]
    assert {path.name for path in (search / "plots").iterdir()} == {
        "search.png",
        "choices.png",
        "learning_curves.png",
        "trial_curves.png",
    }
    best = zoo.Run(search / "trials" / stored["best"]["id"])
    assert best.model.count_params() == next(
        trial["parameters"] for trial in stored["trials"] if trial["id"] == stored["best"]["id"]
    )


def test_the_same_report_is_the_same_page(run):
    writing.write(run)
    first = (run / "report.html").read_bytes()
    writing.write(run)
    assert (run / "report.html").read_bytes() == first


# What is not finished


def test_an_unfinished_run_is_told_as_far_as_it_is(run, tmp_path):
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


def test_an_unfinished_search_is_told_as_far_as_it_is(search, tmp_path):
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
    assert report.trials[-1] == {**running, "status": "epoch 2 of 2"}
    assert any(word.endswith("epoch 2 of 2") for word in check_page(begun, 4).words)
    (begun / "trials.json").unlink()
    shutil.rmtree(begun / "trials")
    assert writing.write(begun).trials == []
    check_page(begun, 0)


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no run folder"):
        gather(tmp_path)


# Nothing is lost to a report


def test_a_report_that_fails_costs_no_result(problem, tmp_path, monkeypatch, capsys):
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
    assert "the picture [cannot] be drawn" in capsys.readouterr().err


# The verb


def test_the_verb_tells_a_search(search, capsys):
    assert main(["report", str(search)]) == 0
    told = capsys.readouterr().out
    assert (
        "learning curves, trial" in told and "leaderboard, validation" in told and "trivial" in told
    )
    assert "the loss became nan" in told and "report.html" in told and "parameters" in told
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


def test_the_verb_tells_a_run_and_refuses_what_is_none(run, tmp_path, capsys):
    assert main(["report", str(run)]) == 0
    told = capsys.readouterr().out
    assert "training loss" in told and "validation accuracy" in told and "leaderboard" not in told
    assert main(["report", str(tmp_path)]) == 2
    assert "is no run folder" in capsys.readouterr().err


# The parts


@pytest.mark.parametrize(
    "numbers", [[1.0], [2.0, 2.0], [3.0, 1.0, 2.0], list(range(500)), [1e-9, 1e9]], ids=str
)
def test_a_curve_stays_within_its_axes(numbers):
    title, *body, axis, ends = curve("loss", numbers)
    assert title.strip() == "loss" and len(body) == ROWS
    margin = axis.index("└") + 1
    assert all(len(line) <= margin + COLUMNS for line in (*body, axis, ends))
    assert ends.split() == ["1", str(len(numbers))][: len(numbers)]
    assert f"{max(numbers):.4g}" in "".join(body) and f"{min(numbers):.4g}" in "".join(body)
    assert "".join(curve("loss", numbers, ascii_only=True)).isascii()


def test_a_curve_falls_where_the_numbers_fall():
    _, *body, _, _ = curve("loss", [3.0, 2.0, 1.0])
    first = [line.split("│")[1].rstrip() for line in body]
    assert [len(line) for line in first] == sorted(len(line) for line in first) and len(
        first[-1]
    ) == COLUMNS


def trial(score, **config):
    return {
        "id": "0",
        "score": score,
        "config": {"cell": "gru", "cell_args": {}, "units": 2, **config},
    }


def test_the_fields_in_which_trials_differ():
    trials = [trial(1, cell_args={"activation": "relu"}), trial(2, units=3), trial(None)]
    assert differing(trials) == ["units", "cell_args.activation"]
    assert [each["score"] for each in ranked(trials, True)] == [2, 1, None]
    assert [each["score"] for each in ranked(trials, False)] == [1, 2, None]
    assert [shown(value) for value in (0.0, 0, False, None, {}, 1e-4, ("a", "b"))] == [
        "0",
        "0",
        "false",
        "",
        "",
        "0.0001",
        "a, b",
    ]
