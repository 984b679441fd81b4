"""Scores of a model on examples, beside those of a trivial predictor."""

import numpy as np
import tensorflow as tf

from tasks.heads import heads
from tasks.library import tasks
from tasks.text.features import pad_empty
from zoo.decoding.translator import Translator
from zoo.models import assembly

WINDOW = (
    256  # timesteps of a text in one call; the state goes on, so that it changes nothing but memory
)
TRANSLATED = (
    1000  # sentences after each epoch, by greedy search: enough to tell one epoch from another
)
ROWS = 64  # sentences translated in one call


class Evaluator:
    """Scores `model` on `examples` again and again; everything is encoded and traced once.

    Translations of all examples by `config.beam` are scored if `final`, else quicker ones of at most TRANSLATED.
    """

    def __init__(self, model, config, features, examples, final=False):
        self.task, self.head = tasks.get(config.task), heads.get(config.head)
        self.translations = None
        if self.task.arrangement.stateful:
            self.ids, self.characters = features.stream(examples)
            self.step = assembly.single_step_model(config, features, model)
            self._sums = tf.function(self._window_sums, reduce_retracing=True)
        else:
            self.model = model
            self.batches = self.task.arrangement.batches(features, examples, config, False)
            self._sums = tf.function(self._batch_sums, reduce_retracing=True)
        if self.task.decoding == "translation":
            chosen = examples if final else examples[:: -(-len(examples) // TRANSLATED)]
            self.translations = Translations(
                model, config, features, chosen, config.beam if final else 1
            )

    def sums(self):
        """What the metrics are computed from, summed over all examples."""
        return self._over_text() if self.task.arrangement.stateful else self._over_batches()

    def scores(self):
        """Metric name -> value."""
        sums = self.sums()
        return {metric.name: float(metric.function(sums)) for metric in self.task.metrics}

    def _batch_sums(self, inputs, targets, weights):
        return self.head.sums(targets, self.model(inputs, training=False), weights)

    def _over_batches(self):
        total = {}
        for batch in self.batches.epoch(0):
            for name, value in self._sums(*batch).items():
                total[name] = total.get(name, 0.0) + float(value)
        return {**total, **(self.translations.sums() if self.translations else {})}

    def _window_sums(self, tokens, targets, states):
        logits, *states = self.step([tokens, *states], training=False)
        return self.head.sums(targets, logits, tf.ones(tf.shape(targets))), states

    def _over_text(self):
        """The whole text as one sequence, its state carried from window to window."""
        states = [tf.zeros((1, *tensor.shape[1:])) for tensor in self.step.inputs[1:]]
        total = {"characters": self.characters}
        for start in range(0, len(self.ids) - 1, WINDOW):
            tokens = tf.constant(self.ids[None, start : start + WINDOW + 1], tf.int32)
            sums, states = self._sums(tokens[:, :-1], tokens[:, 1:], states)
            for name, value in sums.items():
                total[name] = total.get(name, 0.0) + float(value)
        return total


class Translations:
    """What `model` makes of the sources of `examples`, again and again."""

    def __init__(self, model, config, features, examples, beam):
        self.references = [example["target"] for example in examples]
        self.tokens = pad_empty(
            features.split(tf.constant([example["source"] for example in examples]))
        )
        # Batches of like length: a batch takes as many steps as its longest translation.
        self.order = np.argsort(self.tokens.row_lengths(), kind="stable")
        translator = Translator(config, features, model)
        self._texts = tf.function(
            lambda tokens: translator.translate(tokens, beam).texts,
            input_signature=[tf.RaggedTensorSpec((None, None), tf.string)],
        )

    def sums(self):
        """hypotheses and references, lists of texts in the same order."""
        texts = [None] * len(self.order)
        for start in range(0, len(self.order), ROWS):
            chosen = self.order[start : start + ROWS]
            for place, text in zip(
                chosen, self._texts(tf.gather(self.tokens, chosen)).numpy(), strict=True
            ):
                texts[place] = text.decode("utf-8", "replace")
        return {"hypotheses": texts, "references": self.references}


def report(scores, task, baseline):
    """Metric name -> {value, unit, higher_is_better, baseline}, and the signature of a metric that has one; baseline:
    sums of the trivial predictor."""
    return {
        metric.name: {
            "value": scores[metric.name],
            "unit": metric.unit,
            "higher_is_better": metric.higher_is_better,
            "baseline": float(metric.function(baseline)),
            **({"signature": metric.signature()} if metric.signature else {}),
        }
        for metric in task.metrics
    }


def evaluate(model, config, features, corpus, split="test"):
    """The report of `model` on a split of the corpus."""
    task = tasks.get(config.task)
    scores = Evaluator(model, config, features, corpus.splits[split], final=True).scores()
    return report(
        scores, task, task.baseline(features, corpus.splits["train"], corpus.splits[split])
    )


def is_better(metric, score, than):
    """Whether `score` is a number and better than `than` (None: anything is)."""
    if not np.isfinite(score):
        return False
    return than is None or (score > than if metric.higher_is_better else score < than)
