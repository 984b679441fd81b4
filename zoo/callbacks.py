"""Keras callbacks: `GradientWatch` watches the gradient over time while a model is trained."""

import csv
import io
import os
import pathlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.diagnosis.clipping import clipping_of, measure
from zoo.diagnosis.growth import summary
from zoo.diagnosis.layers import by_lag
from zoo.diagnosis.projections import gradients_of_projection
from zoo.diagnosis.recording import recorded, recurrent_layers
from zoo.diagnosis.subjects import as_batch, sequences_of
from zoo.diagnosis.verdict import EXPLODING, VANISHING
from zoo.errors import RequestError
from zoo.graph_functions import graph_function
from zoo.reports.gradient_plots import FILE
from zoo.runs import files, gradient_curves
from zoo.runs.console import notify

COLUMNS = (
    "step",
    "layer",
    "direction",
    "loss",
    "gradient_norm",
    "clipped",
    "lags",
    "ratio",
    "growth",
    "effective_memory",
)
_SEQUENCES = 8  # sequences of the probe batch that are used
_STUCK_PROBES, _IMPROVED = 5, 0.99  # a loss that fell by less than 1% in 5 probes is stuck
_JUMP = 100  # a gradient norm above this multiple of the median of the earlier ones is a jump

Record = dict[str, Any]


class GradientWatch(keras.callbacks.Callback):
    """Measures the gradient over time on a probe batch, every few training steps.

    It writes a line for each recurrent layer and direction to a CSV file, and a sentence when the
    loss does not fall while gradients vanish, or when gradients explode. The training is not
    affected. Works with `zoo.Recurrent` and with `keras.layers.RNN` layers.

    Args:
        probe: a batch `(inputs, targets)` or `(inputs, targets, weights)`, of which the first 8
            sequences are used.
        every: training steps between two measurements.
        path: the CSV file, to which lines are appended; None: no file. The gradient against the lag
            is appended to a file beside it, such as gradients_curves.csv.
        tensorboard: folder of TensorBoard's event files; None: no events.
        model: the model that is measured; None: the model that is trained.
        notify: function that takes each sentence; None: it is printed on stderr.

    Attributes:
        records: the lines written so far, as dicts: the training step, layer, direction, the loss
            of the probe, its gradient norm, whether clipping acts on it, the number of lags, the
            gradient at the largest lag over that at the smallest one (ratio), the growth per
            timestep, and the effective memory in timesteps (-1 if it is unknown).

    Raises:
        RequestError: `every` is not a positive integer, or the probe has no targets.

    Example:
        >>> import keras, numpy as np, zoo
        >>> model = keras.Sequential([zoo.Recurrent("gru", 4), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> x, y = np.ones((8, 20, 3)), np.ones((8, 1))
        >>> watch = zoo.callbacks.GradientWatch((x, y), every=2)
        >>> history = model.fit(x, y, batch_size=2, verbose=0, callbacks=[watch])
        >>> [record["step"] for record in watch.records]
        [2, 4]
    """

    def __init__(
        self,
        probe: tuple[Any, ...],
        every: int = 100,
        path: str | os.PathLike[str] | None = None,
        tensorboard: str | os.PathLike[str] | None = None,
        model: Any = None,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise RequestError(f"every={every!r} is not a positive integer. Give for example 100.")
        if not isinstance(probe, tuple) or len(probe) < 2:
            raise RequestError("the probe has no targets. Give probe=(inputs, targets).")
        self._batch = sequences_of(as_batch(probe), _SEQUENCES)
        self.every, self.path = every, None if path is None else pathlib.Path(path)
        self._watched, self._notify = model, notify
        self._writer = tf.summary.create_file_writer(str(tensorboard)) if tensorboard else None
        self._measure: Callable[[], Any] | None = None
        self._sources: list[tuple[str, str]] = []
        self._notified: set[str] = set()
        self.records: list[Record] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Read the lines of an earlier call, without those of later steps than the present one.

        Raises:
            RequestError: the model has no recurrent layer.
        """
        model = self._watched or self.model
        if not recurrent_layers(model):
            raise RequestError(f"the model {model.name!r} has no recurrent layer to watch.")
        if self._measure is None:
            self._measure = graph_function(self._measured)
            self._read(int(self.model.optimizer.iterations))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Measure every `every` training steps."""
        step = int(self.model.optimizer.iterations)
        if step % self.every == 0:
            self.measure(step)

    def measure(self, step: int) -> list[Record]:
        """Measure now, and return the records, one for each layer and direction."""
        assert self._measure is not None
        loss, norm, layers = self._measure()
        kind, threshold = clipping_of(self.model.optimizer)
        common = {
            "step": step,
            "loss": float(loss),
            "gradient_norm": float(norm),
            "clipped": int(kind is not None and not float(norm) <= float(threshold or 0)),
        }
        records = [
            {**common, "layer": name, "direction": direction, **_figures(*tensors)}
            for (name, direction), tensors in zip(self._sources, layers, strict=True)
        ]
        self.records += records
        self._write(records)
        self._write_curves(step, layers)
        self._warn(step, records)
        return records

    def _measured(self) -> tuple[tf.Tensor, tf.Tensor, list]:
        """Return loss, gradient norm, and for each layer norms of state and input gradients."""
        model = self._watched or self.model
        inputs, targets, weights = self._batch
        with tf.GradientTape(persistent=True) as tape, recorded(model, tape) as recordings:
            outputs = model(inputs, training=False)
            loss = model.compute_loss(inputs, targets, outputs, weights, training=False)
        variables = [weight.value for weight in model.trainable_variables]
        gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
        gradients = [tf.convert_to_tensor(each) for each in gradients]
        self._sources = [(each.source.name, each.source.direction) for each in recordings]
        layers = []
        for recording in recordings:
            norms = gradients_of_projection(recording, tape, seed=0, last=True)
            valid = tf.ones_like(norms[0], "bool")
            if recording.mask is not None:
                valid = recording.mask[..., 0]
            layers.append((*norms, valid))
        return loss, measure(self.model.optimizer, gradients), layers

    def _write_curves(self, step: int, layers: list[Any]) -> None:
        if self.path is None:
            return
        curves = []
        for (name, direction), (states, _, valid) in zip(self._sources, layers, strict=True):
            norms = np.nanmean(by_lag(states.numpy(), valid.numpy()), axis=1)
            curves.append(gradient_curves.curve_of(step, name, direction, norms))
        gradient_curves.append(gradient_curves.path_beside(self.path), curves)

    def _warn(self, step: int, records: list[Record]) -> None:
        """Report once that gradients vanish in a stuck run, and once that they explode."""
        text = self._explosion(step, records) or self._stagnation(step, records)
        if text is None or (kind := text.split(":")[0]) in self._notified:
            return
        self._notified.add(kind)
        (self._notify or notify)(text)

    def _explosion(self, step: int, records: list[Record]) -> str | None:
        norm = records[0]["gradient_norm"]
        earlier = list(
            {
                each["step"]: each["gradient_norm"] for each in self.records if each["step"] < step
            }.values()
        )
        worst = max(records, key=_ratio)
        if not np.isfinite(norm):
            figures = f"the norm of the gradient is {norm}"
        elif worst["ratio"] > EXPLODING:
            figures = (
                f"the gradient of {worst['layer']} grows {worst['ratio']:.1e} times over "
                f"{worst['lags'] - 1} timesteps"
            )
        elif len(earlier) >= _STUCK_PROBES and norm > _JUMP * np.median(earlier) > 0:
            figures = f"the norm of the gradient is {norm:.1e}, its median {np.median(earlier):.1e}"
        else:
            return None
        return (
            f"about to blow up: at step {step}, {figures}. Clip the gradient (global_clipnorm), or "
            "lower the learning rate."
        )

    def _stagnation(self, step: int, records: list[Record]) -> str | None:
        layer = records[0]["layer"], records[0]["direction"]
        losses = [
            each["loss"] for each in self.records if (each["layer"], each["direction"]) == layer
        ]
        worst = min(records, key=_ratio)
        recent = losses[-_STUCK_PROBES:]
        is_stuck = len(losses) > _STUCK_PROBES and min(recent) > _IMPROVED * min(
            losses[:-_STUCK_PROBES]
        )
        if not is_stuck or not worst["ratio"] < VANISHING:
            return None
        return (
            f"stuck: at step {step}, the loss has not fallen by 1% in {_STUCK_PROBES * self.every} "
            f"steps, and the gradient of {worst['layer']} vanishes: it shrinks to "
            f"{worst['ratio']:.1e} over {worst['lags'] - 1} timesteps. Try another initializer or "
            "cell; `zoo diagnose` compares them."
        )

    def _read(self, step: int) -> None:
        if self.path is None or not self.path.exists():
            return
        gradient_curves.keep_until(gradient_curves.path_beside(self.path), step)
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        try:
            records = [_parsed(row) for row in rows]
        except (TypeError, ValueError) as error:
            raise files.unreadable(self.path, f"invalid or missing value: {error}") from None
        self.records = [record for record in records if record["step"] <= step]
        self._rewrite()

    def _rewrite(self) -> None:
        assert self.path is not None
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records)
        files.write_text(self.path, text.getvalue())

    def _write(self, records: list[Record]) -> None:
        if self.path is not None and not self.path.exists():
            self._rewrite()
        elif self.path is not None:
            with files.writing(self.path), self.path.open("a", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS, lineterminator="\n").writerows(records)
        if self._writer is None:
            return
        with self._writer.as_default(step=records[0]["step"]):
            for record in records:
                prefix = f"gradient/{record['layer']}/{record['direction']}"
                for name in ("ratio", "growth", "effective_memory"):
                    tf.summary.scalar(f"{prefix}/{name}", record[name])
            tf.summary.scalar("gradient/norm", records[0]["gradient_norm"])
        self._writer.flush()


def _figures(states: tf.Tensor, inputs: tf.Tensor, valid: tf.Tensor) -> Record:
    """Return the figures of a layer from its gradient norms (timesteps, sequences)."""
    mask = valid.numpy()
    found = summary(by_lag(states.numpy(), mask), by_lag(inputs.numpy(), mask))
    memory = -1 if found.effective_memory is None else found.effective_memory
    return {**found._asdict(), "effective_memory": memory}


def _ratio(record: Record) -> float:
    """Return the ratio of a record; 1 if it is NaN, which neither vanishes nor explodes."""
    return 1.0 if np.isnan(record["ratio"]) else record["ratio"]


def _parsed(row: dict[str, str]) -> Record:
    whole = ("step", "clipped", "lags", "effective_memory")
    texts = ("layer", "direction")
    values = {name: row.get(name) or "" for name in COLUMNS}
    return {
        name: value if name in texts else int(value) if name in whole else float(value)
        for name, value in values.items()
    }


def watch_session(session: Any) -> GradientWatch:
    """Return the callback of `zoo train --watch`: it writes gradients.csv in the run folder.

    Args:
        session: a prepared `zoo.training.session.Session`.
    """
    probe = next(iter(session.batches.epoch(0)))
    path = session.run.folder / FILE
    note = session.progress.note
    return GradientWatch(tuple(probe), path=path, model=session.model, notify=note)
