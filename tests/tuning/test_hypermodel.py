"""The hypermodel: search spaces for any tuner of keras-tuner."""

import keras_tuner
import pytest

import zoo
from registry import UnknownName
from tasks.library import tasks
from zoo import tuning
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.tuning.hypermodel import HyperModel, complete_space

VOCABULARY = {"width": 2}


@pytest.mark.filterwarnings("ignore:Even though the `tf.config")
@pytest.mark.costly
def test_stock_tuner_searches_the_hypermodel(problem, eager, tmp_path):
    config, corpus = problem("adding")
    hypermodel = tuning.HyperModel(
        zoo.Config(task="adding", cell="simple_rnn"), {"units": (2, 3)}, vocabulary=VOCABULARY
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
    """Return the hyperparameters of a space, and the configuration for chosen values."""
    hypermodel = HyperModel(
        zoo.Config(task="adding", units=2, learning_rate=0.1, **config),
        space,
        vocabulary=VOCABULARY,
    )
    hp = keras_tuner.HyperParameters()
    hp.values = dict(chosen or {})
    return hp, hypermodel.configure(hp)


def test_search_space_of_a_cell_is_conditional_on_the_cell():
    assert cells.get("simple_rnn").search_space and not cells.get("gru").search_space
    arguments = {f"simple_rnn.{name}" for name in cells.get("simple_rnn").search_space}
    hp, config = configured({"cell": ("gru", "simple_rnn")}, {"cell": "gru"})
    assert arguments <= {item.name for item in hp.space} and config.cell_args == {}
    for item in hp.space:
        if item.name in arguments:
            assert [(condition.name, condition.values) for condition in item.conditions] == [
                ("cell", ["simple_rnn"])
            ]
    _, config = configured({"cell": ("gru", "simple_rnn")}, {"cell": "simple_rnn"})
    assert {f"simple_rnn.{name}" for name in config.cell_args} == arguments
    argument = next(iter(config.cell_args))
    value = cells.get("simple_rnn").search_space[argument][-1]
    hp, config = configured({}, cell="simple_rnn", cell_args={argument: value})
    assert f"simple_rnn.{argument}" not in hp and config.cell_args[argument] == value


def test_several_clippings_are_a_choice_of_kind_then_value():
    space = {"clipnorm": (0.5, 1.0), "clipvalue": (None, 0.1)}
    hp, config = configured(space, {"clipping": "clipnorm", "clipnorm": "1.0"})
    assert {item.name for item in hp.space} == {"clipping", "clipnorm", "clipvalue"}
    assert (config.clipnorm, config.global_clipnorm, config.clipvalue) == (1.0, None, None)
    _, config = configured(space, {"clipping": "clipvalue", "clipvalue": "0.1"})
    assert (config.clipnorm, config.clipvalue) == (None, 0.1)
    hp, config = configured({"clipvalue": (0.1, 0.2)}, {"clipvalue": "0.2"})
    assert {item.name for item in hp.space} == {"clipvalue"} and config.clipvalue == 0.2


def test_clipping_none_replaces_the_default_clipping():
    _, config = configured({"clipvalue": ("none", 0.2)}, {"clipvalue": "none"})
    assert config.clipvalue is None
    assert config.global_clipnorm is None, "the task's own clipping is not used"


def test_unset_fields_have_the_search_space_of_the_task():
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
