"""Defaults, their precedence and origin, and validation of a configuration."""

from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

import zoo
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.models.resolve import resolve, sources_of_values


def test_sources_follow_the_precedence_of_defaults():
    sources = sources_of_values(zoo.Config(task="classification", layers=2, clipnorm=1.0))
    assert sources["layers"] == (2, "given")
    assert sources["token"] == ("char", "dataset zoo_names")
    assert sources["dataset"] == ("zoo_names", "task classification")
    assert sources["head"] == ("sequence_logits", "task classification")
    assert sources["bptt"] == (64, "default")
    assert sources["seed"] == (0, "default")
    assert sources["clipnorm"] == (1.0, "given")


def test_sources_contain_the_values_of_the_resolved_configuration():
    config = zoo.Config(task="copy_memory", difficulty=7, clipvalue=0.5)
    sources, resolved = sources_of_values(config), resolve(config)
    assert {name: value for name, (value, _) in sources.items()} == vars(resolved)
    assert sources["dataset"] == ("zoo_copy_memory/7", "given")
    assert sources["global_clipnorm"] == (None, "default")  # clipvalue replaces the task's clipping


@pytest.mark.parametrize("task", tasks.names())
def test_resolving_twice_changes_nothing(task):
    resolved = resolve(zoo.Config(task=task))
    assert resolve(resolved) == resolved
    assert None not in (resolved.head, resolved.units, resolved.epochs, resolved.learning_rate)


@pytest.mark.parametrize(
    ("task", "head", "fitting"),
    [
        ("pos_tagging", "decoder_logits", "token_logits"),
        ("pos_tagging", "regression", "token_logits"),
        ("translation", "token_logits", "decoder_logits"),
        ("adding", "token_logits", "regression"),
        ("classification", "regression", "sequence_logits"),
    ],
)
def test_head_for_another_arrangement_is_rejected(task, head, fitting):
    message = f"head '{head}' does not fit task '{task}'.*Heads that fit: {fitting}"
    with pytest.raises(RequestError, match=message):
        resolve(zoo.Config(task=task, head=head))


def test_each_task_accepts_only_the_heads_of_its_outputs():
    fitting = {
        "adding": ["regression"],
        "classification": ["sequence_logits"],
        "copy_memory": ["token_logits"],
        "delayed_recall": ["sequence_logits"],
        "language_model": ["token_logits"],
        "pos_tagging": ["token_logits"],
        "translation": ["decoder_logits"],
    }
    for task, expected in fitting.items():
        assert [head for head in heads.names() if _accepts(task, head)] == expected


def _accepts(task, head):
    try:
        resolve(zoo.Config(task=task, head=head))
    except RequestError as error:
        assert "Heads that fit" in str(error)
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"attention": "additive"}, "attention=additive"),
        ({"beam": 3}, "beam=3"),
        ({"length_penalty": 0.0}, "length_penalty=0.0"),
    ],
)
def test_field_of_an_encoder_decoder_is_rejected_for_tagging(changes, field):
    with pytest.raises(RequestError, match=f"{field}: a pos_tagging has no decoder"):
        resolve(zoo.Config(task="pos_tagging", **changes))


@pytest.mark.parametrize("task", ["pos_tagging", "language_model", "translation"])
def test_pooling_is_rejected_for_a_task_with_predictions_for_timesteps(task):
    with pytest.raises(RequestError, match=f"a {task} does not predict one value for a sequence"):
        resolve(zoo.Config(task=task, pooling="attention"))


def test_beam_below_one_is_rejected():
    with pytest.raises(RequestError, match="beam must be .* at least 1"):
        zoo.Config(task="translation", beam=0)


def test_invalid_cell_arguments_are_rejected_each_time():
    resolve(zoo.Config(cell="simple_rnn"))
    for _ in range(2):
        with pytest.raises(RequestError, match="is not an activation"):
            resolve(zoo.Config(cell="simple_rnn", cell_args={"activation": "nonsense"}))


def test_lack_of_memory_is_not_a_wrong_cell(monkeypatch):
    def fail(*args, **arguments):
        raise MemoryError

    monkeypatch.setattr("zoo.models.resolve.make_cell", fail)
    with pytest.raises(MemoryError):
        resolve(zoo.Config(cell="gru", units=12_345))


def test_another_cell_of_the_same_name_is_checked_again():
    config = zoo.Config(cell="temporary_cell")
    for cell in (cells.get("simple_rnn"), type("Broken", (cells.get("gru"),), {"step": None})):
        with cells.temporary():
            cells.register("temporary_cell")(cell)
            if cell.step is None:
                with pytest.raises(RequestError, match="cannot be built"):
                    resolve(config)
            else:
                resolve(config)


def test_rejected_plugin_with_the_name_of_a_dataset_changes_nothing(monkeypatch, request):
    point = EntryPoint("zoo_copy_memory", "not_installed", "zoo.datasets")
    vars(point).update(dist=SimpleNamespace(name="other", files=()))
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])
    request.addfinalizer(datasets.refresh)
    datasets.refresh()
    assert len(datasets.records("zoo_copy_memory")) == 2
    assert resolve(zoo.Config(task="copy_memory")).dataset == "zoo_copy_memory/100"
