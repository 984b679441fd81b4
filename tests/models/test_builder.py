"""Model builder: training and saving of model variants; residual connections."""

import dataclasses

import numpy as np
import pytest
from keras import ops

import zoo
from tasks.library import tasks
from zoo.cells import cells
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.run import Run

VOCABULARY = {"words": ["cat", "sat"], "tags": ["N", "V"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 2, "residual": True, "embedding": 6, "units": 3, "characters": "none"},
        {"bidirectional": False, "characters": "convolution"},
        {"bidirectional": False, "characters": "recurrent", "recurrent_dropout": 0.2},
        {"bidirectional": False, "characters": "affixes", "dropout": 0.2},
    ],
    ids=str,
)
@pytest.mark.costly
def test_training_changes_every_weight_and_the_model_is_saved(changes, tmp_path):
    task = tasks.get("pos_tagging")
    config = resolve(
        zoo.Config(task="pos_tagging", cell="simple_rnn", **{"units": 4, "embedding": 4, **changes})
    )
    features = task.features.fit(config, task.sample)
    model = assembly.network(config, features)
    before = [weight.numpy() for weight in model.trainable_weights]
    batches = task.arrangement.batches(features, task.sample, config, True).epoch(0)
    model.fit(batches, verbose=0, shuffle=False)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(weight.numpy() - old).max() > 0, f"{weight.path} was not trained"
    Run(tmp_path).save_model(model)
    inputs, *_ = next(iter(task.arrangement.batches(features, task.sample, config, False).epoch(0)))
    np.testing.assert_array_equal(
        zoo.load(tmp_path)(inputs, training=False), model(inputs, training=False)
    )


def test_residual_connection_adds_the_input_of_a_layer_of_equal_width():
    config = zoo.Config(
        task="pos_tagging",
        cell="simple_rnn",
        characters="none",
        units=3,
        embedding=6,
        layers=2,
        dropout=0.0,
        residual=True,
    )
    model = zoo.build(config, VOCABULARY)
    ids = np.array([[2, 3, 2]], "int32")
    x = model.get_layer("words_embedding")(ids)
    for number in range(2):
        x = x + model.get_layer(f"recurrent_{number}")(x)
    np.testing.assert_allclose(model({"words": ids}), model.get_layer("head")(x), atol=1e-6)
    narrow = zoo.build(dataclasses.replace(config, embedding=5, layers=1), VOCABULARY)
    y = narrow.get_layer("recurrent_0")(narrow.get_layer("words_embedding")(ids))
    np.testing.assert_allclose(narrow({"words": ids}), narrow.get_layer("head")(y), atol=1e-6)


@pytest.mark.parametrize("normalization", ["layer", "rms"])
def test_normalization_follows_the_recurrent_layer(normalization):
    config = zoo.Config(
        task="pos_tagging", characters="none", units=3, dropout=0.0, normalization=normalization
    )
    model = zoo.build(config, VOCABULARY)
    ids = np.array([[2, 3, 2]], "int32")
    x = model.get_layer("recurrent_0")(model.get_layer("words_embedding")(ids)).numpy()
    if normalization == "layer":
        x = x - x.mean(-1, keepdims=True)
    epsilon = model.get_layer("normalization_0").epsilon
    y = x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon)
    np.testing.assert_allclose(model({"words": ids}), model.get_layer("head")(y), atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_attention_pools_the_outputs_of_the_valid_timesteps(bidirectional):
    config = zoo.Config(
        task="classification",
        token="word",
        units=4,
        embedding=3,
        dropout=0.0,
        bidirectional=bidirectional,
        pooling="attention",
    )
    model = zoo.build(config, {"tokens": ["a", "b"], "labels": ["no", "yes"]})
    ids = np.array([[2, 3, 2, 0, 0], [3, 2, 0, 0, 0]], "int32")
    for row, length in enumerate((3, 2)):
        x = model.get_layer("tokens_embedding")(ids[row : row + 1, :length])
        pooled = model.get_layer("pooling")(model.get_layer("recurrent_0")(x))
        expected = model.get_layer("head")(pooled)[0]
        np.testing.assert_allclose(model({"tokens": ids})[row], expected, atol=1e-6)


def test_generation_starts_from_the_initial_state_of_the_cell(monkeypatch):
    cell = cells.get("gru")
    monkeypatch.setattr(
        cell,
        "get_initial_state",
        lambda self, batch_size=None: [ops.ones((batch_size, self.units), self.compute_dtype)],
    )
    task = tasks.get("language_model")
    config = resolve(zoo.Config(task="language_model", cell="gru", units=4, embedding=3))
    features = task.features.fit(config, task.sample)
    model = assembly.network(config, features)
    step = assembly.single_step_model(config, features, model)
    assert step.inputs[-1].name == "started"
    ids = np.array([[1, 2, 3]])
    zeros = [np.zeros((1, *state.shape[1:]), "float32") for state in step.inputs[1:]]
    logits, *states = step([ids, *zeros])
    np.testing.assert_allclose(logits, model(ids), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(states[-1], [[1.0]])
    from_zeros, *_ = step([ids, *zeros[:-1], np.ones((1, 1), "float32")])
    assert np.abs(from_zeros - logits).max() > 1e-4
