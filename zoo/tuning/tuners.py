"""The tuners by name: what keras-tuner calls an oracle, which chooses the next trial."""

from registry import Registry

tuners = Registry("tuner")

# The name of a class of keras_tuner.oracles: importing keras-tuner here would cost every listing seconds.
tuners.register("random", about="draws each trial at random from the space")("RandomSearchOracle")
tuners.register("grid", about="goes through all combinations, in order")("GridSearchOracle")
