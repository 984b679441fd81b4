"""The metrics, each a record that computes its score from counted sums."""

import math

from tasks.task import Metric

accuracy = Metric("accuracy", "fraction", True, lambda sums: sums["correct"] / sums["count"])
nats_per_token = Metric("nats_per_token", "nats", False, lambda sums: sums["nats"] / sums["count"])
bits_per_character = Metric(
    "bits_per_character", "bits", False, lambda sums: sums["nats"] / sums["characters"] / math.log(2))
perplexity = Metric("perplexity", "exp(nats)", False, lambda sums: math.exp(min(sums["nats"] / sums["count"], 700)))
mean_squared_error = Metric(
    "mean_squared_error", "squared units", False, lambda sums: sums["squared_error"] / sums["count"])
