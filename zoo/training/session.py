"""Training: epoch by epoch into a run folder, resumed after a kill, within a limit of time."""

import math
import time

import keras
import numpy as np

from tasks.library import tasks
from zoo.errors import RunError
from zoo.evaluation.attention import attention_of_run
from zoo.evaluation.evaluator import Evaluator, evaluate, is_better
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.reports.writing import write_if_possible
from zoo.runs.progress import NullProgress
from zoo.runs.run import Run
from zoo.training.truncated_bptt import (
    TruncatedBPTTModel,
    FusedSoftmaxModel,
    SampledSoftmaxModel,
    is_softmax,
)

NOTE_EVERY = 2.0  # seconds of training between two notes of the time spent
HEAVY = 0.5  # share of a step's products from which on a softmax is heavy


class _Watch(keras.callbacks.Callback):
    """Stops at a loss that is no number, and when the time is up; tells the progress and notes the time spent."""

    def __init__(self, progress, seconds_left, note):
        super().__init__()
        self.progress, self.left, self.note = progress, seconds_left, note
        self.began = self.noted = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        loss = logs["loss"]
        if not math.isfinite(loss):
            raise RunError(
                f"the loss became {loss} at batch {batch + 1}. Clip the gradient (--global_clipnorm=1) or "
                "lower --learning_rate."
            )
        self.progress.batch(loss)
        now = time.monotonic()
        if now - self.noted > NOTE_EVERY and math.isfinite(self.left):
            self.noted = now
            self.note(now - self.began)
        if now - self.began > self.left:
            self.model.stop_training = True


def train(config, run_dir, corpus=None, features=None, progress=None):
    """Trains a configuration into `run_dir`, or goes on where it was, and evaluates the best epoch once on test.

    corpus, features: given where several runs share them. Returns {"split", "seconds", "parameters", "metrics",
    "validation"}.
    Raises RequestError when the folder is another run's, RunError when the loss is no longer a number.
    """
    config = resolve(config)
    run = Run.of(run_dir, config)
    if run.result is None:
        session = Session(
            config,
            run,
            corpus or assembly.read_corpus(config),
            features,
            progress or NullProgress(),
        )
        session.train()
        result = conclude(session.run, session.corpus, session.seconds, session.best)
        write_if_possible(run.folder, result)
        run.save_result(result)  # last: a run with a result is finished
    return run.result


def conclude(run, corpus, seconds, best):
    """The one look at the test split: the run's result. best: the chosen epoch and its validation scores."""
    model = run.model
    metrics = evaluate(model, run.config, run.features, corpus)
    attention_of_run(run, model, corpus.splits["validation"])
    return {
        "split": "test",
        "seconds": round(seconds, 1),
        "parameters": model.count_params(),
        "validation": best,
        "metrics": metrics,
    }


class Session:
    """One configuration's way through its epochs.

    until: the epoch to stop after, where it is not the last one. The learning rate falls over all of them, so that a
    run that stops and goes on later is the run that never stopped.
    """

    def __init__(
        self,
        config,
        run,
        corpus,
        features,
        progress,
        objective=None,
        seconds_limit=None,
        until=None,
    ):
        self.config, self.run, self.corpus, self.progress = config, run, corpus, progress
        self.task = tasks.get(config.task)
        self.metric = next(
            metric for metric in self.task.metrics if objective in (None, metric.name)
        )
        if seconds_limit is None:
            seconds_limit = math.inf if config.max_minutes is None else config.max_minutes * 60
        self.limit, self.until = seconds_limit, until or config.epochs
        self.features = features or self.task.features.fit(config, corpus.splits["train"])
        self.epoch, self.seconds, self.history, self.best = 0, 0.0, [], None

    def train(self):
        """Runs the epochs that are left."""
        self.prepare()
        self._restore()
        if self._over():
            return
        self.run.begin(self.config, self.features)
        evaluator = Evaluator(
            self.model, self.config, self.features, self.corpus.splits["validation"]
        )
        self._note_softmax()
        self.progress.start(self.config, len(self.batches), self.epoch)
        try:
            while not self._over():
                self.run_epoch(evaluator)
        finally:
            self.progress.stop()

    def prepare(self):
        arrangement = self.task.arrangement
        self.batches = arrangement.batches(
            self.features, self.corpus.splits["train"], self.config, True
        )
        self.model = self.trainee = assembly.network(self.config, self.features)
        if arrangement.stateful:
            self.trainee = assembly.compiled(self._carrying(), self.config)
        self.trainee.optimizer.build(self.trainee.trainable_variables)

    def _carrying(self):
        head, rows, drawn = (
            self.model.get_layer("head"),
            self.batches.rows,
            self.config.sampled_softmax,
        )
        sampled = 0 < drawn < self.features.outputs
        joined = sampled or is_softmax(head, self.model.loss)
        single_step_model = assembly.single_step_model(
            self.config, self.features, self.model, predicting=not joined
        )
        if sampled:
            return SampledSoftmaxModel(single_step_model, head, rows, drawn, self.config.seed)
        return (
            FusedSoftmaxModel(single_step_model, head, rows)
            if joined
            else TruncatedBPTTModel(single_step_model, rows)
        )

    @property
    def _variables(self):
        return [*self.model.variables, *self.trainee.optimizer.variables]

    def _restore(self):
        progress = self.run.restore_checkpoint(self._variables)
        if progress is not None:
            self.epoch, self.seconds = progress["epoch"], progress["seconds"]
            self.history, self.best = progress["history"], progress["best"]
        if math.isfinite(self.limit):
            self.seconds = max(self.seconds, self.run.spent)

    def _note_softmax(self):
        """Says where most of a step's products are those of a softmax that could be sampled."""
        if not self.task.arrangement.stateful or self.config.sampled_softmax:
            return
        sizes = {
            layer.name: layer.count_params()
            for layer in self.model.layers
            if not isinstance(layer, keras.layers.Embedding)
        }
        share = sizes["head"] / sum(sizes.values())  # a product for each weight and token
        if share > HEAVY:
            self.progress.note(
                f"The softmax over {self.features.outputs:,} tokens is {share:.0%} of a step's work. "
                "--sampled_softmax=1000 learns from 1,000 of them at a time."
            )

    def _over(self):
        return self.epoch >= self.until or (self.epoch > 0 and self.seconds >= self.limit)

    def run_epoch(self, evaluator):
        rate = self.config.learning_rate * self._cooling()
        self.trainee.optimizer.learning_rate = rate
        loss = self.train_epoch()
        scores = evaluator.scores()
        self.epoch += 1
        self.history.append(
            {
                "epoch": self.epoch,
                "learning_rate": rate,
                "loss": loss,
                **{f"validation_{name}": score for name, score in scores.items()},
            }
        )
        name = self.metric.name
        if is_better(self.metric, scores[name], self.best and self.best["scores"][name]):
            self.best = {"epoch": self.epoch, "scores": scores}
            self.run.save_model(self.model)
        if self.best is None:
            raise RunError(
                f"validation {name} is {scores[name]}. Clip the gradient (--global_clipnorm=1) "
                "or lower --learning_rate."
            )
        self.run.save_history(self.history)
        # Last, in one file: a kill before it repeats the epoch, a kill after it does not.
        self.run.save_checkpoint(
            self._variables,
            {
                "epoch": self.epoch,
                "seconds": self.seconds,
                "history": self.history,
                "best": self.best,
                "parameters": self.model.count_params(),
            },
        )
        self.progress.epoch(self.history[-1], improved=self.best["epoch"] == self.epoch)

    def train_epoch(self):
        """One pass over the training data, or as much of it as there is time for. Returns the mean loss."""
        if self.task.arrangement.stateful:
            self.trainee.reset_state()
        dataset, began = self.batches.epoch(self.epoch), time.monotonic()
        watch = _Watch(self.progress, self.limit - self.seconds, self._note)
        history = self.trainee.fit(
            dataset,
            epochs=self.epoch + 1,
            initial_epoch=self.epoch,
            verbose=0,
            shuffle=False,
            callbacks=[watch],
        )
        self.seconds += time.monotonic() - began
        return float(history.history["loss"][-1])

    def _note(self, seconds):
        """So that a limit of time holds over an epoch that a kill has cut short."""
        self.run.save_spent(self.seconds + seconds)

    def _cooling(self):
        """The factor on the learning rate: a half cosine over the epochs, or over the time if that ends first."""
        if self.config.schedule == "constant":
            return 1.0
        done = max(self.epoch / self.config.epochs, min(1.0, self.seconds / self.limit))
        return 0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * done)))
