"""The search: a hypermodel for any tuner, and searches that are reproducible, bounded and gone on with after a kill."""

import dataclasses
import json

import keras_tuner
import pytest

import zoo
from registry import UnknownName
from tasks.library import tasks
from zoo import tuning
from zoo.cells import cells
from zoo.config import Search
from zoo.errors import RequestError, RunError
from zoo.models import assembly
from zoo.training.session import Session
from zoo.tuning.hypermodel import HyperModel, complete_space
from zoo.tuning.tuner import tune

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

SPACE = {"units": (2, 3, 4, 5), "learning_rate": (1e-3, 3e-3, 1e-2, 3e-2)}
WIDTH = {"width": 2}


@pytest.fixture
def config(problem, monkeypatch):
    """A configuration whose corpus is a few examples, whatever it is asked with; no exports, which cost seconds."""
    config, corpus = problem("adding")
    corpus = dataclasses.replace(
        corpus, splits={split: each[:40] for split, each in corpus.splits.items()}
    )
    monkeypatch.setattr("zoo.models.assembly.read_corpus", lambda config: corpus)
    monkeypatch.setattr("zoo.saved_models.exporting.export", lambda run: None)
    monkeypatch.setattr("zoo.tuning.tuner.write_if_possible", lambda *arguments: None)
    return dataclasses.replace(
        config, cell="simple_rnn", units=None, learning_rate=None, epochs=1, seed=0
    )


def values(result):
    """What was tried, and what came of it."""
    return [
        (
            trial["config"]["units"],
            trial["config"]["learning_rate"],
            trial["score"],
            trial["status"],
        )
        for trial in result["trials"]
    ]


# The hypermodel


def test_a_stock_tuner_searches_it(problem, tmp_path):
    config, corpus = problem("adding")
    hypermodel = tuning.HyperModel(
        zoo.Config(task="adding", cell="simple_rnn"), {"units": (2, 3)}, vocabulary=WIDTH
    )
    task = tasks.get("adding")
    hp = keras_tuner.HyperParameters()
    features, resolved = hypermodel.features(hypermodel.configure(hp)), hypermodel.configure(hp)
    batches = task.arrangement.batches(features, corpus.splits["train"][:40], resolved, True)
    tuner = keras_tuner.RandomSearch(
        hypermodel, "loss", max_trials=2, seed=1, directory=tmp_path, project_name="stock"
    )
    tuner.search(batches.epoch(0), epochs=1, verbose=0, shuffle=False)
    done = tuner.oracle.get_best_trials(2)
    assert [trial.status for trial in done] == ["COMPLETED"] * 2
    assert done[0].hyperparameters.values["units"] in (2, 3)
    assert tuner.hypermodel.build(done[0].hyperparameters).count_params() > 0


def configured(space, chosen=None, **config):
    """The hyperparameters of a space, and the configuration for chosen values."""
    hypermodel = HyperModel(
        zoo.Config(task="adding", units=2, learning_rate=0.1, **config), space, vocabulary=WIDTH
    )
    hp = keras_tuner.HyperParameters()
    hp.values = dict(chosen or {})
    return hp, hypermodel.configure(hp)


def test_arguments_of_a_cell_are_asked_for_where_it_is_chosen():
    assert cells.get("simple_rnn").search_space and not cells.get("gru").search_space
    own = {f"simple_rnn.{name}" for name in cells.get("simple_rnn").search_space}
    hp, config = configured({"cell": ("gru", "simple_rnn")}, {"cell": "gru"})
    assert own <= {item.name for item in hp.space} and config.cell_args == {}
    for item in hp.space:
        if item.name in own:
            assert [(condition.name, condition.values) for condition in item.conditions] == [
                ("cell", ["simple_rnn"])
            ]
    _, config = configured({"cell": ("gru", "simple_rnn")}, {"cell": "simple_rnn"})
    assert {f"simple_rnn.{name}" for name in config.cell_args} == own
    argument = next(iter(config.cell_args))
    value = cells.get("simple_rnn").search_space[argument][-1]
    hp, config = configured({}, cell="simple_rnn", cell_args={argument: value})
    assert f"simple_rnn.{argument}" not in hp and config.cell_args[argument] == value


def test_clippings_are_a_choice_of_the_kind_and_of_its_value():
    space = {"clipnorm": (0.5, 1.0), "clipvalue": (None, 0.1)}
    hp, config = configured(space, {"clipping": "clipnorm", "clipnorm": "1.0"})
    assert {item.name for item in hp.space} == {"clipping", "clipnorm", "clipvalue"}
    assert (config.clipnorm, config.global_clipnorm, config.clipvalue) == (1.0, None, None)
    _, config = configured(space, {"clipping": "clipvalue", "clipvalue": "0.1"})
    assert (config.clipnorm, config.clipvalue) == (None, 0.1)
    hp, config = configured({"clipvalue": (0.1, 0.2)}, {"clipvalue": "0.2"})
    assert {item.name for item in hp.space} == {"clipvalue"} and config.clipvalue == 0.2


def test_none_of_a_clipping_is_no_clipping():
    _, config = configured({"clipvalue": ("none", 0.2)}, {"clipvalue": "none"})
    assert config.clipvalue is None
    assert config.global_clipnorm is None, "none is asked for, and not the task's own clipping"


def test_what_is_not_named_has_the_space_of_the_task():
    space = tasks.get("adding").space
    assert complete_space(zoo.Config(task="adding"), {}) == dict(space)
    assert complete_space(zoo.Config(task="adding", units=7), {}) == {
        name: each for name, each in space.items() if name != "units"
    }
    assert complete_space(zoo.Config(task="adding"), {"units": (1, 2)}) == {
        **space,
        "units": (1, 2),
    }
    with pytest.raises(UnknownName, match="'gruu'.*'gru'"):
        complete_space(zoo.Config(task="adding"), {"cell": ("lstm", "gruu")})
    with pytest.raises(RequestError, match="units has no values"):
        complete_space(zoo.Config(task="adding"), {"units": ()})


# The search


def test_an_interrupted_search_goes_on_as_if_nothing_had_been(config, tmp_path, monkeypatch):
    config, search = dataclasses.replace(config, epochs=2), Search(max_trials=3)
    whole = tune(config, tmp_path / "whole", SPACE, search)
    assert [trial["status"] for trial in whole["trials"]] == ["completed"] * 3
    assert len({(units, rate) for units, rate, *_ in values(whole)}) == 3

    class Killed(BaseException):
        pass

    epochs, one_epoch = [], Session.run_epoch

    def killed(session, evaluator):
        epochs.append(session)
        if len(epochs) == 4:  # the second epoch of the second trial
            raise Killed
        one_epoch(session, evaluator)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Session, "_one_epoch", killed)
        tune(config, tmp_path / "killed", SPACE, search)
    left = []
    monkeypatch.setattr(Session, "_one_epoch", lambda *each: (left.append(each), one_epoch(*each)))
    again = tune(config, tmp_path / "killed", SPACE, search)
    assert len(left) == 3, "an epoch of the second trial, two of the third"
    assert values(again) == values(whole)
    assert (again["best"], again["metrics"]) == (whole["best"], whole["metrics"])
    readable_by_keras_tuner(config, tmp_path / "killed", whole)
    monkeypatch.setattr("zoo.tuning.tuner._Tuner", lambda *_: pytest.fail("it searched again"))
    assert tune(config, tmp_path / "whole", SPACE, search) == whole


def timeless(result):
    """The result of a search without what a clock says."""
    trials = [{**trial, "seconds": None} for trial in result["trials"]]
    return {**result, "seconds": None, "trials": trials}


def test_trials_are_added_to_a_search_that_ended(config, tmp_path, monkeypatch):
    whole = tune(config, tmp_path / "whole", SPACE, Search(max_trials=4))
    first = tune(config, tmp_path / "grown", SPACE, Search(max_trials=2))
    folder, trained, one_epoch = tmp_path / "grown", [], Session.run_epoch
    monkeypatch.setattr(
        Session, "_one_epoch", lambda *each: (trained.append(each), one_epoch(*each))
    )

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("zoo.tuning.tuner.conclude", lambda *_: (_ for _ in ()).throw(Killed))
        tune(config, folder, SPACE, Search(max_trials=4))
    assert not (folder / "leaderboard.json").exists() and not (folder / "metrics.json").exists()
    grown = tune(config, folder, SPACE, Search(max_trials=4))
    assert len(trained) == 2, "those of before are not trained again"
    assert timeless(grown)["trials"][:2] == timeless(first)["trials"]
    assert timeless(grown) == timeless(whole)
    assert zoo.Run(folder).config.to_json() == grown["best"]["config"]


def test_hyperband_goes_on_as_if_it_had_not_stopped(config, tmp_path, monkeypatch):
    config, search = (
        dataclasses.replace(config, epochs=3, dropout=0.3, schedule="cosine"),
        Search(tuner="hyperband"),
    )
    whole = tune(config, tmp_path / "whole", SPACE, search)
    assert [(trial["epochs"], trial["continues"] is None) for trial in whole["trials"]] == [
        (1, True)
    ] * 3 + [(3, False)] + [(3, True)] * 2
    went_on = whole["trials"][3]
    alone = zoo.Run(tmp_path / "alone")
    zoo.train(zoo.Config.from_json(went_on["config"]), alone.folder, assembly.read_corpus(config))
    run = zoo.Run(tmp_path / "whole" / "trials" / went_on["id"])
    assert run.history == alone.history, (
        "weights, optimizer, dropout and learning rate are those of one training"
    )
    seconds = zoo.Run(tmp_path / "whole" / "trials" / went_on["continues"]).progress["seconds"]
    assert went_on["seconds"] == pytest.approx(run.progress["seconds"] - seconds, abs=0.1)

    class Killed(BaseException):
        pass

    def copy(run, other, names):
        copied(run, other, names[:3])
        raise Killed

    copied = zoo.Run.copy
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(zoo.Run, "copy", copy)
        tune(config, tmp_path / "killed", SPACE, search)
    assert timeless(tune(config, tmp_path / "killed", SPACE, search)) == timeless(whole)


def readable_by_keras_tuner(config, folder, result):
    """The folder of a search opens in keras-tuner as a project of its own."""
    stock = keras_tuner.RandomSearch(
        HyperModel(config, SPACE, vocabulary=WIDTH),
        keras_tuner.Objective("mean_squared_error", "min"),
        max_trials=3,
        directory=folder,
        project_name="search",
        overwrite=False,
    )
    best = stock.get_best_hyperparameters()[0].values
    assert {name: best[name] for name in SPACE} == {
        name: result["best"]["config"][name] for name in SPACE
    }
    assert [trial.score for trial in stock.oracle.get_best_trials(3)] == sorted(
        trial["score"] for trial in result["trials"]
    )


def test_another_seed_is_another_search(config):
    def first(seed):
        oracle = keras_tuner.oracles.RandomSearchOracle(
            objective="loss", max_trials=3, seed=seed + 1
        )
        HyperModel(config, SPACE, vocabulary=WIDTH).configure(oracle.hyperparameters)
        return [oracle.populate_space(str(number))["values"] for number in range(3)]

    assert first(0) == first(0) != first(1)


def test_a_grid_covers_all_and_a_failing_trial_is_recorded(config, tmp_path, monkeypatch):
    one_epoch = Session.run_epoch

    def picky(session, evaluator):
        if session.config.units == 3:
            raise RunError("the loss became nan at batch 7. Clip the gradient.")
        one_epoch(session, evaluator)

    monkeypatch.setattr(Session, "_one_epoch", picky)
    config = dataclasses.replace(
        config,
        cell_args={name: each[0] for name, each in cells.get("simple_rnn").search_space.items()},
    )
    result = tune(
        config,
        tmp_path / "grid",
        {"units": (2, 3), "learning_rate": (1e-3, 1e-2)},
        Search(tuner="grid", max_trials=20),
    )
    assert {each[:2] for each in values(result)} == {
        (units, rate) for units in (2, 3) for rate in (1e-3, 1e-2)
    }
    for trial in result["trials"]:
        failed = trial["config"]["units"] == 3
        assert (trial["status"], trial["score"] is None) == (
            ("failed", True) if failed else ("completed", False)
        )
        assert trial["reason"] == (
            "the loss became nan at batch 7. Clip the gradient." if failed else None
        )
    best = min(
        (trial for trial in result["trials"] if trial["score"] is not None),
        key=lambda trial: trial["score"],
    )
    assert result["best"]["id"] == best["id"]
    run = zoo.Run(tmp_path / "grid")
    assert run.config.to_json() == best["config"] and run.result["metrics"] == result["metrics"]
    assert json.loads((tmp_path / "grid" / "leaderboard.json").read_text()) == result


def test_when_no_trial_succeeds_the_reason_is_told(config, tmp_path, monkeypatch):
    def fail(session, evaluator):
        raise RunError("the loss became nan at batch 1. Clip the gradient.")

    monkeypatch.setattr(Session, "_one_epoch", fail)
    with pytest.raises(
        RunError, match="none of 4 trials succeeded; the first: the loss became nan at batch 1"
    ):
        tune(
            config,
            tmp_path / "run",
            {"units": (2, 3, 4, 5), "learning_rate": (1e-3,)},
            Search(max_trials=4),
        )


@pytest.mark.parametrize(("tuner", "epochs"), [("random", 2), ("hyperband", 3)])
def test_the_time_limit_is_of_the_whole_search(config, tmp_path, clock, tuner, epochs):
    clock(5)
    config = dataclasses.replace(config, max_minutes=1.0, epochs=epochs)
    result = tune(config, tmp_path / "run", SPACE, Search(tuner=tuner, max_trials=8))
    assert 60 <= result["seconds"] <= 60 + 2 * 5, result["seconds"]
    assert 1 < len(result["trials"]) < 8
    assert result["seconds"] == sum(trial["seconds"] for trial in result["trials"])


def test_the_folder_of_another_search_is_refused(config, tmp_path):
    (tmp_path / "search.json").write_text(
        json.dumps(
            {
                "config": config.to_json(),
                "space": {name: list(each) for name, each in SPACE.items()},
                "search": {"tuner": "random", "max_trials": 3, "objective": None},
            }
        )
    )
    with pytest.raises(
        RequestError, match="another search .*tuner: .random. there, .bayesian. asked"
    ):
        tune(config, tmp_path, SPACE, Search(tuner="bayesian", max_trials=3))
    with pytest.raises(RequestError, match="a search of 3 trials, and 2 were asked for"):
        tune(config, tmp_path, SPACE, Search(max_trials=2))
    with pytest.raises(RequestError, match="epochs=2,4: hyperband itself chooses"):
        tune(config, tmp_path / "new", {"epochs": (2, 4)}, Search(tuner="hyperband"))
    with pytest.raises(RequestError, match="objective=bleu.*mean_squared_error"):
        tune(config, tmp_path, SPACE, Search(objective="bleu"))
