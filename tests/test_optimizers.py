"""The optimizer gives the numbers of Keras' own, in fewer operations."""

import keras
import numpy as np
import pytest

from zoo.optimizers import Adam

X = np.random.default_rng(0).integers(0, 9, (8, 5))


def fitted(kind, dtype=None, **arguments):
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(9, 4, dtype=dtype),
            keras.layers.Dense(9, dtype=dtype),
        ]
    )
    model.compile(
        kind(0.01, **arguments),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
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
        {"dtype": "mixed_bfloat16"},
    ],
    ids=str,
)
def test_as_keras_own(arguments):
    expected, got = fitted(keras.optimizers.Adam, **arguments), fitted(Adam, **arguments)
    for one, other in zip(expected.get_weights(), got.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)
    for one, other in zip(expected.optimizer.variables, got.optimizer.variables, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


def test_a_compiled_model_is_saved_and_goes_on(tmp_path):
    model = fitted(Adam)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for each in (model, again):
        each.fit(X, X, epochs=1, verbose=0, shuffle=False)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)
