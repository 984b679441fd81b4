"""The result of a finished run: test metrics and a picture of the attention weights."""

from typing import Any

from tasks.data.sources import Corpus
from zoo.evaluation.attention import draw_run_attention
from zoo.evaluation.evaluator import evaluate
from zoo.runs import data_summary
from zoo.runs.run import Run


def final_result(
    run: Run, corpus: Corpus, seconds: float, best: dict[str, Any] | None
) -> dict[str, Any]:
    """Evaluate a run's model on the test split, draw its attention, and return the result.

    Args:
        run: a run whose training is finished.
        corpus: the examples of the run.
        seconds: the training time in seconds.
        best: {"epoch", "scores"} of the best epoch, scores on the validation split.
    """
    data_summary.write(run.folder, corpus.summary)
    model = run.load_model()
    metrics = evaluate(model, run.config, run.features, corpus)
    draw_run_attention(run, model, corpus.splits["validation"])
    return {
        "split": "test",
        "seconds": round(seconds, 1),
        "parameters": model.count_params(),
        "validation": best,
        "metrics": metrics,
    }
