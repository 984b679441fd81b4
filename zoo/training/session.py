"""Training of a configuration into a run folder: resumable, with an optional time budget."""

import math
import os
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.text.features import Features
from zoo import interruption
from zoo.config import Config
from zoo.errors import RunError
from zoo.evaluation.evaluator import Evaluator, is_better
from zoo.evaluation.result import final_result
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.reports.writing import write_if_possible
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.training.monitor import TrainingMonitor
from zoo.training.networks import Network, SharedNetworks, released_gradients
from zoo.training.truncated_bptt import softmax_share

LARGE_SOFTMAX = 0.5  # share of the multiplications above which sampled softmax is suggested


def train(
    config: Config,
    run_dir: str | os.PathLike[str],
    corpus: Corpus | None = None,
    features: Features | None = None,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Train a configuration into `run_dir`, and evaluate its best epoch on the test split.

    An interrupted run resumes after its last finished epoch; a finished run is not trained again.

    Args:
        config: the configuration; fields that are None take their defaults.
        run_dir: a new or empty folder, or that of a run of the same configuration.
        corpus: the examples; default: those that the configuration names.
        features: the features; default: fitted to the training split.
        progress: receives the progress; default: progress is not shown.

    Returns:
        The contents of `metrics.json`.

    Raises:
        RequestError: for an invalid configuration, or a folder with another run or other files.
        RunError: for a non-finite loss or score, or a file that cannot be written.

    Example:
        >>> import tempfile, zoo
        >>> from tasks.library import tasks
        >>> sample = tasks.get("pos_tagging").sample
        >>> splits = dict.fromkeys(("train", "validation", "test"), list(sample))
        >>> config = zoo.Config(task="pos_tagging", units=4, characters="none", epochs=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = zoo.train(config, folder, zoo.Corpus("sample", splits, {}))
        >>> list(result)
        ['split', 'seconds', 'parameters', 'validation', 'metrics']
    """
    run = Run.open(run_dir, config := resolve(config))
    return run.result or _train_unfinished(
        run, config, corpus, features, progress or NullProgress()
    )


@released_gradients()
def _train_unfinished(
    run: Run,
    config: Config,
    corpus: Corpus | None,
    features: Features | None,
    progress: NullProgress,
) -> dict[str, Any]:
    corpus = corpus or assembly.read_corpus(config)
    session = Session(config, run, corpus, features, progress)
    session.train()
    result = final_result(run, corpus, session.seconds, session.best)
    write_if_possible(run.folder, result)
    run.save_result(result)  # last: a run with a result is finished
    return run.read_json("metrics.json")


class Session:
    """The training of one configuration, epoch by epoch.

    The learning rate schedule spans all epochs of the configuration, so that stopping after
    `until` epochs and resuming is equivalent to training without a stop.

    Args:
        config: a resolved configuration.
        run: the run folder to which checkpoints are written.
        corpus: examples with the splits "train" and "validation".
        features: the features; None: fitted to the training split.
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
        self.metric = next(
            metric for metric in self.task.metrics if objective in (None, metric.name)
        )
        if seconds_limit is None:
            seconds_limit = math.inf if config.max_minutes is None else config.max_minutes * 60
        self.seconds_limit, self.until = seconds_limit, until or config.epochs
        self.features = features or self.task.features.fit(config, corpus.splits["train"])
        self._networks = networks
        self._epochs, self._learning_rate = config.epochs, config.learning_rate
        self.epoch, self.seconds = 0, 0.0
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] | None = None

    def train(self) -> None:
        """Resume from the last checkpoint, if there is one, and run the remaining epochs.

        Raises:
            RunError: for a non-finite loss or validation score, or a file that cannot be written.
            Interrupted: a signal arrived.
        """
        self.prepare()
        self._restore()
        if self._finished():
            return
        self.run.begin(self.config, self.features)
        self._suggest_sampled_softmax()
        self.progress.start(self.config, len(self.batches), self.epoch)
        try:
            with interruption.deferred():
                while not self._finished():
                    self.run_epoch(self._network.evaluator)
        finally:
            self.progress.stop()

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
        if math.isfinite(self.seconds_limit):
            self.seconds = max(self.seconds, self.run.read_seconds())

    def _suggest_sampled_softmax(self) -> None:
        """Report a remark if the softmax takes most of a training step."""
        if not self.task.arrangement.stateful or self.config.sampled_softmax:
            return
        share = softmax_share(self.model)
        if share > LARGE_SOFTMAX:
            self.progress.note(
                f"The softmax over {self.features.outputs:,} tokens is {share:.0%} of a training "
                "step's work. --sampled_softmax=1000 trains on 1,000 sampled negatives instead."
            )

    def _finished(self) -> bool:
        return self.epoch >= self.until or (self.epoch > 0 and self.seconds >= self.seconds_limit)

    def run_epoch(self, evaluator: Evaluator) -> None:
        """Train one epoch, score the model, and write model, history and checkpoint.

        Args:
            evaluator: scores the model on the validation split.

        Raises:
            RunError: for a non-finite loss, or if no epoch had a finite validation score yet.
        """
        rate = self._learning_rate * self._learning_rate_factor()
        self.training_model.optimizer.learning_rate = rate
        loss = self.train_epoch()
        scores = evaluator.scores()
        self.epoch += 1
        record = {"epoch": self.epoch, "learning_rate": rate, "loss": loss}
        record |= {f"validation_{name}": score for name, score in scores.items()}
        self.history.append(record)
        best = self._update_best(scores)
        self.run.save_history(self.history)
        # Last, and in one file: an epoch is repeated if the process is killed before this line,
        # and finished if it is killed after it.
        self.run.save_checkpoint(self.variables, self._progress_record())
        self.progress.epoch(record, improved=best["epoch"] == self.epoch)

    def _update_best(self, scores: dict[str, float]) -> dict[str, Any]:
        """Save the model if the epoch is the best so far; return the best epoch."""
        name = self.metric.name
        previous = self.best["scores"][name] if self.best else None
        if is_better(self.metric, scores[name], previous):
            self.best = {"epoch": self.epoch, "scores": scores}
            self.run.save_model(self.model)
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
            "parameters": self.model.count_params(),
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
        history = self.training_model.fit(
            dataset,
            epochs=self.epoch + 1,
            initial_epoch=self.epoch,
            verbose=0,
            shuffle=False,
            callbacks=[monitor],
        )
        self.seconds += time.monotonic() - start
        return float(history.history["loss"][-1])

    def _learning_rate_factor(self) -> float:
        """Return the factor of the learning rate.

        The cosine schedule falls from 1 to 0.02 over the epochs or, if shorter, the time budget.
        """
        if self.config.schedule == "constant":
            return 1.0
        done = max(self.epoch / self._epochs, min(1.0, self.seconds / self.seconds_limit))
        return 0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * done)))
