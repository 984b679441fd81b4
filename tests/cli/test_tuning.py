"""`zoo tune`: a search and its export, and the output of `--dry_run` and `--show_config`."""

import pytest
import tensorflow as tf

from zoo.cells import cells

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]


@pytest.fixture
def graph():
    """Run tf.functions as graphs, which is faster for many steps."""
    tf.config.run_functions_eagerly(False)
    yield
    tf.config.run_functions_eagerly(True)


@pytest.fixture(scope="module")
def tune(folder, train):
    """Return a function from a run folder to the arguments of a search with two trials."""

    def argv(run_dir, *more):
        fixed = ("--dropout=0", "--max_trials=2", "--tuner=grid")
        return "tune", *train[1:], *fixed, f"--run_dir={run_dir}", *more

    return argv


@pytest.mark.costly
def test_search_is_exported_and_repeated_command_returns_its_result(folder, tune, json_of, run):
    argv = tune(folder / "search", "--cell=lstm,gru", "--learning_rate=1e-3")
    result = json_of(*argv)
    assert set(result) == {
        "run_dir",
        "objective",
        "baseline",
        "seconds",
        "trials",
        "best",
        "metrics",
    }
    assert (result["run_dir"], result["objective"]) == (str(folder / "search"), "accuracy")
    for trial in result["trials"]:
        assert list(trial) == [
            "id",
            "status",
            "reason",
            "score",
            "seconds",
            "parameters",
            "stopped",
            "growth",
            "effective_memory",
            "lags",
            "clipped",
            "config",
        ]
        assert (trial["status"], trial["reason"]) == ("completed", None)
    assert [trial["config"]["cell"] for trial in result["trials"]] == ["lstm", "gru"]
    best = max(result["trials"], key=lambda trial: trial["score"])
    assert set(result["best"]) == {"id", "score", "config"}
    assert result["best"]["score"] == best["score"]
    assert json_of(*argv) == result
    text = run(*argv)
    assert "leaderboard" in text and "trivial baseline" in text and "lstm" in text
    words = json_of("predict", folder / "search" / "export", "--text=the cat")[0]["words"]
    assert words == ["the", "cat"]
    metrics = json_of("evaluate", folder / "search")["metrics"]
    assert metrics["accuracy"] == result["metrics"]["accuracy"]


@pytest.mark.costly
def test_failing_trial_is_recorded_and_the_search_continues(folder, tune, json_of, graph):
    relu = '--cell_args={"activation": "relu"}'
    rates = ("--learning_rate=1e30,1e-3", "--batch_size=1", "--cell=simple_rnn", relu)
    result = json_of(*tune(folder / "failing", *rates))
    failed, completed = result["trials"]
    assert (failed["config"]["learning_rate"], failed["status"]) == (1e30, "failed")
    assert failed["score"] is None and "the loss became nan" in failed["reason"]
    error = folder / "failing" / "trials" / failed["id"] / "error.txt"
    text = error.read_text()
    assert text.startswith("Traceback") and failed["reason"] in text
    assert completed["status"] == "completed"
    assert not error.parent.with_name(completed["id"]).joinpath("error.txt").exists()
    assert result["best"]["config"]["learning_rate"] == 1e-3


def test_dry_run_prints_the_space_and_trains_nothing(folder, train, json_of, run):
    argv = ("tune", *train[1:], "--cell=lstm,*_rnn", "--clipnorm=none,1", "--dry_run")
    space = json_of(*argv)
    assert space["cell"] == ["lstm", *cells.names("*_rnn")]
    assert space["clipnorm"] == ["none", 1.0]
    assert "units" not in space and len(space["learning_rate"]) > 1
    assert "learning_rate" in run(*argv)
    clippings = json_of("tune", "--clipnorm=1", "--clipvalue=0.5", "--dry_run")
    assert (clippings["clipnorm"], clippings["clipvalue"]) == ([1.0], [0.5])


def test_show_config_prints_choices_and_fixed_values(json_of):
    values = json_of("tune", "--cell=lstm,gru", "--units=64", "--show_config")
    assert values["cell"] == {"value": ["lstm", "gru"], "origin": "flag"}
    assert values["units"] == {"value": 64, "origin": "flag"}
    assert values["layers"] == {"value": 1, "origin": "default"}


def test_tag_stands_for_all_cells_that_have_it(json_of):
    values = json_of("tune", "--cell=tag:orthogonal,lstm,exp*", "--show_config")
    assert values["cell"]["value"] == [*cells.names(tags="orthogonal"), "lstm"]
    assert "exprnn" in values["cell"]["value"]
