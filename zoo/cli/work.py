"""What the verbs call, by "module:function": imported once the flags are read, since Keras takes seconds."""

import importlib

from zoo.cli.output import quiet_tensorflow

WORK = {
    "train": "zoo.training:train",
    "space": "zoo.tuning.hypermodel:complete_space",
    "tune": "zoo.tuning.search:tune",
    "export": "zoo.export:export",
    "gather": "zoo.reports.report:gather",
    "report": "zoo.reports.writing:write",
    "check": "zoo.conformance.suite:check",
    "run": "zoo.runs:Run",
    "corpus": "zoo.assembly:read_corpus",
    "evaluate": "zoo.evaluation:evaluate",
    "lengths": "zoo.score_by_length:score_by_length",
    "labels": "zoo.reports.lengths:run_labels",
    "resolve": "zoo.assembly:resolve",
    "served": "zoo.serving:served",
    "attention": "zoo.reports.attention:attention",
    "progress": "zoo.progress:Shown",
    "bench": "zoo.timing:bench",
    "shape": "zoo.timing:Shape",
}


def work(name):
    """The object behind a name of WORK."""
    quiet_tensorflow()
    module, _, attribute = WORK[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
