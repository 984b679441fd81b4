"""The data of a run: read where the run began, and compared with what it began with."""

from typing import Any

from tasks.data.sources import Corpus
from zoo.config import Config
from zoo.models import assembly
from zoo.runs import contents
from zoo.runs.data_record import located
from zoo.runs.run import Run


def read_corpus(run: Run, config: Config) -> Corpus:
    """Return the examples of a run; relative paths are those of the folder where it began."""
    return assembly.read_corpus(located(config, run.data, here=True))


def checked_result(run: Run, config: Config, corpus: Corpus | None) -> dict[str, Any]:
    """Return the result of a finished run whose data has not changed and whose model is there.

    The name of a dataset has a version, so that its examples are not read again.

    Args:
        run: a finished run.
        config: its resolved configuration.
        corpus: the examples; None: those of the files in the configuration.

    Raises:
        RequestError: if the data has changed since the run began.
        RunError: if the model is missing and cannot be restored.
    """
    if corpus is None and config.data and run.data:
        corpus = read_corpus(run, config)
    if corpus is not None:
        run.check_data(corpus)
    run.restore_model()
    return contents.read(run.folder, "metrics.json")
