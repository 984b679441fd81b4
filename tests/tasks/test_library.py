"""The registered tasks: their facts, features, defaults and samples."""

import pytest

import zoo
from registry import UnknownName
from tasks import heads, library
from tasks.data.roles import READS
from tasks.task import Task
from tasks.text.features import Features


@pytest.mark.parametrize("name", library.names())
def test_facts_of_task_equal_its_attributes(name):
    task, entry = library.get(name), library.entry(name)
    assert entry.arrangement == task.arrangement.name
    assert entry.metric == task.metrics[0].name
    assert entry.dataset == task.dataset


@pytest.mark.parametrize("name", library.names())
def test_parts_of_task_are_consistent(name):
    task = library.get(name)
    assert isinstance(task, Task)
    assert issubclass(task.features, Features) and task.metrics and task.sample
    assert set(task.defaults) | set(task.space) <= set(zoo.Config().to_json())
    assert task.arrangement.name in heads.entry(task.head).arrangements
    for example in task.sample:
        assert set(example) == {role.name for role in task.roles}


def test_package_functions_match_the_registry():
    for package, registry in ((library, library.tasks), (heads, heads.heads)):
        assert package.names() == registry.names() == [each.name for each in package.records()]
        name = package.names()[0]
        assert package.get(name) is registry.get(name)
        assert package.entry(name) == registry.entry(name)


@pytest.mark.parametrize("name", library.names())
def test_fact_reads_names_the_roles_of_the_task(name):
    assert READS[library.entry(name).reads] == library.get(name).roles


@pytest.mark.parametrize(
    ("word", "task"),
    [("ner", "pos_tagging"), ("sentiment", "classification"), ("mt", "translation")],
)
def test_other_word_for_a_task_names_the_task(word, task):
    with pytest.raises(UnknownName, match=f"unknown task '{word}'; the task '{task}' covers it"):
        library.get(word)
