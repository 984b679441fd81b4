"""The data of a run: read where the run began, and compared with what it began with."""

from collections.abc import Sequence
from typing import Any

from tasks.data.sources import Corpus
from zoo.config import Config
from zoo.models import assembly
from zoo.runs import contents
from zoo.runs.data_record import located
from zoo.runs.run import Run


def read_corpus(run: Run, config: Config, splits: Sequence[str] = (), here: bool = False) -> Corpus:
    """Return the examples of a run, which have not changed since it began.

    Args:
        run: a run or a search.
        config: its configuration.
        splits: the splits that are compared with the record of the run; default: all.
        here: whether a relative path that exists in the current folder takes precedence over that
            of the folder where the run began.

    Raises:
        RequestError: if the data cannot be read, or has changed.
    """
    corpus = assembly.read_corpus(located(config, run.data, here))
    run.check_data(corpus, splits)
    return corpus


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
        read_corpus(run, config, here=True)
    elif corpus is not None:
        run.check_data(corpus)
    run.restore_model()
    return contents.read(run.folder, "metrics.json")
