"""zoo.optimizers.Adam gives the results of keras.optimizers.Adam."""

import keras
import numpy as np
import pytest

from zoo.optimizers import Adam

X = np.random.default_rng(0).integers(0, 9, (8, 5))


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
    [
        {},
        {"clipnorm": 0.1},
        {"global_clipnorm": 0.1},
        {"clipvalue": 0.01},
        {"amsgrad": True},
        {"dtype": "mixed_bfloat16"},
    ],
    ids=str,
)
def test_weights_and_optimizer_state_match_keras_adam(arguments):
    run_eagerly = bool(arguments)  # without arguments in a graph; each graph takes seconds
    expected = fitted_model(keras.optimizers.Adam, run_eagerly=run_eagerly, **arguments)
    actual = fitted_model(Adam, run_eagerly=run_eagerly, **arguments)
    for one, other in zip(expected.get_weights(), actual.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)
    for one, other in zip(expected.optimizer.variables, actual.optimizer.variables, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


def test_loaded_model_resumes_training_with_the_same_results(tmp_path):
    model = fitted_model(Adam)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for each in (model, loaded):
        each.fit(X, X, epochs=1, verbose=0, shuffle=False)
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)
