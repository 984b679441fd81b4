"""The base class of the generated datasets."""

import pytest

from tasks import datasets
from zoo.errors import RequestError

NAMES = datasets.names(tags="generated")


def builder_of(name, tmp_path, config="4"):
    return datasets.get(name)(data_dir=tmp_path, config=config)


@pytest.mark.parametrize("name", NAMES)
def test_generated_dataset_has_12000_examples(name, tmp_path):
    generators = builder_of(name, tmp_path)._split_generators(None)
    sizes = {split: sum(1 for _ in examples) for split, examples in generators.items()}
    assert sizes == {"train": 10_000, "validation": 1_000, "test": 1_000}


@pytest.mark.parametrize("name", NAMES)
def test_examples_differ_between_splits_and_are_reproducible(name, tmp_path):
    builder = builder_of(name, tmp_path)
    first, again, other = (
        [str(example) for _, example in builder._generate_examples(seed, 30)] for seed in (0, 0, 1)
    )
    assert first == again and not set(first) & set(other)


@pytest.mark.parametrize("name", NAMES)
def test_default_difficulty_is_100(name, tmp_path):
    assert builder_of(name, tmp_path, None).builder_config.name == "100"
    assert builder_of(name, tmp_path, "12345").difficulty == 12345


@pytest.mark.parametrize("config", ["abc", "0", "-5", "007", "2.5"])
@pytest.mark.parametrize(
    ("name", "meaning", "minimum"),
    [
        ("zoo_adding", "a number of timesteps, at least one in each half", 2),
        ("zoo_copy_memory", "a delay in timesteps", 1),
        ("zoo_delayed_recall", "a delay in timesteps", 1),
    ],
)
def test_difficulty_that_is_not_a_whole_number_is_rejected(
    name, meaning, minimum, config, tmp_path
):
    expected = f"{name}/{config}: .* is not {meaning}; write a whole number from {minimum} up"
    with pytest.raises(RequestError, match=expected):
        builder_of(name, tmp_path, config)


def test_smallest_difficulty_depends_on_the_dataset(tmp_path):
    assert builder_of("zoo_delayed_recall", tmp_path, "1").difficulty == 1
    assert builder_of("zoo_adding", tmp_path, "2").difficulty == 2
    with pytest.raises(RequestError, match="zoo_adding/1: .* from 2 up"):
        builder_of("zoo_adding", tmp_path, "1")
    for name in ("-1", "1000000000", "9" * 5000):
        with pytest.raises(RequestError, match="write a whole number from 2 up, such as .*100\\.$"):
            builder_of("zoo_adding", tmp_path, name)
