"""A finished run folder written by hand, without a model: reports read only its files."""

import json

import zoo
from zoo.evaluation.error_analysis import class_scores
from zoo.models.resolve import resolve
from zoo.runs.run import Run

STOPPED = {
    "epoch": 7,
    "reason": "patience",
    "text": "stopped after epoch 7: 3 epochs without a better validation accuracy",
}


def history(scores, first_loss=4.0, metric="accuracy"):
    best = 0
    records = []
    for number, score in enumerate(scores):
        best = number if score > scores[best] else best
        records.append(
            {
                "epoch": number + 1,
                "learning_rate": 1e-3,
                "loss": first_loss * 0.6**number,
                f"validation_{metric}": score,
                "validation_loss": 0.5 + 0.6 * first_loss * 0.8**number,
                "epochs_since_best": number - best,
            }
        )
    return records


def analysis_of(names, pairs, errors=()):
    return {"split": "test", **class_scores(names, pairs), "errors": list(errors)}


def error(text, true, predicted, **more):
    return {
        "example": 3,
        "text": text,
        **more,
        "true": true,
        "predicted": predicted,
        "confidence": 0.987,
    }


def write_run(
    folder,
    records,
    analysis=None,
    task="classification",
    stopped=STOPPED,
    baseline=0.25,
    test_baseline=0.125,
    metric="accuracy",
    **config,
):
    """Write a finished run; `baseline` is that of the validation split, None for an old run."""
    run, column = Run(folder), f"validation_{metric}"
    folder.mkdir(parents=True)
    config = resolve(zoo.Config(task=task, **config)).to_json()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    run.save_history(records)
    best = max(records, key=lambda record: record[column])
    result = {
        "split": "test",
        "seconds": 12.0,
        "parameters": 1234,
        "validation": {"epoch": best["epoch"], "scores": {metric: best[column]}},
        "metrics": {
            metric: {
                "value": 0.8,
                "unit": "fraction",
                "higher_is_better": True,
                "baseline": test_baseline,
            }
        },
    }
    if baseline is not None:
        result |= {"stopped": stopped, "validation_baseline": {metric: baseline}}
    if analysis is not None:
        (folder / "error_analysis.json").write_text(json.dumps(analysis), encoding="utf-8")
    run.save_result(result)
    return folder
