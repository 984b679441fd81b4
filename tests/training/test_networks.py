"""Networks that sessions share: equal results, bounded memory."""

import dataclasses
import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph
from training.sessions import make_session, small_problem

import zoo
from zoo.models.resolve import resolve
from zoo.training import networks
from zoo.training.networks import SharedNetworks, released_gradients


def trained_session(config, folder, corpus, **arguments):
    session = make_session(config, folder, corpus, **arguments)
    session.train()
    return session


@pytest.mark.costly
@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("adding", {"dropout": 0.3, "recurrent_dropout": 0.2}),
        ("language_model", {"sampled_softmax": 2, "units": 4}),
    ],
)
def test_session_on_a_shared_network_matches_a_session_of_its_own(task, changes, problem, tmp_path):
    config, corpus = small_problem(problem, task, epochs=1, **changes)
    shared = SharedNetworks()
    first = dataclasses.replace(config, learning_rate=1e-3)
    second = dataclasses.replace(config, learning_rate=1e-1, epochs=2, schedule="constant")
    sessions = [
        trained_session(each, tmp_path / f"shared{number}", corpus, networks=shared)
        for number, each in enumerate((first, second))
    ]
    assert sessions[0].model is sessions[1].model, "the network is shared"
    own = trained_session(second, tmp_path / "own", corpus)
    assert sessions[1].history == own.history
    for ours, expected in zip(sessions[1].variables, own.variables, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_other_graphs_are_other_networks_with_the_same_batches(problem):
    config, corpus = small_problem(problem, "adding")
    features = zoo.models.assembly.as_features(config := resolve(config), corpus=corpus)
    shared = SharedNetworks()
    first = shared.network(config, features, corpus)
    for change in ({"dropout": 0.5}, {"units": 5}, {"zoneout": 0.1}, {"seed": 7}):
        other = shared.network(dataclasses.replace(config, **change), features, corpus)
        assert other.model is not first.model, change
        assert (other.batches is first.batches) == ("seed" not in change)
    for change in ({"learning_rate": 0.5}, {"epochs": 9}, {"schedule": "constant"}):
        other = shared.network(dataclasses.replace(config, **change), features, corpus)
        assert other.model is shared.network(config, features, corpus).model, change


def test_networks_beyond_the_limits_are_freed(problem, monkeypatch):
    config, corpus = small_problem(problem, "adding")
    features = zoo.models.assembly.as_features(config := resolve(config), corpus=corpus)
    shared = SharedNetworks()

    def model(units):
        network = shared.network(dataclasses.replace(config, units=units), features, corpus)
        return weakref.ref(network.model)

    models = [model(units) for units in range(2, 2 + networks.MOST_NETWORKS + 1)]
    assert [each() is None for each in models] == [True] + [False] * networks.MOST_NETWORKS
    assert model(3)() is models[1]() is not None, "used last"
    monkeypatch.setattr(networks, "MOST_BYTES", 0)
    last = model(50)
    assert [each() for each in models] == [None] * len(models) and last() is not None
    shared.clear()
    assert last() is None


@pytest.mark.costly
def test_graphs_of_a_run_are_freed(problem, tmp_path):
    config, corpus = small_problem(problem, "adding", 8, epochs=1, batch_size=8)

    def graphs():
        gc.collect()
        return sum(isinstance(each, FuncGraph) for each in gc.get_objects())

    zoo.train(config, tmp_path / "first", corpus)
    before = graphs()
    zoo.train(dataclasses.replace(config, seed=3), tmp_path / "second", corpus)
    assert graphs() <= before


def test_only_gradients_of_the_block_are_released():
    @tf.custom_gradient
    def double(x):
        return 2 * x, lambda d: 7 * d

    @tf.function
    def outside(x):
        return double(x)

    graph = outside.get_concrete_function(tf.TensorSpec(())).graph
    with released_gradients():
        with tf.GradientTape() as tape:
            tape.watch(x := tf.constant(1.0))
            y = tf.function(double)(x)
        assert float(tape.gradient(y, x)) == 7
    with graph.as_default():
        (gradient,) = tf.gradients(graph.outputs, graph.inputs)
    assert gradient is not None, "its custom gradient is still registered"


def test_dtype_policy_of_the_program_survives_and_separates_networks(problem):
    config, corpus = small_problem(problem, "adding")
    features = zoo.models.assembly.as_features(config := resolve(config), corpus=corpus)
    shared, policy = SharedNetworks(), keras.config.dtype_policy()
    first = shared.network(config, features, corpus)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert shared.network(config, features, corpus).model is not first.model
        shared.clear()
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)


def test_gradients_are_released_when_the_last_of_nested_blocks_ends():
    registered = networks.gradient_registry._registry
    with released_gradients():
        with released_gradients():
            registered["CustomGradient-test"] = None
        assert "CustomGradient-test" in registered, "another block is active"
    assert "CustomGradient-test" not in registered
