"""Training of a configuration into a run folder: resumable, with an optional time budget."""

import math
import os
import time
from collections.abc import Collection, Sequence
from typing import Any

import keras

from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RunError
from zoo.evaluation.evaluator import Evaluator, is_better
from zoo.evaluation.result import final_result
from zoo.models.resolve import resolve
from zoo.reports.writing import write_if_possible
from zoo.runs import contents, data_summary
from zoo.runs.lock import locked
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.runs.run_data import checked_result, read_corpus
from zoo.training.kept_epochs import Maker, makers_of
from zoo.training.monitor import TrainingMonitor
from zoo.training.networks import Network, SharedNetworks, released_gradients
from zoo.training.stopping import Stop, learning_rate_factor, stop_of
from zoo.training.truncated_bptt import SampledSoftmaxModel


def train(
    config: Config,
    run_dir: str | os.PathLike[str],
    corpus: Corpus | None = None,
    features: Features | None = None,
    progress: NullProgress | None = None,
    watch: Maker | None = None,
    keep_epochs: Collection[int] = (),
) -> dict[str, Any]:
    """Train a configuration into `run_dir`, and evaluate its best epoch on the test split.

    Args:
        config: the configuration; fields that are None take their defaults.
        run_dir: a new folder, or that of a run of the same configuration, which is resumed.
        corpus: the examples; default: those that the configuration names.
        features: the features of a new run; default: fitted to the training split.
        progress: receives the progress; default: progress is not shown.
        watch: makes a Keras callback for the session, such as `zoo.callbacks.watch_session`.
        keep_epochs: epochs, counted from 1, whose models are kept in the folder `epochs`.

    Returns:
        The contents of `metrics.json`.

    Raises:
        RequestError: for an invalid argument, changed data, or a folder that is in use.
        RunError: for a non-finite loss or score, or a file that cannot be written.

    Example:
        >>> import tasks.library, tempfile, zoo
        >>> sample = tasks.library.get("pos_tagging").sample
        >>> splits = dict.fromkeys(("train", "validation", "test"), list(sample))
        >>> config = zoo.Config(task="pos_tagging", units=4, characters="none", epochs=1)
        >>> zoo.train(config, tempfile.mkdtemp(), zoo.Corpus("sample", splits, {}))["split"]
        'test'
    """
    run, progress = Run.open(run_dir, config := resolve(config)), progress or NullProgress()
    makers = makers_of(run, config, watch, keep_epochs)
    if run.result is None:
        corpus = _train_unfinished(run, config, corpus, features, progress, makers)
    return checked_result(run, config, corpus)


@released_gradients()
def _train_unfinished(
    run: Run,
    config: Config,
    corpus: Corpus | None,
    features: Features | None,
    progress: NullProgress,
    makers: Sequence[Maker],
) -> Corpus | None:
    """Train a run while its folder is locked; return its examples."""
    with locked(run.folder, progress.note):
        if Run.open(run.folder, config).result is not None:  # another command was faster
            return corpus
        corpus = corpus or read_corpus(run, config, here=True)
        if corpus.summary:
            progress.note(corpus.summary.line())
        session = Session(config, run, corpus, features, progress)
        session.train(makers)
        assert session.stop is not None
        result = final_result(run, corpus, session.seconds, session.best, session.stop._asdict())
        write_if_possible(run.folder, result)
        run.save_result(result)  # last: a run with a result is finished
        return corpus


class Session:
    """The training of one configuration, epoch by epoch.

    The learning rate schedule spans all epochs of the configuration, so that stopping after
    `until` epochs and resuming is equivalent to training without a stop.

    Args:
        config: a resolved configuration.
        run: the run folder to which checkpoints are written.
        corpus: examples with the splits "train" and "validation".
        features: the features of a new run; None: fitted to the training split.
        progress: receives the progress.
        objective: name of the validation metric that chooses the best epoch; default: the first of
            the task.
        seconds_limit: time budget of training; default: `config.max_minutes`.
        until: epoch to stop after; default: `config.epochs`.
        networks: the networks that the sessions of a search share; default: a new network.

    Attributes:
        epoch: number of finished epochs.
        seconds: training time so far, without evaluation.
        history: a record of each finished epoch.
        best: {"epoch", "scores"} of the best epoch, None before the first one.
        model: the model, which is saved and evaluated; set by `prepare`.
        training_model: the model that is fitted: `model`, or one for truncated BPTT on its layers.
        batches: the training batches; set by `prepare`.
    """

    def __init__(
        self,
        config: Config,
        run: Run,
        corpus: Corpus,
        features: Features | None,
        progress: NullProgress,
        objective: str | None = None,
        seconds_limit: float | None = None,
        until: int | None = None,
        networks: SharedNetworks | None = None,
    ) -> None:
        assert config.epochs is not None and config.learning_rate is not None
        self.config, self.run, self.corpus, self.progress = config, run, corpus, progress
        self.task = tasks.get(config.task)
        metrics = (each for each in self.task.metrics if objective in (None, each.name))
        self.metric = next(metrics)
        if seconds_limit is None:
            seconds_limit = math.inf if config.max_minutes is None else config.max_minutes * 60
        self.seconds_limit, self.until = seconds_limit, until or config.epochs
        run.check_data(corpus)
        features = run.stored_features or features  # ids and weights belong together
        self.features = features or self.task.features.fit(config, corpus.splits["train"])
        self._networks = networks
        self._learning_rate = config.learning_rate
        self.epoch, self.seconds = 0, 0.0
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None
        self._callbacks: list[keras.callbacks.Callback] = []

    def train(self, makers: Sequence[Maker] = ()) -> None:
        """Resume from the last checkpoint, if there is one, and run the remaining epochs.

        Args:
            makers: functions that make a Keras callback for the session.

        Raises:
            RunError: for a non-finite loss or validation score, or a file that cannot be written.
        """
        self.prepare()
        self._restore()
        if self.stop:
            return
        self._callbacks = [make(self) for make in makers]
        self.run.begin(self.config, self.features, self.corpus)
        data_summary.write(self.run.folder, self.corpus.summary)
        self._network.note_remark(self.progress)
        self.progress.start(self.config, len(self.batches), self.epoch, self.loss_name)
        try:
            while not self.stop:
                self.run_epoch(self._network.evaluator)
        finally:
            self.progress.stop()
        self.progress.end(self.stop)

    def prepare(self) -> None:
        """Build `model`, `training_model` with its optimizer, and the training batches."""
        if self._networks is None:
            self._network = Network(self.config, self.features, self.corpus)
        else:
            self._network = self._networks.network(self.config, self.features, self.corpus)
        self.batches, self.model = self._network.batches, self._network.model
        self.training_model = self._network.training_model

    @property
    def variables(self) -> Sequence[keras.Variable]:
        """The variables of the model and the optimizer, in the order of the checkpoint."""
        return self._network.variables

    def _restore(self) -> None:
        progress = self.run.restore_checkpoint(self.variables)
        if progress is not None:
            self.epoch, self.seconds = progress["epoch"], progress["seconds"]
            self.history, self.best = progress["history"], progress["best"]
            self._network.optimizer.clipped_steps = progress.get("clipped_steps")
            if self.best and self.best["epoch"] == self.epoch:
                self.run.save_model(self.model)
            elif self.best:
                self.run.restore_model()
        if math.isfinite(self.seconds_limit):
            self.seconds = max(self.seconds, self.run.read_seconds())

    @property
    def loss_name(self) -> str:
        """Return "sampled loss" for the training loss of a sampled softmax, otherwise "loss"."""
        return "sampled loss" if isinstance(self.training_model, SampledSoftmaxModel) else "loss"

    @property
    def stop(self) -> Stop | None:
        """Why training stopped; None while there are epochs to train."""
        time_left = self.seconds_limit - self.seconds
        return stop_of(self.config, self.epoch, self.best, self.metric.name, time_left, self.until)

    def run_epoch(self, evaluator: Evaluator) -> None:
        """Train one epoch, score the model, and write model, history and checkpoint.

        Args:
            evaluator: scores the model on the validation split.

        Raises:
            RunError: for a non-finite loss, or if no epoch had a finite validation score yet.
        """
        used = self.seconds / self.seconds_limit
        rate = self._learning_rate * learning_rate_factor(self.config, self.epoch, used)
        self.training_model.optimizer.learning_rate = rate
        loss = self.train_epoch()
        scores, validation_loss = evaluator.scores_and_loss()
        self.epoch += 1
        best = self._update_best(scores)
        is_best = best["epoch"] == self.epoch
        record = {"epoch": self.epoch, "learning_rate": rate, "loss": loss}
        record |= {f"validation_{name}": score for name, score in scores.items()}
        record["validation_loss"] = validation_loss
        record["epochs_since_best"] = self.epoch - best["epoch"]
        self.history.append(record)
        self.run.save_history(self.history)
        # In one file: the epoch is repeated after a kill before this line, finished after it.
        self.run.save_checkpoint(self.variables, self._progress_record())
        if is_best:  # after a kill before this line, `_restore` saves it
            self.run.save_model(self.model)
        self.progress.epoch(record, improved=is_best)

    def _update_best(self, scores: dict[str, float]) -> dict[str, Any]:
        name, best = self.metric.name, self.best
        previous = contents.entry(best["scores"], name, self.run.folder) if best else None
        if is_better(self.metric, scores[name], previous):
            self.best = {"epoch": self.epoch, "scores": scores}
        if self.best is None:
            raise RunError(
                f"non-finite score: validation {name} is {scores[name]}. Clip the gradient "
                "(--global_clipnorm=1) or lower --learning_rate."
            )
        return self.best

    def _progress_record(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "seconds": self.seconds,
            "history": self.history,
            "best": self.best,
            "stopped": self.stop and self.stop._asdict(),
            "loss_name": self.loss_name,
            "parameters": self.model.count_params(),
            "clipped_steps": self._network.optimizer.clipped_steps,
        }

    def train_epoch(self) -> float:
        """Train on all batches once, or until the time budget is exhausted.

        Returns:
            The mean loss.

        Raises:
            RunError: for a non-finite loss.
        """
        if self.task.arrangement.stateful:
            self.training_model.reset_state()
        dataset, start = self.batches.epoch(self.epoch), time.monotonic()
        monitor = TrainingMonitor(
            self.progress,
            self.seconds_limit - self.seconds,
            # Saved within the epoch, so that the time budget also counts an interrupted epoch.
            lambda elapsed: self.run.save_seconds(self.seconds + elapsed),
            clock=time.monotonic,
        )
        options = {"verbose": 0, "shuffle": False, "callbacks": [monitor, *self._callbacks]}
        epochs = {"initial_epoch": self.epoch, "epochs": self.epoch + 1}
        history = self.training_model.fit(dataset, **epochs, **options)
        self.seconds += time.monotonic() - start
        return float(history.history["loss"][-1])
