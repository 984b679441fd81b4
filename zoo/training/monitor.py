"""Keras callback that watches a training epoch: loss, time budget and progress."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from zoo.errors import RunError
from zoo.runs.progress import NullProgress

SAVE_EVERY = 2.0  # seconds of training between two writes of the elapsed time


class TrainingMonitor(keras.callbacks.Callback):
    """Stops on a non-finite loss or an exhausted time budget, and reports progress.

    It also saves the elapsed time.

    Args:
        progress: receives the loss of each batch.
        seconds_left: the time budget of this epoch; infinity: no limit.
        save_elapsed: called every few seconds with the seconds since the start of the epoch, if
            the time budget is finite.
        clock: zero-argument callable that returns the time in seconds.
    """

    def __init__(
        self,
        progress: NullProgress,
        seconds_left: float,
        save_elapsed: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._progress, self._seconds_left = progress, seconds_left
        self._save_elapsed, self._clock = save_elapsed, clock
        self._start = self._last_save = clock()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any]) -> None:
        """Check the loss and the time.

        Raises:
            RunError: if the loss is not finite.
        """
        loss = logs["loss"]
        if not math.isfinite(loss):
            raise RunError(
                f"non-finite loss: the loss became {loss} at batch {batch + 1}. Clip the gradient "
                "(--global_clipnorm=1) or lower --learning_rate."
            )
        self._progress.batch(loss)
        now = self._clock()
        if now - self._last_save > SAVE_EVERY and math.isfinite(self._seconds_left):
            self._last_save = now
            self._save_elapsed(now - self._start)
        if now - self._start > self._seconds_left:
            self.model.stop_training = True
