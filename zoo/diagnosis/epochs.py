"""The diagnosis of the epochs that `zoo train --keep_epochs` kept."""

import os
from typing import Any

from zoo.diagnosis.diagnose import Diagnosis, diagnose
from zoo.diagnosis.subjects import Subject, subject_of
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs import kept_epochs
from zoo.runs.run import Run


def diagnose_epochs(
    folder: str | os.PathLike[str], batch_size: int = 16, steps: int = 8, **options: Any
) -> dict[int, Diagnosis]:
    """Diagnose the model of each epoch that a run has kept, on the same data.

    Args:
        folder: the folder of a finished run.
        batch_size: sequences in a batch.
        steps: the maximum number of batches whose gradient norms are measured.
        **options: further arguments of `zoo.diagnose`.

    Returns:
        Epoch, counted from 1 -> diagnosis; empty if the run has kept none.

    Raises:
        RequestError: the run is not finished, its data has changed, or a model cannot be loaded.
    """
    epochs = kept_epochs.kept_epochs(folder)
    if not epochs:
        return {}
    of_run = subject_of(folder, None, None, batch_size, steps)
    found = {}
    for epoch in epochs:
        model = kept_epochs.load(folder, epoch)
        assembly.compile_model(model, resolve(Run(folder).config))
        title = f"{of_run.title}, epoch {epoch}"
        subject = Subject(title, model, of_run.batches, of_run.lag)
        found[epoch] = diagnose(subject, **options)
    return found
