"""`tune`: a search in a folder, resumable and extensible."""

import dataclasses
import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.task import Metric
from zoo.config import Config, Search
from zoo.errors import RequestError
from zoo.fields import difference
from zoo.models.resolve import resolve
from zoo.runs import contents, files
from zoo.runs.console import notify
from zoo.runs.data_record import same_paths
from zoo.runs.lock import locked
from zoo.runs.run import Run
from zoo.runs.run_data import read_corpus
from zoo.tuning.hypermodel import HyperModel, Space
from zoo.tuning.oracles import oracle_class
from zoo.tuning.results import conclude
from zoo.tuning.trials import TrialTuner


def tune(
    config: Config,
    run_dir: str | os.PathLike[str],
    space: Space | None = None,
    search: Search | None = None,
    verbose: bool = False,
) -> dict[str, Any]:
    r"""Search for the best configuration, evaluate it once on test and export its model.

    Repeat the call to resume an interrupted search or, with more trials, to extend a finished one;
    otherwise it returns the stored result. `run_dir` is locked while it is written.

    Args:
        config: the base configuration; its `max_minutes` is the budget of the whole search.
        run_dir: the folder of the search.
        space: field -> choices; see `zoo.tuning.HyperModel`.
        search: tuner, number of trials and objective; by default `Search()`.
        verbose: whether to show the progress on the console.

    Returns:
        {"objective", "baseline" (the trivial baseline's score on validation), "seconds" (of
        training), "trials", "best" (id, score, config), "metrics" (on test)}.

    Raises:
        RegistryError, RequestError: the search is invalid, the folder holds another one, another
            command uses the folder, or the data has changed since the search began.
        RunError: no trial succeeded.

    Example:
        >>> import tempfile, zoo
        >>> data = tempfile.NamedTemporaryFile("w+", suffix=".tsv")
        >>> print("cats\tNOUN\nsleep\tVERB\n\n" * 20, file=data, flush=True)
        >>> config = zoo.Config(data=(data.name,), cell="mgu", characters="none", epochs=1)
        >>> search = zoo.Search(tuner="random", max_trials=1)
        >>> result = zoo.tune(config, tempfile.mkdtemp(), {"units": (2, 4)}, search)
        >>> sorted(result)
        ['baseline', 'best', 'metrics', 'objective', 'seconds', 'trials']
    """
    return _tune(HyperModel(config, space), pathlib.Path(run_dir), search or Search(), verbose)


def _tune(
    hypermodel: HyperModel, folder: pathlib.Path, search: Search, verbose: bool
) -> dict[str, Any]:
    if before := contents.read_if_present(folder, "search.json"):
        hypermodel.base = contents.as_begun(hypermodel.base, before["config"])
    resolved = resolve(hypermodel.base)
    assert resolved.epochs is not None
    search = _complete(search, hypermodel, resolved.epochs)
    metric = _objective(resolved.task, search)
    request = {
        "config": hypermodel.base.to_json(),
        "space": {name: list(values) for name, values in hypermodel.space.items()},
        "search": dataclasses.asdict(search),
    }
    result = _finished_result(folder, request, resolved)
    if result is None:
        with locked(folder, notify if verbose else lambda text: None):
            # Again, since another command may have written the folder meanwhile.
            result = _finished_result(folder, request, resolved)
            if result is None:
                corpus = _begin(folder, request, resolved, hypermodel)
                if verbose and corpus.summary:
                    notify(corpus.summary.line())
                tuner = TrialTuner(hypermodel, folder, search, metric, resolved.epochs, verbose)
                tuner.search()
                result = conclude(folder, tuner, metric)
    return result


def _finished_result(
    folder: pathlib.Path, request: Mapping[str, Any], resolved: Config
) -> dict[str, Any] | None:
    """Return the stored result of a finished search, or None if trials are to be run.

    Raises:
        RequestError: the folder holds another search, or the data has changed.
        RunError: the model is missing and cannot be restored.
    """
    extended = _is_extension(folder, request)
    if extended or not files.inside(folder, "leaderboard.json").exists():
        return None
    result = contents.read(folder, "leaderboard.json")
    if resolved.data and Run(folder).data:
        read_corpus(Run(folder), resolved, here=True)
    Run(folder).restore_model()
    return result


def _begin(
    folder: pathlib.Path, request: Mapping[str, Any], resolved: Config, hypermodel: HyperModel
) -> Corpus:
    """Return the examples, those with which the search began, and mark the search as begun."""
    hypermodel.corpus = corpus = read_corpus(Run(folder), resolved, here=True)
    # First: it marks a search as finished.
    files.inside(folder, "leaderboard.json").unlink(missing_ok=True)
    before = contents.read_if_present(folder, "search.json")
    if before:  # fields that the version that began the search lacked stay absent
        request = {**before, "search": request["search"]}
    files.write_json(folder / "search.json", request)  # after the data has been read
    if Run(folder).data is None:
        contents.write_record(folder, resolved, corpus)
    return corpus


def _complete(search: Search, hypermodel: HyperModel, epochs: int) -> Search:
    """Return `search` with a number of trials.

    Raises:
        RequestError: the tuner does not fit the search space.
    """
    choices = hypermodel.space.get("epochs")
    if search.tuner == "hyperband" and choices:
        raise RequestError(
            f"epochs={','.join(map(str, choices))}: hyperband itself chooses the epochs of each "
            "trial, up to --epochs. Give one value."
        )
    default = oracle_class(search.tuner).default_trials(epochs)
    return dataclasses.replace(search, max_trials=search.max_trials or default)


def _objective(task: str, search: Search) -> Metric:
    metrics = {metric.name: metric for metric in tasks.get(task).metrics}
    name = search.objective or next(iter(metrics))
    if name not in metrics:
        raise RequestError(
            f"objective={name}: not a metric of task {task!r}. Choose one of: {', '.join(metrics)}."
        )
    return metrics[name]


def _is_extension(folder: pathlib.Path, request: Mapping[str, Any]) -> bool:
    """Return whether `folder` holds the requested search with fewer trials.

    Raises:
        RequestError: the folder holds another search, a search with more trials or anything else.
    """
    if not files.inside(folder, "search.json").exists():
        if not files.is_free(folder):
            raise RequestError(
                f"run_dir={folder} exists and is not a search. Choose a new or an empty folder."
            )
        return False
    before = contents.read(folder, "search.json")
    base, settings = contents.search_of(before, folder / "search.json")
    before |= {"config": base.to_json(), "search": dataclasses.asdict(settings)}
    if same_paths(request["config"]["data"], Run(folder).data):
        before["config"]["data"] = request["config"]["data"]
    stored, requested = _flat(before), _flat(json.loads(json.dumps(request)))
    stored_trials, trials = stored.pop("search.max_trials"), requested.pop("search.max_trials")
    if stored != requested:
        raise RequestError(
            f"run_dir={folder} holds another search ({difference(stored, requested)}). "
            "Choose another --run_dir, or repeat the first command to resume that search."
        )
    if trials < stored_trials:
        raise RequestError(
            f"run_dir={folder} holds a search of {stored_trials} trials, and {trials} were "
            f"requested. Give --max_trials={stored_trials} for its result, a larger number to add "
            "trials, or another --run_dir."
        )
    return trials > stored_trials


def _flat(request: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{part}.{name}": value for part in request for name, value in request[part].items()}
