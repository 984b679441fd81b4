"""Difficulty: a flag names a generated dataset's configuration, and finished runs are scored at others."""

import dataclasses
import json
import math

import matplotlib.image
import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.data import difficulty, generated, sources
from tasks.library import tasks
from zoo.cli import main
from zoo.errors import RequestError
from zoo.evaluation.evaluator import Evaluator
from zoo.evaluation.score_by_length import score_by_length
from zoo.models.resolve import resolve
from zoo.reports import lengths

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

GENERATED = ("adding", "copy_memory", "delayed_recall")
TRAINED_AT = 6


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Where the generated datasets are, smaller than a user's: 13,000 examples take seconds to write."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "EXAMPLES", {"train": 1200, "validation": 60, "test": 60})
        yield tmp_path_factory.mktemp("tfds")


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data_dir):
    """cell -> a run on delayed recall, trained at a short delay."""
    folder, found = tmp_path_factory.mktemp("runs"), {}
    for cell in ("gru", "simple_rnn"):
        config = resolve(
            zoo.Config(
                task="delayed_recall",
                difficulty=TRAINED_AT,
                cell=cell,
                units=24,
                epochs=5,
                learning_rate=1e-2,
                data_dir=str(data_dir),
            )
        )
        zoo.train(config, folder / cell)
        found[cell] = folder / cell
    return found


# The flag


@pytest.mark.parametrize("task", GENERATED)
def test_a_difficulty_names_the_configuration(task):
    config = resolve(zoo.Config(task=task, difficulty=200))
    assert (config.dataset, config.difficulty) == (f"zoo_{task}/200", None)
    assert resolve(config) == config
    assert resolve(zoo.Config(task=task)).dataset == f"zoo_{task}/100"
    assert (
        resolve(zoo.Config(task=task, dataset=f"zoo_{task}", difficulty=7)).dataset
        == f"zoo_{task}/7"
    )
    assert resolve(zoo.Config(task=task, dataset=f"zoo_{task}")).dataset == f"zoo_{task}/100"
    assert (
        resolve(zoo.Config(task=task, dataset=f"zoo_{task}/9:1.0.0")).dataset
        == f"zoo_{task}/9:1.0.0"
    )


@pytest.mark.parametrize(
    "given",
    [
        {"dataset": "zoo_adding/7"},
        {"dataset": "zoo_adding/200"},
        {"data": ("a.csv",)},
        {"dataset": "zoo_adding:1.0.0"},
        {"dataset": "tiny_shakespeare"},
    ],
)
def test_a_difficulty_is_refused_where_it_says_nothing_or_another_thing(given):
    with pytest.raises(RequestError, match="difficulty=200.*(Leave it out|Leave out one)"):
        resolve(zoo.Config(task="adding", difficulty=200, **given))


def test_the_difficulty_of_a_name():
    assert [
        difficulty.of(name)
        for name in (
            "zoo_adding/50",
            "zoo_adding/50:1.0.0",
            "zoo_adding",
            "zoo_names",
            "ted/50",
            "universal_dependencies/en_lines",
            None,
        )
    ] == [50, 50, *[None] * 5]


# Data and baselines


@pytest.mark.parametrize("delay", [3, 8])
def test_the_trivial_loss_of_copy_memory_is_that_of_the_paper(delay, data_dir):
    task = tasks.get("copy_memory")
    corpus = sources.read(task.roles, f"zoo_copy_memory/{delay}", data_dir=str(data_dir))
    config = resolve(zoo.Config(task="copy_memory"))
    features = task.features.fit(config, corpus.splits["train"])
    sums = task.baseline(features, corpus.splits["train"], corpus.splits["test"])
    nats, accuracy = (metric.function(sums) for metric in task.metrics)
    assert nats == pytest.approx(10 * math.log(8) / (delay + 20))
    assert accuracy == pytest.approx((delay + 10 + 10 / 8) / (delay + 20))
    blank = features.vocabularies["tags"].index(".")

    def memoryless(inputs, training):  # as the formula has it: blanks until the last ten timesteps
        timesteps = delay + 20
        logits = np.full((timesteps, 9), -1e9, "float32")
        logits[:-10, blank] = 0
        logits[-10:, [k for k in range(9) if k != blank]] = 0
        return tf.tile(logits[None], (tf.shape(inputs["tokens"])[0], 1, 1))

    measured = Evaluator(memoryless, config, features, corpus.splits["test"]).scores()
    assert measured["nats_per_token"] == pytest.approx(nats, rel=1e-5)


def test_every_symbol_is_known_at_every_difficulty(data_dir):
    for name, first, second in (("copy_memory", 3, 8), ("delayed_recall", TRAINED_AT, 9)):
        task = tasks.get(name)
        config = resolve(zoo.Config(task=name))
        short, long = (
            sources.read(task.roles, f"zoo_{name}/{delay}", data_dir=str(data_dir))
            for delay in (first, second)
        )
        features = task.features.fit(config, short.splits["train"])
        for split in short.splits:
            encoded = features.examples(long.splits[split])
            assert encoded.inputs["tokens"].flat_values.numpy().min() >= 2
            targets = (
                encoded.targets.flat_values
                if isinstance(encoded.targets, tf.RaggedTensor)
                else encoded.targets
            )
            assert targets.numpy().min() >= 0


def test_an_answer_of_another_length_is_refused():
    task = tasks.get("copy_memory")
    config = resolve(zoo.Config(task="copy_memory"))
    features = task.features.fit(config, task.sample)
    with pytest.raises(
        RequestError, match="example 1 has 3 tokens of text and 2 of answer. Write one token"
    ):
        features.examples([task.sample[0], {"text": "ab.", "answer": ".."}])


def test_an_answer_is_encoded_token_by_token():
    task = tasks.get("copy_memory")
    features = task.features(
        resolve(zoo.Config(task="copy_memory")), {"tokens": ["a", "?"], "tags": [".", "a"]}
    )
    encoded = features.examples([{"text": "a?", "answer": ".a"}, {"text": "z", "answer": "z"}])
    assert encoded.inputs["tokens"].to_list() == [[2, 3], [1]] and encoded.targets.to_list() == [
        [0, 1],
        [-1],
    ]
    assert encoded.lengths.tolist() == [2, 1]


# Score against length


def test_a_run_says_where_it_was_trained(runs):
    assert (
        json.loads((runs["gru"] / "config.json").read_text())["dataset"]
        == f"zoo_delayed_recall/{TRAINED_AT}"
    )


def test_runs_are_scored_at_every_difficulty_and_drawn(runs, capsys, tmp_path):
    command = ["evaluate", *map(str, runs.values()), "--difficulties=40,6,3"]
    assert main([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["metric"], result["split"], result["difficulties"]) == (
        "accuracy",
        "test",
        [3, 6, 40],
    )
    assert result["baseline"] == [1 / 8] * 3
    assert [(run["cell"], run["trained_at"], run["run_dir"]) for run in result["runs"]] == [
        (cell, TRAINED_AT, str(folder)) for cell, folder in runs.items()
    ]
    for run, folder in zip(result["runs"], runs.values(), strict=True):
        assert run["scores"][1] == pytest.approx(
            zoo.Run(folder).result["metrics"]["accuracy"]["value"]
        )
        assert run["scores"][2] < run["scores"][1]  # other data at each
    picture = runs["gru"] / "plots" / "score_by_length.png"
    assert result["picture"] == str(picture) and matplotlib.image.imread(picture).std() > 0.05
    assert main([*command, f"--path={tmp_path / 'both.png'}"]) == 0
    out = capsys.readouterr().out
    assert "gru, trained at 6" in out and "0.1250" in out and str(tmp_path / "both.png") in out
    assert (tmp_path / "both.png").exists()


def test_runs_of_two_tasks_are_not_compared(runs, trained, tmp_path):
    other = zoo.Run(tmp_path / "other")
    config = dataclasses.replace(zoo.Run(runs["gru"]).config, task="classification")
    other.folder.mkdir()
    (other.folder / "config.json").write_text(json.dumps(config.to_json()))
    (other.folder / "model.keras").touch()
    with pytest.raises(
        RequestError,
        match="was trained for delayed_recall on zoo_delayed_recall and .* for classification",
    ):
        score_by_length([runs["gru"], other.folder], [3])
    with pytest.raises(RequestError, match="difficulties of .*data of your own|has no difficulty"):
        score_by_length([trained("pos_tagging").folder], [3])


def test_labels_tell_runs_apart():
    runs = [
        {"cell": cell, "trained_at": 5, "run_dir": folder}
        for cell, folder in (("gru", "a"), ("gru", "b"), ("mgu", "c"))
    ]
    assert lengths.run_labels(runs) == [
        "gru, trained at 5 (a)",
        "gru, trained at 5 (b)",
        "mgu, trained at 5",
    ]
