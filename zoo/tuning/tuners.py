"""The registry of tuners: the oracles of keras-tuner, which choose the next trial."""

from registry import Registry

tuners: Registry[str] = Registry("tuner", list_command="zoo list tuners")

# The objects are names of classes in zoo.tuning.oracles: listings do not import keras-tuner.
tuners.register("random", about="draws each trial at random from the search space")("Random")
tuners.register("grid", about="tries all combinations, in order")("Grid")
tuners.register(
    "bayesian", about="models the scores, and tries points that may improve the best one"
)("Bayesian")
tuners.register(
    "hyperband",
    about="trains many trials for a few epochs and the best of them for more, up to --epochs",
)("Hyperband")
