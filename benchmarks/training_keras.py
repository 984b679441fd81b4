"""Worker of `benchmarks.training`: the word language model in stock Keras."""

import keras
import tensorflow as tf

from benchmarks import language
from benchmarks.in_keras import use_threads  # noqa: F401  (the worker calls it)
from tasks.arrangements import without_autotune


def prepare(count):
    """Return the steps by name, each of `count` windows, and no facts."""
    text = language.text(count)
    return {"keras": _stock(text, "auto"), "keras_xla": _stock(text, True)}, {}


def _stock(text, jit_compile):
    inputs = keras.Input(batch_shape=(language.ROWS, language.TIMESTEPS), dtype="int32")
    x = keras.layers.Embedding(language.OUTPUTS, language.EMBEDDING)(inputs)
    for _ in range(language.LAYERS):
        x = keras.layers.LSTM(language.UNITS, return_sequences=True, stateful=True)(x)
    model = keras.Model(inputs, keras.layers.Dense(language.OUTPUTS)(x))
    model.compile(
        keras.optimizers.Adam(language.RATE, global_clipnorm=language.CLIP),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit_compile,
    )
    # As in the zoo's pipeline: with autotuning, each run would wait for a thread of tf.data.
    dataset = without_autotune(
        tf.data.Dataset.from_tensor_slices(tuple(language.windows(text))).prefetch(4)
    )
    return lambda: model.fit(dataset, verbose=0, shuffle=False)
