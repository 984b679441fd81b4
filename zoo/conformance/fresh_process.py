"""The property that a saved model loads in a new process, which runs beside the other checks."""

import contextlib
import functools
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from types import TracebackType

import numpy as np

from zoo.conformance import cell_file
from zoo.conformance.models import small_model
from zoo.conformance.subject import Subject
from zoo.conformance.violation import Violation, original_message
from zoo.startup import environment


def fresh_process(subject: Subject) -> None:
    """A saved model gives the same outputs in a new process that only looks up the cell's name."""
    with FreshProcess([subject]) as process:
        process.demand_loads(subject)


class FreshProcess:
    """A Python process that loads saved models in the background; the constructor starts it.

    Use it as a context manager: the exit ends the process and deletes its files.

    Args:
        subjects: The cells under test. A small model of each is saved before the process starts.
    """

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._cleanup = contextlib.ExitStack()
        folder = self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="zoo-check-"))
        self._folder = pathlib.Path(folder)
        self._unsaved: dict[str, str | None] = {}
        for subject in subjects:
            try:
                self._save(subject)
            except Exception as error:  # a faulty cell may raise any error
                self._unsaved[_key(subject)] = (
                    f"expected a .keras file; measured {type(error).__name__} while saving: "
                    f"{original_message(error)}"
                )
        saved = [subject for subject in subjects if _key(subject) not in self._unsaved]
        self._names = {_key(subject): subject.name for subject in saved}
        files = {cell_file.path_of(subject.builder) for subject in saved} - {None}
        request = {"models": self._names, "cell_files": sorted(map(str, files))}
        (self._folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        self._process = self._start() if self._names else None

    def __enter__(self) -> "FreshProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process:
            self._process.kill()  # has no effect on a process that has ended
            self._process.wait()
        self._cleanup.close()

    def demand_loads(self, subject: Subject) -> None:
        """Wait for the process; raise Violation if it cannot load the model or outputs differ."""
        fault = self._faults[_key(subject)]
        if fault:
            raise Violation(fault)

    @functools.cached_property
    def _faults(self) -> dict[str, str | None]:
        if not self._process:
            return self._unsaved
        status = self._process.wait()
        output = (self._folder / "stdout").read_text(encoding="utf-8", errors="replace")
        try:
            found = json.loads(output.splitlines()[-1])
        except (IndexError, ValueError):
            errors = (self._folder / "stderr").read_text(encoding="utf-8", errors="replace")
            last = (errors.strip().splitlines() or ["nothing"])[-1]
            fault = (
                "expected that a new process loads the model; measured an exit with status "
                f"{status} after the line: {last}"
            )
            found = dict.fromkeys(self._names, fault)
        return {**self._unsaved, **found}

    def _save(self, subject: Subject) -> None:
        model, x = small_model(subject), subject.inputs()
        model.save(self._folder / f"{_key(subject)}.keras")
        np.savez(self._folder / f"{_key(subject)}.npz", x=x, outputs=model(x))

    def _start(self) -> subprocess.Popen:
        with (
            open(self._folder / "stdout", "wb") as stdout,
            open(self._folder / "stderr", "wb") as stderr,
        ):
            return subprocess.Popen(
                [sys.executable, "-m", "zoo.conformance.loading_program", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=environment(),
            )


def _key(subject: Subject) -> str:
    return f"{subject.name}-{subject.layout}"
