"""The property that training, and only training, lets a cell recall the first of a few values."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand
from zoo.layers.recurrent import Recurrent

TIMESTEPS, BATCH, UNITS = 5, 32, 16
STEPS, STEPS_PER_CALL = 500, 50
BASELINE = 1.0  # mean squared error of the constant 0, for 1 and -1 with equal frequency
TARGET = BASELINE / 5


def learning(subject: Subject) -> None:
    """A trained cell recalls the first of five signs with 1/5 of the trivial baseline's error."""
    trainer = _Trainer(subject)
    error, steps = trainer.train(STEPS)
    demand(
        error < TARGET,
        f"expected a mean squared error below {TARGET} at recalling the first of {TIMESTEPS} signs "
        f"(trivial baseline: {BASELINE}); measured {error:.3f} after {steps} training steps. "
        f"Check {subject.equations}, and the default initializers.",
    )
    error, _ = trainer.train(steps, frozen=True)
    demand(
        error > TARGET,
        f"expected an error above {TARGET} with frozen weights; measured {error:.3f}. "
        f"Check {subject.file}: do the outputs contain the answer without training?",
    )


class _Trainer:
    """A recurrent layer and a linear readout; one graph trains both or only the last bias."""

    def __init__(self, subject: Subject) -> None:
        keras.utils.set_random_seed(3)
        # One timestep per loop iteration: the smallest graph to trace.
        self.recurrent = Recurrent(subject.builder(UNITS), unroll_factor=1)
        self.readout = keras.layers.Dense(1)
        self.recurrent.build((BATCH, TIMESTEPS, 1))
        self.readout.build((BATCH, self.recurrent.cell.output_size))
        weights = [*self.recurrent.trainable_weights, *self.readout.trainable_weights]
        self.optimizer = keras.optimizers.Adam(0.01, global_clipnorm=1.0)
        self.optimizer.build(weights)
        self.variables = [*weights, *self.optimizer.variables]
        self.initial_values = [variable.numpy() for variable in self.variables]
        self.run_steps = self._training_function(weights)

    def train(self, steps: int, frozen: bool = False) -> tuple[float, int]:
        """Train from the initial weights until the error is at most half of `TARGET`.

        Args:
            steps: The maximum number of training steps, a multiple of `STEPS_PER_CALL`.
            frozen: Whether only the readout's bias is trained.

        Returns:
            The mean squared error on new sequences, and the number of training steps.
        """
        for variable, value in zip(self.variables, self.initial_values, strict=True):
            variable.assign(value)
        random = np.random.default_rng(8)
        error, steps_done = np.inf, 0
        while steps_done < steps and error > TARGET / 2:
            self.run_steps(_signs(random, STEPS_PER_CALL, BATCH), float(not frozen))
            x = _signs(random, 8 * BATCH)
            error = float(tf.reduce_mean((self.readout(self.recurrent(x)) - x[:, 0]) ** 2))
            steps_done += STEPS_PER_CALL
        return error, steps_done

    def _training_function(self, weights: list[Any]) -> Callable[[Any, Any], None]:
        # Keras traces its training steps without AutoGraph, too.
        @tf.autograph.experimental.do_not_convert
        def train_step(x: tf.Tensor, factor: tf.Tensor) -> None:
            with tf.GradientTape() as tape:
                outputs = self.readout(self.recurrent(x, training=True))
                error = tf.reduce_mean((outputs - x[:, 0]) ** 2)
            *gradients, bias_gradient = tape.gradient(error, weights)
            # A factor of 0 freezes a weight, so that both runs share one graph.
            gradients = [gradient * factor for gradient in gradients]
            self.optimizer.apply([*gradients, bias_gradient], weights)

        @tf.function
        def run_steps(batches: tf.Tensor, factor: tf.Tensor) -> None:
            for step in tf.range(STEPS_PER_CALL):
                train_step(batches[step], factor)

        specification = tf.TensorSpec((STEPS_PER_CALL, BATCH, TIMESTEPS, 1))
        return run_steps.get_concrete_function(specification, tf.TensorSpec(()))


def _signs(random: np.random.Generator, *shape: int) -> tf.Tensor:
    """Return random signs (*shape, timesteps, 1)."""
    return tf.constant(np.sign(random.normal(size=(*shape, TIMESTEPS, 1))), "float32")
