"""Difficulty: a flag names the configuration of a generated dataset."""

import pytest

import zoo
from tasks.data import difficulty
from zoo.errors import RequestError
from zoo.models.resolve import resolve

GENERATED = ("adding", "copy_memory", "delayed_recall")


@pytest.mark.parametrize("task", GENERATED)
def test_difficulty_names_the_configuration(task):
    def resolved(**fields):
        return resolve(zoo.Config(task=task, **fields)).dataset

    config = resolve(zoo.Config(task=task, difficulty=200))
    assert (config.dataset, config.difficulty) == (f"zoo_{task}/200", None)
    assert resolve(config) == config
    assert resolved() == f"zoo_{task}/100"
    assert resolved(dataset=f"zoo_{task}", difficulty=7) == f"zoo_{task}/7"
    assert resolved(dataset=f"zoo_{task}") == f"zoo_{task}/100"
    assert resolved(dataset=f"zoo_{task}/9:1.0.0") == f"zoo_{task}/9:1.0.0"


@pytest.mark.parametrize(
    ("fields", "fragments"),
    [
        ({"dataset": "zoo_adding/7"}, ("already", "Leave out one", "dataset='zoo_adding'")),
        ({"dataset": "zoo_adding/200"}, ("already", "Leave out one")),
        ({"dataset": "zoo_adding:1.0.0"}, ("already", "Leave out one")),
        ({"data": ("a.csv",)}, ("data of your own has no difficulty", "Leave it out")),
        ({"dataset": "tiny_shakespeare"}, ("'tiny_shakespeare' has no difficulty", "zoo_adding")),
    ],
)
def test_difficulty_that_does_not_apply_is_rejected(fields, fragments):
    with pytest.raises(RequestError, match="^difficulty=200") as caught:
        resolve(zoo.Config(task="adding", difficulty=200, **fields))
    assert all(fragment in str(caught.value) for fragment in fragments), caught.value


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("zoo_adding/50", 50),
        ("zoo_adding/50:1.0.0", 50),
        ("zoo_adding", None),
        ("zoo_names", None),
        ("ted/50", None),
        ("universal_dependencies/en_lines", None),
        (None, None),
    ],
)
def test_difficulty_of_a_dataset_is_its_configuration(dataset, expected):
    assert difficulty.of(dataset) == expected
