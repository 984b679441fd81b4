"""Search for a configuration with keras-tuner."""


def __getattr__(name):
    # As in `zoo` itself: listings import this package, and keras-tuner takes seconds.
    if name == "HyperModel":
        from zoo.tuning.hypermodel import HyperModel
        return HyperModel
    if name == "tune":
        from zoo.tuning.search import tune
        return tune
    raise AttributeError(f"module 'zoo.tuning' has no attribute {name!r}")
