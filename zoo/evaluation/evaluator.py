"""Metrics of a model and of the trivial baseline on examples."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.task import Metric, Task
from tasks.text.features import Features, pad_empty
from zoo.config import Config
from zoo.decoding.translator import Translator
from zoo.graph_functions import graph_function
from zoo.models import assembly
from zoo.models.builder import head_of

Examples = Sequence[dict[str, Any]]

WINDOW = 256  # timesteps of a text per call; the state is carried, so it only affects memory
QUICK_TRANSLATIONS = 1000  # validation sentences decoded greedily after each epoch, at most
TRANSLATION_BATCH = 64  # sentences translated in one call
# Names of the sums of a loss that the sums of its head do not contain.
_LOSS, _WEIGHT = "evaluated loss", "weight of the evaluated loss"


class Evaluator:
    """Computes the metrics of a model on fixed examples, for example after each epoch.

    The examples are encoded once, and the graph is traced once.

    Args:
        model: the model; its weights may change between the calls.
        config: the resolved configuration of the model.
        features: the features of the model.
        examples: the examples.
        final: whether to translate all examples, with the beam width of the configuration. If
            False, at most `QUICK_TRANSLATIONS` of them are translated, by greedy search.
    """

    def __init__(
        self,
        model: keras.Model,
        config: Config,
        features: Features,
        examples: Examples,
        final: bool = False,
    ) -> None:
        self._task, self._head = tasks.get(config.task), head_of(config)
        self._loss = self._head.loss()
        self._translations: Translations | None = None
        if self._task.arrangement.stateful:
            self._ids, self._characters = features.stream(examples)
            self._step = assembly.single_step_model(config, features, model)
            ids = tf.TensorSpec((1, None), tf.int32)
            states = [tf.TensorSpec(state.shape) for state in self._zeros()]
            self._window_sums = graph_function(self._sums_of_window, [ids, ids, states])
        else:
            self._model = model
            self._batches = self._task.arrangement.batches(features, examples, config, False)
            signature = self._batches.epoch(0).element_spec
            self._batch_sums = graph_function(self._sums_of_batch, signature)
        if self._task.decoding == "translation":
            stride = 1 if final else max(1, -(-len(examples) // QUICK_TRANSLATIONS))
            beam = (config.beam or 1) if final else 1
            self._translations = Translations(model, config, features, examples[::stride], beam)

    def sums(self) -> dict[str, Any]:
        """Return the sums over all examples, by name, from which the metrics are computed."""
        if self._task.arrangement.stateful:
            return self._sums_of_text()
        return self._sums_of_batches()

    def scores(self) -> dict[str, float]:
        """Return the value of each metric of the task, by name."""
        return self.scores_and_loss()[0]

    def scores_and_loss(self) -> tuple[dict[str, float], float]:
        """Return the value of each metric by name, and the mean loss of the head, in one pass."""
        sums = self.sums()
        scores = {metric.name: float(metric.function(sums)) for metric in self._task.metrics}
        if self._head.mean_loss is not None:
            return scores, float(self._head.mean_loss(sums))
        return scores, sums[_LOSS] / sums[_WEIGHT]

    def _sums_of_predictions(
        self, targets: tf.Tensor, predictions: tf.Tensor, weights: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        sums = self._head.sums(targets, predictions, weights)
        if self._head.mean_loss is not None:
            return sums
        if targets.dtype.is_integer:  # a class that the training data lacks is -1
            weights = tf.where(targets < 0, tf.zeros_like(weights), weights)
            targets = tf.maximum(targets, 0)
        losses = self._loss.call(targets, predictions)  # of each target, whatever the reduction
        return {
            **sums,
            _LOSS: tf.reduce_sum(losses * weights),
            _WEIGHT: tf.reduce_sum(weights),
        }

    def _sums_of_batch(
        self, inputs: dict[str, tf.Tensor], targets: tf.Tensor, weights: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        return self._sums_of_predictions(targets, self._model(inputs, training=False), weights)

    def _sums_of_batches(self) -> dict[str, Any]:
        total: dict[str, Any] = {}
        for batch in self._batches.epoch(0):
            _add(total, self._batch_sums(*batch))
        return {**total, **(self._translations.sums() if self._translations else {})}

    def _sums_of_window(
        self, tokens: tf.Tensor, targets: tf.Tensor, states: list[tf.Tensor]
    ) -> tuple[dict[str, tf.Tensor], list[tf.Tensor]]:
        logits, *states = self._step([tokens, *states], training=False)
        return self._sums_of_predictions(targets, logits, tf.ones(tf.shape(targets))), states

    def _zeros(self) -> list[tf.Tensor]:
        """Return the states of a text before its first token."""
        return [tf.zeros((1, *tensor.shape[1:])) for tensor in self._step.inputs[1:]]

    def _sums_of_text(self) -> dict[str, Any]:
        """Return the sums over the text as one sequence, its state carried between windows."""
        states = self._zeros()
        total: dict[str, Any] = {"characters": self._characters}
        for start in range(0, len(self._ids) - 1, WINDOW):
            tokens = tf.constant(self._ids[None, start : start + WINDOW + 1], tf.int32)
            sums, states = self._window_sums(tokens[:, :-1], tokens[:, 1:], states)
            _add(total, sums)
        return total


def _add(total: dict[str, Any], sums: Mapping[str, tf.Tensor]) -> None:
    for name, value in sums.items():
        total[name] = total.get(name, 0.0) + float(value)


class Translations:
    """Translates a fixed set of sources, for example after each epoch.

    Args:
        model: the encoder-decoder; its weights may change between the calls.
        config: its resolved configuration.
        features: its features.
        examples: examples with "source" and "target".
        beam: number of hypotheses of beam search; 1: greedy search.
    """

    def __init__(
        self,
        model: keras.Model,
        config: Config,
        features: Features,
        examples: Examples,
        beam: int,
    ) -> None:
        self._references = [example["target"] for example in examples]
        sources = tf.constant([example["source"] for example in examples])
        self._tokens = pad_empty(features.tokenize(sources))
        # Batches of similar length: a batch takes as many steps as its longest translation.
        self._order = np.argsort(self._tokens.row_lengths(), kind="stable")
        translator = Translator(config, features, model)
        self._texts = graph_function(
            lambda tokens: translator.translate(tokens, beam).texts,
            [tf.RaggedTensorSpec((None, None), tf.string)],
        )

    def sums(self) -> dict[str, list[str]]:
        """Return the "hypotheses" and the "references", lists of texts in the same order."""
        hypotheses = [""] * len(self._order)
        for start in range(0, len(self._order), TRANSLATION_BATCH):
            chosen = self._order[start : start + TRANSLATION_BATCH]
            texts = self._texts(tf.gather(self._tokens, chosen)).numpy()
            for index, text in zip(chosen, texts, strict=True):
                hypotheses[index] = text.decode("utf-8", "replace")
        return {"hypotheses": hypotheses, "references": self._references}


def metric_records(
    scores: Mapping[str, float], task: Task, baseline: Mapping[str, float] | None
) -> dict[str, dict[str, Any]]:
    """Return the record of each metric, as stored in `metrics.json`.

    Args:
        scores: the value of each metric, by name.
        task: the task.
        baseline: the value of each metric of the trivial baseline, by name; None: not known.

    Returns:
        Metric name -> {"value", "unit", "higher_is_better", "baseline"}, and "signature" for a
        metric that has one.
    """
    return {
        metric.name: {
            "value": scores[metric.name],
            "unit": metric.unit,
            "higher_is_better": metric.higher_is_better,
            "baseline": None if baseline is None else baseline[metric.name],
            **({"signature": metric.signature()} if metric.signature else {}),
        }
        for metric in task.metrics
    }


def evaluate(
    model: keras.Model,
    config: Config,
    features: Features,
    corpus: Corpus,
    split: str = "test",
) -> dict[str, dict[str, Any]]:
    """Return the metric records of `model` on a split of the corpus (see `metric_records`)."""
    scores = Evaluator(model, config, features, corpus.splits[split], final=True).scores()
    baseline = baseline_scores(config, features, corpus, corpus.splits[split])
    return metric_records(scores, tasks.get(config.task), baseline)


def baseline_scores(
    config: Config, features: Features, corpus: Corpus, examples: Examples
) -> dict[str, float]:
    """Return the value of each metric of the task's trivial baseline on examples, by name."""
    task = tasks.get(config.task)
    sums = task.baseline(features, corpus.splits["train"], examples)
    return {metric.name: float(metric.function(sums)) for metric in task.metrics}


def is_better(metric: Metric, score: float, than: float | None) -> bool:
    """Return whether `score` is finite and better than `than`, or `than` is None."""
    if not np.isfinite(score):
        return False
    return than is None or (score > than if metric.higher_is_better else score < than)
