"""The property that a cell learns: it recalls the first of a few numbers, and does not with its weights frozen."""

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.violation import demand
from zoo.layers.recurrent import Recurrent

TIMESTEPS, BATCH, STEPS, UNITS = 5, 32, 500, 16
BASELINE = 1.0  # the mean squared error of answering 0 where 1 and -1 are equally likely
TARGET = BASELINE / 5


def learning(subject):
    """Five times better than the trivial answer at recalling the first sign of five, and not so when frozen."""
    score = _train(subject, frozen=False)
    demand(
        score < TARGET,
        f"expected a mean squared error below {TARGET} at recalling the first of {TIMESTEPS} signs "
        f"(trivial answer: {BASELINE}); measured {score:.3f} after {STEPS} training steps. "
        f"Look at `step` and the default initializers in {subject.file}.",
    )
    score = _train(subject, frozen=True)
    demand(
        score > TARGET,
        f"expected that a cell whose weights are frozen does not recall; measured {score:.3f}. "
        f"Look at {subject.file}: do outputs carry the answer without being trained?",
    )


def _train(subject, frozen):
    """The score on fresh sequences; frozen: of all weights, only the readout's bias is trained."""
    keras.utils.set_random_seed(3)
    recurrent, readout = Recurrent(subject.builder(UNITS)), keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((TIMESTEPS, 1)), recurrent, readout])
    trained = [readout.bias] if frozen else model.trainable_weights
    optimizer = keras.optimizers.Adam(0.01, global_clipnorm=1.0)
    optimizer.build(trained)

    @tf.function
    def train(x, y):
        for step in tf.range(tf.shape(x)[0]):
            with tf.GradientTape() as tape:
                error = tf.reduce_mean((model(x[step], training=True) - y[step]) ** 2)
            optimizer.apply(tape.gradient(error, trained), trained)

    random, score = np.random.default_rng(8), np.inf
    for _ in range(STEPS // 50):
        train(*_sequences(random, 50))
        x, y = _sequences(random, 8)
        score = float(
            np.mean((np.asarray(model(x.reshape(-1, TIMESTEPS, 1))) - y.reshape(-1, 1)) ** 2)
        )
        if score < TARGET / 2:
            break
    return score


def _sequences(random, count):
    """`count` batches of sequences of signs, and the first sign of each."""
    x = np.sign(random.normal(size=(count, BATCH, TIMESTEPS, 1))).astype("float32")
    return x, x[:, :, 0]
