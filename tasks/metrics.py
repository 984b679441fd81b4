"""The metrics, each a record that computes its score from counted sums."""

import math

from sacrebleu.metrics import BLEU, CHRF

from tasks.task import Metric

accuracy = Metric("accuracy", "fraction", True, lambda sums: sums["correct"] / sums["count"])
nats_per_token = Metric("nats_per_token", "nats", False, lambda sums: sums["nats"] / sums["count"])
bits_per_character = Metric(
    "bits_per_character",
    "bits",
    False,
    lambda sums: sums["nats"] / sums["characters"] / math.log(2),
)
perplexity = Metric(
    "perplexity", "exp(nats)", False, lambda sums: math.exp(min(sums["nats"] / sums["count"], 700))
)
mean_squared_error = Metric(
    "mean_squared_error", "squared units", False, lambda sums: sums["squared_error"] / sums["count"]
)


def _corpus_score(measure):
    return lambda sums: measure().corpus_score(sums["hypotheses"], [sums["references"]]).score


def _signature(measure):
    def signature():
        scorer = measure()
        scorer.corpus_score(["a"], [["a"]])  # the number of references is a part of the signature
        return str(scorer.get_signature())

    return signature


bleu = Metric("bleu", "of 100", True, _corpus_score(BLEU), _signature(BLEU))
chrf = Metric("chrf", "of 100", True, _corpus_score(CHRF), _signature(CHRF))
exact_match = Metric(
    "exact_match",
    "fraction",
    True,
    lambda sums: (
        sum(map(str.__eq__, sums["hypotheses"], sums["references"])) / len(sums["references"])
    ),
)
