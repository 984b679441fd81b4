"""The tuners by name: what keras-tuner calls an oracle, which chooses the next trial."""

from registry import Registry

tuners = Registry("tuner")

# The name of a class of zoo.tuning.oracles: importing keras-tuner here would cost every listing seconds.
tuners.register("random", about="draws each trial at random from the space")("Random")
tuners.register("grid", about="goes through all combinations, in order")("Grid")
tuners.register("bayesian", about="learns from the scores so far where better ones may be")(
    "Bayesian"
)
tuners.register(
    "hyperband", about="trains many for a few epochs and goes on with the best, up to --epochs"
)("Hyperband")
