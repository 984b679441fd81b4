"""zoo.optimizers.Adam gives the results of keras.optimizers.Adam for dense gradients."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.errors import RequestError
from zoo.optimizers import Adam

STEPS = 20
X = np.random.default_rng(0).integers(0, 9, (8, 5))


class DenseKerasAdam(keras.optimizers.Adam):
    """Adam of Keras, which sums the gradients of all occurrences of a token first."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(tf.convert_to_tensor(gradient), variable, learning_rate)


def fitted_model(optimizer, dtype=None, run_eagerly=False, **arguments):
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(9, 4, dtype=dtype),
            keras.layers.Dense(9, dtype=dtype),
        ]
    )
    model.compile(
        optimizer(0.01, **arguments),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=run_eagerly,
        jit_compile=False,
    )
    model.fit(X, X, batch_size=4, epochs=3, verbose=0, shuffle=False)
    return model


@pytest.mark.parametrize(
    "arguments",
    [{}, {"dtype": "mixed_bfloat16"}],
    ids=str,
)
def test_weights_and_optimizer_state_match_keras_adam(arguments):
    run_eagerly = bool(arguments)  # without arguments in a graph; each graph takes seconds
    expected = fitted_model(DenseKerasAdam, run_eagerly=run_eagerly, **arguments)
    actual = fitted_model(Adam, run_eagerly=run_eagerly, **arguments)
    for one, other in zip(expected.get_weights(), actual.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)
    for one, other in zip(expected.optimizer.variables, actual.optimizer.variables, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


@pytest.mark.parametrize("clipping", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_clipping_that_clips_nothing_changes_nothing(clipping):
    expected = fitted_model(Adam, run_eagerly=True).get_weights()
    clipped = fitted_model(Adam, run_eagerly=True, **{clipping: 1e6}).get_weights()
    for one, other in zip(expected, clipped, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


@pytest.mark.parametrize("clipping", ["clipnorm", "global_clipnorm", "clipvalue"])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_clipped_steps_are_counted(clipping, sparse):
    weights = [keras.Variable(np.ones((5, 2), "float32")) for _ in range(2)]
    optimizer = Adam(0.01, **{clipping: 1.0})
    optimizer.build(weights)
    assert optimizer.clipped_steps is None
    optimizer.count_clipped_steps()
    apply = tf.function(lambda scale: optimizer.apply(gradients_of(scale), weights))

    def gradients_of(scale):
        values = tf.fill((5, 2), scale)
        rows = tf.IndexedSlices(tf.fill((2, 2), scale), [3, 3], (5, 2))
        return [values, rows if sparse else values]

    for scale in (0.01, 2.0, 0.02, 3.0, 0.03):
        apply(tf.constant(scale))
    assert optimizer.clipped_steps == {"clipped": 2, "counted": 5}
    optimizer.clipped_steps = {"clipped": 7, "counted": 9}
    apply(tf.constant(2.0))
    assert optimizer.clipped_steps == {"clipped": 8, "counted": 10}
    assert len(optimizer.variables) == 2 + 2 * len(weights), "a checkpoint has no counts"


def test_steps_without_clipping_are_not_counted():
    optimizer = Adam(0.01)
    optimizer.count_clipped_steps()
    optimizer.clipped_steps = None
    assert optimizer.clipped_steps is None


def updated(optimizer, sparse):
    """Return the weights after each step, and the optimizer's variables after the last one.

    The gradients shrink, so that the largest second moment of AMSGrad is not the latest one. If
    `sparse`, the last weight has sparse gradients, as an embedding has.
    """
    rng = np.random.default_rng(0)
    weights = [
        keras.Variable(rng.normal(size=shape).astype("float32")) for shape in ((3, 4), (5, 2))
    ]
    history = []
    for number in range(STEPS):
        scale = 0.8**number
        gradients = [tf.constant(scale * rng.normal(size=w.shape), "float32") for w in weights]
        if sparse:
            gradients[-1] = tf.IndexedSlices(gradients[-1][:2], [3, 1], weights[-1].shape)
        optimizer.apply(gradients, weights)
        history += [w.numpy() for w in weights]
    optimizer.finalize_variable_values(weights)
    return history + [np.array(variable) for variable in [*weights, *optimizer.variables]]


ARGUMENTS = (
    {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.1},
    {"amsgrad": True},
    {"clipnorm": 0.3},
    {"clipnorm": 0.3, "amsgrad": True},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.3},
    {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 6},
    {"use_ema": True, "weight_decay": 0.1, "amsgrad": True},
    {"weight_decay": 0.1},
    {"gradient_accumulation_steps": 3},
    {"loss_scale_factor": 8.0, "name": "scaled"},
    {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)},
)


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_every_step_equals_that_of_keras_adam(arguments):
    arguments = {"learning_rate": 0.05, **arguments}
    # Keras accepts sparse gradients neither scaled nor accumulated.
    sparse = arguments.keys().isdisjoint({"loss_scale_factor", "gradient_accumulation_steps"})
    expected = updated(keras.optimizers.Adam(**arguments), sparse)
    for one, other in zip(updated(Adam(**arguments), sparse), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_amsgrad_changes_the_updates():
    plain, amsgrad = (updated(Adam(0.05, 0.9, 0.9, amsgrad=each), False) for each in (False, True))
    assert np.abs(plain[2 * STEPS - 1] - amsgrad[2 * STEPS - 1]).max() > 0.1


def test_every_argument_of_keras_adam_is_tested():
    parameters = inspect.signature(keras.optimizers.Adam.__init__).parameters
    named = {name for name in parameters if name not in ("self", "kwargs")}
    assert named == {name for arguments in ARGUMENTS for name in arguments}


def test_unknown_argument_is_rejected():
    with pytest.raises(ValueError, match="nesterov"):
        Adam(nesterov=True)


def test_loaded_model_resumes_training_with_the_same_results(tmp_path):
    model = fitted_model(Adam)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(X, X, epochs=1, verbose=0, shuffle=False)
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


# Weight decay


@pytest.mark.parametrize("sparse", [False, True])
def test_weight_decay_equals_that_of_keras_adamw(sparse):
    arguments = {"learning_rate": 0.01, "weight_decay": 0.5}
    expected = updated(keras.optimizers.AdamW(**arguments), sparse)
    for one, other in zip(updated(Adam(**arguments), sparse), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def built_model(weight_decay, **changes):
    config = zoo.Config(
        task="classification",
        token="word",
        units=4,
        embedding=3,
        weight_decay=weight_decay,
        learning_rate=2e-3,
        clipnorm=0.1,
        normalization="layer",
        learned_initial_state=True,
        **changes,
    )
    return zoo.build(config, {"tokens": ["a", "b"], "labels": ["no", "yes"]})


@pytest.mark.parametrize("cell", ["lstm", "slstm"])
def test_configured_weight_decay_equals_adamw_without_biases_embeddings_and_scales(cell):
    """The excluded weights are listed by hand; the updates are those of Keras' AdamW."""
    rng = np.random.default_rng(0)
    model, other = (built_model(0.5, cell=cell) for _ in range(2))
    expected = keras.optimizers.AdamW(2e-3, 0.5, clipnorm=0.1)
    names = ["bias", "embeddings", "gamma", "beta", "initial_"]
    expected.exclude_from_weight_decay(var_names=names)
    for _ in range(3):
        gradients = [
            tf.constant(rng.normal(size=weight.shape), "float32")
            for weight in model.trainable_variables
        ]
        model.optimizer.apply(gradients, model.trainable_variables)
        expected.apply(gradients, other.trainable_variables)
    decayed = {"kernel", "recurrent_kernel", "recurrent_blocks"}
    for one, two in zip(model.trainable_variables, other.trainable_variables, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6, err_msg=one.path)
        excluded = any(name in one.name for name in names)
        assert excluded != (one.name in decayed), one.path


def test_loaded_model_excludes_the_same_weights_from_weight_decay(tmp_path):
    model = built_model(0.5)
    model.save(tmp_path / "model.keras")
    loaded = zoo.load(tmp_path / "model.keras")
    before = [weight.numpy() for weight in loaded.trainable_variables]
    zeros = [tf.zeros(weight.shape) for weight in loaded.trainable_variables]
    loaded.optimizer.apply(zeros, loaded.trainable_variables)
    for weight, old in zip(loaded.trainable_variables, before, strict=True):
        if "kernel" not in weight.name:
            np.testing.assert_array_equal(weight, old, err_msg=weight.path)
        else:
            assert np.abs(weight).sum() < np.abs(old).sum(), weight.path


def test_no_weight_decay_by_default():
    assert built_model(0.0).optimizer.weight_decay is None
    with pytest.raises(RequestError, match=r"weight_decay=-0\.1: .* of at least 0"):
        zoo.Config(weight_decay=-0.1)
