"""The gradient over time at the end of each trial of a search."""

import dataclasses
import itertools
import warnings
import weakref
from typing import Any

from zoo.diagnosis.probe import SEQUENCES, Probe
from zoo.runs import contents, files
from zoo.runs.console import notify
from zoo.runs.run import Run
from zoo.training.session import Session

FILE = "gradient.json"


class TrialGradients:
    """Measures trials; those that share a network share the traced measurement."""

    def __init__(self) -> None:
        self._probes: weakref.WeakKeyDictionary[Any, Probe] = weakref.WeakKeyDictionary()
        self._batches: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def write(self, session: Session) -> None:
        """Write the figures of a trained session to gradient.json in the folder of its run.

        An error is reported, and does not make the trial fail.
        """
        path = files.inside(session.run.folder, FILE)
        try:
            figures = self._measure(session)
        except Exception as error:  # of any kind: a cell of a plugin runs in another loop
            notify(
                f"the gradient of {session.run.folder} was not measured: {str(error).rstrip('.')}. "
                "The score of the trial is not affected."
            )
            return
        if figures is not None:
            files.write_json(path, figures)

    def _measure(self, session: Session) -> dict[str, Any] | None:
        """Return the figures of the layer whose gradient shrinks most, in the best epoch."""
        if session.best and session.best["epoch"] != session.epoch:
            with warnings.catch_warnings():  # of Keras: model.keras has no optimizer
                warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
                session.model.load_weights(files.inside(session.run.folder, "model.keras"))
        if session.model not in self._probes:
            self._probes[session.model] = Probe(session.model)
        figures = self._probes[session.model].worst_layer(self._batch(session))
        return None if figures is None else figures._asdict()

    def _batch(self, session: Session) -> tuple[Any, ...]:
        """Return the probe batch, which trials with the same features share.

        That of a language model depends on its batch size and the length of its truncated BPTT.
        """
        if session.task.arrangement.stateful:
            return next(iter(session.batches.epoch(0)))
        if session.features not in self._batches:
            self._batches[session.features] = _probe_batch(session)
        return self._batches[session.features]


def _probe_batch(session: Session) -> tuple[Any, ...]:
    """Return sequences of the training split at equal distances."""
    examples = session.corpus.splits["train"]
    chosen = list(itertools.islice(examples, 0, None, max(1, len(examples) // SEQUENCES)))
    config = dataclasses.replace(session.config, batch_size=SEQUENCES)
    arrangement = session.task.arrangement
    batches = arrangement.batches(session.features, chosen[:SEQUENCES], config, False)
    return next(iter(batches.epoch(0)))


def columns(run: Run, progress: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a trial's record: its gradient over time, and the clipped steps.

    Args:
        run: the run of the trial.
        progress: the progress in its checkpoint.

    Returns:
        Growth per timestep, effective memory and number of lags, and the share of clipped training
        steps, each None if it is unknown.
    """
    figures = contents.read_if_present(run.folder, FILE) or {}
    counts = progress.get("clipped_steps") or {"clipped": 0, "counted": 0}
    found = {name: figures.get(name) for name in ("growth", "effective_memory", "lags")}
    share = counts["clipped"] / counts["counted"] if counts["counted"] else None
    return {**found, "clipped": share}
