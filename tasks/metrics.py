"""The metrics, each computed from sums over all examples."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from sacrebleu.metrics import BLEU, CHRF

from tasks import head
from tasks.task import Metric

_MAX_EXPONENT = 230  # exp(230) is about 1e100; larger perplexities are all alike.


def _corpus_score(scorer: Callable[[], Any]) -> Callable[[Mapping[str, Any]], float]:
    def score(sums: Mapping[str, Any]) -> float:
        return scorer().corpus_score(sums["hypotheses"], [sums["references"]]).score

    return score


def _signature(scorer: Callable[[], Any]) -> Callable[[], str]:
    def signature() -> str:
        used = scorer()
        # The signature contains the number of references, which is known only after a score.
        used.corpus_score(["a"], [["a"]])
        return str(used.get_signature())

    return signature


def _exact_match(sums: Mapping[str, Any]) -> float:
    pairs = zip(sums["hypotheses"], sums["references"], strict=True)
    return sum(hypothesis == reference for hypothesis, reference in pairs) / len(sums["references"])


accuracy = Metric("accuracy", "fraction", True, lambda sums: sums["correct"] / sums["count"])
nats_per_token = Metric("nats_per_token", "nats", False, head.mean_nats)
bits_per_character = Metric(
    "bits_per_character",
    "bits",
    False,
    lambda sums: sums["nats"] / sums["characters"] / math.log(2),
)
perplexity = Metric(
    "perplexity",
    "exp(nats)",
    False,
    lambda sums: math.exp(min(head.mean_nats(sums), _MAX_EXPONENT)),
)
mean_squared_error = Metric("mean_squared_error", "squared units", False, head.mean_squared_error)
bleu = Metric("bleu", "of 100", True, _corpus_score(BLEU), _signature(BLEU))
chrf = Metric("chrf", "of 100", True, _corpus_score(CHRF), _signature(CHRF))
exact_match = Metric("exact_match", "fraction", True, _exact_match)
