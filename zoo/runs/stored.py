"""The JSON files of runs and searches: the shape of each, and the format of a run folder."""

from typing import Any

from zoo.runs.shapes import (
    ANY,
    BOOL,
    COUNT,
    DIGITS,
    FINITE,
    NUMBER,
    SECONDS,
    TEXT,
    Leaf,
    Optional,
)

# The format of a run folder; CHANGELOG.md lists the changes. Folders of format 1 have no run.json.
FORMAT = 2

OBJECT = {"*": ANY}
_VOCABULARY = Leaf(  # the width of vectors stands in place of their tokens
    "a list of texts, or a whole number",
    lambda value: (
        COUNT.accepts(value) or (isinstance(value, list) and all(map(TEXT.accepts, value)))
    ),
)
_METRIC = {
    "value": NUMBER,
    "unit": TEXT,
    "higher_is_better": BOOL,
    "baseline": NUMBER,
    "signature?": TEXT,
}
EPOCH = {"*": NUMBER, "epoch": COUNT, "learning_rate": NUMBER, "loss": NUMBER}
_BEST = {"epoch": COUNT, "scores": {"*": NUMBER}}
_STOP = {"epoch": COUNT, "reason": TEXT, "text": TEXT}
_SCORE = Optional(NUMBER)  # None: not defined
_CLASS = {
    "class": TEXT,
    "precision": _SCORE,
    "recall": _SCORE,
    "f1": _SCORE,
    "support": COUNT,
    "predicted": COUNT,
    "correct": COUNT,
}
_ANSWER = Leaf("a text or a number", lambda value: TEXT.accepts(value) or NUMBER.accepts(value))
_ERROR = {
    "example": COUNT,
    "true": _ANSWER,
    "predicted": _ANSWER,
    "text?": TEXT,
    "token?": TEXT,
    "position?": COUNT,
    "confidence?": NUMBER,
}
_TRIAL_CONFIG = {**OBJECT, "cell": TEXT, "cell_args": OBJECT}

PROGRESS = {
    "epoch": COUNT,
    "seconds": SECONDS,
    "history": [EPOCH],
    "best": Optional(_BEST),
    "stopped?": Optional(_STOP),
    "loss_name?": TEXT,
    "parameters?": COUNT,
    "clipped_steps?": Optional({"clipped": COUNT, "counted": COUNT}),
}
_UNKNOWN = Optional(FINITE)
# The gradient over time at the end of a trial.
GRADIENT = {
    "layer": TEXT,
    "direction": TEXT,
    "lags": COUNT,
    "ratio": _UNKNOWN,
    "growth": _UNKNOWN,
    "effective_memory": Optional(COUNT),
}
TRIAL = {
    "id": DIGITS,
    "status": TEXT,
    "reason": Optional(TEXT),
    "score": Optional(FINITE),
    "seconds": SECONDS,
    "parameters?": Optional(COUNT),
    "growth?": _UNKNOWN,
    "effective_memory?": Optional(COUNT),
    "lags?": Optional(COUNT),
    "clipped?": _UNKNOWN,
    "config": _TRIAL_CONFIG,
}

# The files search/trial_ID/trial.json, as keras-tuner writes them.
TRIAL_STATE = {
    "trial_id": DIGITS,
    "hyperparameters": {"space": [OBJECT], "values": OBJECT},
    "score": Optional(NUMBER),
    "status": TEXT,
    "message": Optional(TEXT),
}

# File name -> shape.
SHAPES: dict[str, Any] = {
    "config.json": OBJECT,
    "run.json": {
        "format": COUNT,
        "version": TEXT,
        "vocabularies": Optional(TEXT),
        "data": Optional(
            {
                "name": TEXT,
                "paths": [TEXT],
                "data_dir": Optional(TEXT),
                "splits": {"*": {"examples": COUNT, "sha256": TEXT}},
            }
        ),
    },
    "data.json": {
        "source": TEXT,
        "form": TEXT,
        "columns": {"*": TEXT},
        "found": {"*": TEXT},
        "counts": {"*": COUNT},
        "noun": TEXT,
        "classes": Optional(COUNT),
        "class_noun": TEXT,
        "facts": {"*": TEXT},
        "remarks": [TEXT],
    },
    "vocabularies.json": {"*": _VOCABULARY},
    "spent.json": SECONDS,
    "metrics.json": {
        "split": TEXT,
        "seconds": SECONDS,
        "parameters": COUNT,
        "validation": Optional(_BEST),
        "stopped?": Optional(_STOP),
        "validation_baseline?": {"*": NUMBER},
        "metrics": {"*": _METRIC},
    },
    "error_analysis.json": {
        "split": TEXT,
        "macro_f1?": Optional(NUMBER),
        "classes?": [_CLASS],
        "confusions?": [{"true": TEXT, "predicted": TEXT, "count": COUNT}],
        "errors": [_ERROR],
    },
    "gradient.json": GRADIENT,
    "search.json": {
        "config": OBJECT,
        "space": {"*": [ANY]},
        "search": {"tuner": TEXT, "max_trials": COUNT, "objective": Optional(TEXT)},
    },
    "trials.json": [TRIAL],
    "leaderboard.json": {
        "objective": TEXT,
        "baseline": NUMBER,
        "seconds": SECONDS,
        "trials": [TRIAL],
        "best": {"id": DIGITS, "score": FINITE, "config": _TRIAL_CONFIG},
        "metrics": {"*": _METRIC},
    },
}
