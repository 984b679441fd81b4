"""Keras callback that keeps the models of some epochs, for `zoo train --keep_epochs`."""

from collections.abc import Callable, Collection
from typing import Any

import keras

from zoo.config import Config
from zoo.runs import kept_epochs
from zoo.runs.run import Run

Maker = Callable[[Any], keras.callbacks.Callback]  # of a prepared `zoo.training.session.Session`


class KeepEpochs(keras.callbacks.Callback):
    """Saves the model of some epochs to the folder of a run.

    An epoch is kept before its checkpoint is written: after a kill in between it is trained again,
    and kept again.

    Args:
        run: the run.
        model: the model that is saved, which need not be the one that is fitted.
        epochs: the epochs, counted from 1.
    """

    def __init__(self, run: Run, model: keras.Model, epochs: Collection[int]) -> None:
        super().__init__()
        self._run, self._saved, self._epochs = run, model, frozenset(epochs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep an epoch, which Keras counts from 0."""
        if epoch + 1 in self._epochs:
            kept_epochs.save(self._run, self._saved, epoch + 1)


def makers_of(
    run: Run, config: Config, watch: Maker | None, epochs: Collection[int]
) -> list[Maker]:
    """Return the functions that make the callbacks of a session.

    Args:
        run: the run.
        config: its resolved configuration.
        watch: a function that makes a callback of the user, or None.
        epochs: the epochs that are kept.

    Raises:
        RequestError: an epoch cannot be kept.
    """
    kept_epochs.check(run, epochs, config.epochs or 0)
    found: list[Maker] = [] if watch is None else [watch]
    if epochs:
        found.append(lambda session: KeepEpochs(session.run, session.model, epochs))
    return found
