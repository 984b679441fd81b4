"""What the verbs call, by "module:function": imported once the flags are read, since Keras takes seconds."""

import importlib

from zoo.cli.output import quiet_tensorflow

WORK = {
    "train": "zoo.training.session:train",
    "space": "zoo.tuning.hypermodel:complete_space",
    "tune": "zoo.tuning.tuner:tune",
    "export": "zoo.saved_models.exporting:export",
    "gather": "zoo.reports.report:gather",
    "report": "zoo.reports.writing:write",
    "check": "zoo.conformance.suite:check",
    "run": "zoo.runs.run:Run",
    "corpus": "zoo.models.assembly:read_corpus",
    "evaluate": "zoo.evaluation.evaluator:evaluate",
    "lengths": "zoo.evaluation.score_by_length:score_by_length",
    "labels": "zoo.reports.lengths:run_labels",
    "resolve": "zoo.models.resolve:resolve",
    "predictor": "zoo.saved_models.predictor:predictor",
    "attention": "zoo.evaluation.attention:attention",
    "progress": "zoo.runs.progress:ConsoleProgress",
    "bench": "zoo.timing.layers:bench",
    "shape": "zoo.timing.layers:Shape",
}


def work(name):
    """The object behind a name of WORK."""
    quiet_tensorflow()
    module, _, attribute = WORK[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
