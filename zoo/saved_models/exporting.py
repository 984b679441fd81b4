"""Export of runs as SavedModels that take strings, return strings and need only TensorFlow."""

import contextlib
import os
import pathlib
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from tasks.library import tasks
from zoo.errors import RequestError, RunError
from zoo.runs import files
from zoo.runs.run import Run
from zoo.saved_models import trained_source, versions
from zoo.saved_models.language_models import ContinuationModule
from zoo.saved_models.regression import RegressionModule
from zoo.saved_models.serving import ClassificationModule, ServingModule, TaggingModule
from zoo.saved_models.translation import TranslationModule

# `decoding` of a task -> serving module.
SERVING_MODULES: dict[str, type[ServingModule]] = {
    "tags": TaggingModule,
    "classes": ClassificationModule,
    "numbers": RegressionModule,
    "continuation": ContinuationModule,
    "translation": TranslationModule,
}


def export(
    run: Run | str | os.PathLike[str], path: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """Export a run as a SavedModel.

    The SavedModel contains the vocabularies, takes strings (or vectors, for tasks on vectors) and
    needs neither this project nor Keras. Its signature `serve` is also `serving_default`.

    Args:
        run: a run that has a model, or the path of its folder.
        path: folder of the export. Default: "export" in the run's folder. `versions.target`
            describes which number the SavedModel gets there.

    Returns:
        {"path": path of the SavedModel, "signatures": {name: {"inputs": names, "outputs": names}}}.

    Raises:
        RequestError: if `run` is not finished, or no serving module supports the task's decoding.
        RunError: if `path` cannot be written.

    Example:
        >>> import tempfile, zoo
        >>> texts = [{"text": "fine", "label": "good"}, {"text": "dull", "label": "bad"}]
        >>> corpus = zoo.Corpus("two", {"train": texts, "validation": texts, "test": texts}, {})
        >>> config = zoo.Config(task="classification", cell="mgu", units=2, epochs=1)
        >>> folder = tempfile.mkdtemp()
        >>> result = zoo.train(config, folder, corpus)
        >>> zoo.export(folder)["signatures"]
        {'serve': {'inputs': ['text'], 'outputs': ['class', 'labels', 'score', 'scores']}}
    """
    if not isinstance(run, Run):
        run = Run.finished(run)
    target = versions.target(pathlib.Path(path or files.inside(run.folder, "export")))
    module = serving_module(run)
    signatures = module.signatures()
    _save(module, signatures, target, trained_source.of_run(run.folder))
    return {
        "path": str(target),
        "signatures": {name: _names(function) for name, function in signatures.items()},
    }


def _save(
    module: ServingModule,
    signatures: Mapping[str, Any],
    path: pathlib.Path,
    source: trained_source.TrainedSource,
) -> None:
    # The saved object has the weights and tables of the module, but not its functions: TensorFlow
    # would trace and save each of them once more beside the signatures.
    resources = tf.Module()
    resources.features, resources.weights = module.features, module.weights
    resources.normalizer = module.normalizer
    signatures = {**signatures, "serving_default": signatures["serve"]}
    if path.parent.is_dir():
        files.sweep(path.parent, below=False)
    with files.atomic_folder(path) as folder:
        shutil.rmtree(folder)
        try:
            with _errors_only():
                tf.saved_model.save(resources, str(folder), signatures)
        except tf.errors.OpError as error:  # a full disk, or a limit of the size of files
            reason = re.sub(r"\{\{.*?\}\} *| *\[Op:.*", "", str(error.message).splitlines()[0])
            raise RunError(
                f"cannot write {path}: {reason.rstrip('.')}. Free some space or choose another "
                "folder."
            ) from error
        versions.mark(folder, source.to_json())


def _names(function: Any) -> dict[str, list[str]]:
    """Return the names of the inputs and outputs of a concrete function."""
    specs = tf.nest.flatten(function.structured_input_signature)
    return {
        "inputs": [spec.name for spec in specs],
        "outputs": sorted(function.structured_outputs),
    }


def serving_module(run: Run) -> ServingModule:
    """Return the serving module of a run, which gives the same outputs as the run's export.

    Raises:
        RequestError: if no serving module supports the task's decoding.
    """
    config, features, model = run.config, run.features, run.load_model()
    decoding = tasks.get(config.task).decoding
    if decoding not in SERVING_MODULES:
        raise RequestError(
            f"task {config.task!r} has the decoding {decoding!r}, which cannot be exported. "
            f"Known decodings: {', '.join(SERVING_MODULES)}."
        )
    return SERVING_MODULES[decoding](config, features, model)


@contextlib.contextmanager
def _errors_only() -> Iterator[None]:
    """Silence TensorFlow's message on stderr about the folder that it writes."""
    level = tf.get_logger().level
    tf.get_logger().setLevel("ERROR")
    try:
        yield
    finally:
        tf.get_logger().setLevel(level)
