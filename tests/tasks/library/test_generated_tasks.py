"""Tasks on generated datasets: trivial baselines, and vocabularies at every difficulty."""

import math

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.data import generated
from tasks.data.sources import read
from tasks.library import tasks
from zoo.evaluation.evaluator import Evaluator
from zoo.models.resolve import resolve


@pytest.fixture(scope="module")
def corpus_of(tmp_path_factory):
    """Return a function: (task, difficulty) -> corpus with few examples."""
    data_dir = tmp_path_factory.mktemp("tfds")
    corpora = {}

    def corpus(task, difficulty):
        name = f"zoo_{task}/{difficulty}"
        if name not in corpora:
            corpora[name] = read(tasks.get(task).roles, name, data_dir=data_dir)
        return corpora[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "SPLIT_SIZES", {"train": 200, "validation": 40, "test": 40})
        yield corpus


@pytest.mark.parametrize("delay", [3, 8])
def test_copy_memory_baseline_matches_the_paper(delay, corpus_of):
    task = tasks.get("copy_memory")
    splits = corpus_of("copy_memory", delay).splits
    config = resolve(zoo.Config(task="copy_memory"))
    features = task.features.fit(config, splits["train"])
    sums = task.baseline(features, splits["train"], splits["test"])
    nats, accuracy = (metric.function(sums) for metric in task.metrics)
    assert nats == pytest.approx(10 * math.log(8) / (delay + 20))
    assert accuracy == pytest.approx((delay + 10 + 10 / 8) / (delay + 20))
    blank = features.vocabularies["tags"].index(".")

    def memoryless(inputs, training):
        """Predict blanks, and for the last ten timesteps every symbol with equal probability."""
        logits = np.full((delay + 20, 9), -1e9, "float32")
        logits[:-10, blank] = 0
        logits[-10:, [k for k in range(9) if k != blank]] = 0
        return tf.tile(logits[None], (tf.shape(inputs["tokens"])[0], 1, 1))

    scores = Evaluator(memoryless, config, features, splits["test"]).scores()
    assert scores["nats_per_token"] == pytest.approx(nats, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "trained_at", "other"), [("copy_memory", 3, 8), ("delayed_recall", 6, 9)]
)
def test_vocabulary_of_one_difficulty_covers_the_others(name, trained_at, other, corpus_of):
    config = resolve(zoo.Config(task=name))
    train = corpus_of(name, trained_at).splits["train"]
    features = tasks.get(name).features.fit(config, train)
    for examples in corpus_of(name, other).splits.values():
        encoded = features.encode_examples(examples)
        assert encoded.inputs["tokens"].flat_values.numpy().min() >= 2
        targets = encoded.targets
        flat = targets.flat_values if isinstance(targets, tf.RaggedTensor) else targets
        assert flat.numpy().min() >= 0
