"""Every verb of the command line, from end to end, on tiny data; and what it does not import."""

import json
import subprocess
import sys

import pytest

from zoo.cells import cells
from zoo.cli import VERBS, main
from zoo.cli.listing import KINDS
from zoo.conformance import suite
from zoo.conformance.violation import Violation

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

SENTENCES = (
    "the\tDET\ncat\tNOUN\nsat\tVERB\n",
    "a\tDET\ndog\tNOUN\nbarks\tVERB\n",
    "cats\tNOUN\nsleep\tVERB\n",
)
SMALL = ("--epochs=1", "--units=4", "--embedding=4")
METRIC = {"value", "unit", "higher_is_better", "baseline"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    (folder / "pos.tsv").write_text("\n".join(SENTENCES * 8))
    (folder / "text.txt").write_text("the cat sat on the mat and the dog sat on the log.\n" * 12)
    return folder


@pytest.fixture
def run(capsys):
    """Runs a command that succeeds; returns what it says on stdout."""

    def run(*argv, status=0):
        capsys.readouterr()
        assert main([str(argument) for argument in argv]) == status
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return out

    return run


@pytest.fixture
def value(run):
    """The JSON value of a command; `json.loads` fails if anything else is on stdout."""
    return lambda *argv, **keywords: json.loads(run(*argv, "--json", **keywords))


@pytest.fixture(scope="module")
def train(folder):
    return "train", f"--data={folder / 'pos.tsv'}", *SMALL


@pytest.fixture(scope="module")
def tagger(folder, train):
    assert main([*train, f"--run_dir={folder / 'tagger'}"]) == 0
    return folder / "tagger"


@pytest.fixture(scope="module")
def writer(folder):
    assert (
        main(
            [
                "train",
                "--task=language_model",
                f"--data={folder / 'text.txt'}",
                *SMALL,
                f"--run_dir={folder / 'writer'}",
            ]
        )
        == 0
    )
    return folder / "writer"


def check_result(result, run_dir, split):
    assert {"run_dir", "split", "seconds", "metrics"} <= set(result)
    assert (result["run_dir"], result["split"]) == (str(run_dir), split)
    assert result["seconds"] >= 0
    assert set(result["metrics"]) == {"accuracy"}
    score = result["metrics"]["accuracy"]
    assert set(score) == METRIC
    assert 0 <= score["value"] <= 1 and 0 <= score["baseline"] <= 1
    assert (score["unit"], score["higher_is_better"]) == ("fraction", True)


def test_train_gives_its_result_and_gives_it_again(folder, train, value, run):
    run_dir = folder / "run"
    first = value(*train, f"--run_dir={run_dir}")
    check_result(first, run_dir, "test")
    for name in (
        "config.json",
        "metrics.json",
        "history.csv",
        "model.keras",
        "vocabularies.json",
        "card.md",
        "plots",
    ):
        assert (run_dir / name).exists(), name
    model = (run_dir / "model.keras").stat().st_mtime_ns
    assert value(*train, f"--run_dir={run_dir}") == first
    assert (run_dir / "model.keras").stat().st_mtime_ns == model
    assert "accuracy" in run(*train, f"--run_dir={run_dir}")


def test_train_takes_configured_fields_to_the_run(folder, train, value):
    value(
        *train,
        "--cell=gru",
        "--nobidirectional",
        "--clipvalue=0.5",
        f"--run_dir={folder / 'fields'}",
    )
    config = json.loads((folder / "fields" / "config.json").read_text())
    assert (config["cell"], config["bidirectional"], config["clipvalue"], config["units"]) == (
        "gru",
        False,
        0.5,
        4,
    )


def test_evaluate_scores_the_split_asked_for(tagger, value, run):
    check_result(value("evaluate", tagger), tagger, "test")
    check_result(value("evaluate", tagger, "--split=validation"), tagger, "validation")
    stored = json.loads((tagger / "metrics.json").read_text())
    assert value("evaluate", tagger)["metrics"] == stored["metrics"]
    assert value("evaluate", tagger, "--split=validation")["metrics"]["accuracy"][
        "value"
    ] == pytest.approx(stored["validation"]["scores"]["accuracy"])
    assert "train" in run("evaluate", tagger, "--split=train")


def test_predict_answers_each_text_in_order(folder, tagger, value, run):
    (folder / "lines.txt").write_text("a dog barks\n", encoding="utf-8")
    answers = value(
        "predict", tagger, "--text=the cat", "--text=cats", f"--input={folder / 'lines.txt'}"
    )
    assert [answer["input"] for answer in answers] == ["the cat", "cats", "a dog barks"]
    for answer in answers:
        assert {"input", "output", "scores"} <= set(answer)
        assert len(answer["output"]) == len(answer["scores"]) == len(answer["input"].split())
        assert set(answer["output"]) <= {"DET", "NOUN", "VERB"}
        assert all(0 < score <= 1 for score in answer["scores"])
    assert "cat" in run("predict", tagger, "--text=the cat")


def test_an_export_predicts_what_its_run_predicts(folder, tagger, value, run):
    result = value("export", tagger, f"--path={folder / 'exported'}")
    assert set(result) == {"path", "signatures"}
    assert result["path"] == str(folder / "exported" / "1")
    assert result["signatures"]["serve"] == {
        "inputs": ["text"],
        "outputs": ["lengths", "scores", "tags", "words"],
    }
    theirs, ours = (
        value("predict", path, "--text=the cat sat") for path in (folder / "exported", tagger)
    )
    assert theirs[0]["output"] == ours[0]["output"]
    assert theirs[0]["scores"] == pytest.approx(ours[0]["scores"], abs=1e-6)
    assert "serve: text ->" in run("export", tagger)
    assert (tagger / "export" / "1" / "saved_model.pb").exists()


def test_generate_goes_on_with_a_prompt(writer, value, run):
    (answer,) = value("generate", writer, "--text=the", "--length=7", "--seed=3")
    assert (answer["input"], len(answer["output"]), len(answer["scores"])) == ("the", 7, 7)
    assert value("generate", writer, "--text=the", "--length=7", "--seed=3") == [answer]
    assert (
        run("generate", writer, "--text=the", "--length=7", "--seed=3")
        == f"the{answer['output']}\n"
    )
    greedy = [
        value("generate", writer, "--text=the", "--length=7", "--temperature=0", f"--seed={seed}")
        for seed in (1, 2)
    ]
    assert greedy[0] == greedy[1]


def search(train, run_dir, *argv):
    return "tune", *train[1:], "--dropout=0", "--max_trials=2", f"--run_dir={run_dir}", *argv


def test_tune_searches_exports_and_gives_its_result_again(folder, train, value, run):
    argv = search(
        train, folder / "search", "--cell=lstm,gru", "--learning_rate=1e-3", "--tuner=grid"
    )
    result = value(*argv)
    assert {"run_dir", "objective", "seconds", "trials", "best", "metrics"} <= set(result)
    assert (result["run_dir"], result["objective"]) == (str(folder / "search"), "accuracy")
    assert [set(trial) for trial in result["trials"]] == [
        {"id", "status", "reason", "score", "seconds", "parameters", "config"}
    ] * 2
    assert {trial["config"]["cell"] for trial in result["trials"]} == {"lstm", "gru"}
    assert all(
        trial["status"] == "completed" and trial["reason"] is None for trial in result["trials"]
    )
    best = max(result["trials"], key=lambda trial: trial["score"])
    assert (
        set(result["best"]) == {"id", "score", "config"}
        and result["best"]["score"] == best["score"]
    )
    assert set(result["metrics"]["accuracy"]) == METRIC
    assert value(*argv) == result
    text = run(*argv)
    assert "leaderboard" in text and "trivial" in text and "lstm" in text
    words = value("predict", folder / "search" / "export", "--text=the cat")[0]["words"]
    assert words == ["the", "cat"]
    check_result(value("evaluate", folder / "search"), folder / "search", "test")


def test_a_failing_trial_is_recorded_and_the_search_goes_on(folder, train, value):
    argv = search(
        train,
        folder / "failing",
        "--learning_rate=1e30,1e-3",
        "--tuner=grid",
        "--batch_size=1",
        "--cell=simple_rnn",
        '--cell_args={"activation": "relu"}',
    )
    result = value(*argv)
    by_rate = {trial["config"]["learning_rate"]: trial for trial in result["trials"]}
    assert (by_rate[1e30]["status"], by_rate[1e30]["score"]) == ("failed", None)
    assert "the loss became nan" in by_rate[1e30]["reason"]
    assert (
        by_rate[1e-3]["status"] == "completed" and result["best"]["config"]["learning_rate"] == 1e-3
    )


def test_dry_run_prints_the_space_and_trains_nothing(folder, train, value, run):
    argv = ("tune", *train[1:], "--cell=lstm,*_rnn", "--clipnorm=none,1", "--dry_run")
    space = value(*argv)
    assert space["cell"] == ["lstm", *cells.names("*_rnn")]
    assert space["clipnorm"] == ["none", 1.0]
    assert "units" not in space and len(space["learning_rate"]) > 1
    assert "learning_rate" in run(*argv)
    clippings = value("tune", "--clipnorm=1", "--clipvalue=0.5", "--dry_run")
    assert (clippings["clipnorm"], clippings["clipvalue"]) == ([1.0], [0.5])


def test_list_gives_records_of_every_kind(value, run):
    records = value("list")
    assert {record["kind"] for record in records} == {kind.removesuffix("s") for kind in KINDS}
    assert all(record["name"] and record["kind"] for record in records)
    for kind, registry in KINDS.items():
        named = [record["name"] for record in value("list", kind)]
        assert named == registry.names()
    named = [record["name"] for record in value("list", "cell", "*lstm*", "--tags=lstm")]
    assert {"lstm", "peephole_lstm"} <= set(named) < set(KINDS["cells"].names())
    shown = run("list", "cells")
    assert all(name in shown for name in cells.names())


def test_show_tells_what_a_name_stands_for(value, run):
    (record,) = value("show", "lstm")
    assert (record["name"], record["kind"]) == ("lstm", "cell")
    assert record["file"].endswith("lstm.py") and record["line"] > 0
    assert "f = sigmoid(x W_f + h U_f + b_f)" in record["text"]
    text = run("show", "simple_rnn")
    assert "h" in text and "search space" in text and "simple_rnn.py" in text


def test_check_judges_a_cell(value, run, monkeypatch):
    def refused(subject):
        raise Violation("expected more; measured less")

    monkeypatch.setattr(
        suite, "properties", {name: suite.properties[name] for name in ("docstring", "gates")}
    )
    assert [(result["property"], result["passed"]) for result in value("check", "mgu")] == [
        ("docstring", True),
        ("gates", True),
    ]
    assert "mgu: 2 of 2" in run("check", "mgu")
    monkeypatch.setitem(suite.properties, "gates", refused)
    kept, broken = value("check", "mgu", status=1)
    assert (
        kept["passed"]
        and not broken["passed"]
        and broken["reason"] == "expected more; measured less"
    )


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb, run):
    assert f"zoo {verb}" in run(verb, "--help")
    assert run(verb, "-h") == run(verb, "--json", "--help")


def test_help_names_all_verbs(run):
    text = run("--help")
    assert all(f"zoo {verb}" in text for verb in VERBS)
    assert run("-h") == run("help") == text == run(status=2)


def test_version(run):
    assert run("--version").strip().count(".") == 2


def fresh(code, *argv):
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = "print('HEAVY', sorted({'tensorflow', 'keras', 'keras_tuner', 'tensorflow_datasets'} & set(sys.modules)))"


@pytest.mark.parametrize(
    "command", ["--help", "list cells", "list", "train --help", "tune --help", "predict --help"]
)
def test_names_and_help_do_not_wait_for_tensorflow(command):
    code = f"import sys; from zoo.cli import main; status = main(sys.argv[1:]); {HEAVY}; sys.exit(status)"
    assert fresh(code, *command.split()).endswith("HEAVY []\n")


def test_packages_import_nothing_heavy():
    code = (
        f"import importlib, pkgutil, sys\n"
        f"for root in ('zoo', 'tasks', 'registry'):\n"
        f"    package = importlib.import_module(root)\n"
        f"    for module in pkgutil.walk_packages(package.__path__, root + '.'):\n"
        f"        if module.ispkg:\n"
        f"            importlib.import_module(module.name)\n"
        f"            print(module.name)\n"
        f"{HEAVY}"
    )
    packages = fresh(code).split("\n")
    assert packages[-2] == "HEAVY []"
    assert {
        "zoo.cells",
        "zoo.cli",
        "zoo.tuning",
        "tasks.datasets",
        "tasks.heads",
        "tasks.library",
    } <= set(packages)


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "zoo", "trian"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: ") and done.stderr.count("\n") == 1
