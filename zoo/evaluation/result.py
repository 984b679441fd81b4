"""The result of a finished run: test metrics, an analysis of the errors, attention weights."""

from typing import Any

from tasks.data.sources import Corpus
from zoo.evaluation.attention import draw_run_attention
from zoo.evaluation.error_analysis import error_analysis
from zoo.evaluation.evaluator import baseline_scores, evaluate
from zoo.runs import data_summary, files
from zoo.runs.run import Run


def final_result(
    run: Run,
    corpus: Corpus,
    seconds: float,
    best: dict[str, Any] | None,
    stopped: dict[str, Any] | None,
) -> dict[str, Any]:
    """Evaluate a run's model on the test split, and return the result.

    Writes `error_analysis.json` for tasks with classes or numbers, and draws the attention weights.

    Args:
        run: a run whose training is finished.
        corpus: the examples of the run.
        seconds: the training time in seconds.
        best: {"epoch", "scores"} of the best epoch, scores on the validation split.
        stopped: {"epoch", "reason", "text"}, why training stopped; None if unknown.
    """
    data_summary.write(run.folder, corpus.summary)
    model, config, features = run.load_model(), run.config, run.features
    metrics = evaluate(model, config, features, corpus)
    analysis = error_analysis(model, config, features, corpus.splits["test"])
    if analysis is not None:
        files.write_json(run.folder / "error_analysis.json", {"split": "test", **analysis})
    draw_run_attention(run, model, corpus.splits["validation"])
    return {
        "split": "test",
        "seconds": round(seconds, 1),
        "parameters": model.count_params(),
        "validation": best,
        "stopped": stopped,
        "validation_baseline": baseline_scores(
            config, features, corpus, corpus.splits["validation"]
        ),
        "metrics": metrics,
    }
