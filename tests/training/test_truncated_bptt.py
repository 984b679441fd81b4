"""Truncated BPTT: carried state, gradients that end at the window, fused and sampled softmax."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from training.sessions import prepared_session, small_problem

import zoo
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.training.truncated_bptt import (
    FusedSoftmaxModel,
    SampledSoftmaxModel,
    TruncatedBPTTModel,
    is_softmax_cross_entropy,
    softmax_share,
)


@pytest.fixture(scope="module")
def language_model():
    """Return (model, its single-step model, its truncated BPTT model for a batch of two)."""
    config = resolve(
        zoo.Config(task="language_model", cell="lstm", units=5, embedding=3, dropout=0.0)
    )
    features = assembly.as_features(config, list("abcdef"))
    model = assembly.network(config, features)
    step = assembly.single_step_model(config, features, model)
    return model, step, TruncatedBPTTModel(step, 2)


def test_windows_with_carried_state_match_the_whole_text(language_model):
    model, step, training_model = language_model
    ids = np.random.default_rng(3).integers(2, 8, (2, 12)).astype("int32")
    whole = model({"tokens": ids})
    training_model.reset_state()
    windows = [training_model({"tokens": ids[:, start : start + 4]}) for start in (0, 4, 8)]
    np.testing.assert_allclose(np.concatenate(windows, 1), whole, atol=1e-5)
    training_model.reset_state()
    without_carried_state = training_model({"tokens": ids[:, 4:8]})
    assert np.abs(without_carried_state - windows[1]).max() > 1e-4
    logits, *_ = step([ids, *[np.zeros((2, 5), "float32")] * 2])
    np.testing.assert_allclose(logits, whole, atol=1e-5)


def test_gradient_is_truncated_at_the_start_of_the_window(language_model):
    _, _, training_model = language_model
    training_model.reset_state()
    embedding = training_model.single_step_model.get_layer("tokens_embedding").embeddings
    with tf.GradientTape() as tape:
        training_model({"tokens": np.array([[2, 3], [3, 2]], "int32")}, training=True)
        second = training_model({"tokens": np.array([[6, 7], [7, 6]], "int32")}, training=True)
        loss = tf.reduce_sum(second**2)
    gradient = np.abs(tf.convert_to_tensor(tape.gradient(loss, embedding.value)))
    assert gradient[6:8].min() > 0 and gradient[2:4].max() == 0


@pytest.mark.costly
def test_training_carries_the_state_between_windows_and_resets_it_between_epochs(problem, tmp_path):
    config, corpus = small_problem(
        problem, "language_model", cell="mgu", learning_rate=1e-12, bptt=3
    )
    session = prepared_session(config, tmp_path / "run", corpus)
    for number in range(2):
        session.epoch = number
        session.training_model.optimizer.learning_rate = 1e-12
        loss = session.train_epoch()
        windows = [
            (inputs["tokens"].numpy(), targets.numpy())
            for inputs, targets in session.batches.epoch(number)
        ]
        assert len(windows) > 5
        text = [np.concatenate(arrays, 1) for arrays in zip(*windows, strict=True)]
        assert loss == pytest.approx(nats_per_token(session.model, *text), abs=2e-5)
        separate = np.mean([nats_per_token(session.model, *window) for window in windows])
        assert abs(loss - separate) > 2e-4


def nats_per_token(model, tokens, targets):
    logits = model({"tokens": tokens})
    losses = keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    return float(np.mean(losses))


def head_gradient(model):
    """Return a zero-argument callable that computes the loss gradient of the head's kernel."""
    inputs = {"tokens": np.array([[2, 3, 4]] * 4, "int32")}
    targets = np.array([[3, 4, 2]] * 4, "int32")

    @tf.function
    def gradient():
        model.reset_state()
        with tf.GradientTape() as tape:
            loss = model.compute_loss(inputs, targets, model(inputs, training=True))
        return tape.gradient(loss, model.head.kernel.value)

    return gradient


def test_mean_gradient_of_sampled_softmax_matches_fused_softmax(problem, tmp_path):
    """Average over 200 samples of the classes; the optimizer step determines each sample."""
    config, corpus = small_problem(
        problem, "language_model", cell="mgu", sampled_softmax=6, dropout=0.0, bptt=3
    )
    sampled = prepared_session(config, tmp_path / "sampled", corpus).training_model
    assert isinstance(sampled, SampledSoftmaxModel)
    exact = dataclasses.replace(config, sampled_softmax=0)
    fused = prepared_session(exact, tmp_path / "fused", corpus).training_model
    assert isinstance(fused, FusedSoftmaxModel)
    gradient, drawn = head_gradient(sampled), []
    for step in range(200):
        sampled.optimizer.iterations.assign(step)
        drawn.append(gradient().numpy())
    assert np.abs(drawn[0] - drawn[1]).max() > 1e-3
    sampled.optimizer.iterations.assign(0)
    np.testing.assert_array_equal(gradient(), drawn[0])
    expected = head_gradient(fused)().numpy()
    assert np.linalg.norm(np.mean(drawn, 0) - expected) < 0.2 * np.linalg.norm(expected)


@pytest.mark.parametrize("drawn", [0, 6])
def test_regularization_losses_of_layers_are_added_to_the_loss(drawn, problem, tmp_path):
    config, corpus = small_problem(
        problem, "language_model", sampled_softmax=drawn, dropout=0.0, bptt=3
    )
    model = prepared_session(config, tmp_path / "run", corpus).training_model
    ids = np.array([[2, 3, 4]] * 4, "int32")
    head_input = model({"tokens": ids})
    before = model.compute_loss(None, ids, head_input)
    model.head.kernel.regularizer = keras.regularizers.L2(0.5)
    added = 0.5 * np.sum(np.square(model.head.kernel))
    np.testing.assert_allclose(model.compute_loss(None, ids, head_input) - before, added, rtol=1e-4)


def test_only_a_plain_dense_softmax_with_cross_entropy_is_fused():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert is_softmax_cross_entropy(keras.layers.Dense(4), loss)
    subclass = type("Subclass", (keras.layers.Dense,), {})
    for head in (
        keras.layers.Dense(4, activation="relu"),
        keras.layers.Dense(4, use_bias=False),
        keras.layers.ReLU(),
        subclass(4),
    ):
        assert not is_softmax_cross_entropy(head, loss)
    for other in (
        keras.losses.MeanSquaredError(),
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    ):
        assert not is_softmax_cross_entropy(keras.layers.Dense(4), other)


def test_softmax_share_excludes_embeddings(language_model):
    model, _, _ = language_model
    lstm, head = 4 * 5 * (3 + 5 + 1), 8 * (5 + 1)
    assert softmax_share(model) == pytest.approx(head / (lstm + head))
